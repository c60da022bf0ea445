"""The HTTP service: who asks, what may be asked, and how the answer is told. Thin: `asking.py` does the work."""
