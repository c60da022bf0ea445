"""Every secret of the configuration is known to the redactor, those of tomorrow's settings too."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import BaseModel, SecretStr

from forcedex.domain.errors import ConfigurationError
from forcedex.operations.redaction import Redactor
from forcedex.operations.secrets import configured_secrets
from forcedex.settings import Settings, load


def secret_fields() -> list[tuple[str, str, bool]]:
    """(section, field, whether it names a file) of every setting that holds a secret."""
    found = []
    for section, info in Settings.model_fields.items():
        model = info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            for name, field in model.model_fields.items():
                if field.annotation is SecretStr:
                    found.append((section, name, False))
                elif name.endswith("_file") and name != "ca_file":
                    found.append((section, name, True))
    return found


def test_the_fields_are_all_there() -> None:
    assert {
        ("salesforce", "client_secret", False),
        ("server", "key_file", True),
        ("alerts", "smtp_password", False),
    } <= {*secret_fields()}
    assert len(secret_fields()) >= 20


@pytest.mark.parametrize(("section", "name", "in_file"), secret_fields())
def test_each_secret_is_known(section: str, name: str, in_file: bool, tmp_path: Path) -> None:
    canary = f"canary-{section}-{name}-4711"
    value: object = canary
    if in_file:
        value = tmp_path / "secret"
        value.write_text(f"{canary}\n", encoding="utf-8")
    settings = Settings.model_validate({section: {name: value}})
    assert Redactor(configured_secrets(settings)).text(f"<{canary}>") == "<***>"


def test_a_binary_key_is_known_in_hex_and_base64(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(bytes(range(220, 252)))
    settings = Settings.model_validate({"server": {"key_file": path}})
    assert Redactor(configured_secrets(settings)).text(path.read_bytes().hex()) == "***"


def test_every_key_of_a_list_is_known(tmp_path: Path) -> None:
    for name in ("new", "old"):
        (tmp_path / name).write_text(f"canary-{name}-4711", encoding="utf-8")
    settings = Settings.model_validate({"server": {"key_file": [tmp_path / "new", tmp_path / "old"]}})
    assert Redactor(configured_secrets(settings)).text("canary-new-4711 canary-old-4711") == "*** ***"


def test_a_private_key_is_known_without_its_frame_and_line_by_line(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    path = tmp_path / "key.pem"
    path.write_text(pem, encoding="utf-8")
    redactor = Redactor(configured_secrets(Settings.model_validate({"salesforce": {"private_key_file": path}})))
    lines = pem.splitlines()[1:-1]
    assert redactor.text("".join(lines)) == "***"
    assert redactor.text(f"line: {lines[3]}") == "line: ***"


def test_passwords_in_urls_and_the_path_of_a_webhook_are_known() -> None:
    settings = Settings.model_validate(
        {
            "state": {"url": "postgresql+asyncpg://forcedex:p%40ssw0rd@db/forcedex"},
            "alerts": {"webhook_url": "https://hooks.example.com/services/T0/B0/canary"},
        }
    )
    redactor = Redactor(configured_secrets(settings))
    assert redactor.text("p%40ssw0rd and p@ssw0rd") == "*** and ***"
    assert redactor.text("POST /services/T0/B0/canary to hooks.example.com") == "POST *** to hooks.example.com"
    assert redactor.text("https://hooks.example.com/services/T0/B0/canary") == "***"


def test_a_file_that_is_missing_is_left_to_whoever_needs_it() -> None:
    settings = Settings.model_validate({"salesforce": {"password_file": "nowhere"}})
    assert Redactor(configured_secrets(settings)).text("nowhere") == "nowhere"


def test_nothing_of_the_configuration_shows_a_secret() -> None:
    settings = Settings.model_validate({"alerts": {"webhook_url": "https://canary/", "smtp_password": "canary"}})
    assert "canary" not in repr(settings) + str(settings.alerts)


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("5m", 300), ("1h", 3600), ("30d", 30 * 86_400)])
def test_spans_of_time(text: str, seconds: int) -> None:
    assert Settings.model_validate({"alerts": {"lag": text}}).alerts.lag == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "0m", "5 m", "-5m", "1.5h", "PT5M", "5m30s", "9999999d"])
def test_what_is_no_span_of_time_is_explained(text: str, tmp_path: Path) -> None:
    path = tmp_path / "forcedex.toml"
    path.write_text(f'[alerts]\nlag = "{text}"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"\[alerts\] lag in .* cannot be used: write it like 90s, 5m"):
        load(path)


def test_alerts_and_logging_have_defaults_and_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (Settings().alerts.lag, Settings().alerts.quiet) == (timedelta(minutes=5), timedelta(hours=1))
    assert (Settings().logging.level, Settings().logging.format) == ("info", "auto")
    monkeypatch.setenv("FORCEDEX_ALERTS__MAIL_TO", '["ops@example.com"]')
    monkeypatch.setenv("FORCEDEX_ALERTS__QUIET", "2h")
    monkeypatch.setenv("FORCEDEX_LOGGING__LEVEL", "debug")
    assert Settings().alerts.mail_to == ["ops@example.com"] and Settings().alerts.quiet == timedelta(hours=2)
    assert Settings().logging.level == "debug"
