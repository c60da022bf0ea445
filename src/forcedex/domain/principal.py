"""Who is asking."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operator:
    """The person at the command line of the machine that runs Forcedex: sees everything. Only `cli` makes one."""


#: Everybody who can ask; users of the org join when permissions are built.
Principal = Operator
