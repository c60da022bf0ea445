"""Search over everything that was synced; every question passes the gate in `access`."""
