"""What a formula field looks at, found in its text: only what decides when its value can change.

Source: Salesforce Help, "Elements of a Formula", "Formula Operators and Functions"; describe's `calculatedFormula`.
"""

import re
from dataclasses import dataclass

#: Texts in quotation marks (with their escapes) and comments hold no references.
_NOT_CODE = re.compile(r'"(?:\\.|[^"\\])*"|/\*.*?\*/', re.DOTALL)
#: `Account.Owner.Name`, `Parent__r.Size__c`, `Owner:User.Name`.
_PATH = re.compile(r"[$A-Za-z]\w*(?::\w+)?(?:\.[A-Za-z]\w*(?::\w+)?)*")
_TODAY = re.compile(r"\bTODAY\s*\(", re.IGNORECASE)
_NOW = re.compile(r"\b(?:NOW|TIMENOW)\s*\(", re.IGNORECASE)
#: Globals that name the person who looks; other globals are the same for everybody.
_PERSONAL = frozenset({"$user", "$profile", "$userrole", "$permission", "$api"})


@dataclass(frozen=True, slots=True)
class Formula:
    """What a formula's value depends on."""

    #: Fields by path: `("Amount",)` is the record's own, `("Account", "Owner", "Name")` is two parents up.
    paths: frozenset[tuple[str, ...]]
    #: It changes with the day.
    today: bool
    #: It changes with every moment or with whoever looks: no value of it is the record's.
    volatile: bool


def parse(text: str) -> Formula:
    """Read a formula. Words that are functions stay among the paths: no field has their name, so they do no harm."""
    code = _NOT_CODE.sub(" ", text)
    paths = set()
    volatile = bool(_NOW.search(code))
    for match in _PATH.finditer(code):
        words = match[0].split(".")
        if words[0].startswith("$"):
            volatile |= words[0].lower() in _PERSONAL
            continue
        # `Owner:User` is the path to the owner if that is a user.
        paths.add(tuple(word.partition(":")[0] for word in words))
    return Formula(frozenset(paths), bool(_TODAY.search(code)), volatile)
