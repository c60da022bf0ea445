"""The configuration: `forcedex.toml`, with every value also an environment variable.

Secrets come from files (`*_file`) or the environment, such as `FORCEDEX_SALESFORCE__CLIENT_SECRET`; the environment
goes first. The demo's `.forcedex/demo.toml` is used in a folder that has no `forcedex.toml`.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from forcedex.domain.errors import ConfigurationError

FILE = Path("forcedex.toml")
DEMO_FILE = Path(".forcedex/demo.toml")
_NO_SECRET = SecretStr("")
#: A path that may be left empty.
OptionalPath = Annotated[Path | None, BeforeValidator(lambda value: value or None)]
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", value) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("duration", "write it like 90s, 5m, 1h or 30d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


#: A span of time such as `5m`.
Duration = Annotated[timedelta, BeforeValidator(_duration)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SalesforceSection(_Part):
    """`[salesforce]`: which org, and as whom."""

    login_url: str = "https://login.salesforce.com"
    auth: Literal["jwt", "client_credentials", "refresh_token", "password", "access_token"] = "jwt"
    client_id: str = ""
    client_secret: SecretStr = _NO_SECRET
    client_secret_file: OptionalPath = None
    username: str = ""
    password: SecretStr = _NO_SECRET
    password_file: OptionalPath = None
    security_token: SecretStr = _NO_SECRET
    security_token_file: OptionalPath = None
    private_key_file: OptionalPath = None
    jwt_audience: str = ""
    refresh_token: SecretStr = _NO_SECRET
    refresh_token_file: OptionalPath = None
    access_token: SecretStr = _NO_SECRET
    access_token_file: OptionalPath = None
    instance_url: str = ""
    api_version: Annotated[str, Field(pattern=r"^\d\d\.0$")] = "67.0"
    pubsub_url: str = "api.pubsub.salesforce.com:7443"
    ca_file: OptionalPath = None


class ElasticsearchSection(_Part):
    """`[elasticsearch]`: which cluster, and as whom."""

    url: str = "embedded"
    api_key: SecretStr = _NO_SECRET
    api_key_file: OptionalPath = None
    username: str = ""
    password: SecretStr = _NO_SECRET
    password_file: OptionalPath = None
    ca_file: OptionalPath = None
    #: Least rights, for processes that only ask (`forcedex check --privileges`); without it they ask as the worker.
    read_api_key: SecretStr = _NO_SECRET
    read_api_key_file: OptionalPath = None
    index_prefix: str = "forcedex"
    #: Primary shards of new indices: one does for tens of millions of documents.
    shards: Annotated[int, Field(ge=1, le=64)] = 1
    #: Where the embedded node keeps its data, and its port and heap.
    data: Path = Path(".forcedex/elasticsearch")
    port: int = 9200
    heap: str = "1g"


class SyncSection(_Part):
    """`[sync]`: what is synced and how many API calls that may cost."""

    objects: Literal["auto"] | list[str] = "auto"
    api_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    #: Whose change events are followed: `auto` is every object that the org offers them for.
    events: Literal["auto"] | list[str] = "auto"
    #: How often all Ids and all fields are compared with the org, deletions are asked for, and fields described.
    sweep_every: Duration = timedelta(days=1)
    compare_every: Duration = timedelta(days=7)
    deletions_every: Duration = timedelta(minutes=5)
    describe_every: Duration = timedelta(minutes=15)


class ObjectSection(_Part):
    """`[objects.X]`: one object's options."""

    exclude: list[str] = []
    where: str = ""


class StateSection(_Part):
    """`[state]`: where checkpoints are kept."""

    url: str = "sqlite:///.forcedex/state.db"


class AccessSection(_Part):
    """`[access]`: who may see what."""

    #: People and rights that were read longer ago: nobody sees anything.
    max_age: Duration = timedelta(minutes=60)
    people_every: Duration = timedelta(seconds=60)
    #: All shares of an object; with a record that changes, its own are read at once.
    shares_every: Duration = timedelta(hours=1)
    #: Custom objects for which "Grant Access Using Hierarchies" is off: Salesforce tells it by no API.
    without_hierarchies: list[str] = []


