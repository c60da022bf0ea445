"""A local Salesforce org for development, tests and the demo: real protocols on loopback, no product code."""
