"""A CA of our own, as companies have one for private endpoints, and certificates that it signs."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class PrivateCa:
    """The CA; its certificate is in `ca_file`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Private CA")])
        self._cert = self._signed(self._name, self._key, x509.BasicConstraints(ca=True, path_length=None))
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_bytes(self._cert.public_bytes(Encoding.PEM))

    def key_and_certificate(self, host: str) -> tuple[bytes, bytes]:
        """What a server with this host name shows, as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        names: list[x509.GeneralName] = [x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.9"))]
        cert = self._signed(name, key, x509.SubjectAlternativeName(names))
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return pem, cert.public_bytes(Encoding.PEM)

    def server(self, host: str) -> ssl.SSLContext:
        """TLS settings of a server with a certificate for this host name."""
        path = self._folder / f"{host}.pem"
        path.write_bytes(b"".join(self.key_and_certificate(host)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _signed(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(
            issuer_name=self._name,
            subject_name=name,
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now - timedelta(days=1),
            not_valid_after=now + timedelta(days=1),
        ).add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        issuer = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        ).add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer), critical=False)
        return builder.sign(self._key, SHA256())
