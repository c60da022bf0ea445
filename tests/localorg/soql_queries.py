"""Queries that are right by their grammar, at random; and wrong ones made of them."""

import re

from hypothesis import strategies as st

_DATES = ["TODAY", "LAST_WEEK", "THIS_FISCAL_QUARTER", "NEXT_90_DAYS", "LAST_N_DAYS:7", "NEXT_N_FISCAL_YEARS:2"]
_FIELDS = ["Id", "Name", "amount", "Custom__c", "Account.Name", "Parent__r.Owner.Email", "CreatedDate", "Org__Loc__c"]
_FUNCTIONS = ["CALENDAR_YEAR", "calendar_month", "DAY_ONLY", "FISCAL_QUARTER", "WEEK_IN_YEAR", "HOUR_IN_DAY"]
_TEXTS = ["'a'", r"'it\'s'", r"'back\\slash'", "'50% _off'", "'ünïcode 日本'", "''", r"'line\nend'"]
_NUMBERS = ["0", "5", "-7", "2.50", "-0.25", "100000"]
#: A query in pieces, roughly.
_TOKEN = re.compile(r"'(?:\\.|[^'])*'|[A-Za-z_][\w.:]*|[\d.\-]+(?:[T:\d.Z+-]*)|<=|>=|!=|<>|\S")

fields = st.sampled_from(_FIELDS)
objects = st.sampled_from(["Account", "Custom__c", "Opportunity"])
aliases = st.sampled_from(["a", "total", "My_Alias2"])
texts = st.sampled_from(_TEXTS)
numbers = st.sampled_from(_NUMBERS)
literals = st.one_of(
    texts,
    numbers,
    st.sampled_from(["null", "TRUE", "false", "2026-01-31", "2026-01-31T10:20:30Z", "2026-01-31T10:20:30.000+01:00"]),
    st.sampled_from(["USD5000", "EUR12.50"]),
    st.sampled_from(_DATES),
)
date_functions = st.one_of(
    st.builds("{}({})".format, st.sampled_from(_FUNCTIONS), fields),
    st.builds("{}(convertTimezone({}))".format, st.sampled_from(_FUNCTIONS), fields),
)
aggregates = st.one_of(
    st.builds("{}({})".format, st.sampled_from(["COUNT", "sum", "AVG", "MIN", "MAX", "COUNT_DISTINCT"]), fields),
)
distances = st.builds(
    "DISTANCE({}, GEOLOCATION({},{}), {})".format,
    fields,
    st.sampled_from(["37.775", "-10", "0.5"]),
    st.sampled_from(["-122.418", "7"]),
    st.sampled_from(["'mi'", "'km'"]),
)
shaped = st.one_of(
    st.builds("{}({})".format, st.sampled_from(["toLabel", "FORMAT", "convertCurrency"]), fields),
    st.builds("FORMAT(convertCurrency({}))".format, fields),
)


def _list(items: st.SearchStrategy[str], most: int = 3) -> st.SearchStrategy[str]:
    return st.lists(items, min_size=1, max_size=most).map(", ".join)


