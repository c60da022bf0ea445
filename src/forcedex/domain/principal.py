"""Who is asking."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operator:
    """The person at the command line of the machine that runs Forcedex: sees everything. Only `cli` makes one."""


@dataclass(frozen=True, slots=True)
class OrgUser:
    """A user of the org, by 18-character Id."""

    user_id: str


Principal = Operator | OrgUser
