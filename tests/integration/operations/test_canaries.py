"""A unique secret in every setting that may hold one, and one per run-time token: none of them comes out anywhere."""

import asyncio
import base64
import io
import json
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import httpx2
import pytest
import structlog
from elasticsearch import AsyncElasticsearch

from forcedex.app import SystemClock, opened_source
from forcedex.domain.errors import ForcedexError
from forcedex.domain.upkeep import Mode, Notice, NoticeKind, ObjectReport
from forcedex.operations.alerter import Alerter, channels
from forcedex.operations.health import Health, Part
from forcedex.operations.logs import log_event
from forcedex.operations.metrics import Metrics
from forcedex.operations.redaction import Redactor
from forcedex.operations.secrets import configured_secrets
from forcedex.operations.server import operations_server
from forcedex.settings import Settings
from forcedex.sync.events import ObjectFailed, SyncPaused
from tests.integration.operations.http_receiver import Receiver, receiver
from tests.integration.operations.smtp_server import SmtpServer, smtp_server
from tests.unit.operations.conftest import logs
from tests.unit.operations.test_configured_secrets import secret_fields

__all__ = ["logs"]

#: Run-time tokens as Salesforce makes them, and one that has no shape.
TOKENS = {
    "session": "00D000000000001!AQ4AQPfjRx9gYvcanary.session",
    "refresh": "5Aep861TSESvWeugcanaryrefresh",
    "shapeless": "kanarienvogel of the session?",
}
NEIGHBOURS = (b"", b"x", b"xx", b"user:")
KEYS = ("webhook_url", "webhook_url_file")


