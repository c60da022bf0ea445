"""M36: what people did."""

from forcedex.analytics.definition import Definition, Dimension, Filter, Measure, Op, Part
from forcedex.analytics.reports.common import OWNER, calendar, count

_DONE = (Filter("x.done", Op.IS, (1,)),)


def _kind(name: str, label: str, kind: str) -> Measure:
    return count(name, label, (Filter("x.kind", Op.IS, (kind,)),))


ACTIVITY = Definition(
    name="activity",
    title="Activity",
    formula="Tasks done, on the local day of completion, else their due day, and events on their own day; events of "
    "invitees are left out.",
    parts=(
        Part(source="x-tasks", where=_DONE, day="x.d"),
        Part(source="x-events", name="events", where=(Filter("x.kind", Op.IS, ("Event",)),), day="x.d"),
    ),
    measures=(
        count("tasks", "Tasks done"),
        _kind("calls", "Calls", "Call"),
        _kind("mails", "E-mails", "Email"),
        count("events", "Events", part="events"),
    ),
    dimensions=(
        OWNER,
        Dimension(name="account", label="Account", field="AccountId", names="Account"),
        *calendar("x.d"),
    ),
    by="owner",
    order="tasks",
)
