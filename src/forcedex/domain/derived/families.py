"""All families of derived documents."""

from forcedex.domain.derived import activities, cases, costs, leads, opportunities
from forcedex.domain.derived.kinds import Family

FAMILIES: tuple[Family, ...] = (
    opportunities.FAMILY,
    cases.FAMILY,
    leads.FAMILY,
    activities.OF_TASKS,
    activities.OF_EVENTS,
    costs.FAMILY,
)
