"""Elasticsearch as sink (documents in) and as what questions are put to (gated bodies only)."""
