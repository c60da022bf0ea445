"""From the grants on records to the tokens of documents: pure.

A record is opened by its own grants, by its master's, by those of its account that extend to it, and an activity by
those of what it is about. See `access.tokens` for what a token is.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from forcedex.access import tokens
from forcedex.access.catalogue import ABOUT, ACTIVITIES, BY_PARENT, CHILDREN_OF_ACCOUNT, FORECASTS, PRIVATE
from forcedex.domain.shares import RecordGrants, RecordTokens

#: Masters of masters: an opportunity's line items are two steps from its account.
_DEEPEST = 4

#: The grants on a record, by object and Id; None: they are not known.
Lookup = Callable[[str, str], RecordGrants | None]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How records of one object are shared."""

    object: str
    #: The sharing model of the org; empty: the org names none.
    model: str = ""
    #: Without "grant access using hierarchies".
    flat: bool = False
    #: The table of shares and its columns: which record, and at which level; None: there is none.
    table: str | None = None
    record_field: str = ""
    level_field: str = ""
    #: The reference to its master, and that object.
    master_field: str | None = None
    master: str | None = None
    #: Relationships whose names are in the document: to the reference field.
    relationships: Mapping[str, str] = field(default_factory=dict)
    #: Those of them that may lead to several objects: whose tokens count only with a right to read that object.
    polymorphic: frozenset[str] = frozenset()
    #: Whether other documents show or follow records of this object.
    referred: bool = True

    @property
    def by_parent(self) -> bool:
        """Whether the master decides alone."""
        return self.master_field is not None and (self.model in BY_PARENT or not self.model) and self.table is None

    @property
    def account_field(self) -> str | None:
        """The reference to the account whose shares may open it."""
        return None if self.by_parent else CHILDREN_OF_ACCOUNT.get(self.object)

    @property
    def about(self) -> tuple[str, ...]:
        """The references that open it besides its own grants."""
        return ABOUT if self.object in ACTIVITIES and self.model != "Private" else ()

    @property
    def kept(self) -> bool:
        """Whether grants of its records are kept in the state store."""
        decided = self.object in PRIVATE and self.object not in ACTIVITIES
        return self.table is not None or ((self.by_parent or decided) and self.referred) or self.object == "Account"


