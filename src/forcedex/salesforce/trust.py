"""Whose certificates are trusted: the system's authorities, and those of `ca_file` for private endpoints."""

import ssl
from pathlib import Path

import httpx2

from forcedex.domain.errors import ConfigurationError


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """For HTTPS; ConfigurationError if `ca_file` cannot be used."""
    context = httpx2.create_ssl_context()
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as exc:
            raise _unreadable(ca_file) from exc
    return context


def root_certificates(ca_file: str | None) -> bytes | None:
    """For gRPC, as PEM; None where there is nothing but gRPC's own list. ConfigurationError as above."""
    system = ssl.create_default_context().get_ca_certs(binary_form=True)
    texts = [ssl.DER_cert_to_PEM_cert(each) for each in system]
    if ca_file:
        try:
            texts.append(Path(ca_file).read_text("ascii"))
        except (OSError, UnicodeDecodeError) as exc:
            raise _unreadable(ca_file) from exc
    return "".join(texts).encode() or None


def _unreadable(ca_file: str) -> ConfigurationError:
    return ConfigurationError(
        f"ca_file {ca_file} cannot be read as PEM certificates.", "Point it to the CA's certificate in PEM form."
    )
