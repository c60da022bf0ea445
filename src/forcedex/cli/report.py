"""`forcedex report`: the numbers of sales and service."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from forcedex.analytics.conditions import condition
from forcedex.analytics.dashboard import NAME as DASHBOARD
from forcedex.analytics.definition import Definition, Of
from forcedex.analytics.matrix import matrix
from forcedex.analytics.page import as_html, dashboard_html
from forcedex.analytics.question import Question, usual_comparison
from forcedex.analytics.written import as_csv, as_json, definition_json
from forcedex.app import available_reports, opened_asking
from forcedex.cli.console import ConfigOption, JsonOption, json_text, out, print_json, run, safe, say
from forcedex.cli.local import LocalNews
from forcedex.cli.principal import asked_as
from forcedex.cli.report_output import show, show_records
from forcedex.domain.comparing_periods import Basis
from forcedex.domain.errors import Refused
from forcedex.reporting import saved_definitions
from forcedex.settings import load

#: Of a table, if nothing else is said.
_ROWS = 40
_DASHBOARD_PERIOD = "this-year"


class Format(StrEnum):
    """How a report is given out."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


def report(
    name: Annotated[str, typer.Argument(help="Which one, or dashboard; --list names them.", show_default=False)] = "",
    as_user: Annotated[str, typer.Option("--as", metavar="USER", help="Ask as this user of the org.")] = "",
    by: Annotated[str, typer.Option(help="What each row is; two, with a comma, for a matrix.")] = "",
    period: Annotated[str, typer.Option(help="Such as this-quarter, last-6-months, FY2026-Q2, 2026-03, all.")] = "",
    compare: Annotated[Basis | None, typer.Option(help="The period to compare with.", show_default=False)] = None,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DAY", help="As things stood at the end of this day.")] = "",
    since: Annotated[str, typer.Option(help="From when changes are told: a day, yesterday, month-start …")] = "",
    where: Annotated[list[str] | None, typer.Option(help="FIELD=VALUE, FIELD>=VALUE …; may be repeated.")] = None,
    share: Annotated[
        Of | None, typer.Option(help="Add each sum's and count's share of this.", show_default=False)
    ] = None,
    top: Annotated[
        int | None, typer.Option(min=0, help="Rows to show, the others as one; 0: all [40].", show_default=False)
    ] = None,
    as_matrix: Annotated[
        bool, typer.Option("--matrix", help="With --by X,Y: a column for each Y, of the report's first figure.")
    ] = False,
    records: Annotated[str, typer.Option(metavar="KEY", help="List the records of the row with this key.")] = "",
    list_all: Annotated[bool, typer.Option("--list", help="List the reports.")] = False,
    definition: Annotated[bool, typer.Option("--definition", help="Say how the report is made.")] = False,
    form: Annotated[Format, typer.Option("--format", help="How to give it out.")] = Format.TABLE,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it there, not to the terminal.", show_default=False)
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Print a report over everything that was synced."""
    form = Format.JSON if json else form
    settings = load(config)
    reports = available_reports(settings)
    if list_all or (name not in ("", DASHBOARD) and name not in reports):
        reports = {**run(saved_definitions(settings, as_user)), **reports}
    if list_all:
        _list(form, reports)
        return
    target = _Target(form, output)
    if name == DASHBOARD:
        shared = Question(
            period=period or _DASHBOARD_PERIOD,
            compare=compare or Basis.YEAR_BEFORE,
            more=tuple(map(condition, where or ())),
            filters=tuple(where or ()),
        )
        run(_dashboard(reports, shared, as_user, target, config))
        return
    wanted = _named(name, reports)
    if definition:
        print_json(definition_json(wanted))
        return
    written = tuple(where or ())
    question = Question(
        by=tuple(each.strip() for each in by.split(",")) if by else None,
        period=period,
        as_of=_day(as_of),
        since=since,
        compare=compare or usual_comparison(wanted, period),
        more=tuple(map(condition, written)),
        filters=written,
        share=share,
        top=0 if as_matrix else _rows_of(top, form, by, wanted),
    )
    run(_report(wanted, question, as_user, records, target, as_matrix, config))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter(
            f"{text[:40]} is no day. Write one such as 2026-03-31.", param_hint="--as-of"
        ) from None


def _rows_of(given: int | None, form: Format, by: str, wanted: Definition) -> int:
    """How many rows are told, the others as one."""
    if form is Format.TABLE or (form is Format.HTML and "," not in by):
        return (wanted.top or _ROWS) if given is None else given
    return wanted.top


def _named(name: str, reports: Mapping[str, Definition]) -> Definition:
    if not name:
        raise typer.BadParameter("Name a report, such as closed-won; `forcedex report --list` names them all.")
    if name in ("efficiency", "lagged-efficiency", "cac") and name not in reports:
        raise typer.BadParameter(
            "Say in [costs] of forcedex.toml which costs count: sources, and the object that holds them if one does."
        )
    if name not in reports:
        raise typer.BadParameter(f"There is no report {name}. `forcedex report --list` names them all.")
    return reports[name]


def _list(form: Format, reports: Mapping[str, Definition]) -> None:
    if form is Format.JSON:
        print_json([{"name": each.name, "title": each.title, "formula": each.formula} for each in reports.values()])
        return
    width = max(map(len, reports))
    for each in reports.values():
        out.print(f"[bold]{each.name:<{width}}[/bold]  {safe(each.formula)}", soft_wrap=True)


@dataclass(frozen=True, slots=True)
class _Target:
    """In which form, and whereto."""

    form: Format
    path: Path | None

    def write(self, text: str) -> None:
        """Give out a text: all of it, or nothing and why."""
        if self.path is None:
            out.file.write(text)
            return
        draft = self.path.with_name(f".{self.path.name}.part")
        try:
            draft.write_text(text, encoding="utf-8")
            draft.replace(self.path)
        except OSError as exc:
            raise Refused(f"{self.path} cannot be written: {exc.strerror}.", "Choose another place.") from exc
        say(f"Written to {safe(str(self.path))}.")


async def _report(
    wanted: Definition,
    question: Question,
    as_user: str,
    records: str,
    target: _Target,
    as_matrix: bool,
    config: ConfigOption,
) -> None:
    form = target.form
    with LocalNews() as news:
        async with opened_asking(load(config), news) as asking:
            news.done()
            who = await asked_as(asking, as_user, "report", wanted.name)
            if records:
                keys = [None if each == "-" else each for each in records.split(",")]
                indexed, found = await asking.report_records(who.principal, wanted, question, keys)
                if form in (Format.CSV, Format.HTML):
                    raise Refused("Records are listed as a table or as JSON.", f"Leave --format {form} out.")
                if form is Format.TABLE:
                    say(who.line)
                    show_records(indexed, found)
                else:
                    target.write(json_text({"total": len(found), "records": found}))
                return
            answer = await asking.report(who.principal, wanted, question)
    if as_matrix:
        answer = matrix(answer, wanted)
    match form:
        case Format.JSON:
            target.write(json_text(as_json(answer)))
        case Format.CSV:
            target.write(as_csv(answer))
        case Format.HTML:
            target.write(as_html(answer))
        case Format.TABLE:
            _check_table(target)
            say(who.line)
            show(answer)


async def _dashboard(
    reports: Mapping[str, Definition], shared: Question, as_user: str, target: _Target, config: ConfigOption
) -> None:
    with LocalNews() as news:
        async with opened_asking(load(config), news) as asking:
            news.done()
            who = await asked_as(asking, as_user, "report", DASHBOARD)
            tiles = await asking.dashboard(who.principal, reports, shared)
    match target.form:
        case Format.JSON:
            told = [
                {"tile": each.tile.report, "report": as_json(each.report) if each.report else None, "why": each.why}
                for each in tiles
            ]
            target.write(json_text(told))
        case Format.CSV:
            raise Refused("The dashboard has no form as CSV.", "Use --format html or json, or a report of its own.")
        case Format.HTML:
            target.write(dashboard_html(tiles, [shared.period, *shared.filters]))
        case Format.TABLE:
            _check_table(target)
            say(who.line)
            for each in tiles:
                if each.report is not None:
                    show(each.report)
                else:
                    out.print(f"[bold]{safe(each.title)}[/bold]\n[dim]{safe(each.why)}[/dim]")
                out.print()


def _check_table(target: _Target) -> None:
    if target.path is not None:
        raise Refused("A table is for the terminal.", "Give --format html, csv or json with --output.")
