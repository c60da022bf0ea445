"""Why a hit is where it is, for people: which word matched which field how, and what else lifted it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from forcedex.domain.indexed import IndexedObject
from forcedex.search import weights
from forcedex.search.answer import Reason
from forcedex.search.ranking import recency

_BELOW = (".edge", ".keyword", ".tri", ".words", ".parts", ".raw")
_DERIVED = ("forcedex.phones.", "forcedex.codes.", "forcedex.pairs.", "forcedex.acronyms.")
_LEAST = 0.05  # points worth a line


def reasons(
    matched: Iterable[str], indexed: IndexedObject, source: dict[str, Any], today: date, *, points: bool
) -> tuple[Reason, ...]:
    """The best way in which each word was found, then the bonuses, most points first.

    `matched` are the names of the clauses that matched, as `Way.named` gives them, in whatever order: one sentence can
    come from several, where a field is a name in one object and a title in another.
    """
    best: dict[str, tuple[float, str]] = {}
    lifted: dict[str, float] = {}
    for name in matched:
        subject, worth, because, path = name.split("|", 3) if name.count("|") == 3 else ("", "0", "", "")
        value = float(worth)
        if not subject:
            lifted[f"It is {because}"] = max(value, lifted.get(f"It is {because}", 0.0))
            continue
        text = _sentence(subject, because, _label(indexed, path))
        if because in _BONUSES:
            lifted[text] = max(value, lifted.get(text, 0.0))
        else:
            best[subject] = max((value, text), best.get(subject, (0.0, "")))
    changed = source.get("LastModifiedDate") or source.get("SystemModstamp")
    if changed:
        lifted[f"It was changed on {changed[:10]}"] = recency(date.fromisoformat(changed[:10]), today)
    found = sorted(best.values(), reverse=True)
    found += sorted(((value, text) for text, value in lifted.items() if value >= _LEAST), reverse=True)
    return tuple(Reason(text, round(value, 2) if points else None) for value, text in found)


#: What adds to the words rather than being one way among several.
_BONUSES = frozenset(
    each.because
    for each in (
        *(weights.WHOLE_NAME, weights.PHRASE_IN_NAME, weights.INITIAL, weights.ALL_IN_NAME, weights.NAME_BEGINS),
        *(weights.PHRASE_IN_TITLE, weights.PHRASE_IN_LONG_TEXT, weights.ALL_IN_LONG_TEXT),
    )
)


def _sentence(subject: str, because: str, label: str) -> str:
    if because in (weights.PROMOTED.because, weights.RECORD_ID.because):
        return f"“{subject}” {because}"
    return f"“{subject}” {because} {label}"


def _label(indexed: IndexedObject, path: str) -> str:
    for prefix in _DERIVED:
        path = path.removeprefix(prefix)
    for ending in _BELOW:
        path = path.removesuffix(ending)
    column = indexed.columns.get(path)
    if column is None:
        return path
    return column.label if "." not in path else path.rpartition(".")[0].replace("__r", "") + " " + column.label
