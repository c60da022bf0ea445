"""Log lines: structured, clean, and not to be forged."""

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import structlog

from forcedex.operations.logs import log_event

Logs = Callable[..., io.StringIO]
SECRET = "canary-of-the-logs"


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """What was logged; every line is one JSON object, or this fails."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@dataclass(frozen=True, slots=True)
class ObjectFailed:
    object: str
    error: str


@dataclass(frozen=True, slots=True)
class NeverHeardOf:
    object: str
    level: int
    event: str
    exception: str


def test_a_line_says_when_how_bad_where_and_what(logs: Logs) -> None:
    stream = logs()
    structlog.get_logger("forcedex.engine").info("records_read", object="Account", count=3, share=0.5)
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "forcedex.engine",
        "event": "records_read",
        "object": "Account",
        "count": 3,
        "share": 0.5,
    }


def test_what_libraries_say_goes_the_same_way(logs: Logs) -> None:
    stream = logs(SECRET)
    for name in ("elastic_transport.transport", "alembic", "uvicorn.error", "grpc", "httpx2", "httpcore2.http11"):
        logging.getLogger(name).warning("sent %s to %s", SECRET, "host")
    assert [(each["logger"], each["event"], each["level"]) for each in lines(stream)] == [
        (name, "sent *** to host", "warning")
        for name in ("elastic_transport.transport", "alembic", "uvicorn.error", "grpc", "httpx2", "httpcore2.http11")
    ]


def test_a_logger_that_is_cut_off_from_the_others_gives_away_no_secret(
    logs: Logs, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = logs(SECRET)
    alone = logging.getLogger("forcedex.test.alone")
    alone.propagate = False
    alone.warning("it is %s", SECRET)
    assert [each["event"] for each in lines(stream)] == ["it is ***"]
    assert SECRET not in "".join(capsys.readouterr())


def test_libraries_that_tell_of_every_request_are_quiet_unless_all_is_wanted(logs: Logs) -> None:
    stream = logs(level="info")
    logging.getLogger("httpx2").info("HTTP Request: POST")
    structlog.get_logger("forcedex").debug("detail")
    assert stream.getvalue() == ""
    stream = logs(level="debug")
    logging.getLogger("httpx2").info("HTTP Request: POST")
    assert len(lines(stream)) == 1


@pytest.mark.parametrize("format", ["json", "console"])
def test_no_secret_is_logged_whatever_way_it_comes(logs: Logs, format: str) -> None:
    stream = logs(SECRET, format=format)
    log = structlog.get_logger("forcedex").bind(bound=SECRET)
    log.info(SECRET, SECRET="x", **{SECRET: 1})
    log.info("nested", value={"a": [{"b": (SECRET,)}]}, data=SECRET.encode(), password="never-configured")
    log.info("with %s", SECRET)
    logging.getLogger("other").error("with %(name)s", {"name": SECRET})
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as exc:
            raise ValueError("outer", {"token": SECRET}) from exc
    except ValueError as exc:
        log.exception("failed", error=exc)
        logging.getLogger("other").exception("failed")
        log.error("failed", exc_info=exc, stack_info=True)
    text = stream.getvalue()
    assert SECRET not in text and "never-configured" not in text
    assert text.count("Traceback") >= 3 and "ValueError" in text and "KeyError" in text


def test_nobody_can_forge_a_line(logs: Logs) -> None:
    stream = logs()
    attack = 'x\n{"level": "critical", "event": "forged"}\r\n\x1b[2J\u2028\x9b31m\u202e'
    structlog.get_logger("forcedex").info(attack, value=attack, **{attack: attack})
    logging.getLogger("other").warning(attack)
    assert len(stream.getvalue().splitlines()) == 2  # splits at U+2028 and the like as well
    assert not set(stream.getvalue()) & set("\x1b\r\x9b\u202e")
    assert [each["level"] for each in lines(stream)] == ["info", "warning"]


def test_nobody_can_forge_an_entry_on_the_console_through_an_exception(logs: Logs) -> None:
    stream = logs(format="console")
    try:
        raise ValueError("x\n2026-06-01T12:00:00Z [info     ] forged\x1b[2J")
    except ValueError:
        structlog.get_logger("forcedex").exception("failed")
    first, *rest = stream.getvalue().splitlines()
    assert "failed" in first and any("forged" in line for line in rest)
    assert all(line.startswith("  | ") for line in rest)
    assert "\x1b" not in stream.getvalue()


def test_a_very_long_text_is_cut(logs: Logs) -> None:
    stream = logs()
    structlog.get_logger("forcedex").info("long", text="x" * 1_000_000)
    assert len(stream.getvalue()) < 10_000


def test_values_that_json_does_not_know_do_not_break_a_line(logs: Logs) -> None:
    stream = logs()
    structlog.get_logger("forcedex").info("odd", a=float("nan"), b=object, c={1: {2}}, d="\ud800", e=2**80, f=b"\xff")
    (line,) = lines(stream)
    assert line["event"] == "odd" and line["d"] == "\\ud800" and line["f"] == "\\xff"


def test_a_line_that_cannot_be_made_does_not_give_away_its_arguments(
    logs: Logs, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = logs(SECRET)
    logging.getLogger("other").warning("%d records", SECRET)
    assert [each["event"] for each in lines(stream)] == ["log_line_lost"]
    assert SECRET not in stream.getvalue() + "".join(capsys.readouterr())


def test_warnings_and_what_nobody_caught_are_logged_without_secrets(logs: Logs) -> None:
    stream = logs(SECRET)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)  # `catch_warnings` has put back Python's own
        warnings.warn(f"mind the {SECRET}", UserWarning, stacklevel=1)
    error = RuntimeError(SECRET)
    sys.excepthook(RuntimeError, error, None)

    def fail() -> None:
        raise RuntimeError(SECRET)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    found = lines(stream)
    assert [each["event"] for each in found[1:]] == ["crashed", "crashed"]
    assert "mind the ***" in found[0]["event"]
    assert "RuntimeError: ***" in found[1]["exception"]
    assert SECRET not in stream.getvalue()


def test_an_event_of_the_engine_is_a_line_with_its_fields(logs: Logs) -> None:
    stream = logs(SECRET)
    log_event(ObjectFailed("Account", f"it says {SECRET}"))
    log_event(NeverHeardOf("Contact", 7, "inner", "no traceback"))
    failed, unknown = lines(stream)
    assert (failed["event"], failed["level"], failed["object"]) == ("object_failed", "error", "Account")
    assert failed["error"] == "it says ***"
    assert (unknown["event"], unknown["level"], unknown["level_"]) == ("never_heard_of", "info", 7)
    assert (unknown["event_"], unknown["exception_"]) == ("inner", "no traceback")


def test_auto_is_json_where_nobody_looks_and_plain_in_a_terminal(logs: Logs) -> None:
    stream = logs(format="auto")
    structlog.get_logger("forcedex").info("hello")
    assert lines(stream)[0]["event"] == "hello"


def test_configuring_twice_logs_once(logs: Logs) -> None:
    logs()
    stream = logs()
    structlog.get_logger("forcedex").info("hello")
    assert len(lines(stream)) == 1
