"""What may be asked: a closed value, no query language of Elasticsearch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from forcedex.domain.errors import Refused

LARGEST_PAGE = 100
_MOST_CHOSEN = 50  # values of a facet
_MOST_FACETS = 10


class Sort(StrEnum):
    """The order of hits."""

    RELEVANCE = "relevance"
    MODIFIED = "modified"
    CREATED = "created"
    NAME = "name"
    AMOUNT = "amount"
    CLOSE_DATE = "close_date"


@dataclass(frozen=True, kw_only=True)
class SearchRequest:
    """One page of a search. Refused for a page size out of [0, 100] and too many choices."""

    #: As typed, in the query language.
    text: str = ""
    #: API names of the objects whose tab is open; none: all of them.
    objects: tuple[str, ...] = ()
    #: More filters in the query language, such as `stage:"Closed Won"`.
    filters: tuple[str, ...] = ()
    #: Chosen values by facet.
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: Keys of understood filters that are off.
    off: tuple[str, ...] = ()
    sort: Sort = Sort.RELEVANCE
    #: The other way round than usual: oldest, smallest, last letter first.
    reverse: bool = False
    size: int = 10
    #: Where the page before ended.
    cursor: str = ""
    #: Exactly what was typed: no typos forgiven.
    verbatim: bool = False
    #: Whether facets are counted.
    counts: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.size <= LARGEST_PAGE:
            raise Refused(f"A page holds at most {LARGEST_PAGE} hits.", f"Ask for 0 to {LARGEST_PAGE}.")
        if len(self.facets) > _MOST_FACETS or any(len(each) > _MOST_CHOSEN for each in self.facets.values()):
            raise Refused("Too many values are chosen.", f"Choose at most {_MOST_CHOSEN} of a facet.")
