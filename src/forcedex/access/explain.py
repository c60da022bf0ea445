"""Why somebody may see a record, or why not: the same rules as the view, told to a person. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from forcedex.access.catalogue import FOLLOWS, FORECASTING
from forcedex.access.rights import Rights
from forcedex.access.view import FREELY, View
from forcedex.domain.indexed import IndexedObject
from forcedex.domain.rights import Person


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldReason:
    """Whether a field of the record is shown, and why."""

    path: str
    label: str
    shown: bool
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Whether somebody may see a record, and why."""

    seen: bool
    #: The rule that grants, or what is missing: sentences.
    reasons: tuple[str, ...]
    fields: tuple[FieldReason, ...] = ()


_NO_FIELD = "no field permission"


class Explainer:
    """Explains by one directory."""

    def __init__(self, rights: Rights, now: datetime) -> None:
        self._rights = rights
        self._now = now

    def explain(
        self,
        view: View,
        user_id: str,
        indexed: IndexedObject,
        acl: Sequence[str],
        see: Mapping[str, Sequence[str]],
        denied: Sequence[str],
    ) -> Explanation:
        """`acl` and `see` are the tokens of the record; `denied` those that were taken back from it."""
        person = self._rights.people.get(user_id)
        problem = self._rights.problem(person) or view.blind
        if person is None or problem:
            return Explanation(seen=False, reasons=(problem,))
        if not view.may_read(indexed.name):
            reason = f"{person.name} has no permission to read {indexed.label_plural}."
            return Explanation(seen=False, reasons=(reason,))
        shared = sorted(set(acl) & set(view.tokens))
        taken = sorted(set(denied) & set(view.tokens))
        if taken:
            why = "; ".join(self._token(person, each) for each in taken)
            reason = f"This was taken back, and the index is being brought up to date: {why}."
            return Explanation(seen=False, reasons=(reason,))
        if not shared:
            return Explanation(seen=False, reasons=tuple(self._missing(person, indexed, acl)))
        return Explanation(
            seen=True,
            reasons=tuple(dict.fromkeys(self._token(person, each) for each in shared)),
            fields=tuple(self._fields(view, person, indexed, see)),
        )

    def _token(self, person: Person, token: str) -> str:
        parent, slash, rest = token.partition("/")
        if slash:
            return f"through its {parent}: {self._token(person, rest)}"
        kind, _, which = token.partition(":")
        match kind:
            case "o" | "v":
                return self._whole(person, FOLLOWS.get(which, which))
            case "u" | "d" if which == person.user_id:
                return f"{person.name} owns it, or it was shared with {person.name}"
            case "f":
                other = self._rights.people.get(which)
                mine = f"it is that of {person.name}"
                theirs = f"it is that of {other.name if other else which}, below {person.name}, a forecast manager"
                return mine if which == person.user_id else theirs
            case "k":
                return (
                    f"its account belongs to {person.name}, or to somebody below, in a role that may read such records"
                )
            case "u":
                other = self._rights.people.get(which)
                name = other.name if other else which
                return f"it belongs to or is shared with {name}, whose role is below that of {person.name}"
            case _:
                group = self._rights.groups.get(which)
                return f"it is shared with {self._group_name(group.kind, group.name) if group else which}"

    @staticmethod
    def _group_name(kind: str, name: str) -> str:
        words = {
            "Queue": "the queue",
            "Role": "the role",
            "RoleAndSubordinates": "the role and those below it,",
            "RoleAndSubordinatesInternal": "the role and those below it,",
            "Organization": "everybody inside the company",
        }
        return f"{words.get(kind, 'the group')} {name}".strip()

    def _whole(self, person: Person, sobject: str) -> str:
        sets = self._rights.permission_sets(person, self._now)
        if sobject in FORECASTING:
            viewing = next((each.name for each in sets if each.views_all_forecasts), "")
            return f"{viewing} has View All Forecasts" if viewing else "everybody who may forecast sees all of it"
        for each in sets:
            if each.modifies_all:
                return f"{each.name} has Modify All Data"
            if each.views_all:
                return f"{each.name} has View All Data"
        ids = {each.permission_set_id: each for each in sets}
        for permission in self._rights.directory.object_permissions:
            if permission.permission_set_id in ids and permission.object == sobject:
                if permission.modifies_all or permission.views_all:
                    which = "Modify All" if permission.modifies_all else "View All"
                    return f"{ids[permission.permission_set_id].name} has {which} on {sobject}"
        model = self._rights.models.get(sobject)
        return f"everybody who may read {sobject} sees all of it ({model.model if model else 'open to all'})"

    def _missing(self, person: Person, indexed: IndexedObject, acl: Sequence[str]) -> Iterator[str]:
        yield f"{person.name} may read {indexed.label_plural}, but nothing opens this one."
        model = self._rights.models.get(indexed.name)
        if model is not None:
            yield f"The default for {indexed.label_plural} is {model.model}."
        openers = [each for each in acl if not each.startswith(("o:", "v:"))]
        if openers:
            told = "; ".join(sorted({self._opener(each) for each in openers})[:8])
            yield f"It is open to: {told}."
        else:
            yield "Who else may see it is not known (yet): nobody."

    def _opener(self, token: str) -> str:
        parent, slash, rest = token.partition("/")
        if slash:
            return f"{self._opener(rest)} (through its {parent})"
        kind, _, which = token.partition(":")
        if kind == "k":
            owner = self._rights.people.get(which.rpartition(":")[2])
            return f"{owner.name if owner else which}, who owns the account, if the role allows it"
        if kind in ("u", "d", "f"):
            other = self._rights.people.get(which)
            return other.name if other else which
        group = self._rights.groups.get(which)
        return self._group_name(group.kind, group.name) if group else which

    def _fields(
        self, view: View, person: Person, indexed: IndexedObject, see: Mapping[str, Sequence[str]]
    ) -> Iterator[FieldReason]:
        for path, column in sorted(indexed.columns.items()):
            terms = view.terms(indexed, path)
            relationship, _, _ = path.rpartition(".")
            if terms is None:
                why = f"no right to the {relationship}, or to the field that names it" if relationship else _NO_FIELD
                yield FieldReason(path=path, label=column.label, shown=False, reason=why)
            elif terms == FREELY:
                why = "field permission" if column.permissionable and not relationship else "always readable"
                yield FieldReason(path=path, label=column.label, shown=True, reason=why)
            else:
                open_ = all(
                    not set(view.tokens_for(indexed, each)).isdisjoint(see.get(each, ()))
                    for each in terms.relationships
                )
                why = f"may see the {relationship}" if open_ else f"may not see the {relationship} record"
                yield FieldReason(path=path, label=column.label, shown=open_, reason=why)
