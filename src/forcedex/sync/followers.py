"""Documents whose readers depend on the grants on another record: found in the index, step by step."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from forcedex.access import tokens
from forcedex.access.sharing import Shape
from forcedex.domain.ports import Sink

#: From an account over an opportunity and its line items to whatever is about those.
_DEEPEST = 3
_AT_ONCE = 500  # Ids in one search


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """Tokens that open a record no more."""

    itself: frozenset[str] = frozenset()
    #: And its children, by their object.
    children: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def any(self) -> frozenset[str]:
        """All of them."""
        return self.itself.union(*self.children.values())


@dataclass(frozen=True, slots=True)
class Following:
    """Documents that depend on records, and the tokens that open them no more."""

    object: str
    record_ids: tuple[str, ...]
    lost: frozenset[str]


class Followers:
    """Finds them by the shapes of the synced objects."""

    def __init__(
        self, shapes: Mapping[str, Shape], targets: Mapping[str, Mapping[str, tuple[str, ...]]], sink: Sink
    ) -> None:
        """`targets`: by object and reference field, the objects that it may point to."""
        self._shapes = shapes
        self._targets = targets
        self._sink = sink

    def objects(self, name: str) -> set[str]:
        """The objects whose documents may depend on records of this one, however far."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            parent = waiting.pop()
            for child, _, passes_on in self._children(parent):
                if child not in found:
                    found.add(child)
                    if passes_on:
                        waiting.append(child)
        return found

    async def of(self, name: str, ids: Sequence[str], lost: Lost, depth: int = 0) -> AsyncIterator[Following]:
        """Everything that depends on these records; what comes twice may be told twice."""
        for child, reference, passes_on in self._children(name):
            found: list[str] = []
            for start in range(0, len(ids), _AT_ONCE):
                found += await self._sink.referring(child, [reference], ids[start : start + _AT_ONCE])
            if not found:
                continue
            shape = self._shapes[child]
            gone = set(lost.itself)
            if shape.by_parent and tokens.whole(name) in gone:
                gone.add(tokens.whole(child))
            if reference in shape.about:
                gone |= {tokens.inherited(name, token) for token in lost.itself}
            gone |= lost.children.get(child, frozenset())
            yield Following(child, tuple(found), frozenset(gone))
            if passes_on and depth < _DEEPEST:
                opened = frozenset(gone) if shape.by_parent else lost.children.get(child, frozenset())
                async for each in self.of(child, found, Lost(itself=opened), depth + 1):
                    yield each

    def _children(self, name: str) -> list[tuple[str, str, bool]]:
        """Object, reference, and whether what depends on those depends on this as well."""
        found = []
        for child, shape in self._shapes.items():
            targets = self._targets.get(child, {})
            named = {*shape.relationships.values(), *shape.about}
            deciding = {shape.master_field if shape.by_parent else None, shape.account_field} - {None}
            for reference in sorted({each for each in named | deciding if each is not None}):
                if name in targets.get(reference, ()):
                    found.append((child, reference, reference in deciding))
        return found
