"""`field:value` as a filter, by the types of the fields that are called so; a sentence where it makes none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from forcedex.domain.amounts import amount
from forcedex.domain.days import Days
from forcedex.domain.folding import folded
from forcedex.domain.phones import reversed_digits
from forcedex.domain.record_id import is_record_id, to_18
from forcedex.domain.roles import Role
from forcedex.domain.unknown import Unknown
from forcedex.search import spoken
from forcedex.search.asker import Asker
from forcedex.search.catalogue import Place
from forcedex.search.filters import Condition, days
from forcedex.search.grammar import Sign

NUMBERS = frozenset({"int", "long", "double", "percent", "currency"})
_TRUE = frozenset({"true", "yes", "y", "1", "on", "ja", "oui", "si"})
_FALSE = frozenset({"false", "no", "n", "0", "off", "nein", "non"})
_BOUNDS = {Sign.OVER: "gt", Sign.AT_LEAST: "gte", Sign.UNDER: "lt", Sign.AT_MOST: "lte"}
_RANGE = ".."
_ANYTHING = "*"


@dataclass(frozen=True, slots=True)
class Unfit:
    """A value that does not fit; `needed` completes "… needs"."""

    needed: str
    #: Why it would fit and yet says nothing: a sentence, instead.
    reason: str = ""


def conditions(places: Sequence[Place], sign: Sign, value: str, asker: Asker) -> tuple[Condition, ...] | Unfit:
    """One condition for each path; Unfit if the value fits none of them."""
    found: dict[Condition, None] = {}
    unfit = Unfit("something else")
    for place in places:
        one = condition(place, sign, value, asker)
        if isinstance(one, Unfit):
            unfit = one
        else:
            found[one] = None
    return tuple(found) if found else unfit


def condition(place: Place, sign: Sign, value: str, asker: Asker) -> Condition | Unfit:
    """The condition on one field."""
    kind, path = place.field.type, place.path
    if value == _ANYTHING and sign is Sign.IS:
        return Condition(path=path, exists=True)
    if kind in NUMBERS:
        return _number(path, sign, value)
    if kind in ("date", "datetime"):
        return _date(path, kind, sign, value, asker)
    if sign is not Sign.IS:
        return Unfit("a number or a date")
    if kind == "boolean":
        plain = folded(value)
        if plain not in _TRUE | _FALSE:
            return Unfit("yes or no")
        return Condition(path=path, any_of=(plain in _TRUE,))
    if kind in ("reference", "id"):
        return Condition(path=path, any_of=(to_18(value),)) if is_record_id(value) else Unfit("a record Id")
    return _text(place, value)


def _number(path: str, sign: Sign, value: str) -> Condition | Unfit:
    least, dots, most = value.partition(_RANGE)
    if dots and sign is Sign.IS:
        ends = [("gte", amount(least))] if least else []
        ends += [("lte", amount(most))] if most else []
        bounds = tuple((key, number) for key, number in ends if number is not None)
        return Condition(path=path, bounds=bounds) if ends and len(bounds) == len(ends) else Unfit("a number")
    number = amount(value)
    if number is None:
        return Unfit("a number")
    if sign is Sign.IS:
        return Condition(path=path, bounds=(("gte", number), ("lte", number)))
    return Condition(path=path, bounds=((_BOUNDS[sign], number),))


def _date(path: str, kind: str, sign: Sign, value: str, asker: Asker) -> Condition | Unfit:
    zone = asker.time_zone if kind == "datetime" else None
    least, dots, most = value.partition(_RANGE)
    if dots and sign is Sign.IS:
        begin, end = spoken.days(least, asker.calendar), spoken.days(most, asker.calendar)
        unknown = next((each for each in (begin, end) if isinstance(each, Unknown)), None)
        if unknown is not None:
            return Unfit("a date", unknown.reason)
        if (least and begin is None) or (most and end is None) or (begin is None and end is None):
            return Unfit("a date")
        ends = (begin.first if isinstance(begin, Days) else None, end.end if isinstance(end, Days) else None)
        return days(path, *ends, zone)
    found = spoken.days(value, asker.calendar)
    if isinstance(found, Unknown):
        return Unfit("a date", found.reason)
    if found is None:
        return Unfit("a date, such as 2026-01-31 or last-month")
    first, after = _span(sign, found)
    return days(path, first, after, zone)


def _span(sign: Sign, found: Days) -> tuple[date | None, date | None]:
    begin, end = found.first, found.end
    match sign:
        case Sign.IS:
            return begin, end
        case Sign.OVER:
            return end, None
        case Sign.AT_LEAST:
            return begin, None
        case Sign.UNDER:
            return None, begin
        case _:
            return None, end


def _text(place: Place, value: str) -> Condition:
    path, role = place.path, place.field.role
    known = tuple(api for api, label in place.field.values.items() if folded(value) in (folded(api), folded(label)))
    if known:
        return Condition(path=path, any_of=known)
    match role:
        case Role.LABEL:
            return Condition(path=f"{path}.words", words=value)
        case Role.EMAIL | Role.URL:
            return Condition(path=f"{path}.parts", words=value)
        case Role.PHONE:
            return Condition(path=f"forcedex.phones.{path}", prefix=(reversed_digits(value.lstrip("0")) or "?"))
        case Role.NONE:
            return Condition(path=path, any_of=(value,))
        case _:
            return Condition(path=path, words=value)