class ServerSection(_Part):
    """`[server]`: the HTTP service."""

    host: str = "127.0.0.1"
    port: int = 8080
    operations_port: int = 9090
    public_url: str = ""
    #: One, or several: the first seals, all of them open.
    key_file: Path | Annotated[list[Path], Field(min_length=1)] = Path(".forcedex/key")
    #: The app with which people log in, and its secret, if it needs one.
    login_client_id: str = ""
    login_client_secret: SecretStr = _NO_SECRET
    login_client_secret_file: OptionalPath = None
    org_certificates: list[str] = []
    #: What one person may ask: a search costs one point, a report four. Everybody together: twenty times that.
    points_per_second: Annotated[float, Field(gt=0, le=10_000)] = 12.0
    points_at_once: Annotated[float, Field(ge=20, le=100_000)] = 60.0
    admin_permission_set: str = "Forcedex_Admin"
    #: Salesforce's header search (Federated Search), off without them: what the org's authentication provider says.
    header_search_client_id: str = ""
    header_search_client_secret: SecretStr = _NO_SECRET
    header_search_client_secret_file: OptionalPath = None
    header_search_redirect_uri: str = ""

    @property
    def key_files(self) -> Sequence[Path]:
        """The key files, the one that seals first."""
        return self.key_file if isinstance(self.key_file, list) else [self.key_file]


class RetentionSection(_Part):
    """`[retention]`: how long logs and tombstones are kept."""

    search_log: Duration = timedelta(days=90)
    audit_log: Duration = timedelta(days=400)
    tombstones: Duration = timedelta(days=30)


class CostsSection(_Part):
    """`[costs]`: which costs count, and what they are about, for `efficiency`, `lagged-efficiency` and `cac`."""

    #: The object below, the table of `forcedex costs load`, the actual cost of campaigns; the object alone if empty.
    sources: list[Literal["object", "table", "campaigns"]] = []
    #: Fields of opportunities that hold the teams and regions of the table.
    team: str = ""
    region: str = ""
    #: By how many days or months costs come before what they bring: `90d`, `3m`.
    lag: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}[dm]$")] = "3m"
    #: An object in which costs are recorded.
    object: str = ""
    #: Its fields: the amount, the day or month, whose cost it is.
    amount: str = "Amount__c"
    day: str = "Date__c"
    owner: str = ""
    campaign: str = ""
    #: Fields of opportunities, and the cost's fields that mean the same.
    alike: dict[str, str] = {}


class ReportsSection(_Part):
    """`[reports]`: what reports cannot know of an org."""

    #: The field of opportunities that says why they were lost.
    loss_reason: str = "Loss_Reason__c"
    #: The Id of the forecasting type whose quotas count, where there are several.
    forecasting_type: str = ""
    #: Where scheduled reports go that are not mailed: a folder in it for each user.
    folder: OptionalPath = None


class MailSection(_Part):
    """`[mail]`: through which server reports are mailed to those whose they are."""

    #: `smtps://host`, or `smtp://host` with STARTTLS.
    url: str = ""
    sender: str = ""
    user: str = ""
    password: SecretStr = _NO_SECRET
    password_file: OptionalPath = None
    ca_file: OptionalPath = None


class AlertsSection(_Part):
    """`[alerts]`: whom to tell when something needs a person, by webhook, by mail, or both."""

    #: https, or http to this machine. For many services its path is a secret: better in a file.
    webhook_url: SecretStr = _NO_SECRET
    webhook_url_file: OptionalPath = None
    #: Signs each request (HMAC-SHA256).
    webhook_secret: SecretStr = _NO_SECRET
    webhook_secret_file: OptionalPath = None
    mail_to: list[str] = []
    mail_from: str = ""
    #: `smtps://host`, or `smtp://host` with STARTTLS.
    smtp_url: str = ""
    smtp_user: str = ""
    smtp_password: SecretStr = _NO_SECRET
    smtp_password_file: OptionalPath = None
    ca_file: OptionalPath = None
    #: An object whose index is further behind the org is worth an alert.
    lag: Duration = timedelta(minutes=5)
    #: What lasts is told again after so long, and never more often.
    quiet: Duration = timedelta(hours=1)


