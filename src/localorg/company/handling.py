"""How cases are handled: when somebody takes one, answers first, escalates, closes, opens it again."""

from dataclasses import dataclass

from localorg.business_time import after
from localorg.company.calendar import PROMISES, opening
from localorg.company.cases import CLOSED, ESCALATED, NEW, Case
from localorg.company.clock import DAY
from localorg.company.world import Draw, World

ORIGINS = ("Email", "Email", "Phone", "Web")
_IN_TIME = 0.85  # share of first responses


@dataclass(frozen=True, slots=True)
class Handling:
    """What happened to a case, and when; None: it did not, or not yet."""

    origin: str
    taken: int | None
    responded: int | None
    escalated: int | None
    #: when it was closed for the first time and opened again, if that happened
    first_closed: int | None
    reopened: int | None


class Handlings:
    """How each case was handled, made when asked for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.hours = opening(world.clock.today)

    def origin(self, case: Case) -> str:
        """How it came in."""
        return ORIGINS[int(self._world.random(Draw.CASE_ROW, case.number).random() * 4)]

    def of(self, case: Case) -> Handling:
        """What happened to a case."""
        pick = self._world.random(Draw.HANDLING, case.number).random
        origin, now = self.origin(case), self._world.clock.now
        if case.status == NEW:
            return Handling(origin, None, None, None, None, None)
        promise = PROMISES[case.priority]
        share = 0.1 + 0.85 * pick() if pick() < _IN_TIME else 1.05 + 1.5 * pick()
        end = case.closed or now
        responded = after(self.hours[promise.hours], case.created, int(promise.response * 60 * share))
        first_closed = reopened = None
        if case.status == CLOSED and pick() < 0.06 and end - case.created > 4 * DAY:
            first_closed = case.created + (end - case.created) // 2
            reopened = first_closed + (end - first_closed) // 3
        limit = first_closed or end
        taken = case.created + int((min(responded, limit) - case.created) * (0.1 + 0.6 * pick()))
        answered: int | None = responded
        if responded >= limit:
            # Closed with the answer; or still waiting for it.
            answered = limit - 1 if case.closed else None
        escalated = None
        if case.status == ESCALATED or (case.status == CLOSED and pick() < 0.06):
            escalated = taken + (limit - taken) * 2 // 5
        return Handling(origin, taken, answered, escalated, first_closed, reopened)
