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
class Literal:
    """A constant in a condition or of a function."""

    #: null, boolean, number, string, date, datetime, time, range (a date literal) or currency.
    kind: str
    value: str | bool | Decimal | None
    position: int
    #: The n of `LAST_N_DAYS:n`; the currency of `USD5000`.
    detail: str = ""
    #: A string as a LIKE pattern with backslash escapes.
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A function: `COUNT(Id)`, `DISTANCE(Loc__c, GEOLOCATION(1, 2), 'km')`; in upper case."""

    function: str
    #: Empty: `COUNT()`.
    arguments: tuple["Path | Call | Literal", ...]
    position: int

    @property
    def argument(self) -> "Path | Call | None":
        """What a function of one field is applied to; None: nothing, several things, or a constant."""
        match self.arguments:
            case (Path() | Call() as only,):
                return only
        return None


Expression = Path | Call
Argument = Path | Call | Literal


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


@dataclass(frozen=True, slots=True)
class When:
    """`WHEN Account THEN Phone, Name` of a TYPEOF."""

    sobject: str
    fields: tuple[Path, ...]
    position: int


@dataclass(frozen=True, slots=True)
class SelectTypeof:
    """`TYPEOF What WHEN … THEN … ELSE … END`."""

    relationship: Path
    whens: tuple[When, ...]
    #: Fields for all other objects; empty: no ELSE.
    otherwise: tuple[Path, ...]
    position: int


SelectItem = SelectField | SelectFields | SelectChildren | SelectTypeof


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


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a clause and its place: `VIEW` of `FOR VIEW`, in upper case."""

    text: str
    position: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """A whole query or subquery."""

    #: The text all positions refer to.
    text: str
    select: tuple[SelectItem, ...]
    #: The object, or in a subquery the child relationship (possibly qualified by an alias).
    source: Path
    alias: str | None = None
    #: Legacy `FROM Account a, a.Contacts c`: further paths with their aliases.
    joined: tuple[tuple[Path, str | None], ...] = ()
    #: USING SCOPE.
    scope: Word | None = None
    where: Condition | None = None
    #: WITH: SECURITY_ENFORCED, USER_MODE, SYSTEM_MODE, DATA CATEGORY or a filter's field.
    filter: Word | None = None
    group_by: tuple[Expression, ...] = ()
    #: ROLLUP or CUBE; None: only the groups themselves.
    subtotals: Word | None = None
    having: Condition | None = None
    order_by: tuple[OrderBy, ...] = ()
    limit: int | None = None
    offset: int | None = None
    offset_position: int = 0
    #: FOR: VIEW, REFERENCE, UPDATE.
    purposes: tuple[Word, ...] = ()
    #: UPDATE: TRACKING, VIEWSTAT.
    statistics: tuple[Word, ...] = ()
    #: ALL ROWS.
    all_rows: Word | None = None

    @property
    def count_only(self) -> bool:
        """Whether this is `SELECT COUNT() FROM …`."""
        match self.select:
            case (SelectField(expression=Call(function="COUNT", arguments=())),):
                return True
        return False
