"""The certificates of an org that are configured: what it signs requests with."""

from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from forcedex.domain.errors import ConfigurationError

_SETTING = "[server] org_certificates"


def org_certificates(paths: Sequence[str]) -> tuple[x509.Certificate, ...]:
    """PEM certificates with RSA keys of 2048 bits or more; ConfigurationError for a file that holds none."""
    found = []
    for path in paths:
        try:
            certificate = x509.load_pem_x509_certificate(Path(path).read_bytes())
        except OSError as exc:
            raise ConfigurationError(f"{_SETTING}: {path} cannot be read: {exc.strerror}.", "Check the path.") from exc
        except ValueError as exc:
            raise ConfigurationError(
                f"{_SETTING}: {path} is no PEM certificate.", "Download it from Setup, Certificate and Key Management."
            ) from exc
        key = certificate.public_key()
        if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
            raise ConfigurationError(f"{_SETTING}: {path} has no RSA key of 2048 bits or more.", "Make another one.")
        found.append(certificate)
    return tuple(found)
