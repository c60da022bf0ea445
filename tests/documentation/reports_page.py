"""docs/reports.md, made of the definitions: `python -m tests.documentation.reports_page` writes it."""

from collections.abc import Iterator
from pathlib import Path

from forcedex.analytics.definition import Definition
from forcedex.app import available_reports
from forcedex.domain.derived.costs import TABLE_COSTS
from forcedex.domain.derived.families import FAMILIES
from forcedex.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "reports.md"
_HEAD = """\
# The reports

`forcedex report NAME --by X --period P`, with `--compare`, `--where`, `--share`, `--as USER`; `--definition` tells
every field and condition. Each can also be by any other field of its records. This page is made of the definitions.
"""
_CALENDAR = {"day", "week", "month", "quarter", "year"}
_FISCAL = {"fiscal-month", "fiscal-quarter", "fiscal-year"}
_KINDS = {kind.name: kind.label_plural for family in FAMILIES for kind in family.kinds}
_KINDS[TABLE_COSTS.name] = TABLE_COSTS.label_plural


def page() -> str:
    """The page as it must be."""
    settings = Settings(
        costs={
            "sources": ["object", "table", "campaigns"],
            "object": "Sales_Cost__c",
            "day": "Month__c",
            "amount": "Amount__c",
            "owner": "User__c",
        }
    )
    return "\n".join([_HEAD, *(line for each in available_reports(settings).values() for line in _lines(each))])


def _lines(report: Definition) -> Iterator[str]:
    """What it is, and how it can be asked."""
    yield f"**{report.title}** `{report.name}`: {report.formula}  "
    sources = dict.fromkeys(_KINDS.get(each.source, each.source) for each in report.parts)
    names = [each.name for each in report.dimensions]
    by = [f"`{each}`" for each in names if each not in _CALENDAR | _FISCAL]
    by += [text for text, units in (("calendar", _CALENDAR), ("fiscal periods", _FISCAL)) if units <= set(names)]
    usual = f", by {report.by}" if report.by else ""
    yield f"Of {', '.join(sources)}{usual}, period {report.period}; can be by {', '.join(by) or 'nothing'}.\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
