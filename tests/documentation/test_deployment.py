"""What stands in `deploy/` is what its readers understand: linters, schemas, and our own settings and commands."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from forcedex.settings import Settings, load
from tests.documentation.test_docs import ROOT, commands

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES = ("certificates", "elasticsearch", "postgres", "service", "worker")
UNITS = ("forcedex-backup@", "forcedex-serve@", "forcedex-sync@")
CONTAINERFILE = (DEPLOY / "Containerfile").read_text("utf-8")
PAGE = (ROOT / "docs/deployment.md").read_text("utf-8")


def unit(name: str) -> str:
    return (DEPLOY / "systemd" / f"{name}.service").read_text("utf-8")


def assert_settings_are_known(names: list[str]) -> None:
    for name in names:
        section, _, setting = name.removeprefix("FORCEDEX_").lower().partition("__")
        model = Settings.model_fields[section].annotation
        assert setting in getattr(model, "model_fields", {}), name


def assert_a_command(words: list[str]) -> None:
    """Such as `sync --watch`: it exists, with its options."""
    known = commands()[words[0]]
    while known.params == [] and hasattr(known, "commands"):
        words = words[1:]
        known = known.commands[words[0]]
    options = {option for parameter in known.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options, words


def test_the_containerfile_has_no_fault_that_hadolint_knows() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert hadolint is not None
    done = subprocess.run([hadolint, "--no-color", DEPLOY / "Containerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_container_runs_as_an_ordinary_user_on_a_base_of_a_fixed_version() -> None:
    bases = re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE)
    assert len(bases) == 2 and all(re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base) for base in bases)
    final = CONTAINERFILE.rpartition("FROM ")[2]
    assert re.search(r"^USER 10001:10001$", final, re.MULTILINE)
    assert_settings_are_known(re.findall(r"FORCEDEX_\w+__\w+", CONTAINERFILE))
    command = re.search(r"^CMD \[(.*)\]$", final, re.MULTILINE)
    assert command is not None
    assert_a_command([word.strip('" ') for word in command[1].split(",")])


def test_no_secret_gets_into_the_image() -> None:
    for name in (".containerignore", ".dockerignore"):
        left_out = (ROOT / name).read_text("utf-8").split()
        assert {".git", ".forcedex", "deploy/secrets", "*.key", "*.pem"} <= set(left_out)
    assert "deploy/secrets" in (ROOT / ".gitignore").read_text("utf-8").split()


def test_the_compose_file_fits_the_specification() -> None:
    tool = Path(sys.executable).parent / "check-jsonschema"
    command = [str(tool), "--builtin-schema", "vendor.compose-spec", str(DEPLOY / "compose.yaml")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert tuple(sorted(COMPOSE["services"])) == SERVICES


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_pinned_watched_and_gets_secrets_as_files_only(name: str) -> None:
    service = COMPOSE["services"][name]
    image = service["image"]
    assert image == "forcedex:latest" or re.fullmatch(r"[a-z]+:\d+[\w.-]*", image), image
    assert name == "certificates" or service["healthcheck"]["test"]
    environment = service.get("environment", {})
    for key, value in environment.items():
        if re.search("PASSWORD|SECRET|TOKEN|API_KEY|PRIVATE_KEY", key):
            assert key.endswith("_FILE") and value.startswith("/run/secrets/"), key
    for secret in service.get("secrets", ()):
        assert COMPOSE["secrets"][secret]["file"] == f"./secrets/{secret}"
        assert f"/run/secrets/{secret}" in " ".join(map(str, environment.values())), secret
    for volume in service.get("volumes", ()):
        assert volume.split(":")[0] in COMPOSE["volumes"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


@pytest.mark.parametrize("name", ["service", "worker"])
def test_our_containers_are_told_what_the_program_understands(name: str) -> None:
    service = COMPOSE["services"][name]
    assert_settings_are_known(list(service["environment"]))
    assert_a_command(service["command"])
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    program, option, code = service["healthcheck"]["test"][1:]
    assert (program, option) == ("python", "-c")
    ast.parse(code)
    least = {"service": "reader_key", "worker": "worker_key"}
    assert {"reader_key", "worker_key"} & set(service["secrets"]) == {least[name]}


@pytest.mark.parametrize("name", UNITS)
def test_each_unit_runs_a_command_of_ours_with_nothing_more_than_it_needs(name: str) -> None:
    text = unit(name)
    assert_settings_are_known(re.findall(r"^Environment=(FORCEDEX_\w+)=", text, re.MULTILINE))
    words = re.search(r"/opt/forcedex/bin/forcedex ([^\"'\n]+)", text)
    assert words is not None
    assert_a_command(words[1].split())
    hardened = ("NoNewPrivileges=true", "ProtectSystem=strict", "CapabilityBoundingSet=", "UMask=0077")
    for line in ("User=forcedex", *hardened):
        assert f"\n{line}\n" in text, line
    given = re.findall(r"^LoadCredential=(\w+):/etc/forcedex/%i/(\w+)$", text, re.MULTILINE)
    assert all(first == second and f"%d/{first}" in text for first, second in given)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for name in UNITS:
        # The program need not be installed where this runs.
        text = unit(name).replace("/opt/forcedex/bin/forcedex", "/bin/true")
        (tmp_path / f"{name}acme.service").write_text(text, "utf-8")
    shutil.copy(DEPLOY / "systemd" / "forcedex-backup@.timer", tmp_path / "forcedex-backup@acme.timer")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(tmp_path.iterdir())], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_example_configuration_is_one() -> None:
    settings = load(DEPLOY / "forcedex.toml")
    assert settings.elasticsearch.index_prefix == "acme"
    written = (DEPLOY / "forcedex.toml").read_text("utf-8")
    assert tomllib.loads(written.replace("# url = ", "#url = "))["state"]["url"].startswith("sqlite:////")


def test_every_command_of_the_deployment_page_exists() -> None:
    found = re.findall(r"(?:bin/forcedex|run --rm worker|^forcedex) ([a-z][^\n#|>&)`]*)", PAGE, re.MULTILINE)
    assert len(found) >= 6
    for line in found:
        assert_a_command(line.split())


def test_every_file_that_the_deployment_page_names_is_there() -> None:
    named = set(re.findall(r"deploy/[\w./@-]*\w", PAGE)) - {"deploy/secrets", "deploy/.env"}
    assert {"deploy/Containerfile", "deploy/compose.yaml", "deploy/forcedex.toml"} <= named
    assert not {each for each in named if not (ROOT / each).exists()}
