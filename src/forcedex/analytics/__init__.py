"""Sales reports; one per file, every question passes the gate in `access`."""
