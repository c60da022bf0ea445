"""The grammar of SOQL, judged by another parser: the same queries taken, and read the same way."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from localorg.errors import ApiError
from localorg.soql import parse
from tests.localorg.soql_judge import Incomparable, Judge, ours, readme_queries, theirs
from tests.localorg.soql_queries import mutations, queries

#: Where the judge is more lenient than Salesforce's documentation: what the query looks like around the token
#: that we refuse (marked by ⟂), with the reason.
ONLY_THE_JUDGE_TAKES = [
    (r"[(,]\s*⟂[)'\d-]", "a function other than COUNT is applied to a field"),
    (
        r"(FROM|\bAS) \S+ ⟂(GROUP|ORDER|AND|OR|NOT|FROM|IN|LIKE|LIMIT|HAVING|ASC|DESC)\b",
        "reserved words are no aliases",
    ),
    (r"(WHERE|HAVING)\b.*[\w')] ⟂[\w(]", "two comparisons have AND or OR between them"),
    (r"(=|!=|<>|<|<=|>|>=|LIKE|like) ⟂\(", "only lists have parentheses"),
    (r"(SELECT|,) (\S+|[^⟂]*\)) ⟂\w+\.\w|FROM \S+ \w+⟂\.", "an alias is one word"),
    (r"\bTYPEOF\b.*⟂", "a TYPEOF is written WHEN … THEN … [ELSE …] END"),
]
#: The other way round: what the query looks like, with the reason.
ONLY_WE_TAKE = [
    (r"(?<!limit \d)(?<!LIMIT \d\d) OFFSET \d", "the judge takes OFFSET after WHERE and HAVING with LIMIT only"),
    (r"USING SCOPE", "whether there is a scope of that name is asked when the object is known"),
    (r"(?i)\b(FIRST|LAST|GROUP|ORDER|FOR|UPDATE)\b(?! BY)", "objects and fields can have these names"),
    (r"FROM [\w.]+( \w+)? , \w", "the legacy form names further relationships after FROM"),
]


#: Each construct once, so that none depends on luck.
CONSTRUCTS = [
    "SELECT Id, Account.Owner.Name FROM Contact c WHERE c.Name != null ORDER BY Name DESC NULLS LAST LIMIT 5 OFFSET 2",
    "SELECT Id FROM Contact ORDER BY Name ASC NULLS FIRST, CreatedDate DESC",
    "SELECT TYPEOF What WHEN Account THEN Phone, Name WHEN Case THEN Subject ELSE Name END, Id FROM Task",
    "SELECT Id, (SELECT Id, (SELECT Id FROM Cases LIMIT 1) FROM Contacts WHERE Name LIKE 'a%') FROM Account",
    "SELECT Type, COUNT(Id) n, GROUPING(Type) FROM Account GROUP BY ROLLUP(Type, Industry) ORDER BY GROUPING(Type)",
    "SELECT Type FROM Account GROUP BY CUBE(Type, Industry)",
    "SELECT HOUR_IN_DAY(convertTimezone(CreatedDate)) h, SUM(Amount) FROM Opportunity "
    "GROUP BY HOUR_IN_DAY(convertTimezone(CreatedDate)) HAVING SUM(Amount) > 5 AND MAX(Name) LIKE 'x%'",
    "SELECT toLabel(Status) s, FORMAT(convertCurrency(Amount)), FORMAT(MIN(CloseDate)) m FROM Opportunity",
    "SELECT Id FROM A WHERE DISTANCE(Loc__c, GEOLOCATION(37.7,-122.4), 'mi') < 20 "
    "ORDER BY DISTANCE(Loc__c, GEOLOCATION(37.7,-122.4), 'mi')",
    "SELECT Id FROM A WHERE NOT Name = 'a' AND Name = 'b'",
    "SELECT Id FROM A WHERE (NOT Name = 'a') OR (NOT (Name = 'b' AND (Id = 'c' OR Id = 'd')))",
    "SELECT Id FROM A WHERE A INCLUDES ('a;b', 'c') AND B EXCLUDES ('d') AND C NOT IN (1, null, 'x')",
    "SELECT Id FROM A WHERE Id IN (SELECT AccountId FROM Contact WHERE Name != 'x') AND X NOT IN (SELECT Id FROM B)",
    "SELECT Id FROM A WHERE Amount > USD5000 AND B < EUR12.5 AND C <= USD-500 AND D <> -0.5",
    "SELECT Id FROM A WHERE D = LAST_N_DAYS:5 OR E >= NEXT_QUARTER OR F = 2026-01-31 OR G < 2026-01-31T10:20:30Z",
    "SELECT FIELDS(ALL) FROM Account USING SCOPE mine LIMIT 200",
    "SELECT Id FROM A WITH SECURITY_ENFORCED",
    "SELECT Id FROM A WITH DATA CATEGORY Geo__c AT (usa__c, uk__c) AND Product__c ABOVE_OR_BELOW all__c",
    "SELECT Id FROM A FOR VIEW UPDATE TRACKING",
    "SELECT Id FROM A FOR UPDATE",
    "SELECT COUNT() FROM A WHERE Name = 'it\\'s \\\\ \\n'",
]


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    judge.close()


def check_tree(judge: Judge, soql: str) -> None:
    """The judge takes the query and reads it as we do."""
    tree = judge.tree(soql)
    assert tree is not None
    try:
        read = theirs(tree)
    except Incomparable:
        return
    assert ours(parse(soql)) == read


def refusal(soql: str) -> str | None:
    """The query with a mark where it goes wrong; None: it is right."""
    try:
        parse(soql)
    except ApiError as error:
        place = re.search(r"ERROR at Row:1:Column:(\d+)\n", error.message)
        assert error.code == "MALFORMED_QUERY"
        assert place is not None
        at = int(place[1]) - 1
        return f"{soql[:at]}⟂{soql[at:]}"
    return None


def test_every_construct_is_read_as_the_judge_reads_it(judge: Judge) -> None:
    for soql in CONSTRUCTS:
        check_tree(judge, soql)


def test_queries_that_the_judges_readme_shows_are_read_the_same_way(judge: Judge) -> None:
    found = readme_queries()
    assert len(found) > 10
    verdicts = {soql: judge.tree(soql) is not None for soql in found}
    assert {soql: refusal(soql) is None for soql in found} == verdicts
    for soql in (soql for soql in found if verdicts[soql]):
        check_tree(judge, soql)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(soql=queries)
def test_a_random_query_is_read_as_the_judge_reads_it(judge: Judge, soql: str) -> None:
    assert refusal(soql) is None
    if judge.tree(soql) is None:
        assert any(re.search(shape, soql) for shape, _ in ONLY_WE_TAKE)
    else:
        check_tree(judge, soql)


# The same damage every time: what the judge takes is known for these, and has no end in general.
@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(soql=mutations())
def test_a_damaged_query_is_refused_if_the_judge_refuses_it(judge: Judge, soql: str) -> None:
    refused = refusal(soql)
    if (judge.tree(soql) is None) == (refused is not None):
        return
    allowed = ONLY_WE_TAKE if refused is None else ONLY_THE_JUDGE_TAKES
    assert any(re.search(shape, refused or soql) for shape, _ in allowed), refused or soql


def test_the_judge_tells_right_from_wrong(judge: Judge) -> None:
    assert judge.tree("SELECT Id FROM Account") is not None
    assert judge.tree("SELECT Id FRM Account") is None
