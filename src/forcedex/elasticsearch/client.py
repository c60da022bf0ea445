"""The connection to Elasticsearch and its errors in plain words."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from elastic_transport import ConnectionError as NoConnection
from elastic_transport import ConnectionTimeout, JsonSerializer, NdjsonSerializer, TlsError, TransportError
from elasticsearch import ApiError, AsyncElasticsearch, UnsupportedProductError

from forcedex.domain.errors import ConfigurationError, SinkRefused, SinkUnavailable
from forcedex.elasticsearch.outcomes import RETRIED_STATUSES, lost_index

#: Oldest version whose behaviour the product was built for.
OLDEST = (8, 19)
_FETCH = 1_000  # documents of one multi-get
_STRANGER = "What answers at [elasticsearch] url is not Elasticsearch."
_REQUEST_TIMEOUT = 60.0  # seconds; a bulk request on a busy cluster can take as long


_CONNECTIONS = 25  # at a time

_exact: ContextVar[bool] = ContextVar("exact", default=False)


@contextmanager
def exact_numbers() -> Iterator[None]:
    """Answers that arrive in here have decimals as `Decimal`, with all their digits."""
    token = _exact.set(True)
    try:
        yield
    finally:
        _exact.reset(token)


class _Json(JsonSerializer):
    """By orjson, except for `exact_numbers`, and for what orjson refuses: half surrogates, very large integers."""

    def json_dumps(self, data: Any) -> bytes:
        try:
            return orjson.dumps(data, default=self.default)
        except TypeError:
            return super().json_dumps(data)

    def json_loads(self, data: bytes) -> Any:
        return json.loads(data, parse_float=Decimal) if _exact.get() else orjson.loads(data)


class _Lines(_Json, NdjsonSerializer):
    """The same for requests of several lines."""

    mimetype = NdjsonSerializer.mimetype


@dataclass(frozen=True, kw_only=True, slots=True)
class ElasticsearchSettings:
    """Where Elasticsearch is and who we are there."""

    url: str
    api_key: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerInfo:
    """What answers at the URL."""

    cluster_name: str
    version: str


def connect(settings: ElasticsearchSettings) -> AsyncElasticsearch:
    """A client; nothing is sent yet. ConfigurationError for a URL or CA file that cannot be used."""
    ca_file = settings.ca_file
    if ca_file is not None and not ca_file.is_file():
        raise ConfigurationError(f"[elasticsearch] ca_file {ca_file} is not there.", "Give the path of a PEM file.")
    options: dict[str, object] = {}
    if settings.url.startswith("https:") and ca_file is not None:
        options["ca_certs"] = str(ca_file)
    if settings.api_key:
        options["api_key"] = settings.api_key
    elif settings.username:
        options["basic_auth"] = (settings.username, settings.password)
    try:
        return AsyncElasticsearch(
            settings.url,
            request_timeout=_REQUEST_TIMEOUT,
            max_retries=0,
            connections_per_node=_CONNECTIONS,
            http_compress=False,
            serializers={_Json.mimetype: _Json(), _Lines.mimetype: _Lines()},
            **options,  # type: ignore[arg-type]  # built above from typed settings
        )
    except ValueError as exc:
        raise ConfigurationError(
            f"[elasticsearch] url {settings.url!r} cannot be used: {exc}.", "Give it as https://host:port."
        ) from exc


async def server_info(client: AsyncElasticsearch) -> ServerInfo:
    """What answers; SinkRefused if it is too old or is not Elasticsearch."""
    with translated():
        info = await client.info()
    try:
        version, cluster = str(info["version"]["number"]), str(info["cluster_name"])
        major, minor = (int(part) for part in version.split(".")[:2])
    except (KeyError, TypeError, ValueError) as exc:
        raise SinkRefused(_STRANGER, "Check the URL and port.") from exc
    if (major, minor) < OLDEST:
        raise SinkRefused(
            f"Elasticsearch {version} is too old.", f"Upgrade the cluster to {OLDEST[0]}.{OLDEST[1]} or newer."
        )
    return ServerInfo(cluster_name=cluster, version=version)


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the client as ours, most specific first; the cause is kept."""
    try:
        yield
    except TlsError as exc:
        raise ConfigurationError(
            f"Elasticsearch's certificate is not trusted: {_first_line(exc)}.",
            "Set [elasticsearch] ca_file to the CA that signed it.",
        ) from exc
    except (NoConnection, ConnectionTimeout) as exc:
        raise SinkUnavailable(
            f"Elasticsearch cannot be reached: {_first_line(exc)}.", "Check [elasticsearch] url and that it runs."
        ) from exc
    except UnsupportedProductError as exc:
        raise SinkRefused(_STRANGER, "Check the URL and port.") from exc
    except ApiError as exc:
        raise _of_status(exc) from exc
    except TransportError as exc:
        raise SinkUnavailable(f"Elasticsearch did not answer properly: {_first_line(exc)}.") from exc


