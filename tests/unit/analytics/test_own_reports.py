"""Reports of one's own: what a file may say, what is wrong with one, and that nothing is lost on the way back."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from forcedex.analytics.definition import (
    AllOf,
    AnyOf,
    Bucket,
    Condition,
    Definition,
    Dimension,
    Filter,
    Function,
    Measure,
    Of,
    Op,
    Part,
    Ratio,
    Share,
    Shows,
)
from forcedex.analytics.own.checking import Surroundings
from forcedex.analytics.own.problems import WrongReport
from forcedex.analytics.own.reading import LARGEST, read
from forcedex.analytics.own.writing import written
from forcedex.analytics.reports.catalogue import available
from forcedex.analytics.reports.costs import Costs
from forcedex.domain.comparing_periods import Basis
from forcedex.domain.days import Unit
from forcedex.domain.errors import Refused
from forcedex.domain.indexed import IndexedField, IndexedObject, Relationship
from forcedex.domain.roles import Role

STANDARD = available(
    Costs(
        sources=("object", "table", "campaigns"),
        team="T__c",
        region="R__c",
        lag="90d",
        object="Cost__c",
        amount="A__c",
        day="D__c",
        owner="U__c",
        campaign="C__c",
        alike={"R__c": "S__c"},
    ),
    "Why__c",
)
FREE = Surroundings(standard=STANDARD, taken=STANDARD.keys())
DOCS = Path(__file__).parents[3] / "docs/own-reports.md"


def column(kind: str, label: str, role: Role = Role.NONE) -> IndexedField:
    return IndexedField(type=kind, role=role, label=label)


DEALS = IndexedObject(
    name="Opportunity",
    label="Opportunity",
    label_plural="Opportunities",
    name_field="Name",
    fields={
        "Name": column("string", "Name", Role.NAME),
        "Amount": column("currency", "Amount"),
        "Probability": column("percent", "Probability (%)"),
        "CloseDate": column("date", "Close Date"),
        "StageName": column("picklist", "Stage", Role.LABEL),
        "Tags__c": column("multipicklist", "Tags", Role.LABEL),
        "OwnerId": column("reference", "Owner"),
        "IsWon": column("boolean", "Won"),
    },
    currency="EUR",
    decimal_places=2,
    relationships={"Owner": Relationship(field="OwnerId", objects=("User",))},
)
HERE = replace(FREE, indexed={"Opportunity": DEALS})
HEAD = 'name = "mine"\ntitle = "Mine"\n[[parts]]\nsource = "Opportunity"\n'
COUNTED = '[[measures]]\nname = "n"\n'


def problems(text: str, around: Surroundings = HERE) -> list[str]:
    with pytest.raises(WrongReport) as caught:
        read(text, around)
    return list(caught.value.lines)


@pytest.mark.parametrize("name", STANDARD)
def test_a_standard_report_is_the_same_after_export(name: str) -> None:
    assert read(written(STANDARD[name], STANDARD), Surroundings(standard=STANDARD)) == STANDARD[name]


def test_a_report_that_says_more_than_the_grammar_is_not_exported_as_less() -> None:
    with pytest.raises(Refused, match="more than a file"):
        written(replace(STANDARD["closed-won"], finish=lambda report: report), STANDARD)


def test_the_example_of_the_documentation_is_a_report() -> None:
    example = re.search(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    assert read(example[1], FREE).compare is Basis.YEAR_BEFORE


def test_what_a_file_leaves_out_is_taken_from_the_fields() -> None:
    made = read(
        HEAD
        + '[[measures]]\nname = "sum_of_all"\nfunction = "sum"\nfield = "Amount"\n'
        + '[[dimensions]]\nname = "who"\nfield = "OwnerId"\n'
        + '[[dimensions]]\nname = "size"\nfield = "Amount"\nranges = [10.5, 2000]\n',
        HERE,
    )
    assert made.measures[0].shows is Shows.MONEY and made.measures[0].label == "Sum of all"
    assert (made.dimensions[0].names, made.dimensions[0].label) == ("User", "Owner")
    assert [each.label for each in made.dimensions[1].buckets] == [
        "Below 10.5",
        "10.5 to below 2,000",
        "2,000 and more",
    ]
    assert made.dimensions[1].buckets[1].where == (
        Filter("Amount", Op.AT_LEAST, ("10.5",)),
        Filter("Amount", Op.LESS, (2000,)),
    )


BAD = """name = "closed-won"
title = 3
by = "nothing"
script = "ctx"

[[parts]]
source = "Oportunity"

[[measures]]
name = "n"
painless = "x"

[[measures]]
name = "total"
function = "sum"

[[ratios]]
name = "rate"
over = "n"
under = "m"

