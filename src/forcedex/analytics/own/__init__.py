"""One's own reports: TOML in a closed grammar that becomes a `Definition`, and back."""
