"""Nouns of the product, without I/O: what every other package may import."""
