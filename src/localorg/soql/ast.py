"""A SOQL query as frozen values. Positions are offsets in the query's text, for errors."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Path:
    """A field, perhaps of a parent: `Name`, `Account.Owner.Name`."""

    names: tuple[str, ...]
    position: int

    @property
    def text(self) -> str:
        """As written."""
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of a field: `COUNT(Id)`, `CALENDAR_YEAR(CreatedDate)`; in upper case."""

    function: str
    #: None: `COUNT()`.
    argument: "Path | Call | None"
    position: int


Expression = Path | Call


@dataclass(frozen=True, slots=True)
class SelectField:
    """A selected field or function."""

    expression: Expression
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class SelectFields:
    """`FIELDS(ALL)`, `FIELDS(STANDARD)`, `FIELDS(CUSTOM)`."""

    #: ALL, STANDARD or CUSTOM.
    kind: str
    position: int


@dataclass(frozen=True, slots=True)
class SelectChildren:
    """A subquery over children."""

    query: "Query"


SelectItem = SelectField | SelectFields | SelectChildren


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant in a condition."""

    #: null, boolean, number, string, date, datetime, time, range (a date literal) or currency.
    kind: str
    value: str | bool | Decimal | None
    position: int
    #: The n of `LAST_N_DAYS:n`; the currency of `USD5000`.
    detail: str = ""
    #: A string as a LIKE pattern with backslash escapes.
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Compare:
    """`field operator value`; the operator is =, !=, <, <=, >, >= or LIKE."""

    left: Expression
    operator: str
    right: Literal
    position: int


@dataclass(frozen=True, slots=True)
class InValues:
    """`field [NOT] IN (values)`."""

    left: Expression
    values: tuple[Literal, ...]
    negated: bool
    position: int


@dataclass(frozen=True, slots=True)
class InQuery:
    """A semi-join or anti-join."""

    left: Expression
    query: "Query"
    negated: bool
    position: int


@dataclass(frozen=True, slots=True)
class Includes:
    """`field INCLUDES ('A;B', 'C')` or EXCLUDES."""

    left: Expression
    values: tuple[Literal, ...]
    negated: bool
    position: int


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not this one."""

    condition: "Condition"


Condition = Compare | InValues | InQuery | Includes | And | Or | Not


@dataclass(frozen=True, slots=True)
class OrderBy:
    """One sort key."""

    expression: Expression
    descending: bool = False
    #: None: Salesforce's default, nulls first either way.
    nulls_last: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """A whole query or subquery."""

    #: The text all positions refer to.
    text: str
    select: tuple[SelectItem, ...]
    #: The object, or in a subquery the child relationship (possibly qualified by an alias).
    source: Path
    alias: str | None = None
    #: Legacy `FROM Account a, a.Contacts c`: further aliases with their paths.
    joined: tuple[tuple[Path, str], ...] = ()
    scope: str | None = None
    where: Condition | None = None
    group_by: tuple[Expression, ...] = ()
    having: Condition | None = None
    order_by: tuple[OrderBy, ...] = ()
    limit: int | None = None
    offset: int | None = None
    offset_position: int = 0

    @property
    def count_only(self) -> bool:
        """Whether this is `SELECT COUNT() FROM …`."""
        match self.select:
            case (SelectField(expression=Call(function="COUNT", argument=None)),):
                return True
        return False