class LoggingSection(_Part):
    """`[logging]`: what is told on standard error; `auto` is for people in a terminal and JSON elsewhere."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"


_SECTIONS: Mapping[str, type[BaseModel]] = {
    "salesforce": SalesforceSection,
    "elasticsearch": ElasticsearchSection,
    "sync": SyncSection,
    "objects": ObjectSection,
    "access": AccessSection,
    "state": StateSection,
    "server": ServerSection,
    "retention": RetentionSection,
    "alerts": AlertsSection,
    "logging": LoggingSection,
    "costs": CostsSection,
    "mail": MailSection,
    "reports": ReportsSection,
}


class Settings(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(
        env_prefix="FORCEDEX_", env_nested_delimiter="__", extra="forbid", frozen=True, toml_file=None
    )

    salesforce: SalesforceSection = SalesforceSection()
    elasticsearch: ElasticsearchSection = ElasticsearchSection()
    sync: SyncSection = SyncSection()
    objects: dict[str, ObjectSection] = {}
    access: AccessSection = AccessSection()
    state: StateSection = StateSection()
    server: ServerSection = ServerSection()
    retention: RetentionSection = RetentionSection()
    alerts: AlertsSection = AlertsSection()
    logging: LoggingSection = LoggingSection()
    costs: CostsSection = CostsSection()
    mail: MailSection = MailSection()
    reports: ReportsSection = ReportsSection()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before file."""
        return env_settings, init_settings


def find_file(given: Path | None) -> Path | None:
    """The configuration file to read: the given one, `forcedex.toml`, the demo's, or none."""
    if given is not None:
        return given
    return next((each for each in (FILE, DEMO_FILE) if each.is_file()), None)


def load(given: OptionalPath = None) -> Settings:
    """The configuration; ConfigurationError naming the file, the setting and what is wrong with it."""
    path = find_file(given)
    values = _read(path) if path else {}
    try:
        return Settings(**values)
    except ValidationError as exc:
        raise ConfigurationError(*_explain(exc, path)) from None  # the cause would print secrets


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            f"There is no configuration file {path}.", "Write one with `forcedex init`, or try `forcedex demo`."
        ) from None
    except (OSError, UnicodeDecodeError) as exc:
        cause = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise ConfigurationError(f"{path} cannot be read: {cause}.", "Check the file and its permissions.") from exc
    except tomllib.TOMLDecodeError as exc:
        raise ConfigurationError(f"{path} is not valid TOML: {exc}.", "Correct that line.") from exc


def _explain(error: ValidationError, path: Path | None) -> tuple[str, str]:
    """Message and hint for the first fault, without its value (it may be a secret)."""
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    parts = [str(part) for part in fault["loc"] if not str(part).startswith(("list[", "literal[", "lax-or-strict["))]
    name = f"[{'.'.join(parts[:-1])}] {parts[-1]}" if len(parts) > 1 else ".".join(parts)
    where = f"in {path}" if path else "in the environment (FORCEDEX_…)"
    if fault["type"] == "extra_forbidden":
        known = _known_names(parts[:-1])
        return f"{name} {where} is not a setting.", f"Known there: {', '.join(known)}." if known else "Remove it."
    return f"{name} {where} cannot be used: {_lower_first(str(fault['msg']))}.", "Correct that setting."


def _known_names(section: list[str]) -> list[str]:
    if not section:
        return sorted(Settings.model_fields)
    model = _SECTIONS.get(section[0])
    return sorted(model.model_fields) if model else []


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def secret(value: SecretStr, file: Path | None, setting: str) -> str:
    """A secret from its value or its file; ConfigurationError if the file cannot be read."""
    if value.get_secret_value():
        return value.get_secret_value()
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        cause = exc.strerror if isinstance(exc, OSError) else "it is not text"
        raise ConfigurationError(
            f"{setting} {file} cannot be read: {cause}.", "Check the path and its permissions."
        ) from exc
