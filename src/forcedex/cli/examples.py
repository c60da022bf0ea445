"""Example searches for whatever company the demo made: a typo, a person at a company, Japanese or a phone number."""

from forcedex.asking import Asking
from forcedex.domain.phones import digits
from forcedex.domain.principal import Operator
from forcedex.search.answer import Hit
from forcedex.search.request import SearchRequest

_SHORTEST = 5  # letters of a word in which a typo still leaves something to recognise


async def examples(asking: Asking) -> list[str]:
    """Up to three search texts that find something."""
    found: list[str] = []
    account = await _first(asking, ("GmbH", "Inc", "AG", "Ltd", "SA"), "Account")
    if account is not None:
        found += [typo for word in account.title.split()[:1] if (typo := with_typo(word))]
        contact = await _first(asking, (account.title,), "Contact")
        if contact is not None:
            found.append(f"{contact.title.split()[-1]} {account.title.split()[0]}")
    japanese = await _first(asking, ("株式会社", "有限公司"), "Account")
    if japanese is not None:
        found.append(japanese.title.replace("株式会社", "").replace("有限公司", "").strip()[:4])
    elif account is not None and account.fields.get("Phone"):
        found.append(digits(str(account.fields["Phone"]))[-7:])
    return found[:3]


def with_typo(word: str) -> str | None:
    """The word with two letters swapped in the middle; None for a short one."""
    middle = len(word) // 2
    if len(word) < _SHORTEST or word[middle] == word[middle - 1]:
        return None
    return f"{word[: middle - 1]}{word[middle]}{word[middle - 1]}{word[middle + 1 :]}".lower()


async def _first(asking: Asking, texts: tuple[str, ...], sobject: str) -> Hit | None:
    for text in texts:
        answer = await asking.search(Operator(), SearchRequest(text=text, size=50, counts=False))
        for hit in answer.hits:
            if hit.object == sobject:
                return hit
    return None
