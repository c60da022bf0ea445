"""In whose name a command asks: the operator's, or with `--as` that of a user of the org."""

from dataclasses import dataclass

from forcedex.asking import Asking
from forcedex.cli.console import safe
from forcedex.domain.principal import Operator, OrgUser, Principal


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and the first line that says so."""

    principal: Principal
    line: str


OPERATOR = Asker(Operator(), "[dim]Asked as the operator, who sees everything.[/dim]")


async def asked_as(asking: Asking, who: str, action: str, what: str) -> Asker:
    """The operator, or the user whom `--as` names, which is kept in the audit log."""
    if not who:
        return OPERATOR
    person = await asking.person(who)
    await asking.note(action, person.username, what)
    return Asker(OrgUser(person.user_id), f"[dim]Asked as {safe(person.name)} ({safe(person.username)}).[/dim]")
