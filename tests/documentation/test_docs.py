"""The documentation keeps up with the program."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup

from forcedex.cli.init import TEMPLATE
from forcedex.cli.main import app
from forcedex.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh.md").read_text(encoding="utf-8")
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/*/README.md")]


def commands() -> dict[str, Any]:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return dict(group.commands)


def test_the_readme_opens_with_the_two_commands_and_stays_short() -> None:
    assert len(README.splitlines()) < 150
    first = re.search(r"```sh\n(.*?)```", README, re.DOTALL)
    assert first is not None
    assert [line.split("#")[0].strip() for line in first[1].splitlines()] == ["make demo", "make test"]


@pytest.mark.parametrize("name", commands())
def test_every_command_is_in_the_readme_and_has_help(name: str) -> None:
    assert f"forcedex {name}" in README and f"forcedex {name}" in CHINESE
    command = commands()[name]
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{name}: {parameter.name} has no help"


def test_every_command_that_the_readme_shows_exists_with_its_options() -> None:
    for name, options in re.findall(r"forcedex ([a-z-]+)((?: (?:\[?--[a-z][a-z-]+[^`\n]*)?)*)", README):
        if name in ("search", "report") or name in commands():
            known = {option for parameter in commands()[name].params for option in parameter.opts}
            assert set(re.findall(r"--[a-z][a-z-]+", options)) <= known, (name, options)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_configuration_that_init_writes_holds_known_settings_only() -> None:
    written = tomllib.loads(TEMPLATE.format(login_url="https://login.salesforce.com"))
    settings = Settings(**written)
    assert settings.salesforce.login_url == "https://login.salesforce.com"
    assert settings == Settings()


def test_every_make_target_in_the_docs_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for page in PAGES:
        used = set(re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
        assert used <= targets, page


def test_every_test_that_the_list_of_traps_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/evidence/traps.md").read_text(encoding="utf-8")))
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("**/test_*.py"))
    assert len(named) > 80
    assert not {name for name in named if f"def {name}(" not in written}
