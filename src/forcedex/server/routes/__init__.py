"""The endpoints, one noun per file."""
