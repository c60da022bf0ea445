"""What operators need around the sync: logs without secrets, metrics, health, alerts, and an orderly end."""
