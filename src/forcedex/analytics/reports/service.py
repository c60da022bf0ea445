"""M37 to M41: cases, how many, how fast, how well."""

from dataclasses import replace

from forcedex.analytics.definition import Definition, Dimension, Filter, Function, Measure, Op, Part, Ratio, Shows
from forcedex.analytics.reports.common import AGE, CASES, CREATION, OWNER, calendar, count

_ABOUT = (
    Dimension(name="priority", label="Priority", field="Priority"),
    Dimension(name="origin", label="Origin", field="Origin"),
    Dimension(name="type", label="Type", field="Type"),
    Dimension(name="account", label="Account", field="AccountId", names="Account"),
    OWNER,
)


def _is(field: str, value: int = 1) -> tuple[Filter, ...]:
    return (Filter(field, Op.IS, (value,)),)


def _minutes(name: str, label: str, function: Function, field: str, *, optional: bool = False) -> Measure:
    return Measure(name=name, label=label, function=function, field=field, shows=Shows.MINUTES, optional=optional)


CASE_VOLUME = Definition(
    name="case-volume",
    title="Case volume",
    formula="Cases created in the period, and what of them is closed now; those closed at their creation apart.",
    parts=(Part(source=CASES, day="x.created_d"),),
    measures=(
        count("count", "Created"),
        count("closed", "Closed", _is("x.closed")),
        count("at_once", "Closed at once", _is("x.closed_at_once")),
        count("open", "Open", _is("x.closed", 0)),
    ),
    ratios=(Ratio(name="share", label="Closed", over="closed", under="count", why="no cases"),),
    dimensions=(*CREATION, *_ABOUT),
    by="month",
    order="count",
)
FIRST_RESPONSE = Definition(
    name="first-response",
    title="First response",
    formula="Minutes from the creation of a case to its first public answer; those still without one apart.",
    parts=(Part(source=CASES, day="x.created_d"),),
    measures=(
        count("count", "Cases"),
        _minutes("mean", "Mean", Function.MEAN, "x.frt_min"),
        _minutes("median", "Median", Function.MEDIAN, "x.frt_min"),
        _minutes("longest", "Longest", Function.LARGEST, "x.frt_min"),
        _minutes("business", "Median, business hours", Function.MEDIAN, "x.frt_bh_min", optional=True),
        count("waiting", "Waiting", _is("x.waiting")),
    ),
    dimensions=(*CREATION, *_ABOUT),
    by="priority",
    order="count",
)
TIME_TO_CLOSE = Definition(
    name="time-to-close",
    title="Time to close",
    formula="Minutes from the creation of a case to its last closing.",
    parts=(Part(source=CASES, where=_is("x.closed"), day="x.closed_d"),),
    measures=(
        count("count", "Closed"),
        _minutes("mean", "Mean", Function.MEAN, "x.ttc_min"),
        _minutes("median", "Median", Function.MEDIAN, "x.ttc_min"),
        _minutes("business", "Median, business hours", Function.MEDIAN, "x.ttc_bh_min", optional=True),
        _minutes("first", "Median to the first closing", Function.MEDIAN, "x.first_ttc_min", optional=True),
    ),
    dimensions=(*calendar("x.closed_d"), *_ABOUT),
    by="priority",
    order="count",
)
BACKLOG = Definition(
    name="backlog",
    title="Backlog",
    formula="Cases that are open now, by age in days since their creation.",
    parts=(Part(source=CASES, where=_is("x.closed", 0), day="x.created_d"),),
    measures=(
        count("count", "Open"),
        count("week", "To 7 days", (Filter("x.created_d", Op.AT_LEAST, ("@today-7",)),)),
        count("month", "Older than 30", (Filter("x.created_d", Op.LESS, ("@today-30",)),)),
        count("quarter", "Older than 90", (Filter("x.created_d", Op.LESS, ("@today-90",)),)),
        count("waiting", "Without response", _is("x.waiting")),
    ),
    dimensions=(*_ABOUT, AGE, *CREATION),
    by="priority",
    order="count",
)
SERVICE_QUALITY = Definition(
    name="service-quality",
    title="Service quality",
    formula="Of the cases closed in the period: escalated, opened again, done with one answer at the most; of those "
    "with milestones, where all were kept.",
    parts=(Part(source=CASES, where=_is("x.closed"), day="x.closed_d"),),
    measures=(
        count("count", "Closed"),
        count("escalated", "Escalated", _is("x.escalated")),
        count("one_touch", "One answer", _is("x.one_touch")),
        replace(count("reopened", "Opened again", _is("x.reopened")), optional=True),
        Measure(name="promised", label="With milestones", field="x.sla_met", optional=True),
        replace(count("kept", "Kept milestones", _is("x.sla_met")), optional=True),
    ),
    ratios=(
        Ratio(name="escalation", label="Escalation", over="escalated", under="count", why="no closed cases"),
        Ratio(name="one_touch_rate", label="With one answer", over="one_touch", under="count", why="no closed cases"),
        Ratio(name="reopening", label="Reopening", over="reopened", under="count", why="no closed cases"),
        Ratio(name="sla", label="Milestones kept", over="kept", under="promised", why="no cases with milestones"),
    ),
    dimensions=(*calendar("x.closed_d"), *_ABOUT),
    by="month",
    order="count",
)
