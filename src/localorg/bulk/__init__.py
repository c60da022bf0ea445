"""Bulk API 2.0 query jobs: snapshots of query results as CSV pages on disk."""
