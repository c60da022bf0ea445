"""What is derived from several records, so that sums need no script: pure functions from records to documents."""
