"""SOQL against the org: names are resolved, the query becomes SQL, rows become records or CSV."""

from localorg.query.compile import compile_query
from localorg.query.context import QueryContext
from localorg.query.plan import QueryPlan

__all__ = ["QueryContext", "QueryPlan", "compile_query"]