def _maybe(template: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    present = st.builds(template.format, *parts)
    return st.one_of(present, st.just(""), present)


comparisons = st.one_of(
    st.builds("{} {} {}".format, fields, st.sampled_from(["=", "!=", "<>", "<", "<=", ">", ">="]), literals),
    st.builds("{} {} {}".format, fields, st.sampled_from(["LIKE", "like"]), texts),
    st.builds("{} {} ({})".format, fields, st.sampled_from(["IN", "NOT IN"]), _list(literals)),
    st.builds("{} {} ({})".format, fields, st.sampled_from(["INCLUDES", "EXCLUDES"]), _list(texts)),
    st.builds("{} {} {}".format, date_functions, st.sampled_from(["=", ">"]), numbers),
    st.builds("{} {} {}".format, distances, st.sampled_from(["<", ">"]), numbers),
)
semi_joins = st.builds(
    "{} {} (SELECT {} FROM {}{})".format,
    fields,
    st.sampled_from(["IN", "NOT IN"]),
    fields,
    objects,
    _maybe(" WHERE {}", comparisons),
)


def _combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    grouped = st.one_of(comparisons, comparisons.map("NOT {}".format), inner.map("({})".format))
    return st.one_of(
        st.lists(grouped, min_size=2, max_size=3).map(" AND ".join),
        st.lists(grouped, min_size=2, max_size=3).map(" or ".join),
        inner.map("(NOT ({}))".format),
        inner.map("({})".format),
    )


conditions = st.recursive(st.one_of(comparisons, semi_joins), _combined, max_leaves=5)
having = st.builds("{} {} {}".format, st.one_of(aggregates, fields), st.sampled_from([">", "=", "<="]), literals)
order_keys = st.builds(
    "{}{}{}".format,
    st.one_of(fields, distances, date_functions),
    st.sampled_from(["", " ASC", " desc"]),
    st.sampled_from(["", " NULLS FIRST", " NULLS LAST"]),
)
tail = st.builds(
    "{}{}{}".format,
    _maybe(" ORDER BY {}", _list(order_keys)),
    st.sampled_from(["", " LIMIT 10", " limit 0"]),
    st.sampled_from(["", " OFFSET 20"]),
)
typeofs = st.builds(
    "TYPEOF {} {}{} END".format,
    st.sampled_from(["What", "Owner"]),
    st.lists(
        st.builds("WHEN {} THEN {}".format, objects, _list(st.sampled_from(_FIELDS[:4]))), min_size=1, max_size=2
    ).map(" ".join),
    _maybe(" ELSE {}", _list(st.sampled_from(_FIELDS[:4]))),
)
where = _maybe(" WHERE {}", conditions)


def _children(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        "(SELECT {} FROM {}{}{})".format,
        _list(st.one_of(fields, inner), 2),
        st.sampled_from(["Contacts", "Kids__r", "Account.Contacts"]),
        where,
        st.sampled_from(["", " ORDER BY Name", " LIMIT 5"]),
    )


subqueries = st.recursive(_children(fields), _children, max_leaves=3)
records = st.builds(
    "SELECT {} FROM {}{}{}{}{}{}".format,
    _list(st.one_of(fields, fields, shaped, st.builds("{} {}".format, shaped, aliases), typeofs, subqueries), 4),
    objects,
    _maybe(" {}", st.sampled_from(["a", "acct"])),
    _maybe(" USING SCOPE {}", st.sampled_from(["everything", "Mine", "team"])),
    where,
    _maybe(" WITH {}", st.sampled_from(["SECURITY_ENFORCED", "USER_MODE", "DATA CATEGORY Geo__c ABOVE usa__c"])),
    st.builds("{}{}{}".format, tail, st.sampled_from(["", " FOR VIEW", " FOR REFERENCE"]), st.just("")),
)
groups = st.one_of(
    _list(st.one_of(fields, date_functions)).map(" GROUP BY {}".format),
    st.builds(" GROUP BY {}({})".format, st.sampled_from(["ROLLUP", "CUBE", "rollup"]), _list(fields)),
)
grouped = st.builds(
    "SELECT {} FROM {}{}{}{}{}".format,
    _list(st.one_of(fields, aggregates, date_functions, st.builds("GROUPING({}) g".format, fields)), 4),
    objects,
    where,
    groups,
    _maybe(" HAVING {}", having),
    tail,
)
counted = st.builds("SELECT {} FROM {}{}".format, st.sampled_from(["COUNT()", "count()"]), objects, where)
everything = st.builds(
    "SELECT FIELDS({}) FROM {}{} LIMIT 200".format, st.sampled_from(["ALL", "STANDARD", "custom"]), objects, where
)
queries = st.one_of(records, grouped, counted, everything)


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """A query with a token dropped, doubled, swapped with the next or replaced."""
    tokens = _TOKEN.findall(draw(queries))
    at = draw(st.integers(0, len(tokens) - 1))
    match draw(st.sampled_from(["drop", "double", "swap", "replace"])):
        case "drop":
            del tokens[at]
        case "double":
            tokens.insert(at, tokens[at])
        case "swap":
            tokens[at : at + 2] = reversed(tokens[at : at + 2])
        case "replace":
            tokens[at] = draw(st.sampled_from(["FROM", "AND", ",", "(", ")", "=", "5", "'x'", "LIMIT", "Name", "NOT"]))
    return " ".join(tokens)
