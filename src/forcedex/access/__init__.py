"""Who may see what: pure decisions, and the one gate that every question passes."""
