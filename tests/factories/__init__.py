"""Builders of values for tests."""
