"""Whatever is wrong outside ends in one line that names the cause and the next step, and in the right exit code."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from elasticsearch import AsyncElasticsearch

from localorg.auth.credentials import Secret
from localorg.fixture import LocalOrg, running_org
from tests.acceptance.product import Product


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def org() -> AsyncIterator[LocalOrg]:
    async with running_org(empty=True) as org:
        org.insert("Account", Name="Acme")
        yield org


@pytest.fixture
def product(org: LocalOrg, elasticsearch_url: str, tmp_path: Path) -> Product:
    return Product(tmp_path, org, elasticsearch_url, objects=("Account",))


async def refused(product: Product, code: int, *said: str, command: tuple[str, ...] = ("sync",)) -> None:
    """The command ends with this code and one line that says all of this."""
    found, out, err = await product.run(*command)
    assert found == code, (out, err)
    (line,) = [each for each in err.splitlines() if each.startswith("Error:")]
    assert "Traceback" not in out + err
    for each in said:
        assert each in line
    assert line.count(". ") >= 1, f"no next step: {line}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_nobody_listens_at_the_login_url(product: Product) -> None:
    product.settings["FORCEDEX_SALESFORCE__LOGIN_URL"] = f"http://127.0.0.1:{free_port()}"
    await refused(product, 1, "login_url")


async def test_plain_http_to_another_machine_is_refused(product: Product) -> None:
    product.settings["FORCEDEX_SALESFORCE__LOGIN_URL"] = "http://login.salesforce.com"
    await refused(product, 2, "https")


async def test_the_name_of_the_login_host_does_not_exist(product: Product) -> None:
    product.settings["FORCEDEX_SALESFORCE__LOGIN_URL"] = "https://no-such-domain.invalid"
    await refused(product, 2, "no-such-domain.invalid")


async def test_the_certificate_of_the_login_host_is_not_trusted(product: Product, tmp_path: Path) -> None:
    async with tls_server(tmp_path) as port:
        product.settings["FORCEDEX_SALESFORCE__LOGIN_URL"] = f"https://localhost:{port}"
        await refused(product, 2, "certificate", "ca_file")


async def test_the_private_key_is_another_one(product: Product, tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    (tmp_path / "integration.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    await refused(product, 2, "key", "certificate")


@pytest.mark.parametrize("content", [None, "not a key"])
async def test_the_private_key_cannot_be_read(product: Product, tmp_path: Path, content: str | None) -> None:
    key = tmp_path / "integration.key"
    key.unlink()
    if content is not None:
        key.write_text(content)
    await refused(product, 2, "private_key_file" if content is None else "key")


async def test_the_user_did_not_approve_the_app(product: Product, org: LocalOrg) -> None:
    app = org.org.apps.find(org.credentials.client_id)
    assert app is not None
    org.org.apps.put(replace(app, preauthorized=()))
    try:
        await refused(product, 2, "approve")
    finally:
        org.org.apps.put(app)


async def test_the_app_does_not_exist(product: Product) -> None:
    product.settings["FORCEDEX_SALESFORCE__CLIENT_ID"] = "3MVG9unknown"
    await refused(product, 2, "client_id")


async def test_the_password_has_expired(product: Product, org: LocalOrg) -> None:
    made = org.credentials
    user_id = str(org.org.store.scalar('SELECT "Id" FROM "User" WHERE "Username" = ?', (made.admin_username,)))
    secret = Secret(password=made.admin_password, security_token=made.admin_security_token)
    product.settings |= {
        "FORCEDEX_SALESFORCE__AUTH": "password",
        "FORCEDEX_SALESFORCE__USERNAME": made.admin_username,
        "FORCEDEX_SALESFORCE__PASSWORD": made.admin_password,
        "FORCEDEX_SALESFORCE__SECURITY_TOKEN": made.admin_security_token,
        "FORCEDEX_SALESFORCE__CLIENT_ID": "",
    }
    org.org.credentials.set(user_id, secret, expired=True)
    try:
        await refused(product, 2, "expired")
    finally:
        org.org.credentials.set(user_id, secret)
    assert (await product.run("sync"))[0] == 0


async def test_the_password_is_wrong_and_is_not_shown(product: Product, org: LocalOrg) -> None:
    product.settings |= {
        "FORCEDEX_SALESFORCE__AUTH": "password",
        "FORCEDEX_SALESFORCE__USERNAME": org.credentials.admin_username,
        "FORCEDEX_SALESFORCE__PASSWORD": "canary-password",
        "FORCEDEX_SALESFORCE__SECURITY_TOKEN": "canary-token",
        "FORCEDEX_SALESFORCE__CLIENT_ID": "",
    }
    await refused(product, 2, "password")
    _, out, err = await product.run("sync")
    assert "canary" not in out + err


async def test_an_object_in_the_list_does_not_exist(product: Product) -> None:
    product.settings["FORCEDEX_SYNC__OBJECTS"] = '["Account", "Acount"]'
    await refused(product, 2, "'Acount'", "[sync] objects")


async def test_the_sync_user_may_not_read_an_object(product: Product, org: LocalOrg) -> None:
    store, objects = org.org.store, org.org.schema.objects
    flags = [
        (table, str(row["Id"]), flag)
        for table, names in (
            ("ObjectPermissions", ("PermissionsRead",)),
            ("Profile", ("PermissionsViewAllData", "PermissionsModifyAllData")),
            ("PermissionSet", ("PermissionsViewAllData", "PermissionsModifyAllData")),
        )
        for row in org.rows(table)
        for flag in names
        if row[flag] and row.get("SobjectType", "Lead") == "Lead"
    ]

    def permit(allowed: int) -> None:
        for table, record, flag in flags:
            store.update(objects[table], record, {flag: allowed})

    permit(0)
    try:
        product.settings["FORCEDEX_SYNC__OBJECTS"] = '["Lead"]'
        await refused(product, 2, "Lead", "permission")
    finally:
        permit(1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[sync\n", "not valid TOML"),
        (b"\xff\xfe", "not UTF-8"),
        (
            b"[sync]\nobject = []\n",
            "[sync] object in forcedex.toml is not a setting. Known there: api_share, compare_every,",
        ),
        (b"[sink]\n", "sink in forcedex.toml is not a setting"),
        (b"[sync]\napi_share = 7\n", "[sync] api_share in forcedex.toml cannot be used"),
        (b'[salesforce]\nauth = "magic"\n', "[salesforce] auth"),
    ],
)
async def test_the_configuration_file_is_wrong(product: Product, tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "forcedex.toml").write_bytes(content)
    await refused(product, 2, said)


async def test_the_configuration_file_is_not_there(product: Product) -> None:
    await refused(product, 2, "missing.toml", "forcedex init", command=("sync", "--config", "missing.toml"))


async def test_a_needed_setting_is_missing(product: Product) -> None:
    product.settings["FORCEDEX_SALESFORCE__USERNAME"] = ""
    await refused(product, 2, "[salesforce] username is missing")


async def test_the_state_store_cannot_be_made(product: Product, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    product.settings["FORCEDEX_STATE__URL"] = f"sqlite:///{tmp_path}/file/state.db"
    await refused(product, 1, "state store")


async def test_nobody_listens_where_elasticsearch_should_be(product: Product) -> None:
    product.settings["FORCEDEX_ELASTICSEARCH__URL"] = f"http://127.0.0.1:{free_port()}"
    await refused(product, 1, "Elasticsearch cannot be reached", "[elasticsearch] url")


@pytest.mark.parametrize(("version", "said"), [("7.17.0", "Elasticsearch 7.17.0 is too old"), ("8.18.9", "too old")])
async def test_elasticsearch_is_too_old(product: Product, version: str, said: str) -> None:
    def answer() -> tuple[dict[str, str], bytes]:
        info = {"cluster_name": "old", "version": {"number": version, "build_flavor": "default"}, "tagline": "x"}
        return {"X-Elastic-Product": "Elasticsearch"}, json.dumps(info).encode()

    async with http_server(answer) as port:
        product.settings["FORCEDEX_ELASTICSEARCH__URL"] = f"http://127.0.0.1:{port}"
        await refused(product, 1, said)


async def test_what_answers_is_not_elasticsearch(product: Product) -> None:
    async with http_server(lambda: ({}, b'{"hello": "world"}')) as port:
        product.settings["FORCEDEX_ELASTICSEARCH__URL"] = f"http://127.0.0.1:{port}"
        await refused(product, 1, "is not Elasticsearch")


async def test_the_cluster_is_read_only(product: Product, elasticsearch_url: str) -> None:
    async with AsyncElasticsearch(elasticsearch_url) as client:
        await client.cluster.put_settings(persistent={"cluster.blocks.read_only": True})
        try:
            await refused(product, 1, "takes no writes", "cluster.blocks.read_only")
        finally:
            await client.cluster.put_settings(persistent={"cluster.blocks.read_only": None})


@pytest.mark.parametrize("command", [("search", "acme"), ("report", "closed-won"), ("status",)])
async def test_nothing_was_synced_yet(product: Product, command: tuple[str, ...]) -> None:
    await refused(product, 1, "Nothing was synced yet", "forcedex sync", command=command)


@pytest.mark.parametrize(
    "command", [("report", "closed-lost"), ("search",), ("sync", "--objekt", "X"), ("frobnicate",)]
)
async def test_a_wrong_command_line_is_wrong_usage(product: Product, command: tuple[str, ...]) -> None:
    code, out, err = await product.run(*command)
    assert code == 2
    assert "Traceback" not in out + err
    assert "Usage" in err


async def test_check_says_what_is_fine_and_what_to_do_about_the_rest(product: Product) -> None:
    code, out, _ = await product.run("check")
    assert code == 0
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["✓", "Salesforce"],
        ["✓", "Permissions"],
        ["✓", "Access"],
        ["✓", "Elasticsearch"],
        ["✓", "State"],
    ]
    product.settings["FORCEDEX_ELASTICSEARCH__URL"] = f"http://127.0.0.1:{free_port()}"
    code, out, _ = await product.run("check", "--json")
    assert code == 1
    assert [each["ok"] for each in json.loads(out)] == [True, True, True, False, True]


@asynccontextmanager
async def http_server(answer: Callable[[], tuple[dict[str, str], bytes]]) -> AsyncIterator[int]:
    """A server that gives the same answer to everything."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline() not in (b"\r\n", b""):
            pass
        headers, body = answer()
        lines = [f"{name}: {value}" for name, value in headers.items()]
        head = ["HTTP/1.1 200 OK", "Content-Type: application/json", f"Content-Length: {len(body)}", *lines]
        writer.write("\r\n".join([*head, "Connection: close", "", ""]).encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def tls_server(folder: Path) -> AsyncIterator[int]:
    """A server with a certificate that nobody signed."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]
