"""Hypothesis without its search: it varies what it tried before, but here no two examples meet the same world."""

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

#: The name of the backend.
PLAIN = "plain"


class Plain(HypothesisProvider):
    """Draws by the seed alone. Hypothesis mutates the examples of its own backend only."""


AVAILABLE_PROVIDERS[PLAIN] = Plain
