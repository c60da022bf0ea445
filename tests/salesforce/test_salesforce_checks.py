"""`make salesforce`: the project is fine, and each of its checks finds what it is there for."""

import os
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2] / "salesforce"
MAIN = "force-app/main/default"
CONTROLLER = f"{MAIN}/classes/ForcedexController.cls"
SEARCH = f"{MAIN}/lwc/forcedexSearch/forcedexSearch"
NEWEST = f"{MAIN}/lwc/forcedexNewest/forcedexNewest.js"
USER = f"{MAIN}/permissionsets/Forcedex_User.permissionset-meta.xml"


@dataclass(frozen=True, kw_only=True)
class Bug:
    """`old` in a file becomes `new`, and a check says `told`. Without `old` the file is a new one.

    `{at}` stands for the file and the line.
    """

    check: str
    path: str
    new: str
    told: str
    old: str = ""
    #: For the check: that only these tests are run.
    only: tuple[str, ...] = ()


BUGS = {
    "a text becomes HTML": Bug(
        check="code",
        path=f"{SEARCH}.js",
        old="    toggleNarrowing() {\n",
        new="    toggleNarrowing() {\n        this.template.querySelector('p').innerHTML = this.asked.text;\n",
        told="no-inner-html",
    ),
    "a file is not formatted": Bug(
        check="format",
        path=NEWEST,
        old="        this.stop();\n",
        new="        this.stop( )\n",
        told="forcedexNewest.js",
    ),
    "an older answer counts": Bug(
        check="components",
        path=NEWEST,
        old="return this.current === mine ? found : undefined;",
        new="return found;",
        told="never replaces a newer answer by an older one",
        only=("test/report.test.js", "-t", "by an older"),
    ),
    "every key asks": Bug(
        check="components",
        path=f"{MAIN}/lwc/forcedexSearchBox/forcedexSearchBox.js",
        old=", this.pause);",
        new=", 0);",
        told="asks once for a burst of keys",
        only=("test/search.test.js", "-t", "burst of keys"),
    ),
    "a failure leaves old hits": Bug(
        check="components",
        path=f"{SEARCH}.js",
        old="        this.answer = null;\n        this.hits = [];\n        this.cursor = null;\n",
        new="        this.cursor = null;\n",
        told="shows nothing old",
        only=("test/search.test.js", "-t", "service is down"),
    ),
    "a button has no name": Bug(
        check="components",
        path=f"{MAIN}/lwc/forcedexReport/forcedexReport.html",
        old="                aria-label={label.refresh}\n                title={label.refresh}\n",
        new="",
        told="discernible text",
        only=("test/report.test.js", "-t", "bar for each row"),
    ),
    "Apex calls what is not there": Bug(
        check="apex-types",
        path=CONTROLLER,
        old="check.suggestions(",
        new="check.suggested(",
        told="{at}: Missing: No matching method found for 'suggested'",
    ),
    "Apex reads a field that is not there": Bug(
        check="apex-types",
        path=f"{MAIN}/classes/ForcedexService.cls",
        old="setting.Address__c)",
        new="setting.Adress__c)",
        told="{at}: Missing: ",
    ),
    "Apex asks with what it was told": Bug(
        check="apex-rules",
        path=CONTROLLER,
        old="            limited(text);\n",
        new="            limited(text);\n            Database.query('SELECT Id FROM ' + text);\n",
        told="{at}: ApexSOQLInjection",
    ),
    "Apex forgets sharing": Bug(
        check="apex-rules",
        path=f"{MAIN}/classes/ForcedexLateCheck.cls",
        old="public with sharing class",
        new="public class",
        told="{at}: ApexSharingViolations",
    ),
    "an element does not exist": Bug(
        check="metadata", path=USER, old="<classAccesses>", new="<classAccess/><classAccesses>", told="<classAccess>"
    ),
    "a value does not exist": Bug(
        check="metadata",
        path=f"{MAIN}/externalCredentials/Forcedex.externalCredential-meta.xml",
        old="<authenticationProtocol>Custom<",
        new="<authenticationProtocol>Own<",
        told="“Own”",
    ),
    "a file would not be deployed": Bug(
        check="metadata", path=f"{MAIN}/classes/notes.txt", new="to do\n", told="notes.txt"
    ),
    "a page sets a property that is not there": Bug(
        check="metadata",
        path=f"{MAIN}/flexipages/Forcedex_Sales.flexipage-meta.xml",
        old="<name>groupBy</name>",
        new="<name>groupedBy</name>",
        told="groupedBy",
    ),
    "a component offers a place that is not there": Bug(
        check="metadata",
        path=f"{SEARCH}.js-meta.xml",
        old="<target>lightning__HomePage</target>",
        new="<target>lightning__HomPage</target>",
        told="there is no target lightning__HomPage",
    ),
    "a component offers a property that it does not have": Bug(
        check="metadata",
        path=f"{SEARCH}.js-meta.xml",
        old='name="pageSize"',
        new='name="pagSize"',
        told="property pagSize",
    ),
    "numbers of another record stay": Bug(
        check="components",
        path=f"{MAIN}/lwc/forcedexReport/forcedexReport.js",
        old="            this.answer = null;\n            this.load();\n",
        new="",
        told="never shows the numbers of the record that one has left",
        only=("test/report.test.js", "-t", "one has left"),
    ),
    "a label is not what the texts say": Bug(
        check="labels",
        path=f"{MAIN}/labels/CustomLabels.labels-meta.xml",
        old="<value>About {n} results</value>",
        new="<value>{n} results</value>",
        told="CustomLabels.labels-meta.xml",
    ),
}


def ran(project: Path, *command: str) -> tuple[int, str]:
    """How a command of Node ends, and what it says."""
    path = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=project,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with its tools, and the page's texts beside it."""
    root = tmp_path_factory.mktemp("project")
    leave = shutil.ignore_patterns("node_modules", "preview")
    project = shutil.copytree(PROJECT, root / "salesforce", ignore=leave)
    (project / "node_modules").symlink_to(PROJECT / "node_modules")
    texts = Path("web/src/modules/forcedex/i18n")
    shutil.copytree(PROJECT.parent / texts, root / texts)
    return project


def test_all_that_can_be_checked_without_an_org_is_fine() -> None:
    code, said = ran(PROJECT, "npm", "run", "--silent", "check")
    assert code == 0, said
    assert said.rstrip().endswith("All 7 fine.")


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(copied: Path, name: str) -> None:
    bug = BUGS[name]
    path = copied / bug.path
    before = path.read_text(encoding="utf-8") if bug.old else None
    if before is None:
        after = bug.new
    else:
        assert bug.old in before
        after = before.replace(bug.old, bug.new, 1)
    path.write_text(after, encoding="utf-8")
    try:
        code, said = ran(copied, "node", "tools/check.mjs", "--only", bug.check, *bug.only)
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before, encoding="utf-8")
    assert code == 1, said
    line = os.path.commonprefix([before or "", after]).count("\n") + 1
    assert bug.told.replace("{at}", f"{bug.path}:{line}") in said
