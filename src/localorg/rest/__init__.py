"""The REST API: one file per group of resources, each beginning with what it serves."""
