"""`forcedex search`: find records of all objects."""

from typing import Annotated

import typer
from rich.text import Text

from forcedex.app import opened_asking
from forcedex.cli.console import ConfigOption, JsonOption, one_line, out, print_json, run, safe, say
from forcedex.cli.local import LocalNews
from forcedex.cli.principal import asked_as
from forcedex.search.answer import Answer, Hit, Segment
from forcedex.search.request import SearchRequest, Sort
from forcedex.search.written import as_json
from forcedex.settings import load

_MOST_VALUES = 4  # values beside a title
_MOST_LINES = 2  # lines below it


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Names, companies, phones, e-mails, Ids, any words.")],
    as_user: Annotated[str, typer.Option("--as", metavar="USER", help="Ask as this user of the org.")] = "",
    size: Annotated[int, typer.Option(min=1, max=100, help="How many hits to show.")] = 10,
    sobject: Annotated[list[str] | None, typer.Option("--object", metavar="X", help="Only records of X.")] = None,
    sort: Annotated[Sort, typer.Option("--sort", help="The order of hits.")] = Sort.RELEVANCE,
    reverse: Annotated[bool, typer.Option("--reverse", help="The other way round.")] = False,
    exactly: Annotated[bool, typer.Option("--exactly", help="Forgive no typos.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Tell why each hit is where it is.")] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Find records of every object; typos are forgiven."""
    request = SearchRequest(
        text=text, objects=tuple(sobject or ()), sort=sort, reverse=reverse, size=size, verbatim=exactly
    )
    run(_search(request, as_user, explain, json, config))


async def _search(request: SearchRequest, as_user: str, explain: bool, json: bool, config: ConfigOption) -> None:
    text = request.text
    with LocalNews() as news:
        async with opened_asking(load(config), news) as asking:
            news.done()
            who = await asked_as(asking, as_user, "search", text)
            answer = await asking.search(who.principal, request, explain=explain)
    if json:
        print_json(as_json(answer, explain=explain))
        return
    say(who.line)
    show(answer, text, explain=explain)


def show(answer: Answer, text: str, *, explain: bool = False) -> None:
    """The answer as people read it."""
    for notice in answer.notices:
        out.print(f"[yellow]{safe(notice)}[/yellow]")
    if answer.filters:
        out.print("  ".join(f"[reverse] {safe(each.label)} [/reverse]" for each in answer.filters))
    if answer.correction is not None:
        found, typed = safe(answer.correction.text), safe(answer.correction.instead_of)
        out.print(f'Shown for [bold]{found}[/bold] [dim](exactly as typed: search "{typed}" --exactly)[/dim]')
    if not answer.hits:
        out.print(f"Nothing found for [bold]{safe(text.strip()) or 'an empty query'}[/bold].")
    width = max((len(hit.object) for hit in answer.hits), default=0)
    for hit in answer.hits:
        shown = [path for path in hit.fields if path != "CurrencyIsoCode"][:_MOST_VALUES]
        _print_line(_line(hit, shown, width))
        for path, segments in _elsewhere(hit, shown):
            _print_line(Text.assemble(" " * (width + 2), (f"{path}: ", "dim"), _marked(segments)))
        for reason in hit.reasons:
            points = "" if reason.points is None else f"{reason.points:6.1f}  "
            _print_line(Text.assemble(" " * (width + 2), (f"{points}{one_line(reason.text)}", "dim")))
    near = " (nothing fits exactly: typos allowed)" if answer.relaxed else ""
    tabs = next((each.buckets for each in answer.facets if each.name == "object"), ())
    if len(tabs) > 1:
        out.print("[dim]" + " · ".join(f"{safe(each.label)} {each.count:,}" for each in tabs) + "[/dim]")
    records = "record" if answer.total == 1 else "records"
    out.print(f"[dim]{answer.total:,} {records} in {answer.took_ms:.0f} ms{near}[/dim]")
    if explain:
        _explain(answer)


def _print_line(line: Text) -> None:
    """On one line of a terminal, cut where it ends; whole where somebody else reads it."""
    if out.is_terminal:
        out.print(line, soft_wrap=False, no_wrap=True, overflow="ellipsis")
    else:
        out.print(line)


def _line(hit: Hit, shown: list[str], width: int) -> Text:
    """Object, marked title, and a few values."""
    line = Text.assemble((f"{hit.object:<{width}}  ", "cyan"), _title(hit))
    for path in shown:
        line.append(" · ", style="dim")
        line.append_text(_value(hit, path))
    return line


def _title(hit: Hit) -> Text:
    marked = next((_marked(each) for each in hit.highlights.values() if _text(each) == hit.title), None)
    return Text.assemble(marked or Text(one_line(hit.title)), style="bold")


def _value(hit: Hit, path: str) -> Text:
    if path in hit.highlights:
        return _marked(hit.highlights[path])
    value = hit.fields[path]
    if path == "Amount":
        return Text(f"{value:,.2f} {hit.fields.get('CurrencyIsoCode', '')}".rstrip())
    return Text(_short(value))


def _elsewhere(hit: Hit, shown: list[str]) -> list[tuple[str, tuple[Segment, ...]]]:
    """Where words were found that the first line does not mark already."""
    lines = []
    seen = {
        word
        for path, segments in hit.highlights.items()
        if path in shown or _text(segments) == hit.title
        for word in _words(segments)
    }
    for path, segments in hit.highlights.items():
        new = _words(segments) - seen
        if new and path not in shown and _text(segments) != hit.title:
            lines.append((path, segments))
            seen |= new
    return lines[:_MOST_LINES]


def _words(segments: tuple[Segment, ...]) -> set[str]:
    return {each.text.casefold() for each in segments if each.hit}


def _explain(answer: Answer) -> None:
    seconds = answer.took_ms / 1000
    figure = f"{answer.relevance_figure:,.0f}"
    out.print()
    out.print(
        f"R = N × Q / T = {answer.total:,} results × {answer.terms} terms / {seconds:.4f} s = [bold]{figure}[/bold]"
    )
    out.print(f"Elasticsearch took {answer.elasticsearch_ms} ms of it.")
    how = "Every word had to be found." if not answer.relaxed else "No record has every word, so typos were allowed."
    out.print(how)


def _marked(segments: tuple[Segment, ...]) -> Text:
    return Text.assemble(*[(one_line(each.text), "bold yellow" if each.hit else "") for each in segments])


def _text(segments: tuple[Segment, ...]) -> str:
    return "".join(each.text for each in segments)


def _short(value: object) -> str:
    text = one_line("; ".join(map(str, value)) if isinstance(value, list) else str(value))
    return text if len(text) <= 60 else f"{text[:59]}…"
