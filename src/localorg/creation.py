"""Making a new org in a folder: records, app, keys, credentials; and reading what was made before.

The generated company is kept in the user's cache by seed, size, day and generator, so that the next new org is a
file copy.
"""

import hashlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import orjson
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from platformdirs import user_cache_path

from localorg.auth.apps import ConnectedApp
from localorg.auth.grants import issue_refresh_token
from localorg.files import write_private
from localorg.org import Org
from localorg.personas import log_ins, new_secret
from localorg.schema import Schema, load_schema
from localorg.setup import ADMIN_ID, INTEGRATION_ID, Arrangement, set_up
from localorg.sharing.rules import SharingRule
from localorg.store import Store
from localorg.store.values import Value

#: Says how many rows of how many are done.
Progress = Callable[[int, int], None]
#: Part of the cache's key: changes when the tables' layout does.
_LAYOUT = 1
_KEPT = 6  # generated companies kept in the cache
_TOLD_EVERY = 500  # rows
_TOLD_PAUSE = 0.25  # seconds
#: Where a server on this machine waits for who has logged in; the admin API adds others.
_LOGIN_CALLBACKS = ("http://127.0.0.1:8080/auth/callback", "http://localhost:8080/auth/callback")
Row = Sequence[Value]


@dataclass(frozen=True, kw_only=True)
class CompanySettings:
    """Which demo company an org starts with."""

    seed: int = 7
    factor: float = 1.0
    #: None: none; only set-up.
    today: date | None = None


@dataclass(frozen=True, kw_only=True)
class OrgCredentials:
    """How to log in to an org."""

    url: str
    https_url: str
    #: Host and port of the Pub/Sub API.
    pubsub: str
    #: The authority that clients of both must trust.
    ca_file: str
    org_id: str
    client_id: str
    client_secret: str
    #: The integration user.
    username: str
    private_key_file: str
    refresh_token: str
    #: The app that people log in with by the web server flow.
    login_client_id: str
    login_client_secret: str
    admin_username: str
    admin_password: str
    admin_security_token: str
    #: People of the demo company to log in as: what each sees, and his username, password, token and Id, by key.
    personas: dict[str, dict[str, str]] = field(default_factory=dict)

    def event(self) -> dict[str, object]:
        """For the ready event and credentials.json."""
        values = asdict(self)
        admin = {key: values.pop(f"admin_{key}") for key in ("username", "password", "security_token")}
        return values | {"admin": admin}


def cache_folder() -> Path:
    """Where generated companies are kept; LOCALORG_CACHE overrides."""
    override = os.environ.get("LOCALORG_CACHE")
    return Path(override) if override else user_cache_path("localorg")


def has_company() -> bool:
    """Whether the demo company is installed."""
    return find_spec("localorg.company") is not None and hasattr(import_module("localorg.company"), "company")


def _fingerprint() -> str:
    """Of what decides the generated rows: the generator's and the schema's files."""
    package = Path(__file__).parent
    digest = hashlib.sha256(str(_LAYOUT).encode())
    for folder in (package / "company", package / "schema", package / "sharing", package / "store"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.read_bytes())
    for name in ("setup", "business_time", "features", "fiscal_years", "forecasts"):
        digest.update((package / f"{name}.py").read_bytes())
    return digest.hexdigest()[:16]


def make_database(path: Path, schema: Schema, company: CompanySettings | None, progress: Progress) -> None:
    """Generate an org's records into a new SQLite file."""
    store = Store(path, schema)
    try:
        if company is not None:
            _load_company(store, company, progress)
        set_up(store, arrangement=_arrangement() if company is not None else None)
        store.set_setting("metadata_changed", str(int(time.time())))
    finally:
        store.close()
    _settle(path)


def _settle(path: Path) -> None:
    """Nothing of the write-ahead log is left, so that the file alone can be copied."""
    for suffix in ("-wal", "-shm"):
        rest = path.with_name(path.name + suffix)
        if rest.exists() and rest.stat().st_size == 0:
            rest.unlink()


def _load_company(store: Store, settings: CompanySettings, progress: Progress) -> None:
    from localorg.company import company  # generated only when an org is made

    day = settings.today or datetime.now(UTC).date()
    tables = list(company(seed=settings.seed, factor=settings.factor, today=day))
    counter = _Counter(sum(table.count for table in tables), progress)
    with store.bulk_load():
        for table in tables:
            store.load(table.object, table.columns, counter.through(table.rows))
    counter.tell()


def _arrangement() -> Arrangement:
    """Who sees what in the company."""
    from localorg.company import sharing  # as above

    rules = (SharingRule(**asdict(rule)) for rule in sharing.rules())
    return Arrangement(
        private=sharing.PRIVATE,
        without_hierarchies=sharing.WITHOUT_HIERARCHIES,
        rules=tuple(rules),
        closed_fields=sharing.CLOSED_FIELDS,
        frozen=frozenset(one.username for one in sharing.PERSONAS if one.frozen),
    )