[[dimensions]]
name = "size"
field = "Amount"
ranges = [3, 2]
"""


def test_every_problem_is_told_at_once_with_its_line_and_a_next_step() -> None:
    assert [each.split(";")[0] for each in problems(BAD)] == [
        "Line 1, name: closed-won is a standard report",
        "Line 2, title: it is no text",
        "Line 3, by: there is no dimension nothing",
        "Line 4, script: there is no such key",
        "Line 7, parts 1, source: there are no Oportunity in the index",
        "Line 11, measures 1, painless: there is no such key",
        "Line 15, measures 2, function: sum needs a field",
        "Line 20, ratios 1, under: there is no measure m",
        "Line 25, dimensions 1, ranges: ranges are numbers, or days, of one kind that rise",
    ]
    assert all(";" in each for each in problems(BAD))
    assert "did you mean Opportunity?" in problems(BAD)[4]


def measure(rest: str) -> str:
    return f'{HEAD}[[measures]]\nname = "n"\n{rest}\n'


def dimension(rest: str) -> str:
    return f'{HEAD}{COUNTED}[[dimensions]]\nname = "d"\n{rest}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = " + "[" * 60_000, "nested too deeply"),
        ("x" * (LARGEST + 1), "longer than"),
        ("= 1", "not valid TOML"),
        (f"a = 1{'0' * 5_000}", "a number or a day that there is not"),
        ('name = "a"\ntitle = "A"\n', "Parts: it is missing"),
        (measure('function = "avg"'), "write 'count', 'sum'"),
        (measure('field = "Amout"\nfunction = "sum"'), "did you mean Amount?"),
        (measure('field = "StageName"\nfunction = "sum"'), "holds no numbers"),
        (measure('field = "Amount"\nfunction = "sum"\nshows = "number"'), "write money"),
        (measure('shows = "money"'), "a number of records is no money"),
        (measure("per = 0"), "too small"),
        (measure("per = 1.5"), "no whole number"),
        (measure('where = ["Amount>=lots"]'), "is no value of Amount"),
        (measure('where = ["Amount>=1e999999999"]'), "is no value of Amount"),
        (dimension('field = "Amount"\nranges = ["1", "1e999999999"]'), "is no value of Amount"),
        (dimension('field = "Amount"\nranges = ["NaN", 3]'), "of one kind"),
        (measure('where = ["Name=Acme"]'), "text to be searched"),
        (measure('where = [{ field = "Amount", script = "1" }]'), "a condition asks one thing"),
        (measure('where = [{ query_string = "x" }]'), "this is no condition"),
        (measure("where = [{ any = [] }]"), "any needs a list"),
        (measure('where = [{ field = "StageName", more = "a" }]'), "has no order"),
        (measure('where = ["Amount=@today"]'), "holds no days"),
        (measure('where = ["CloseDate<@now"]'), "is no day"),
        (measure('where = [{ field = "Amount", more = [1, 2] }]'), "needs one value"),
        (measure('where = [{ field = "Amount", is = [1e999999] }]'), "a value is a text"),
        (measure('where = [{ field = "forcedex acl", known = true }]'), "no name of a field"),
        (measure('where = ["forcedex.acl=x"]'), "have no forcedex.acl in the index"),
        (measure('name = "n"'), "not valid TOML"),
        (f"{HEAD}{COUNTED}{COUNTED}", "there 2 times"),
        (HEAD + '[[measures]]\nname = "synced_at"\n', "a meaning of its own"),
        (HEAD + "".join(f'[[measures]]\nname = "n{n}"\n' for n in range(21)), "longer than 20"),
        (f'{HEAD}day = "Amount"\n{COUNTED}', "holds no days"),
        (f'{HEAD}{COUNTED}[[parts]]\nsource = "Opportunity"\n', "needs a name of its own"),
        (dimension('field = "Amount"'), "cannot be rows"),
        (dimension('field = "Name"'), "cannot be rows"),
        (dimension('field = "StageName"\nunit = "month"'), "holds no days"),
        (dimension('field = "CloseDate"\nunit = "month"\nranges = [1]'), "has one of unit and ranges"),
        (dimension('field = "StageName"\ngroups = { a = ["x", "Y"], b = ["y"] }'), "a and b may hold the same record"),
        (dimension('field = "Tags__c"\ngroups = { a = ["x"], b = ["y"] }'), "several values at once"),
        (dimension('field = "Amount"\nranges = ["@today", 3]'), "of one kind"),
        (dimension(f'field = "Amount"\nranges = {list(range(50))}'), "longer than 49"),
        (
            dimension('buckets = [{ name = "a", where = ["Amount>1"] }, { name = "b", where = ["Amount<3"] }]'),
            "a and b",
        ),
        (f'compare = "previous-year"\n{HEAD}{COUNTED}', "nothing to be compared with"),
        (f'like = "funnel"\n{HEAD}{COUNTED}', "funnel reckons with amount, count"),
        (f'{HEAD}{COUNTED}[[shares]]\nname = "s"\nmeasure = "m"\n', "no measure m"),
        (f'name = "../x"\n{HEAD.partition(chr(10))[2]}{COUNTED}', "no name"),
        (f'title = "a\\u001bb"\nname = "x"\n[[parts]]\nsource = "Opportunity"\n{COUNTED}', "cannot be shown"),
    ],
)
def test_what_cannot_be_said_is_refused_with_a_next_step(text: str, said: str) -> None:
    assert said in " ".join(problems(text))


def test_a_line_is_told_where_a_text_looks_like_a_table() -> None:
    text = (
        HEAD.replace('title = "Mine"', 'title = "Mine"\nformula = """\\\n[[measures]]\\\n x"""') + COUNTED + "bad = 1\n"
    )
    assert problems(text)[0].startswith("Line 10, measures 1, bad")


names = st.from_regex(r"[a-z][a-z0-9_-]{0,12}", fullmatch=True).filter(
    lambda name: name not in ("key", "label", "none", "ratios", "before", "groups", "value", "stats", "synced_at")
)
texts = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
paths = st.sampled_from(["Amount", "x.amt", "CloseDate", "Region__c", "Owner.Name"])
scalars = st.one_of(texts.filter(lambda text: text[0] != "@"), st.integers(-(10**12), 10**12), st.booleans())


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    op = draw(st.sampled_from(list(Op)))
    match op:
        case Op.KNOWN | Op.UNKNOWN:
            values: tuple[str | int | bool, ...] = ()
        case Op.IS | Op.NOT:
            values = tuple(draw(st.lists(scalars, min_size=1, max_size=4)))
        case Op.AT | Op.NOT_AT:
            values = (draw(st.sampled_from(["@asof", "@since-1", "2026-03-31"])),)
        case _:
            values = (draw(st.one_of(scalars, st.sampled_from(["@today", "@today-30", "@start", "@end"]))),)
    return Filter(draw(paths), op, values)


alls = st.builds(AllOf, st.lists(filters(), min_size=1, max_size=3).map(tuple))
conditions: st.SearchStrategy[tuple[Condition, ...]] = st.lists(
    st.one_of(
        filters(), alls, st.builds(AnyOf, st.lists(st.one_of(filters(), alls), min_size=1, max_size=3).map(tuple))
    ),
    max_size=3,
).map(tuple)


@st.composite
def dimensions(draw: st.DrawFn, name: str) -> Dimension:
    buckets: tuple[Bucket, ...] = ()
    if draw(st.booleans()):
        ends = sorted(draw(st.sets(st.integers(-1000, 1000), min_size=2, max_size=5)))
        buckets = tuple(
            Bucket(
                name=f"b{low}",
                label=draw(texts),
                where=(
                    Filter("Amount", Op.AT_LEAST, (low,)),
                    Filter("Amount", Op.LESS, (high,)),
                    *draw(conditions)[:1],
                ),
            )
            for low, high in zip(ends, ends[1:], strict=False)
        )
    return Dimension(
        name=name,
        label=draw(texts),
        field="" if buckets else draw(paths),
        unit=None if buckets else draw(st.sampled_from([None, *Unit])),
        buckets=buckets,
        names="" if buckets else draw(st.sampled_from(["", "User"])),
        none=draw(st.one_of(st.just(""), texts)),
    )


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    own = draw(st.lists(names, min_size=8, max_size=8, unique=True))
    functions = [draw(st.sampled_from(list(Function))) for _ in range(3)]
    measures = tuple(
        Measure(
            name=name,
            label=draw(texts),
            function=function,
            field="" if function is Function.COUNT and draw(st.booleans()) else draw(paths),
            where=draw(conditions),
            shows=draw(st.sampled_from(list(Shows))),
            part=draw(st.sampled_from(["", "other"])),
            per=draw(st.integers(1, 86_400)),
            optional=draw(st.booleans()),
        )
        for name, function in zip(own, functions, strict=False)
    )
    counted = Measure(name=own[3], label=draw(texts))
    return Definition(
        name=draw(st.from_regex(r"own-[a-z0-9-]{1,20}", fullmatch=True)),
        title=draw(texts),
        formula=draw(texts),
        parts=(
            Part(source="x-deals", where=draw(conditions), day=draw(st.sampled_from(["", "CloseDate"]))),
            Part(source="Cost__c", name="other", where=draw(conditions), optional=draw(st.booleans())),
        ),
        measures=(*measures, counted),
        ratios=(Ratio(name=own[4], label=draw(texts), over=own[0], under=own[1], why=draw(texts)),),
        shares=(Share(name=own[5], label=draw(texts), measure=own[3], of=draw(st.sampled_from(list(Of)))),),
        dimensions=(draw(dimensions(own[6])), replace(draw(dimensions(own[7])), fields={"other": draw(paths)})),
        by=draw(st.sampled_from(["", own[6], own[7]])),
        period="this-year",
        compare=draw(st.sampled_from([None, *Basis])),
        top=draw(st.integers(0, 100)),
        order=draw(st.sampled_from(["", own[0], own[4]])),
        overlapping=draw(st.booleans()),
        notes=tuple(draw(st.lists(texts, max_size=2))),
        finish=None,
    )


# Not shrunk: that takes minutes for a value so large, and the first one says enough.
@settings(max_examples=100, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(definitions())
def test_a_report_is_the_same_after_it_was_written_and_read(definition: Definition) -> None:
    assert read(written(definition, STANDARD), FREE) == definition
