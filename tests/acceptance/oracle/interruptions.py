"""What happens to the running sync: time, SIGKILL, SIGSTOP, commands, another fault."""

import asyncio

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.acceptance.oracle.people import WORKED_ON
from tests.acceptance.oracle.scenario import Scenario
from tests.acceptance.oracle.values import pauses, places

#: A second fault, a SIGSTOP and a command take long: once in so many scenarios.
_SECOND, _TAKEOVER, _COMMAND = 20, 50, 20


class Interruptions(Scenario):
    """The rules."""

    def _arm(self, place: int, times: int) -> None:
        fault = self.world.faults.draw(place)
        self.world.tally.done.append(str(fault))
        self.world.run(self.world.faults.arm(fault, times))

    @initialize(place=places, times=st.sampled_from((1, 2)))
    def arm(self, place: int, times: int) -> None:
        """Each scenario has a fault."""
        self._arm(place, times)

    @rule(place=places, times=st.sampled_from((1, 2)))
    def arm_another(self, place: int, times: int) -> None:
        """Some have two."""
        if self.due("another", _SECOND):
            self._arm(place, times)

    @rule(seconds=pauses)
    def pause(self, seconds: float) -> None:
        """The sync gets on."""
        self.world.run(asyncio.sleep(seconds))

    @rule(seconds=pauses)
    def pause_too(self, seconds: float) -> None:
        """Twice as likely."""
        self.world.run(asyncio.sleep(seconds))

    @rule()
    def kill(self) -> None:
        """SIGKILL."""
        self.world.run(self.world.kill())

    @rule()
    def take_over(self) -> None:
        """SIGSTOP, until another process has taken over."""
        if self.due("take_over", _TAKEOVER):
            self.world.run(self.world.take_over())

    @rule(name=st.sampled_from(WORKED_ON))
    def rebuild(self, name: str) -> None:
        """An index is built anew meanwhile."""
        if self.due("command", _COMMAND):
            self.world.run(self.world.command("rebuild", name))

    @rule()
    def repair(self) -> None:
        """Everything is compared meanwhile."""
        if self.due("command", _COMMAND):
            self.world.run(self.world.command("verify", "--repair"))
