"""FORMAT(): a value as the user's locale writes it.

Source: SOQL and SOSL Reference, "FORMAT()": numbers, dates, times and money, the last with the currency's code
and, in another currency than the user's, the amount in his in parentheses. Locales whose format is not known
here are not guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from localorg.errors import NotImplementedByOrg
from localorg.query.context import QueryContext
from localorg.query.scope import Column
from localorg.query.shape import Reader

FORMATTED = frozenset({"int", "double", "percent", "currency", "date", "datetime", "time"})


@dataclass(frozen=True, slots=True)
class Locale:
    """How a locale writes."""

    #: With {y}, {m}, {d}, and {mm}, {dd} in two digits.
    date: str
    #: With {h} and {ap} (or {AP}) for 12 hours, {H} (or {HH} in two digits) for 24, and {min}.
    time: str
    between: str
    thousands: str
    point: str


_NARROW = "\N{NARROW NO-BREAK SPACE}"
_LOCALES = {
    "en_US": Locale("{m}/{d}/{y}", "{h}:{min} {AP}", ", ", ",", "."),
    "en_GB": Locale("{dd}/{mm}/{y}", "{HH}:{min}", ", ", ",", "."),
    "en_AU": Locale("{d}/{mm}/{y}", "{h}:{min} {ap}", ", ", ",", "."),
    "de_DE": Locale("{dd}.{mm}.{y}", "{HH}:{min}", ", ", ".", ","),
    "fr_FR": Locale("{dd}/{mm}/{y}", "{HH}:{min}", " ", _NARROW, ","),
    "es_ES": Locale("{d}/{m}/{y}", "{H}:{min}", ", ", ".", ","),
    "it_IT": Locale("{dd}/{mm}/{y}", "{HH}:{min}", ", ", ".", ","),
    "nl_NL": Locale("{d}-{m}-{y}", "{HH}:{min}", ", ", ".", ","),
    "pt_BR": Locale("{dd}/{mm}/{y}", "{HH}:{min}", ", ", ".", ","),
    "sv_SE": Locale("{y}-{mm}-{dd}", "{HH}:{min}", " ", "\N{NO-BREAK SPACE}", ","),
    "ja_JP": Locale("{y}/{mm}/{dd}", "{H}:{min}", " ", ",", "."),
    "zh_CN": Locale("{y}/{m}/{d}", "{HH}:{min}", " ", ",", "."),
}


def locale_of(context: QueryContext) -> Locale:
    """The user's locale."""
    found = _LOCALES.get(context.locale)
    if found is None:
        raise NotImplementedByOrg(f"FORMAT() in the locale {context.locale}")
    return found


def formatted(
    column: Column, read: Reader, context: QueryContext, currency: Reader | None = None, converted: Reader | None = None
) -> Reader:
    """Reads a value as text. `currency` reads the code of an amount (None: the corporate one), `converted` the
    amount in the user's currency."""
    locale, kind = locale_of(context), column.field
    corporate = next((iso for iso, rate in context.rates.items() if rate == 1), context.currency)

    def text(row: Sequence[Any]) -> str | None:
        value = read(row)
        if value is None:
            return None
        match kind.type:
            case "date":
                return _date(date.fromisoformat(value), locale)
            case "datetime":
                moment = datetime.fromisoformat(value[:19]).replace(tzinfo=UTC).astimezone(context.zone)
                return f"{_date(moment.date(), locale)}{locale.between}{_time(moment.time(), locale)}"
            case "time":
                return _time(time.fromisoformat(value.rstrip("Z")), locale)
            case "currency":
                code = currency(row) if currency is not None else corporate
                amount = f"{code} {_number(value, kind.scale, locale)}"
                if converted is None or code == context.currency:
                    return amount
                return f"{amount} ({context.currency} {_number(converted(row), kind.scale, locale)})"
            case "percent":
                return f"{_number(value, kind.scale, locale)}%"
        return _number(value, kind.scale, locale)

    return text


def _date(day: date, locale: Locale) -> str:
    return locale.date.format(y=day.year, m=day.month, d=day.day, mm=f"{day.month:02d}", dd=f"{day.day:02d}")


def _time(moment: time, locale: Locale) -> str:
    hour = moment.hour
    half = "am" if hour < 12 else "pm"
    minutes = f"{moment.minute:02d}"
    return locale.time.format(h=hour % 12 or 12, H=hour, HH=f"{hour:02d}", min=minutes, ap=half, AP=half.upper())


def _number(value: float, scale: int, locale: Locale) -> str:
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    whole, _, fraction = f"{rounded:,f}".partition(".")
    return whole.replace(",", locale.thousands) + (locale.point + fraction if fraction else "")
