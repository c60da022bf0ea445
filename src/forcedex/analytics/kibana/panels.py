"""What a panel is: a standard report, or some of its figures, as Lens can show them without a formula."""

from dataclasses import dataclass
from enum import StrEnum

from forcedex.analytics.definition import Definition, Dimension, Measure, Part, Ratio, Shows


class Form(StrEnum):
    """How a panel looks, by the name that Kibana has for it."""

    NUMBER = "lnsMetric"
    BARS = "lnsXY"
    TABLE = "lnsDatatable"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A measure or ratio of the report."""

    name: str
    #: For a ratio: a field of 0 and 1 whose mean over the records of the part is that ratio. Lens cannot divide.
    mean_of: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """One panel of the dashboard."""

    #: Never changed: what Kibana knows the panel by is made of it.
    key: str
    title: str
    report: Definition
    form: Form
    figures: tuple[Shown, ...]
    #: A dimension of the report; empty: one row.
    by: str = ""
    #: Whether it follows the dashboard's time range, by the day of the report; else it is about every day.
    timed: bool = True
    #: A number by which the rows stand in order; empty: the first figure, the largest first.
    order: str = ""
    #: Rows to show, the others as one.
    size: int = 20
    #: Of the 48 columns of a dashboard, and of its rows.
    width: int = 24
    height: int = 14

    @property
    def part(self) -> Part:
        """What it is about: the first part of the report."""
        return self.report.parts[0]

    @property
    def day(self) -> str:
        """The day that the time range is about; empty: none."""
        return self.part.day if self.timed else ""

    @property
    def dimension(self) -> Dimension | None:
        """What its rows are."""
        found = self.report.dimension(self.by) if self.by else None
        if self.by and (found is None or found.buckets):
            raise ValueError(f"{self.report.name} cannot be shown by {self.by}")
        return found

    def figure(self, shown: Shown) -> Measure | Ratio:
        """The measure or ratio of the report; ValueError if Lens would count something else."""
        figures: tuple[Measure | Ratio, ...] = (*self.report.measures, *self.report.ratios)
        found = next(each for each in figures if each.name == shown.name)
        if isinstance(found, Measure) and found.part not in ("", self.part.name):
            raise ValueError(f"{shown.name} of {self.report.name} is not about {self.part.source}")
        if isinstance(found, Ratio) and (found.shows is not Shows.SHARE or not shown.mean_of):
            raise ValueError(f"{shown.name} of {self.report.name} is a quotient, and needs a field to take the mean of")
        return found
