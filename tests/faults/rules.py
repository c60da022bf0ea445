"""Which faults of a proxy are armed, on what they fall, and how often they have fired."""

import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Subject = TypeVar("Subject")
#: A part of the subject's description, or a predicate; None: everything.
Match = str | Callable[[Subject], bool] | None


@dataclass
class Rule(Generic[Subject]):
    """One armed fault."""

    kind: str
    match: Match[Subject]
    #: How often it fires; None: until it is cleared.
    times: int | None
    #: How many subjects it lets pass first.
    skip: int
    #: How likely it falls on a subject, 0 to 1.
    chance: float
    options: Mapping[str, Any]


class Rules(Generic[Subject]):
    """The armed faults of a proxy."""

    def __init__(self, kinds: Collection[str], describe: Callable[[Subject], str], seed: int) -> None:
        self._kinds = kinds
        self._describe = describe
        self._armed: list[Rule[Subject]] = []
        self.random = random.Random(seed)
        #: How often each kind has fired.
        self.fired: Counter[str] = Counter()

    def arm(
        self,
        kind: str,
        match: Match[Subject],
        times: int | None,
        skip: int,
        chance: float,
        options: Mapping[str, Any],
    ) -> None:
        """Let a fault fall on subjects; ValueError if there is none of that kind."""
        if kind not in self._kinds:
            raise ValueError(f"There is no fault {kind!r}. Known: {', '.join(sorted(self._kinds))}.")
        self._armed.append(Rule(kind, match, times, skip, chance, options))

    def clear(self) -> None:
        """Disarm everything; the counters stay."""
        self._armed.clear()

    def take(self, subject: Subject, kinds: Collection[str]) -> Rule[Subject] | None:
        """The first armed fault of these kinds that falls on this subject now."""
        for rule in self._armed:
            if rule.kind not in kinds or not self.matches(rule.match, subject):
                continue
            if rule.chance < 1 and self.random.random() >= rule.chance:
                continue
            if rule.skip > 0:
                rule.skip -= 1
                continue
            if rule.times is not None:
                rule.times -= 1
                if rule.times <= 0:
                    self._armed.remove(rule)
            self.fired[rule.kind] += 1
            return rule
        return None

    def matches(self, match: Match[Subject], subject: Subject) -> bool:
        """Whether a subject is meant."""
        if match is None:
            return True
        return match in self._describe(subject) if isinstance(match, str) else match(subject)