async def documents_of(
    client: AsyncElasticsearch, alias: str, ids: Sequence[str], **more: Any
) -> list[Mapping[str, Any]]:
    """Those of the documents that are there, by multi-gets with these options; SinkRefused if the index is lost."""
    found: list[Mapping[str, Any]] = []
    for start in range(0, len(ids), _FETCH):
        with translated():
            answer = await client.mget(index=alias, ids=ids[start : start + _FETCH], **more)
        for each in answer["docs"]:
            if "error" in each:
                raise lost_index(alias, str(each["error"].get("reason", "")))
            if each["found"]:
                found.append(each)
    return found


async def stored_versions(client: AsyncElasticsearch, alias: str, ids: Sequence[str]) -> dict[str, int]:
    """The versions of those documents that are there, tombstones too."""
    documents = await documents_of(client, alias, ids, source=False)
    return {each["_id"]: int(each["_version"]) for each in documents}


def _of_status(exc: ApiError) -> Exception:
    status = exc.meta.status
    reason = _reason(exc)
    if status == 401:
        return ConfigurationError(
            "Elasticsearch does not accept the credentials.",
            "Check the API key, or username and password, in [elasticsearch].",
        )
    if "cluster_block_exception" in reason:
        return SinkUnavailable(
            f"Elasticsearch takes no writes: {reason}.",
            "Free disk space or remove the block (index.blocks.*, cluster.blocks.read_only), then try again.",
        )
    if status == 403:
        return SinkRefused(
            f"Elasticsearch does not permit this: {reason}.",
            "Give the user or API key the privileges that `forcedex check --privileges` prints.",
        )
    if status in RETRIED_STATUSES:
        return SinkUnavailable(f"Elasticsearch cannot answer now ({status}): {reason}.", "Try again later.")
    if "search_context_missing_exception" in str(exc.body):
        return SinkUnavailable(f"Elasticsearch has lost the place in a long reading: {reason}.", "Read again.")
    if "invalid_alias_name_exception" in reason:
        return SinkRefused(
            f"An index stands where Forcedex needs an alias: {reason}.",
            "Delete that index or copy it to another name, or choose another [elasticsearch] index_prefix.",
        )
    if "index_closed_exception" in reason:
        return SinkRefused(f"An index is closed: {_index(exc)}.", "Open it (POST /<index>/_open) or delete it.")
    if "index_not_found_exception" in reason:
        return SinkRefused(f"An index or alias is gone: {_index(exc)}.", "Run `forcedex sync` to build it again.")
    return SinkRefused(f"Elasticsearch refused the request ({status}): {reason}.")


def _reason(exc: ApiError) -> str:
    """`type: reason` of the error body, or the start of whatever was sent."""
    body = exc.body
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        error = body["error"]
        return f"{error.get('type', '')}: {error.get('reason', '')}".strip(": ")[:300]
    return str(exc.message or body)[:300]


def _index(exc: ApiError) -> str:
    """The index that an error speaks of."""
    body = exc.body
    return str(body["error"].get("index", "?")) if isinstance(body, dict) else "?"


def _first_line(exc: Exception) -> str:
    """The first line of an error, without its full stop; never the URL's user part (the client hides it)."""
    return str(exc).splitlines()[0].rstrip(".")[:300] if str(exc) else type(exc).__name__
