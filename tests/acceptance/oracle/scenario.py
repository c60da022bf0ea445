"""What all rules share: the world, and how something is done to it."""

from collections.abc import Callable
from typing import ClassVar

from hypothesis.stateful import RuleBasedStateMachine

from localorg.errors import ApiError
from localorg.fixture import LocalOrg
from tests.acceptance.oracle.people import NotNow, People
from tests.acceptance.oracle.world import World

#: Every kind of change: whatever a rule does must be among them.
CHANGES: list[str] = []


def kinds(*names: str) -> None:
    """These are kinds of changes: a long run must have done each."""
    CHANGES.extend(names)


class Scenario(RuleBasedStateMachine):
    """One example: a sequence of rules. The world goes on to the next one.

    What is drawn depends on nothing but what was drawn before in the same example: hypothesis asks for that. So there
    are no preconditions: a rule that makes no sense now does something ordinary.
    """

    world: ClassVar[World]

    @property
    def org(self) -> LocalOrg:
        """The org, as the administrator sees it."""
        return self.world.org

    @property
    def people(self) -> People:
        """Those who work in it."""
        return self.world.people

    def do(self, kind: str, act: Callable[[], object], about: object = "") -> None:
        """Do something to the org. It may refuse, as it should: a record may be gone by a cascade."""
        tally = self.world.tally
        tally.done.append(f"{kind} {about}".strip())
        tally.tried[kind] += 1
        try:
            act()
        except (ApiError, NotNow):
            return
        tally.changes[kind] += 1

    def due(self, kind: str, every: int) -> bool:
        """Whether something that takes long may be done now, once in so many scenarios; else something ordinary is."""
        if self.world.tally.due(kind, every):
            return True
        self.ordinary()
        return False

    def ordinary(self) -> None:
        """A change of which there are many."""
        self.do("update", self.people.work_on_an_account)
