"""What a SOSL text says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """Words that follow each other; one word may hold wildcards."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """All of these."""

    parts: "tuple[Terms, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of these."""

    parts: "tuple[Terms, ...]"


@dataclass(frozen=True, slots=True)
class Without:
    """The first, unless the second."""

    wanted: "Terms"
    unwanted: "Terms"


Terms = Term | Both | Either | Without


@dataclass(frozen=True, kw_only=True, slots=True)
class Returning:
    """One object and what is to be shown of it."""

    sobject: str
    #: As typed, such as `Id, Name`; empty: the Id alone.
    fields: str = ""
    #: What may stand in a WHERE clause, and an ORDER BY clause.
    where: str = ""
    order_by: str = ""
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Find:
    """A search."""

    #: None: nothing can match.
    terms: Terms | None
    #: ALL, NAME, EMAIL, PHONE or SIDEBAR.
    fields: str = "ALL"
    #: Empty: every object that can be searched.
    returning: tuple[Returning, ...] = ()
    limit: int | None = None
