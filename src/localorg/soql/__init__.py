"""SOQL as text and as frozen values: tokens, grammar, date literals. Knows nothing of objects and fields."""

from localorg.soql.parser import parse

__all__ = ["parse"]
