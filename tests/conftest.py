"""Fixtures for all tests: one real Elasticsearch node per session, started by whichever test asks first."""

pytest_plugins = ["localelastic.fixture"]
