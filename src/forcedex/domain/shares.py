"""Grants on single records: rows of the share tables, and masters of records that are controlled by them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

#: Children whose reading a row of AccountShare can grant, by column.
CHILD_LEVELS = {
    "OpportunityAccessLevel": "Opportunity",
    "CaseAccessLevel": "Case",
    "ContactAccessLevel": "Contact",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """Somebody may read a record."""

    #: A user or a group.
    principal_id: str
    #: Whether the record itself.
    itself: bool = True
    #: Children of which objects, too.
    children: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RecordGrants:
    """All grants on one record; or, where its master controls it, which that is."""

    grants: tuple[Grant, ...] = ()
    #: The record that controls this one.
    master: str | None = None
    #: The account whose shares may open it, too.
    account: str | None = None
    #: It is its owner's, whatever else would open it.
    private: bool = False

    @property
    def known(self) -> bool:
        """Whether anything is known of the record: at least its owner, or its master, always is."""
        return bool(self.grants or self.master or self.private)

    @property
    def text(self) -> str:
        """As the state store keeps it: the same grants give the same text."""
        parts = {
            f"{each.principal_id}{'' if each.itself else '-'}{''.join(sorted(f'+{child}' for child in each.children))}"
            for each in self.grants
        }
        if self.master is not None:
            parts.add(f"^{self.master}")
        if self.account is not None:
            parts.add(f"@{self.account}")
        if self.private:
            parts.add("!")
        return " ".join(sorted(parts))


def private_to(owner: str) -> RecordGrants:
    """Of a private record."""
    return RecordGrants((Grant(owner),) if owner else (), private=True)


def by_owner(owner: str) -> RecordGrants:
    """Of a record that is open to all: only its owner matters, for the children of an account."""
    return RecordGrants((Grant(owner, itself=False),) if owner else ())


def grants_of(text: str) -> RecordGrants:
    """What `RecordGrants.text` wrote."""
    grants = []
    master = account = None
    private = False
    for part in text.split():
        if part == "!":
            private = True
        elif part[0] == "^":
            master = part[1:]
        elif part[0] == "@":
            account = part[1:]
        else:
            head, *children = part.split("+")
            grants.append(Grant(head.removesuffix("-"), not head.endswith("-"), frozenset(children)))
    return RecordGrants(tuple(grants), master, account, private)


def without_table(query: "GrantQuery", values: Mapping[str, str]) -> RecordGrants:
    """The grants that follow from a record's own references."""
    owner = values.get(query.owner_field or "", "")
    if query.private(values):
        return private_to(owner)
    if query.master_field is None:
        return by_owner(owner)
    return RecordGrants(master=values.get(query.master_field) or None)


@dataclass(frozen=True, slots=True)
class RecordTokens:
    """What a document says of who may read the record and each parent whose name it holds."""

    acl: tuple[str, ...] = ()
    #: Relationship to tokens of the parent.
    see: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Denied:
    """Somebody lost a token on a record: until the record is written anew, the record is hidden from its holders."""

    object: str
    record_id: str
    token: str
    #: Which change of grants it follows from: it is lifted when all that follows from that was written anew.
    root: str


#: More than so many records that a person reports, and he sees nothing at all until they have been read again.
MOST_REPORTED = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Reported:
    """Salesforce did not show somebody a record that we did: it is hidden from him until its access was read again."""

    user_id: str
    object: str
    record_id: str
    reported_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantQuery:
    """How the grants on the records of one object are read."""

    object: str
    #: Rows of this table, such as AccountShare …
    table: str | None = None
    #: … its reference to the record, and its column for the level of access;
    record_field: str = ""
    level_field: str = ""
    #: the path from a share to the account of the record, if that matters, such as `Opportunity.AccountId`.
    account_path: str | None = None
    #: Without a table: the record's reference to the master that decides alone; none for a public account.
    master_field: str | None = None
    #: The path to the owner, who alone may read a private record.
    owner_field: str | None = None
    #: The path to the field that says which records are private, and its value then; None: there are none.
    private_field: str | None = None
    private_value: str = ""

    def private(self, values: Mapping[str, str]) -> bool:
        """Whether the record with these values, by path, is private."""
        return self.private_field is not None and values.get(self.private_field, "") == self.private_value

    @property
    def child_levels(self) -> Mapping[str, str]:
        """Columns of the table that open children, to the children's object."""
        return CHILD_LEVELS if self.object == "Account" else {}
