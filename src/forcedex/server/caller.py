"""Who a request comes from."""

from dataclasses import dataclass
from enum import StrEnum

from forcedex.domain.principal import OrgUser
from forcedex.domain.rights import Person


class Way(StrEnum):
    """How we know."""

    #: A browser that has logged in with Salesforce.
    SESSION = "session"
    #: A token that the org has signed.
    SIGNED = "signed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """A person of the org."""

    person: Person
    way: Way
    #: Holds the permission set of Forcedex's administrators.
    admin: bool
    #: What a browser must send along with every change.
    csrf: str = ""

    @property
    def principal(self) -> OrgUser:
        """In whose name is asked."""
        return OrgUser(self.person.user_id)