class Outputs:
    """Everything that came out, by where."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def scan(self, canaries: Mapping[str, str]) -> None:
        """Fails on the first canary in any form."""
        assert all(self.texts.values()), "an output is empty: nothing was tested"
        for name, canary in canaries.items():
            for form in scanned(canary):
                for where, text in self.texts.items():
                    assert form not in text, f"{name} came out in {where}"


def forms(canary: str) -> Iterator[str]:
    raw = canary.encode()
    yield canary
    yield quote(canary, safe="")
    yield quote(canary)
    yield quote_plus(canary)
    yield json.dumps(canary)[1:-1]
    yield json.dumps(json.dumps(canary))[3:-3]
    yield json.dumps(canary, ensure_ascii=False)[1:-1]
    yield repr(canary)[1:-1]
    yield raw.hex()
    yield base64.b64encode(raw).decode().rstrip("=")
    yield base64.urlsafe_b64encode(raw).decode().rstrip("=")


def driven(canary: str) -> Iterator[str]:
    """What is sent through everything: all forms, and the canary among other bytes in Base64."""
    yield from forms(canary)
    for before in NEIGHBOURS:
        yield base64.b64encode(before + canary.encode() + before).decode()


def scanned(canary: str) -> Iterator[str]:
    """What must not be found: all forms, and the middle of the canary in Base64, wherever it began."""
    yield from forms(canary)
    for before in NEIGHBOURS:
        yield base64.b64encode(before + canary.encode()).decode()[len(before) * 8 // 6 + 2 : -4]


@pytest.fixture
async def target() -> AsyncIterator[Receiver]:
    async with receiver() as it:
        yield it


@pytest.fixture
async def smtp() -> AsyncIterator[SmtpServer]:
    async with smtp_server() as it:
        yield it


def canaried(folder: Path, target: Receiver, smtp: SmtpServer) -> tuple[Settings, dict[str, str]]:
    """A configuration in which every secret is a canary: those with a `_file` beside them in it."""
    canaries: dict[str, str] = {}
    values: dict[str, dict[str, Any]] = {}
    for section, name, in_file in secret_fields():
        if name in KEYS or (in_file and (section, name.removesuffix("_file"), False) in secret_fields()):
            continue  # in the second round of the test
        canary = f'kanarie+{section}/{name}?ü="4711'
        canaries[f"[{section}] {name}"] = canary
        value: str | Path = canary
        if in_file:
            value = folder / f"{section}-{name}"
            value.write_text(f"{canary}\n", encoding="utf-8")
        values.setdefault(section, {})[name] = value
    path = "/services/T000/B000/kanarienweg-4711"
    canaries["[alerts] webhook_url"] = path
    values["alerts"] |= {
        "webhook_url": target.url + path,
        "mail_to": ["ops@example.com"],
        "mail_from": "f@example.com",
        "smtp_url": f"smtp://127.0.0.1:{smtp.port}",
    }
    canaries["[state] url"] = "kanarie-in-der-url"
    values["state"] = {"url": "postgresql://forcedex:kanarie-in-der-url@db.example.com/forcedex"}
    values["salesforce"] |= {
        "login_url": target.url,
        "auth": "password",
        "username": "u@example.com",
        "client_id": "id",
    }
    return Settings.model_validate(values), canaries


def moved_to_files(settings: Settings, folder: Path) -> Settings:
    """The same secrets, from files."""
    values: dict[str, dict[str, Any]] = settings.model_dump()
    for section, name, in_file in secret_fields():
        if not in_file and f"{name}_file" in values[section]:
            path = folder / f"moved-{section}-{name}"
            path.write_text(values[section][name].get_secret_value(), encoding="utf-8")
            values[section][f"{name}_file"] = path
            del values[section][name]
    return Settings.model_validate(values)


@asynccontextmanager
async def operating(
    settings: Settings, redactor: Redactor, health: Health, metrics: Metrics
) -> AsyncIterator[tuple[Alerter, httpx2.AsyncClient]]:
    async with (
        operations_server("127.0.0.1", 0, health, metrics) as server,
        httpx2.AsyncClient(base_url=server.url, trust_env=False) as http,
        Alerter(
            channels(settings.alerts),
            org_id="00D000000000001EAA",
            org_name="Acme",
            quiet=settings.alerts.quiet,
            clock=SystemClock(),
            redactor=redactor,
            metrics=metrics,
        ) as alerter,
    ):
        yield alerter, http


@pytest.mark.parametrize("from_files", [False, True], ids=["values", "files"])
@pytest.mark.parametrize("format", ["json", "console"])
async def test_no_secret_comes_out_anywhere(
    logs: Callable[..., io.StringIO],
    tmp_path: Path,
    target: Receiver,
    smtp: SmtpServer,
    capfd: pytest.CaptureFixture[str],
    format: str,
    from_files: bool,
) -> None:
    settings, canaries = canaried(tmp_path, target, smtp)
    if from_files:
        settings = moved_to_files(settings, tmp_path)
    redactor = Redactor(configured_secrets(settings))
    stream = logs(level="debug", format=format, redactor=redactor)
    for token in TOKENS.values():
        redactor.add(token)
    canaries |= TOKENS
    outputs = Outputs()

    every_form = [form for canary in canaries.values() for form in driven(canary)]
    metrics, health = Metrics(), Health(SystemClock(), redactor)
    async with operating(settings, redactor, health, metrics) as (alerter, http):
        for number, form in enumerate(every_form):
            say(form)
            for event in (ObjectFailed("Account", form), SyncPaused(form, 0.1)):
                for hears in (log_event, metrics.hear, health.hear):
                    hears(event)
            if number % 25 == 0:
                health.fails(Part.SALESFORCE, f"it says {form}")
                outputs.texts["readyz"] = outputs.texts.get("readyz", "") + (await http.get("/readyz")).text
        for name, canary in canaries.items():
            await alerter.raised(alarm(name, f"{canary} {json.dumps(canary)} {quote(canary, safe='')}"))
        report = ObjectReport(object="Account", mode=Mode.FROZEN, problem=" ".join(canaries.values()))
        notices = [alarm("Account", " ".join(canaries.values()))]
        metrics.update(reports=[report], notices=notices, now=datetime.now(UTC))
        async with asyncio.timeout(30):
            while len(target.requests) < len(canaries) or not smtp.messages:
                await asyncio.sleep(0.01)
        outputs.texts["metrics"] = (await http.get("/metrics")).text
        outputs.texts["healthz"] = (await http.get("/healthz")).text
        # Only what we wrote: the path of the request is the address that somebody configured.
        outputs.texts["webhooks"] = "".join(f"{headers}{body.decode()}" for _, headers, body in target.requests)
        outputs.texts["mails"] = "".join(f"{each}{each.get_content()}" for each in smtp.messages)
        # The failure paths: servers that repeat what they got, and servers that are gone.
        target.echo = True
        await fail_to_log_in(settings)
        await fail_at_elasticsearch(settings, target.url)
        await alerter.raised(alarm("refused", "once more"))
        async with asyncio.timeout(30):
            while "alerts_not_delivered" not in stream.getvalue():
                await asyncio.sleep(0.01)
        await talk_http(target.url)
    outputs.texts["logs"] = stream.getvalue()
    assert "httpcore2" in outputs.texts["logs"] and "Traceback" in outputs.texts["logs"]
    captured = capfd.readouterr()
    outputs.texts["standard streams"] = f"-{captured.out}{captured.err}"
    outputs.scan(canaries)


def alarm(object: str, text: str) -> Notice:
    return Notice(object=object, kind=NoticeKind.FROZEN, text=text, since=datetime.now(UTC))


def say(form: str) -> None:
    """A text in a log line, in every place where one can be."""
    log = structlog.get_logger("forcedex.test")
    log.info(form, value=form, nested={"a": [form, {form: (form,)}]}, data=form.encode())
    logging.getLogger("elastic_transport").warning("sent %s", form)
    try:
        try:
            raise KeyError(form, {"body": form})
        except KeyError as exc:
            raise RuntimeError(f"failed with {form}") from exc
    except RuntimeError as exc:
        log.exception("failed", error=exc)
        logging.getLogger("grpc").error("failed", exc_info=True)


async def fail_to_log_in(settings: Settings) -> None:
    async with opened_source(settings) as source:
        try:
            await source.identity()
        except ForcedexError as exc:
            structlog.get_logger("forcedex.test").exception("login_failed", error=exc)
        else:
            raise AssertionError("the login worked")


async def fail_at_elasticsearch(settings: Settings, url: str) -> None:
    client = AsyncElasticsearch(url, api_key=TOKENS["shapeless"], max_retries=0)
    try:
        with pytest.raises(Exception) as error:
            await client.info()
        structlog.get_logger("forcedex.test").error("search_failed", exc_info=error.value)
    finally:
        await client.close()


async def talk_http(url: str) -> None:
    """The HTTP library tells its debug log of every header."""
    headers = {"Authorization": f"Bearer {TOKENS['session']}", "Cookie": f"sid={TOKENS['session']}"}
    async with httpx2.AsyncClient(trust_env=False, headers=headers) as http:
        await http.get(url, params={"token": TOKENS["refresh"]})
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            with pytest.raises(httpx2.ConnectError):
                await http.get(f"http://user:{TOKENS['refresh']}@127.0.0.1:{bound.getsockname()[1]}/")


def test_the_scan_finds_a_canary_in_every_form() -> None:
    canary = 'kanarie+/?ü="4711'
    for form in (*forms(canary), *driven(canary)):
        outputs = Outputs()
        outputs.texts["logs"] = f"before {form} after"
        with pytest.raises(AssertionError, match="x came out in logs"):
            outputs.scan({"x": canary})
