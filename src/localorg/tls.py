"""The org's own certificate authority and the certificate of its servers, for loopback only.

`tls/ca.crt` in the org's folder is what clients trust. It stays; the servers' certificate is made at every start.
Keys are for their owner only.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from localorg.files import write_private

_CA_LIFE = timedelta(days=3_650)
_SERVER_LIFE = timedelta(days=397)  # what clients accept at most
_EARLIER = timedelta(days=1)  # for clients whose clock is behind


@dataclass(frozen=True, kw_only=True)
class ServerCertificate:
    """What a server shows, as PEM, and where it is."""

    private_key: bytes
    chain: bytes
    key_file: Path
    chain_file: Path
    ca_file: Path


def server_certificate(data: Path) -> ServerCertificate:
    """A certificate for localhost, signed by the authority of the org in this folder."""
    folder = data / "tls"
    folder.mkdir(mode=0o700, exist_ok=True)
    authority, authority_key = _authority(folder)
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName("localhost"), *(x509.IPAddress(ip_address(one)) for one in ("127.0.0.1", "::1"))]
    certificate = (
        _builder("localhost", authority.subject, key, _SERVER_LIFE)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, SHA256())
    )
    found = ServerCertificate(
        private_key=_pem(key),
        chain=certificate.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM),
        key_file=folder / "server.key",
        chain_file=folder / "server.crt",
        ca_file=folder / "ca.crt",
    )
    write_private(found.key_file, found.private_key)
    found.chain_file.write_bytes(found.chain)
    return found


def _authority(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """The org's authority; the first time it is made."""
    path, key_path = folder / "ca.crt", folder / "ca.key"
    if path.exists() and key_path.exists():
        key = load_pem_private_key(key_path.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return x509.load_pem_x509_certificate(path.read_bytes()), key
    key = ec.generate_private_key(ec.SECP256R1())
    usage = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
        + ("encipher_only", "decipher_only"),
        False,
    )
    certificate = (
        _builder("Local Org Certificate Authority", None, key, _CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    write_private(key_path, _pem(key))
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    return certificate, key


def _builder(
    name: str, issuer: x509.Name | None, key: ec.EllipticCurvePrivateKey, life: timedelta
) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer if issuer is not None else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now - _EARLIER + life)
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
