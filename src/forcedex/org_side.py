"""Whether what Forcedex needs inside Salesforce is there and right: `forcedex check --salesforce-package`."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from importlib import resources

from forcedex.app import opened_source
from forcedex.certificates import org_certificates
from forcedex.domain.errors import ForcedexError
from forcedex.domain.org_side import OrgPackage, OrgSide
from forcedex.monitor import utc_now
from forcedex.overview import Finding
from forcedex.settings import ServerSection, Settings

#: A certificate that ends sooner is to be replaced now.
_SOON = timedelta(days=30)
#: Setup tells the day in the org's time zone, the certificate in UTC.
_A_DAY = timedelta(days=1)
_DEPLOY_FIRST = "Deploy salesforce/: docs/salesforce.md."
_DEPLOY = "Deploy salesforce/ again: docs/salesforce.md."
_CREDENTIALS = "Setup, Named Credentials"
_SETTINGS = "Setup, Custom Metadata Types, Forcedex Setting, Manage Records, Default, Edit"
_CERTIFICATES = "Setup, Certificate and Key Management"


def shipped_package() -> OrgPackage:
    """What the project `salesforce/` of this version deploys."""
    told = json.loads((resources.files("forcedex") / "org_package.json").read_text(encoding="utf-8"))
    return OrgPackage(**{**told, "components": tuple(told["components"])})


async def check_org_side(settings: Settings, package: OrgPackage | None = None) -> Sequence[Finding]:
    """What is in the org, each thing fine, or what is wrong with the next click."""
    package = package or shipped_package()
    try:
        ends = [each.not_valid_after_utc.date() for each in org_certificates(settings.server.org_certificates)]
        async with opened_source(settings) as source:
            identity = await source.identity()
            found = await source.org_side(package, identity.user_id)
    except ForcedexError as exc:
        return [Finding(subject="In Salesforce", ok=False, detail=exc.message, hint=exc.hint, exit_code=exc.exit_code)]
    return list(judged(package, found, settings.server, ends, utc_now().date()))


def judged(
    package: OrgPackage, found: OrgSide, server: ServerSection, ends: Sequence[date], today: date
) -> Iterator[Finding]:
    """What is fine and what is not. `ends`: when the certificates end that the service knows. Pure."""
    yield _classes(package, found)
    yield _components(package, found)
    yield _credential(package, found, server.public_url)
    yield _setting(package, found, server.public_url)
    yield _certificate(found, ends, today)
    yield _people(package, found)
    yield _rights(found)
    if server.header_search_client_id or found.data_source is not None:
        yield _header_search(package, found, server)


def _fine(subject: str, detail: str) -> Finding:
    return Finding(subject=subject, ok=True, detail=detail)


def _wrong(subject: str, detail: str, hint: str) -> Finding:
    return Finding(subject=subject, ok=False, detail=detail, hint=hint, exit_code=1)


def _classes(package: OrgPackage, found: OrgSide) -> Finding:
    subject = "Apex"
    missing = sorted(package.classes.keys() - found.classes.keys())
    if missing:
        return _wrong(subject, f"Not in the org: {', '.join(missing)}.", _DEPLOY_FIRST)
    for name, digest in sorted(package.classes.items()):
        one = found.classes[name]
        if one.api_version != package.api_version:
            return _wrong(subject, f"{name} has API version {one.api_version}, not {package.api_version}.", _DEPLOY)
        if not one.active:
            return _wrong(subject, f"{name} is not active.", _DEPLOY)
        if one.digest not in (None, digest):
            return _wrong(subject, f"{name} is not that of this version of Forcedex.", _DEPLOY)
    stale = sorted(name for name in package.classes if not found.classes[name].valid)
    if stale:
        return _wrong(
            subject,
            f"To be compiled again: {', '.join(stale)}.",
            "Setup, Apex Classes: click Compile all classes.",
        )
    return _fine(subject, f"{len(package.classes)} classes of this version")


def _components(package: OrgPackage, found: OrgSide) -> Finding:
    subject = "Components"
    missing = sorted(set(package.components) - found.components.keys())
    if missing:
        return _wrong(subject, f"Not in the org: {', '.join(missing)}.", _DEPLOY_FIRST)
    other = sorted(name for name in package.components if found.components[name] != package.api_version)
    if other:
        return _wrong(subject, f"Of another API version than {package.api_version}: {', '.join(other)}.", _DEPLOY)
    return _fine(subject, f"{len(package.components)} Lightning components")


def _credential(package: OrgPackage, found: OrgSide, public_url: str) -> Finding:
    subject = "Credential"
    one, name = found.named_credential, package.named_credential
    if one is None:
        return _wrong(subject, f"There is no named credential {name}.", _DEPLOY_FIRST)
    if not public_url:
        return _wrong(
            subject,
            "[server] public_url is not set.",
            f"Write there what {name} calls, such as https://search.example.com.",
        )
    if one.url.rstrip("/") != public_url.rstrip("/"):
        return _wrong(
            subject,
            f"{name} calls {one.url or 'nothing'}, and [server] public_url is {public_url}.",
            f"{_CREDENTIALS}, {name}, Edit: set URL to {public_url.rstrip('/')}, Save.",
        )
    if not one.enabled:
        return _wrong(
            subject,
            f"{name} is not enabled for callouts.",
            f"{_CREDENTIALS}, {name}, Edit: Enabled for Callouts, Save.",
        )
    return _fine(subject, f"{name} calls {one.url}")


def _setting(package: OrgPackage, found: OrgSide, public_url: str) -> Finding:
    subject, one = "Setting", found.setting
    if one is None:
        return _wrong(subject, f"There is no record Default of {package.setting}.", _DEPLOY_FIRST)
    wanted = public_url.rstrip("/")
    if one.address.rstrip("/") != wanted:
        return _wrong(
            subject,
            f"Its address is {one.address or 'empty'}, and [server] public_url is {public_url or 'empty'}.",
            f"{_SETTINGS}: set Address to {wanted or 'what the service is called'}, Save.",
        )
    return _fine(subject, f"requests are signed for {one.address}")


def _certificate(found: OrgSide, ends: Sequence[date], today: date) -> Finding:
    subject, until = "Certificate", found.certificate_ends
    name = found.setting.certificate if found.setting else ""
    if not name:
        return _wrong(subject, "The setting names no certificate.", f"{_SETTINGS}: fill in Certificate, Save.")
    renew = f"{_CERTIFICATES}: Create Self-Signed Certificate, name it {name}"
    known = f"{_CERTIFICATES}, {name}, Download Certificate; name the file in [server] org_certificates."
    if until is None:
        return _wrong(subject, f"There is no certificate {name}.", f"{renew}, Save.")
    if until <= today:
        return _wrong(subject, f"{name} has expired on {until}.", f"Delete it; {renew}, Save; then {known}")
    if not ends:
        return _wrong(subject, "[server] org_certificates names none.", known)
    if not any(abs(until - each) <= _A_DAY for each in ends):
        days = ", ".join(str(each) for each in sorted(ends))
        return _wrong(
            subject, f"{name} ends on {until}; the certificates in [server] org_certificates end on {days}.", known
        )
    if until - today < _SOON:
        return _wrong(
            subject,
            f"{name} expires on {until}.",
            f"{_CERTIFICATES}: make the next one, and name both in [server] org_certificates until Apex uses it.",
        )
    return _fine(subject, f"{name} is known here and good until {until}")


def _people(package: OrgPackage, found: OrgSide) -> Finding:
    subject, name = "Permission set", package.permission_set
    if found.holders is None:
        return _wrong(subject, f"There is no permission set {name}.", _DEPLOY_FIRST)
    if not found.holders:
        return _wrong(
            subject,
            f"Nobody holds {name}.",
            f"Setup, Permission Sets, {name}, Manage Assignments, Add Assignment. (Who holds it by a group does not "
            "count here.)",
        )
    return _fine(subject, f"{found.holders:,} people hold {name}")


def _rights(found: OrgSide) -> Finding:
    subject, rights = "Sync user", found.rights
    if rights.needless:
        return _wrong(
            subject,
            f"It holds what it does not need: {', '.join(rights.needless)}.",
            "Setup, Users, the sync user: take it out of its profile and permission sets.",
        )
    if rights.writes:
        some = ", ".join(rights.writes[:5]) + (" …" if len(rights.writes) > 5 else "")
        return _wrong(
            subject,
            f"It may change records of {some}.",
            "Setup, Users, the sync user: leave it Read and View All in its profile and permission sets.",
        )
    return _fine(subject, "it may read, and change nothing")


def _header_search(package: OrgPackage, found: OrgSide, server: ServerSection) -> Finding:
    subject, name, one = "Header search", package.data_source, found.data_source
    where = f"Setup, External Data Sources, {name}"
    if one is None:
        return _wrong(
            subject,
            f"It is set up here, and there is no external data source {name}.",
            "See the header search in docs/salesforce.md, or empty [server] header_search_client_id.",
        )
    if not server.header_search_client_id:
        return _fine(subject, f"{name} is there; the search is off here")
    wanted = f"{server.public_url.rstrip('/')}/federated/opensearch.xml"
    if one.kind != "OpenSearch":
        return _wrong(
            subject, f"{name} is of the type {one.kind}.", f"{where}, Edit: Type Federated Search: OpenSearch."
        )
    if one.endpoint != wanted:
        return _wrong(subject, f"{name} asks {one.endpoint or 'nothing'}.", f"{where}, Edit: URL {wanted}, Save.")
    if one.principal == "Anonymous":
        return _wrong(
            subject,
            f"{name} asks without saying who: it finds nothing.",
            f"{where}, Edit: Identity Type Named Principal, OAuth 2.0; docs/service.md.",
        )
    return _fine(subject, f"{name} asks {wanted}")
