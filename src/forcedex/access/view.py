"""What one principal may see at one moment: objects, fields, and the tokens that open records.

A record carries the tokens of who may read it (`forcedex.acl`), and for each parent whose name it holds those of who
may read that parent (`forcedex.see.<relationship>`). A view holds the tokens of its principal. No token in common: not
to be seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from forcedex.access.catalogue import may_be_private
from forcedex.access.tokens import by_permission, whole
from forcedex.domain.indexed import IndexedField, IndexedObject
from forcedex.domain.principal import Operator, OrgUser, Principal

#: What is no column and can be asked about by everybody who may see the record.
_OPEN = frozenset({"Id", "forcedex.object", "forcedex.synced_at"})
#: Whoever may read one of these through its own sharing may read its account: Salesforce's implicit parent sharing.
#: Source: "Record-Level Access: Under the Hood", implicit sharing. It does not hold for View All on the child.
_IMPLIES_ACCOUNT = frozenset({"Contact", "Opportunity", "Case"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Denial:
    """Records that holders of a token may no longer see, until they are written anew.

    `field` is `Id`, or the reference through which records inherit the token; no ids: all that carry the token.
    """

    object: str
    token: str
    field: str = "Id"
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """On which terms a field can be used: only in records whose parents, by relationship, the principal may read."""

    relationships: frozenset[str] = frozenset()


#: Wherever the record may be seen.
FREELY = Terms()


@dataclass(frozen=True, kw_only=True)
class View:
    """What one principal may see."""

    principal: Principal
    #: Objects that may be read, with the fields under field-level security that may be read; None: all of them.
    #: For the operator it is empty: everything is open.
    objects: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    #: Sorted.
    tokens: tuple[str, ...] = ()
    denials: tuple[Denial, ...] = ()
    #: When the access data was read that this rests on; None for the operator.
    as_of: datetime | None = None
    #: Why nothing can be seen, if so.
    blind: str = ""

    @property
    def unlimited(self) -> bool:
        """Whether everything may be seen."""
        return isinstance(self.principal, Operator)

    @property
    def user_id(self) -> str | None:
        """The user of the org who asks, if one does."""
        return self.principal.user_id if isinstance(self.principal, OrgUser) else None

    def may_read(self, sobject: str) -> bool:
        """Whether records of an object may be seen at all."""
        return self.unlimited or (sobject in self.objects and not self.blind)

    def sees_whole(self, sobject: str) -> bool:
        """Whether every record of an object may be seen."""
        return self.unlimited or (whole(sobject) in self._held and self.may_read(sobject))

    def terms(self, indexed: IndexedObject, path: str) -> Terms | None:
        """On which terms the field at a path of the index can be used; None: not at all, or not declared.

        One question and its answer ask hundreds of times, so it is found out once.
        """
        _, known = self._known_terms.setdefault(id(indexed), (indexed, {}))
        if path not in known:
            known[path] = self._found_terms(indexed, path)
        return known[path]

    def _found_terms(self, indexed: IndexedObject, path: str) -> Terms | None:
        if path in _OPEN:
            return FREELY if self.may_read(indexed.told_of) else None
        sources = indexed.sources(path)
        if sources is None or not self.may_read(indexed.told_of):
            return None
        if self.unlimited:
            return FREELY
        if not all(map(self._sees_each, indexed.others(path))):
            return None
        needed: set[str] = set()
        for source in sources:
            column = indexed.columns.get(source)
            if column is None:
                return None
            relationship, _, name = source.rpartition(".")
            if column.object is not None:
                if not self._may_read_field(column.object, source.rpartition(":")[2], column):
                    return None
            elif not relationship:
                if not self._may_read_field(indexed.told_of, source, column):
                    return None
            elif not self._parent_readable(indexed, relationship, needed):
                return None
        return Terms(relationships=frozenset(needed))

    def may_use(self, indexed: IndexedObject, path: str) -> bool:
        """Whether the field at a path can be used in all records of the object that may be seen."""
        return self.terms(indexed, path) == FREELY

    def _sees_each(self, sobject: str) -> bool:
        """Whether every record may be seen, the private ones too."""
        private = may_be_private(sobject) and by_permission(sobject) not in self._held
        return self.sees_whole(sobject) and not private

    def tokens_for(self, indexed: IndexedObject, relationship: str) -> list[str]:
        """The tokens that open a parent: where it may be of several objects, those for objects that may be read."""
        objects = indexed.relationships[relationship].objects
        if objects not in self._opened:
            self._opened[objects] = self._tokens_of(objects)
        return self._opened[objects]

    def _tokens_of(self, objects: tuple[str, ...]) -> list[str]:
        if len(objects) == 1:
            return [each for each in self.tokens if "/" not in each]
        opened = tuple(f"{each}/" for each in objects if self.may_read(each))
        wholes = {token for each in objects for token in (whole(each), by_permission(each))}
        return [each for each in self.tokens if each.startswith(opened) or each in wholes]

    def _may_read_field(self, sobject: str, name: str, column: IndexedField) -> bool:
        if not self.may_read(sobject):
            return False
        granted = self.objects[sobject]
        return granted is None or not column.permissionable or name in granted or column.compound in granted

    def _parent_readable(self, indexed: IndexedObject, relationship: str, needed: set[str]) -> bool:
        """Whether parents can be seen at all; if not every one of them, the relationship is added to `needed`."""
        known = indexed.relationships.get(relationship)
        reference = indexed.columns.get(known.field) if known else None
        if known is None or reference is None or not self._may_read_field(indexed.told_of, known.field, reference):
            return False
        readable = [each for each in known.objects if self.may_read(each)]
        implied = indexed.told_of in _IMPLIES_ACCOUNT and relationship == "Account"
        if implied and readable and not self.sees_whole(indexed.told_of):
            return True
        if not all(self._sees_each(each) for each in known.objects):
            needed.add(relationship)
        return bool(readable)

    @cached_property
    def remembered(self) -> dict[tuple[int, ...], tuple[tuple[IndexedObject, ...], dict[Any, Any]]]:
        """For the gate: what it found out about these objects. They are kept, so that their ids stay theirs."""
        return {}

    @cached_property
    def _known_terms(self) -> dict[int, tuple[IndexedObject, dict[str, Terms | None]]]:
        """By object and path. The objects are kept, so that their ids stay theirs."""
        return {}

    @cached_property
    def _opened(self) -> dict[tuple[str, ...], list[str]]:
        return {}

    @cached_property
    def _held(self) -> frozenset[str]:
        return frozenset(self.tokens)


def everything() -> View:
    """What the operator sees."""
    return View(principal=Operator())


def nothing(principal: Principal, why: str) -> View:
    """What somebody sees whose rights are not known."""
    return View(principal=principal, blind=why)


def readable(view: View, objects: Sequence[IndexedObject]) -> list[IndexedObject]:
    """Those objects that may be read."""
    return [each for each in objects if view.may_read(each.told_of)]


def sorted_tokens(tokens: Iterable[str]) -> tuple[str, ...]:
    """Tokens as a view holds them."""
    return tuple(sorted(set(tokens)))