class Sharing:
    """The tokens of records, by the shapes of their objects and what is known of their grants."""

    def __init__(self, shapes: Mapping[str, Shape], prefixes: Mapping[str, str], lookup: Lookup) -> None:
        """`prefixes` leads from the first three characters of an Id to the object."""
        self._shapes = shapes
        self._prefixes = prefixes
        self._lookup = lookup
        self._known: dict[str, frozenset[str]] = {}

    def tokens(self, shape: Shape, record_id: str, values: Mapping[str, str]) -> RecordTokens:
        """Of one record, of which `values` holds at least the references that `references` names."""
        acl = self._own(shape, record_id, values)
        see = {
            relationship: tuple(sorted(self._seen_by(values[name], qualified=relationship in shape.polymorphic)))
            for relationship, name in shape.relationships.items()
            if values.get(name)
        }
        return RecordTokens(tuple(sorted(acl)), see)

    def _own(self, shape: Shape, record_id: str, values: Mapping[str, str]) -> set[str]:
        if shape.object in FORECASTS:
            whose = values.get(FORECASTS[shape.object])
            return {tokens.whole(shape.object), *([tokens.forecast(whose)] if whose else [])}
        owner = values.get("OwnerId")
        if shape.object in PRIVATE and PRIVATE[shape.object].holds(values):
            return self._private(shape, owner or "")
        master = values.get(str(shape.master_field), "") if shape.by_parent else ""
        found = {self._opening(shape, master)}
        if owner and not shape.by_parent:
            found.add(tokens.principal(owner, hierarchy=not shape.flat))
        if shape.by_parent:
            found |= self._of_master(master) if master else set()
        elif shape.table is not None:
            grants = self._lookup(shape.object, record_id)
            found |= self._by_grants(shape, grants) if grants is not None else set()
        account = values.get(shape.account_field or "")
        if account:
            found |= self._by_account(shape.object, account)
        for name in shape.about:
            parent = values.get(name)
            if parent:
                found |= self._seen_by(parent, qualified=True)
        return found

    def _seen_by(self, record_id: str, *, qualified: bool) -> set[str]:
        """The tokens that open a record, for use in another one."""
        name = self._prefixes.get(record_id[:3])
        found = self.effective(record_id)
        return {tokens.inherited(name, each) for each in found} if qualified and name else set(found)

    def effective(self, record_id: str, depth: int = 0) -> frozenset[str]:
        """The tokens that open a record, by its Id alone; of objects that are not known, none."""
        if record_id not in self._known:
            self._known[record_id] = frozenset(self._effective(record_id, depth))
        return self._known[record_id]

    def object_of(self, record_id: str) -> str | None:
        """The object that an Id belongs to."""
        return self._prefixes.get(record_id[:3])

    def _effective(self, record_id: str, depth: int) -> set[str]:
        shape = self._shapes.get(self._prefixes.get(record_id[:3], ""))
        if shape is None or depth > _DEEPEST:
            name = self._prefixes.get(record_id[:3])
            return {tokens.whole(name)} if name else set()
        if not shape.kept:
            return {tokens.whole(shape.object)}
        grants = self._lookup(shape.object, record_id)
        if grants is not None and grants.private:
            return self._private(shape, *(each.principal_id for each in grants.grants))
        if grants is None or (not grants.known and shape.object in PRIVATE):
            return {tokens.by_permission(shape.object) if shape.object in PRIVATE else tokens.whole(shape.object)}
        found = {self._opening(shape, grants.master or "", depth + 1)}
        found |= self._by_grants(shape, grants)
        if grants.master is not None:
            found |= self._of_master(grants.master, depth + 1)
        if grants.account is not None:
            found |= self._by_account(shape.object, grants.account)
        return found

    def _opening(self, shape: Shape, master: str, depth: int = 0) -> str:
        """The token of whoever sees the whole object: a detail of a private record takes a permission."""
        private = bool(master) and not any(each.startswith("o:") for each in self.effective(master, depth))
        return tokens.by_permission(shape.object) if private else tokens.whole(shape.object)

    def _of_master(self, record_id: str, depth: int = 0) -> set[str]:
        """Who may read a master may read its details; who sees all masters holds the token of all details himself."""
        return {each for each in self.effective(record_id, depth) if not each.startswith(("o:", "v:"))}

    @staticmethod
    def _by_grants(shape: Shape, grants: RecordGrants) -> set[str]:
        return {tokens.principal(each.principal_id, hierarchy=not shape.flat) for each in grants.grants if each.itself}

    @staticmethod
    def _private(shape: Shape, *owners: str) -> set[str]:
        """For the owner, perhaps those above, and who views all by a permission."""
        above = PRIVATE[shape.object].above and not shape.flat
        mine = {tokens.principal(owner, hierarchy=above) for owner in owners if owner}
        return {tokens.by_permission(shape.object), *mine}

    def _by_account(self, child: str, account_id: str) -> set[str]:
        """What the shares of an account open of its children."""
        account = self._lookup("Account", account_id)
        if account is None:
            return set()
        if self._shapes["Account"].table is None:  # a public account: its owner's role decides
            return {tokens.account_owner(child, each.principal_id) for each in account.grants}
        return {tokens.principal(each.principal_id) for each in account.grants if child in each.children}


def references(shape: Shape) -> Iterator[str]:
    """The reference fields that the tokens of a record depend on, besides its owner."""
    yield from dict.fromkeys(
        name
        for name in (
            *shape.relationships.values(),
            *shape.about,
            *((shape.master_field,) if shape.by_parent and shape.master_field else ()),
            *((shape.account_field,) if shape.account_field else ()),
            *((PRIVATE[shape.object].field,) if shape.object in PRIVATE else ()),
            *((FORECASTS[shape.object],) if shape.object in FORECASTS else ()),
        )
        if name
    )
