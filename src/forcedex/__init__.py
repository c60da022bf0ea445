"""Forcedex: a Salesforce org in Elasticsearch, as search and sales analytics."""

__version__ = "0.1.0"
