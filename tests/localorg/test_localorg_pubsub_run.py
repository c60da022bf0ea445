"""The org's servers beside plain HTTP: certificates, ports, what the process tells of them."""

import asyncio
import json
import socket
import ssl
import stat
import sys
from pathlib import Path
from urllib.parse import urlsplit

import grpc
import httpx2
from cryptography import x509

from localorg.fixture import LocalOrg, running_org
from localorg.pubsub.eventbus_pb2 import TopicInfo, TopicRequest
from tests.localorg.api import VERSION
from tests.localorg.pubsub import ACCOUNTS, PATIENCE, PubSub


async def test_https_answers_to_who_trusts_the_org_s_authority(org: LocalOrg) -> None:
    context = ssl.create_default_context(cafile=str(org.ca_file))
    port = urlsplit(org.https_url).port
    async with httpx2.AsyncClient(verify=context) as client:
        for host in ("localhost", "127.0.0.1"):
            answer = await client.get(
                f"https://{host}:{port}/services/data/v{VERSION}/sobjects",
                headers={"Authorization": f"Bearer {org.session()}"},
            )
            assert answer.status_code == 200
    async with httpx2.AsyncClient() as stranger:
        try:
            await stranger.get(f"{org.https_url}/services/data")
        except httpx2.ConnectError as error:
            assert "CERTIFICATE_VERIFY_FAILED" in str(error)
        else:
            raise AssertionError("a certificate of an unknown authority was trusted")


async def test_the_authority_stays_and_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    async with running_org(tmp_path, empty=True) as first:
        authority = first.ca_file.read_bytes()
        served = (tmp_path / "tls" / "server.crt").read_bytes()
    async with running_org(tmp_path) as second:
        assert second.ca_file.read_bytes() == authority
        assert (tmp_path / "tls" / "server.crt").read_bytes() != served
        bus = PubSub(second)
        assert (await bus.topic(ACCOUNTS)).can_subscribe
        await bus.close()
    for key in ("ca.key", "server.key"):
        assert stat.S_IMODE((tmp_path / "tls" / key).stat().st_mode) == 0o600
    certificate = x509.load_pem_x509_certificate(served)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]


async def test_a_process_tells_all_its_addresses_and_taken_ports_are_replaced(tmp_path: Path) -> None:
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    names = ("--port", "--https-port", "--pubsub-port")
    ports = [part for name, one in zip(names, taken, strict=True) for part in (name, str(one.getsockname()[1]))]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "localorg", "run", "--data", str(tmp_path), "--empty", "--json", *ports),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        ready = json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE))
        assert ready["event"] == "ready"
        found = {urlsplit(ready["url"]).port, urlsplit(ready["https_url"]).port, int(ready["pubsub"].split(":")[1])}
        assert len(found) == 3 and not found & {one.getsockname()[1] for one in taken}
        kept = json.loads((tmp_path / "credentials.json").read_bytes())
        for name in ("url", "https_url", "pubsub", "ca_file"):
            assert kept[name] == ready[name]
        context = ssl.create_default_context(cafile=ready["ca_file"])
        async with httpx2.AsyncClient(verify=context) as client:
            login = {"grant_type": "client_credentials"} | {key: kept[key] for key in ("client_id", "client_secret")}
            answer = await client.post(f"{ready['https_url']}/services/oauth2/token", data=login)
        token = answer.json()["access_token"]
        metadata = (("accesstoken", token), ("instanceurl", ready["https_url"]), ("tenantid", ready["org_id"]))
        credentials = grpc.ssl_channel_credentials(Path(ready["ca_file"]).read_bytes())
        async with grpc.aio.secure_channel(ready["pubsub"], credentials) as channel:
            call = channel.unary_unary(
                "/eventbus.v1.PubSub/GetTopic", TopicRequest.SerializeToString, TopicInfo.FromString
            )
            topic = await call(TopicRequest(topic_name=ACCOUNTS), metadata=metadata, timeout=PATIENCE)
        assert topic.tenant_guid == ready["org_id"]
    finally:
        for one in taken:
            one.close()
        process.terminate()
        await process.wait()


async def test_streams_end_when_the_org_stops(tmp_path: Path) -> None:
    async with running_org(tmp_path, empty=True) as org:
        org.insert("Account", Name="A")
        bus = PubSub(org)
        stream = await bus.subscribe()
        await stream.changes(1)
    assert await stream.error() == (grpc.StatusCode.UNAVAILABLE, "service.unavailable")
    await bus.close()
