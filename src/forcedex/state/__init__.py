"""What must survive a crash: checkpoints, ordinals, dead letters. SQLite by default, PostgreSQL by URL."""