class _Counter:
    """Counts rows as they pass, and tells a few times a second."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._total = total
        self._progress = progress
        self._done = 0
        self._told = 0.0

    def tell(self) -> None:
        """Say how far it is."""
        self._told = time.monotonic()
        self._progress(self._done, self._total)

    def through(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The same rows."""
        for row in rows:
            if self._done % _TOLD_EVERY == 0 and time.monotonic() > self._told + _TOLD_PAUSE:
                self.tell()
            self._done += 1
            yield row


@cache
def _empty_database() -> bytes:
    """The file of an org with nothing but its set-up: made once per process."""
    with tempfile.TemporaryDirectory(prefix="localorg-") as folder:
        path = Path(folder) / "org.db"
        make_database(path, load_schema(), None, lambda done, total: None)
        return path.read_bytes()


def database(data: Path, company: CompanySettings | None, progress: Progress) -> None:
    """Put an org's records into its folder, from the cache if they were generated before."""
    target = data / "org.db"
    schema = load_schema()
    if company is None or not has_company():
        target.write_bytes(_empty_database())
        return
    day = company.today or datetime.now(UTC).date()
    name = f"{_fingerprint()}-{company.seed}-{company.factor:g}-{day.isoformat()}.db"
    cached = cache_folder() / name
    if not cached.exists():
        cached.parent.mkdir(parents=True, exist_ok=True)
        making = cached.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}.tmp")
        try:
            make_database(making, schema, company, progress)
            making.replace(cached)
        finally:
            for rest in making.parent.glob(making.name + "*"):
                rest.unlink(missing_ok=True)
        _prune(cached.parent)
    shutil.copyfile(cached, target)
    os.utime(cached)


def _prune(folder: Path) -> None:
    kept = sorted(folder.glob("*.db"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in kept[_KEPT:]:
        path.unlink(missing_ok=True)


def make_certificate() -> tuple[bytes, bytes]:
    """A new RSA key and a certificate of it, both PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Forcedex integration")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .sign(key, SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem, certificate.public_bytes(Encoding.PEM)


def _username(org: Org, profile: str, fallback: str) -> str:
    """The first active user with a profile."""
    found = org.store.scalar(
        'SELECT u."Username" FROM "User" u JOIN "Profile" p ON p."Id" = u."ProfileId"'
        ' WHERE p."Name" = ? AND u."IsActive" = 1 ORDER BY u."Id"',
        (profile,),
    )
    return str(found or org.store.scalar('SELECT "Username" FROM "User" WHERE "Id" = ?', (fallback,)))


def credentials(org: Org) -> OrgCredentials:
    """The org's credentials; the first time, its app, keys and passwords are made."""
    path = org.data / "credentials.json"
    if path.exists():
        kept = orjson.loads(path.read_bytes())
        admin = {f"admin_{key}": value for key, value in kept.pop("admin").items()}
        now = {**_addresses(org), "private_key_file": str(org.data / "integration.key")}
        if "login_client_id" not in kept:
            now |= _login_app(org)
        found = OrgCredentials(**(kept | admin | now))
    else:
        found = _make_credentials(org)
    write_private(path, orjson.dumps(found.event(), option=orjson.OPT_INDENT_2))
    return found


def _addresses(org: Org) -> dict[str, str]:
    return {"url": org.url, "https_url": org.https_url, "pubsub": org.pubsub, "ca_file": str(org.ca_file)}


def _consumer_key() -> str:
    return "3MVG9" + secrets.token_urlsafe(48).replace("-", "_")


def _consumer_secret() -> str:
    return secrets.token_hex(32).upper()


def _login_app(org: Org) -> dict[str, str]:
    """Make the app that people log in with; its id and secret. Everybody may use it, without being asked."""
    app = ConnectedApp(
        name="Forcedex login",
        client_id=_consumer_key(),
        client_secret=_consumer_secret(),
        scopes=("openid",),
        preauthorized=("*",),
        client_credentials=False,
        password_flow=False,
        redirect_uris=_LOGIN_CALLBACKS,
    )
    org.apps.put(app)
    return {"login_client_id": app.client_id, "login_client_secret": app.client_secret}


def _make_credentials(org: Org) -> OrgCredentials:
    admin = _username(org, "System Administrator", ADMIN_ID)
    integration = _username(org, "Integration", INTEGRATION_ID)
    private_key, certificate = make_certificate()
    key_file = org.data / "integration.key"
    write_private(key_file, private_key)
    (org.data / "integration.crt").write_bytes(certificate)
    app = ConnectedApp(
        name="Forcedex",
        client_id=_consumer_key(),
        client_secret=_consumer_secret(),
        certificate=certificate.decode(),
        preauthorized=(admin, integration),
        run_as=integration,
    )
    org.apps.put(app)
    admin_id = str(org.store.scalar('SELECT "Id" FROM "User" WHERE "Username" = ?', (admin,)))
    secret = new_secret()
    org.credentials.set(admin_id, secret)
    return OrgCredentials(
        **_addresses(org),
        org_id=org.id,
        client_id=app.client_id,
        client_secret=app.client_secret,
        username=integration,
        private_key_file=str(key_file),
        refresh_token=issue_refresh_token(org, app, admin_id, "api refresh_token"),
        **_login_app(org),
        admin_username=admin,
        admin_password=secret.password,
        admin_security_token=secret.security_token,
        personas=log_ins(org, {admin: secret}),
    )
