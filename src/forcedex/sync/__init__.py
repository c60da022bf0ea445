"""The sync engine: from a source to a sink, with checkpoints. Knows no adapter."""
