"""M25, M26: deals that slip, and deals that want care."""

from forcedex.analytics.definition import AnyOf, Definition, Filter, Op, Part, Ratio
from forcedex.analytics.reports.common import ABOUT_DEALS, CATEGORY, COUNT, DEALS, OPEN, STAGE, VERSIONS, amount, count


def _is(field: str) -> Filter:
    return Filter(field, Op.IS, (1,))


_PAST = Filter("CloseDate", Op.LESS, ("@today",))
_QUIET = AnyOf((Filter("LastActivityDate", Op.LESS, ("@today-30",)), Filter("LastActivityDate", Op.UNKNOWN)))
_WANTS = (
    *(_is("x.no_amount"), _is("x.no_next_step"), _is("x.no_contact"), _is("x.odd_probability")),
    *(_PAST, *_QUIET.filters),
)
HYGIENE = Definition(
    name="hygiene",
    title="Deal hygiene",
    formula="Open deals that lack something; one can lack several things, and counts once in “With a problem”.",
    parts=(Part(source=DEALS, where=(OPEN,), day="CloseDate"),),
    measures=(
        COUNT,
        count("no_amount", "No amount", (_is("x.no_amount"),)),
        count("past_close", "Past close", (_PAST,)),
        count("no_next_step", "No next step", (_is("x.no_next_step"),)),
        count("no_activity", "Quiet 30 days", (_QUIET,)),
        count("no_contact", "No contact", (_is("x.no_contact"),)),
        count("odd_probability", "Odd probability", (_is("x.odd_probability"),)),
        count("problems", "With a problem", (AnyOf(_WANTS),)),
    ),
    ratios=(Ratio(name="share", label="With a problem", over="problems", under="count", why="no open deals"),),
    dimensions=(*ABOUT_DEALS, STAGE, CATEGORY),
    by="owner",
    order="problems",
)
SLIPPED = Definition(
    name="slipped",
    title="Slipped deals",
    formula="Moves of a close date from within the period to after it while the deal stayed open, and all moves to a "
    "later day.",
    parts=(Part(source=VERSIONS, where=(Filter("x.pushed", Op.IS, (1,)), _is("x.open")), day="x.b_close_d"),),
    measures=(
        count("pushed", "Moved to later"),
        count("slipped", "Out of the period", (Filter("x.close_d", Op.AT_LEAST, ("@end",)),)),
        amount("amount", "Amount out of the period", (Filter("x.close_d", Op.AT_LEAST, ("@end",)),)),
    ),
    dimensions=tuple(each for each in ABOUT_DEALS if each.name != "owner"),
    by="type",
    period="this-quarter",
    order="amount",
)
