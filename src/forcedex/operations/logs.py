"""Structured logs on standard error: one line per event, without secrets, that nobody can forge.

Everything goes through one chain: our own events, and what libraries say to Python's `logging`.
"""

import dataclasses
import logging
import re
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor

from forcedex.operations.redaction import Plain, Redactor, visible
from forcedex.settings import LoggingSection

#: Characters of one text in a log line, and of a traceback.
_LONGEST_TEXT = 8_192
_LONGEST_TRACEBACK = 32_768
#: What every line begins with.
_HEAD = ("timestamp", "level", "logger", "event")
#: Fields of these names are renamed: they would be taken for the line's own.
_TAKEN = frozenset({*_HEAD, "exception", "exc_info", "stack_info"})
#: Libraries that tell of every request on their ordinary level.
_TALKATIVE = ("httpx2", "httpcore2", "elastic_transport", "grpc", "aiosqlite", "asyncio", "alembic", "uvicorn")

#: By the name of the event's type; others are worth `info`.
LEVELS: Mapping[str, int] = {
    "RecordsIndexed": logging.DEBUG,
    "JobStarted": logging.DEBUG,
    "JobCompleted": logging.DEBUG,
    "ChangesCaughtUp": logging.DEBUG,
    "EventsFollowed": logging.DEBUG,
    "RoundEnded": logging.DEBUG,
    "EventUnseen": logging.WARNING,
    "SchemaChanged": logging.WARNING,
    "ReportNotSent": logging.WARNING,
    "StreamEnded": logging.WARNING,
    "SyncPaused": logging.WARNING,
    "ObjectFailed": logging.ERROR,
    "ObjectFrozen": logging.ERROR,
}


def configure_logging(section: LoggingSection, redactor: Redactor, stream: TextIO | None = None) -> None:
    """Send all logs of this process through one chain to `stream` (standard error); may be called again."""
    stream = stream or sys.stderr
    as_json = section.format == "json" or (section.format == "auto" and not stream.isatty())
    level = logging.getLevelNamesMapping()[section.level.upper()]
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = _Handler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _Cleaner(redactor),
                _json_line if as_json else _console(stream),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    logging.lastResort = handler  # for loggers that are cut off from the root, instead of Python's own
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.DEBUG if level == logging.DEBUG else max(level, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    _catch_the_rest()


def log_event(event: object) -> None:
    """Log an event of the engine, any frozen dataclass: its name in snake case, and its fields."""
    name = type(event).__name__
    fields: dict[str, object] = {}
    if dataclasses.is_dataclass(event):
        fields = {each.name: getattr(event, each.name) for each in dataclasses.fields(event) if each.repr}
    snake_case = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    renamed = {f"{key}_" if key in _TAKEN else key: value for key, value in fields.items()}
    structlog.get_logger("forcedex.engine").log(LEVELS.get(name, logging.INFO), snake_case, **renamed)


class _Cleaner:
    """Turns an event into plain values without secrets and without control characters."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def __call__(self, logger: Any, method: str, event: EventDict) -> EventDict:
        traceback = event.pop("exception", None)
        values = {str(key): value for key, value in event.items()}
        cleaned = self._redactor.value(values)
        assert isinstance(cleaned, dict)
        result: EventDict = {key: _tidy(cleaned.pop(key)) for key in _HEAD if key in cleaned}
        result.update({visible(key): _tidy(value) for key, value in cleaned.items()})
        if traceback:
            lines = self._redactor.text(str(traceback))[-_LONGEST_TRACEBACK:].split("\n")
            result["exception"] = "\n".join(visible(line) for line in lines)
        return result


def _tidy(value: Plain) -> Plain:
    match value:
        case str():
            cut = value if len(value) <= _LONGEST_TEXT else f"{value[:_LONGEST_TEXT]} … ({len(value):,} characters)"
            return visible(cut)
        case list():
            return [_tidy(each) for each in value]
        case dict():
            return {visible(key): _tidy(each) for key, each in value.items()}
    return value


def _json_line(logger: Any, method: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str).decode()


def _console(stream: TextIO) -> Processor:
    render = structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), sort_keys=False, exception_formatter=structlog.dev.plain_traceback
    )

    def line(logger: Any, method: str, event: EventDict) -> str:
        if "exception" in event:
            # A line of an exception's text must not pass for an entry of its own.
            event["exception"] = "\n".join(f"  | {each}" for each in event["exception"].split("\n"))
        return str(render(logger, method, event))

    return line


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines; when one cannot be made, Python's own handler would print its arguments, secrets and all."""

    def handleError(self, record: logging.LogRecord) -> None:
        try:
            error = type(sys.exc_info()[1]).__name__
            self.stream.write(f'{{"level": "error", "event": "log_line_lost", "error": "{error}"}}\n')
        except (OSError, ValueError):
            pass  # standard error is gone: there is nobody to tell


def _catch_the_rest() -> None:
    """What would be printed without asking us: warnings and exceptions that nobody caught."""
    logging.captureWarnings(True)
    crashes = structlog.get_logger("forcedex")

    def crashed(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        crashes.critical("crashed", exc_info=(kind, error, traceback))

    def thread_crashed(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and arguments.exc_type is not SystemExit:
            crashed(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    sys.excepthook = crashed
    threading.excepthook = thread_crashed
