"""Cost tables and how amounts are spread: exact to the minor unit, every problem of a file with its row."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.cost_file import LARGEST, MOST_ROWS
from forcedex.domain.cost_rows import Known, WrongCosts, cost_rows
from forcedex.domain.costs import LONGEST, Scope, spread
from forcedex.domain.days import Days
from forcedex.domain.lag import lag_of
from forcedex.domain.money import Currencies, DatedRate

EUROS = Currencies(
    corporate="USD",
    rates={"USD": Decimal(1), "EUR": Decimal("0.9"), "JPY": Decimal(150), "GBP": Decimal("0.8")},
    places={"USD": 2, "EUR": 2, "JPY": 0, "GBP": 2},
    dated={"EUR": (DatedRate(date(2026, 2, 1), None, Decimal("0.5")),), "JPY": (), "GBP": ()},
)
ANN = "005000000000001AAA"
KNOWN = Known(
    currencies=EUROS,
    users={ANN.casefold(): ANN, "ann@acme.example": ANN},
    ambiguous=frozenset({"two@acme.example"}),
)
HEAD = "period,scope,of,amount,currency,category\n"


def problems(content: str | bytes) -> list[str]:
    with pytest.raises(WrongCosts) as caught:
        cost_rows(content if isinstance(content, bytes) else content.encode(), KNOWN)
    return list(caught.value.lines)


# Spreading


@given(
    st.integers(-(10**15), 10**15),
    st.dates(date(1990, 1, 1), date(2099, 1, 1)),
    st.integers(1, LONGEST + 800),
)
def test_a_spread_amount_is_whole_again_and_no_day_has_a_unit_more_than_its_part(
    minor: int, first: date, count: int
) -> None:
    days = Days(first, first + timedelta(days=count))
    told = list(spread(minor, days))
    assert sum(part for _, part in told) == minor
    assert all(day in days for day, _ in told) and len({day for day, _ in told}) == len(told)
    if count <= LONGEST:
        assert all(abs(part * count - minor) < count for _, part in told)


def test_a_rest_is_spread_as_evenly_as_it_goes() -> None:
    assert [part for _, part in spread(10, Days(date(2026, 1, 1), date(2026, 1, 5)))] == [2, 3, 2, 3]
    assert list(spread(1, Days(date(2026, 1, 1), date(2026, 1, 4)))) == [(date(2026, 1, 3), 1)]
    year = list(spread(100_001, Days(date(2025, 1, 1), date(2026, 1, 1))))
    assert sum(part for day, part in year if day.month == 1) == 100_001 * 31 // 365


def test_centuries_are_spread_over_their_months() -> None:
    told = list(spread(36_525_00, Days(date(1900, 1, 15), date(2000, 1, 15))))
    assert len(told) == 1_201 and told[0][0] == date(1900, 1, 15) and told[1][0] == date(1900, 2, 1)
    assert sum(part for _, part in told) == 36_525_00


# Reading


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2026-03-05", (2026, 3, 5), (2026, 3, 5)),
        ("2026-02", (2026, 2, 1), (2026, 2, 28)),
        ("2026-q4", (2026, 10, 1), (2026, 12, 31)),
        ("2024", (2024, 1, 1), (2024, 12, 31)),
        ("2026-01-15..2026-02-14", (2026, 1, 15), (2026, 2, 14)),
    ],
)
def test_a_period_is_a_day_month_quarter_year_or_span(
    period: str, first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    (row,) = cost_rows(f"{HEAD}{period},owner,ANN@acme.example,12.50,usd,Salary\n".encode(), KNOWN)
    assert (row.first, row.last) == (date(*first), date(*last))
    assert (row.scope, row.of, row.amount, row.currency) == (Scope.OWNER, ANN, "12.50", "USD")


def test_csv_and_json_say_the_same_whatever_the_delimiter_and_the_mark_at_the_beginning() -> None:
    texts = [
        "period,scope,of,amount\n2026-03,region,EMEA,10\n\n2026-03,company,,0.5\n".encode("utf-8-sig"),
        b"Amount;Of;Scope;Period\r\n10;EMEA;region;2026-03\r\n0.5;;company;2026-03\r\n",
        b'[{"period":"2026-03","scope":"region","of":"EMEA","amount":10},'
        b'{"period":"2026-03","scope":"company","of":null,"amount":0.5}]',
    ]
    found = [[(each.scope, each.of, each.amount) for each in cost_rows(text, KNOWN)] for text in texts]
    assert found[0] == found[1] == found[2] == [("region", "EMEA", "10"), ("company", "", "0.5")]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2026-02-30,company,,1,,", "“2026-02-30” is no period"),
        ("next year,company,,1,,", "“next year” is no period"),
        ("2026-03-02..2026-03-01,company,,1,,", "is no period"),
        (",company,,1,,", "An empty text is no period"),
        ("0206-03,company,,1,,", "is out of range"),
        ("2100,company,,1,,", "is out of range"),
        ("2000-01-01..2026-01-01,company,,1,,", "longer than ten years"),
        ("2026,galaxy,,1,,", "“galaxy” is no scope"),
        ("2026,company,me,1,,", "leave `of` empty"),
        ("2026,owner,,1,,", "`of` names no owner"),
        ("2026,owner,nobody,1,,", "“nobody” is no user"),
        ("2026,owner,two@acme.example,1,,", "address of several users"),
        ("2026,campaign,701,1,,", "is not a Salesforce record Id"),
        (f"2026,campaign,{ANN},1,,", "is no Id of a campaign"),
        ("2026,company,,,,", "An empty text is no amount"),
        ('2026,company,,"1,000",,', "is no amount"),
        ("2026,company,,1e3,,", "is no amount"),
        ("2026,company,,NaN,,", "is no amount"),
        ("2026,company,,-1,,", "is below zero"),
        ("2026,company,,1.005,,", "more than 2 digits"),
        ("2026-03,company,,1.5,JPY,", "more than 0 digits"),
        ("2026-03,company,,1,XYZ,", "“XYZ” is no currency of the org"),
        ("2026-03,company,,1,GBP,", "GBP has no conversion rate for 2026-03-01"),
        ("2026-01-31,company,,1,EUR,", "EUR has no conversion rate for 2026-01-31"),
        ("2026,company,,1", "it has 4 values for 6 columns"),
        (f"2026,company,,1,,{'x' * 300}", "longer than 255"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_with_its_line(row: str, said: str) -> None:
    found = problems(f"{HEAD}2026-03,company,,5,,rent\n{row}\n")
    assert any(each.startswith("Row 3: ") and said in each for each in found), found


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (HEAD.encode(), "has no rows"),
        (b"[]", "has no rows"),
        (HEAD.encode() + b"2026,region,M\xfcnchen,1,,\n", "not UTF-8 text: see line 2"),
        (b"when,scope,of,amount\n2026,company,,1\n", "unknown columns when; missing columns period"),
        (b"period,period,scope,of,amount\n", "given twice period"),
        (b'{"period": "2026"}', "no JSON list"),
        (b'[{"period": ]', "no JSON"),
        (
            b'[{"period":"2026","scope":"company","of":"","amount":1,"amount":2}]',
            "Row 1: there are columns given twice",
        ),
        (b'[{"period":"2026","scope":"company","of":"","amount":[1]}]', "Row 1: amount: write a text or a number"),
        (b"[3]", "Row 1: it is no object"),
        (b"x" * (LARGEST + 1), "larger than 10 MB"),
        (HEAD.encode() + b"2026,company,,1,,\n" * (MOST_ROWS + 1), "rows; 20,000 can be used"),
        (HEAD.encode() + b'2026,company,,"1,,\n', "it is no CSV"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_a_sentence(content: bytes, said: str) -> None:
    found = problems(content)
    assert any(said in each for each in found), found


def test_the_same_costs_told_twice_are_found_between_any_rows() -> None:
    text = HEAD + (
        "2026-01,company,,1,,rent\n2026-02,company,,1,,rent\n2026-03-31,company,,1,,Rent\n"
        "2026,company,,1,,tools\n2026-02-28..2026-03-31,company,,1,,rent\n2026-02,region,EMEA,1,,rent\n"
    )
    found = problems(text)
    assert [each.partition(",")[0] for each in found] == [
        "Row 6: its days overlap those of row 3",
        "Row 6: its days overlap those of row 4",
    ]


def test_all_problems_of_a_file_are_told_in_the_order_of_rows() -> None:
    found = problems(HEAD + "x,y,,z,,\n2026,company,,1,,\n2026,owner,no,-1,XX,\n")
    assert [each.partition(":")[0] for each in found] == [*["Row 2"] * 3, *["Row 4"] * 3]


# Lag


def test_months_and_days_lie_before_and_after_and_spans_that_meet_still_meet() -> None:
    months, days = lag_of("3m"), lag_of("10d")
    january = Days(date(2026, 1, 1), date(2026, 2, 1))
    assert months.shifted(january) == Days(date(2025, 10, 1), date(2025, 11, 1))
    assert days.shifted(january) == Days(date(2025, 12, 22), date(2026, 1, 22))
    ends = [date(2026, 5, 1) + timedelta(days=each) for each in range(40)]
    shifted = [months.shifted(Days(*each)) for each in zip(ends, ends[1:], strict=False)]
    told = [each for each in shifted if each is not None]
    assert all(one.end == other.first for one, other in zip(told, told[1:], strict=False))
    assert len(told) < len(shifted)  # 29 to 31 May: February has no such days


@pytest.mark.parametrize("text", ["", "3", "m", "0m", "3y", "-3m", "99999d", "3m "])
def test_what_is_no_lag_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no lag"):
        lag_of(text)
