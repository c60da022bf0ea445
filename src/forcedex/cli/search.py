"""`forcedex search`: find records of all objects."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.text import Text

from forcedex.app import opened_asking
from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, say
from forcedex.cli.local import LocalNews
from forcedex.domain.principal import Operator
from forcedex.search.answer import Answer, Hit, Segment
from forcedex.settings import load

OPERATOR_LINE = "[dim]Asked as the operator, who sees everything.[/dim]"


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Names, companies, phones, e-mails, Ids, any words.")],
    size: Annotated[int, typer.Option(min=1, max=100, help="How many hits to show.")] = 10,
    explain: Annotated[bool, typer.Option("--explain", help="Tell how the answer came about.")] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Find records of every object; typos are forgiven."""
    run(_search(text, size, explain, json, config))


async def _search(text: str, size: int, explain: bool, json: bool, config: ConfigOption) -> None:
    with LocalNews() as news:
        async with opened_asking(load(config), news) as asking:
            news.done()
            answer = await asking.search(Operator(), text, size)
    if json:
        print_json(as_json(answer, explain=explain))
        return
    say(OPERATOR_LINE)
    show(answer, text, explain=explain)


def as_json(answer: Answer, *, explain: bool = False) -> dict[str, object]:
    """The answer as scripts read it."""
    result: dict[str, object] = {
        "total": answer.total,
        "hits": answer.hits,
        "took_ms": round(answer.took_ms, 2),
        "elasticsearch_ms": answer.elasticsearch_ms,
        "relaxed": answer.relaxed,
    }
    if explain:
        result |= {"terms": answer.terms, "relevance_figure": round(answer.relevance_figure, 1)}
    return result


def show(answer: Answer, text: str, *, explain: bool = False) -> None:
    """The answer as people read it."""
    if not answer.hits:
        out.print(f"Nothing found for [bold]{escape(text.strip()) or 'an empty query'}[/bold].")
    width = max((len(hit.object) for hit in answer.hits), default=0)
    for hit in answer.hits:
        out.print(_line(hit, width))
        for path, segments in hit.highlights.items():
            if path not in hit.fields and _text(segments) != hit.title:
                out.print(Text.assemble(" " * (width + 2), (f"{path}: ", "dim"), _marked(segments)))
    near = " (nothing fits exactly: typos allowed)" if answer.relaxed else ""
    records = "record" if answer.total == 1 else "records"
    out.print(f"[dim]{answer.total:,} {records} in {answer.took_ms:.0f} ms{near}[/dim]")
    if explain:
        _explain(answer)


def _line(hit: Hit, width: int) -> Text:
    """Object, marked title, and a few values."""
    title = next((_marked(each) for each in hit.highlights.values() if _text(each) == hit.title), Text(hit.title))
    values: list[Text] = []
    for path, value in hit.fields.items():
        if path == "CurrencyIsoCode" or len(values) == 4:
            continue
        shown = next((_marked(each) for key, each in hit.highlights.items() if key == path), None)
        if shown is None:
            shown = Text(_short(value))
        if path == "Amount":
            shown = Text(f"{value:,.2f} {hit.fields.get('CurrencyIsoCode', '')}".rstrip())
        values.append(shown)
    line = Text(f"{hit.object:<{width}}  ", style="cyan")
    line.append_text(Text("", style="bold default").append_text(title))
    for value in values:
        line.append(" · ", style="dim")
        line.append_text(value)
    return line


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
    for hit in answer.hits:
        found_in = ", ".join(hit.highlights) or "its Id or number"
        out.print(f"[dim]{hit.score:8.2f}[/dim]  {escape(hit.title)} [dim]found in {escape(found_in)}[/dim]")


def _marked(segments: tuple[Segment, ...]) -> Text:
    return Text.assemble(*[(_flat(each.text), "bold yellow" if each.hit else "") for each in segments])


def _text(segments: tuple[Segment, ...]) -> str:
    return "".join(each.text for each in segments)


def _short(value: object) -> str:
    text = _flat("; ".join(map(str, value)) if isinstance(value, list) else str(value))
    return text if len(text) <= 60 else f"{text[:59]}…"


def _flat(text: str) -> str:
    """On one line, without control characters that a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in text)
