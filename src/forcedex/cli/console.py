"""Where the command line prints: answers to standard output, everything else to standard error."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from dataclasses import asdict, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
import typer
from rich.console import Console
from rich.markup import escape

from forcedex.domain.errors import ForcedexError

#: Columns of a table that goes into a file or another program.
_WIDE = 160
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _WIDE)
err = Console(stderr=True, highlight=False, soft_wrap=True)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Configuration file [forcedex.toml].", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]

T = TypeVar("T")


def json_text(value: Any) -> str:
    """A value as one line of JSON."""
    return orjson.dumps(value, default=_plain).decode() + "\n"


def print_json(value: Any) -> None:
    """A value as one line of JSON on standard output."""
    sys.stdout.write(json_text(value))
    sys.stdout.flush()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)


def one_line(text: str) -> str:
    """A text from outside on one line, without control characters that a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in text)


def safe(text: str) -> str:
    """As `one_line`, and without what rich would take for markup."""
    return escape(one_line(text))


def print_error(error: ForcedexError) -> None:
    """The cause and the next step, on one line."""
    err.print(f"[red]Error:[/red] {safe(error.message)} {safe(error.hint)}".rstrip())


def say(text: str) -> None:
    """A sentence to the person, not part of the answer."""
    err.print(text)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine; its errors become one line and the exit code. Ctrl-C and SIGTERM end it cleanly."""
    try:
        return asyncio.run(_until_signal(main))
    except ForcedexError as exc:
        print_error(exc)
        raise typer.Exit(exc.exit_code) from None
    except (KeyboardInterrupt, asyncio.CancelledError):
        say("Stopped.")
        raise typer.Exit(130) from None


async def _until_signal(main: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(main)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, task.cancel)
    return await task
