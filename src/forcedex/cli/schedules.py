"""`forcedex reports schedule` and what belongs to it: reports that are sent by themselves."""

from datetime import date, time
from typing import Annotated

import typer
from rich.table import Table

from forcedex.analytics.conditions import condition
from forcedex.analytics.definition import Of
from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, safe
from forcedex.cli.local import LocalNews
from forcedex.domain.comparing_periods import Basis
from forcedex.domain.schedules import WEEKDAYS, YESTERDAY, Asked, Every, Form, Schedule, Target, Times
from forcedex.reporting import opened_reporting, run_due, schedule_report
from forcedex.scheduling import Event, ReportNotSent
from forcedex.settings import Settings, load


def schedule(
    name: Annotated[str, typer.Argument(help="Which report.")],
    as_user: Annotated[str, typer.Option("--as", metavar="USER", help="Who gets it, asked with his eyes.")],
    to: Annotated[Target, typer.Option(help="To his address in Salesforce, or his folder in [reports] folder.")],
    every: Annotated[Every, typer.Option(help="How often.")] = Every.WEEK,
    on: Annotated[str, typer.Option(help="The weekday, or the day of the month [monday, 1].")] = "",
    at: Annotated[str, typer.Option(metavar="HH:MM", help="When, in the org's time zone.")] = "07:00",
    form: Annotated[Form, typer.Option("--format", help="What is sent.")] = Form.CSV,
    by: Annotated[str, typer.Option(help="As in `forcedex report`.")] = "",
    period: Annotated[str, typer.Option(help="As in `forcedex report`.")] = "",
    compare: Annotated[Basis | None, typer.Option(help="As in `forcedex report`.", show_default=False)] = None,
    as_of: Annotated[
        str,
        typer.Option("--as-of", metavar="DAY", help="As in `forcedex report`, or yesterday: the day before each run."),
    ] = "",
    since: Annotated[str, typer.Option(help="As in `forcedex report`.")] = "",
    where: Annotated[list[str] | None, typer.Option(help="As in `forcedex report`.")] = None,
    share: Annotated[Of | None, typer.Option(help="As in `forcedex report`.", show_default=False)] = None,
    top: Annotated[int, typer.Option(min=0, help="As in `forcedex report`.")] = 0,
    config: ConfigOption = None,
) -> None:
    """Send a report to a user by itself, with what he may see at that moment."""
    asked = Asked(
        by=tuple(each.strip() for each in by.split(",")) if by else (),
        period=period,
        compare=str(compare) if compare else "",
        where=tuple(where or ()),
        top=top,
        as_of=_as_of(as_of),
        since=since,
        share=str(share) if share else "",
    )
    times = Times(every=every, at=_time(at), on=_day(every, on))
    made = run(_schedule(load(config), name, as_user, asked, times, to, form))
    out.print(f"Schedule {made.number}: {times}, for the first time at {made.due:%Y-%m-%d %H:%M} UTC.")
    out.print("`forcedex sync --watch` sends it, or `forcedex reports run-due` from a timer of yours.")


def schedules(
    as_user: Annotated[str, typer.Option("--as", metavar="USER", help="Only this user's.")] = "",
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Show what is sent to whom, when, and what could not be sent."""
    found = run(_listed(load(config), as_user))
    if json:
        print_json([{"username": username, **_plain(each)} for username, each in found])
        return
    if not found:
        out.print("No report is sent by itself.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Number", "Report", "Whose", "When", "How", "Next (UTC)", "Last sent (UTC)", "Problem"):
        table.add_column(column)
    for username, each in found:
        table.add_row(
            str(each.number),
            safe(each.report),
            safe(username),
            str(each.times),
            f"{each.target}, {each.form}",
            f"{each.ready:%Y-%m-%d %H:%M}",
            f"{each.sent_at:%Y-%m-%d %H:%M}" if each.sent_at else "–",
            f"[yellow]{safe(each.problem)}[/yellow]" if each.problem else "",
        )
    out.print(table)


def unschedule(
    number: Annotated[int, typer.Argument(help="Which schedule; `forcedex reports schedules` numbers them.")],
    config: ConfigOption = None,
) -> None:
    """Send a report no more."""
    gone = run(_unschedule(load(config), number))
    out.print(f"{safe(gone.report)} is sent no more.")


def run_due_(json: JsonOption = False, config: ConfigOption = None) -> None:
    """Send what is due, once, and end: for a timer, where no `forcedex sync --watch` runs."""
    events = run(_run_due(load(config)))
    if json:
        print_json(events)
    else:
        for each in events:
            if isinstance(each, ReportNotSent):
                out.print(f"[red]Not sent:[/red] {each.number} ({safe(each.report)}): {safe(each.problem)}")
            else:
                out.print(f"Sent: {each.number} ({safe(each.report)}), {each.target}")
        if not events:
            out.print("Nothing is due.")
    if any(isinstance(each, ReportNotSent) for each in events):
        raise typer.Exit(1)


def _as_of(text: str) -> str:
    plain = text.strip().casefold()
    try:
        return plain if plain in ("", YESTERDAY) else str(date.fromisoformat(plain))
    except ValueError:
        raise typer.BadParameter(
            f"{text[:40]} is no day. Write one such as 2026-03-31, or yesterday.", param_hint="--as-of"
        ) from None


def _time(text: str) -> time:
    hours, _, minutes = text.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2 and int(hours) < 24 and int(minutes) < 60):
        raise typer.BadParameter(f"{text!r} is no time of day; write it like 07:30.", param_hint="--at")
    return time(int(hours), int(minutes))


def _day(every: Every, text: str) -> int:
    match every:
        case Every.DAY if text:
            raise typer.BadParameter("Every day needs no --on.", param_hint="--on")
        case Every.WEEK:
            name = text.casefold() or WEEKDAYS[0]
            if name not in WEEKDAYS:
                raise typer.BadParameter(f"{text!r} is no weekday; write {', '.join(WEEKDAYS)}.", param_hint="--on")
            return WEEKDAYS.index(name)
        case Every.MONTH:
            if text and not (text.isdecimal() and text.isascii() and 1 <= int(text) <= 31):
                raise typer.BadParameter(f"{text!r} is no day of a month; write 1 to 31.", param_hint="--on")
            return int(text or 1)
    return 0


def _plain(each: Schedule) -> dict[str, object]:
    return {
        "number": each.number,
        "report": each.report,
        "asked": each.asked,
        "when": str(each.times),
        "to": each.target,
        "format": each.form,
        "next": each.ready,
        "sent_at": each.sent_at,
        "failures": each.failures,
        "problem": each.problem or None,
        "stopped": each.stopped,
    }


async def _schedule(
    settings: Settings, name: str, who: str, asked: Asked, times: Times, target: Target, form: Form
) -> Schedule:
    for each in asked.where:
        condition(each)
    with LocalNews() as news:
        return await schedule_report(settings, name, who, asked=asked, times=times, target=target, form=form, told=news)


async def _listed(settings: Settings, who: str) -> list[tuple[str, Schedule]]:
    async with opened_reporting(settings) as reporting:
        return await reporting.schedules(who)


async def _unschedule(settings: Settings, number: int) -> Schedule:
    async with opened_reporting(settings) as reporting:
        return await reporting.unschedule(number)


async def _run_due(settings: Settings) -> list[Event]:
    with LocalNews() as news:
        return await run_due(settings, news)
