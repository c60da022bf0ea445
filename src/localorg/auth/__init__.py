"""Logging in: connected apps, OAuth grants, sessions, SOAP login."""
