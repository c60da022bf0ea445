"""The open pipeline at the end of each local day (`x-daily`): one document for each combination in it.

By stage, owner, forecast category, record type and fiscal quarter of the close date. The sums are those over the
versions that held then, so they are only for who may read every opportunity. Each day has one document more, of no
combination, which tells that the day is there.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from datetime import date

from forcedex.domain.daily import Held, Place, Totals
from forcedex.domain.derived.deal_fields import AMOUNT, STAGES
from forcedex.domain.derived.deal_versions import VERSIONS
from forcedex.domain.derived.kinds import (
    DerivedDocument,
    DerivedField,
    Holds,
    Kind,
    Record,
    Setting,
    Tally,
    without_nulls,
)

_OF = ("Opportunity",)


def _of_all(path: str, holds: Holds, label: str, *sources: str) -> DerivedField:
    return DerivedField(path=f"x.{path}", holds=holds, label=label, sources=sources, tells_of=_OF)


DAYS = Kind(
    name="x-daily",
    label="Pipeline of a day",
    label_plural="Pipelines of days",
    of_all=True,
    fields=(
        _of_all("day", Holds.DAY, "Day", "CreatedDate"),
        _of_all("marker", Holds.NUMBER, "Tells that the day is there", "CreatedDate"),
        _of_all("corrected", Holds.NUMBER, "Times that it was corrected since it ended", "CreatedDate"),
        _of_all("stage", Holds.KEY, "Stage", "StageName"),
        _of_all("owner", Holds.KEY, "Owner", "OwnerId"),
        _of_all("fc", Holds.KEY, "Forecast category", "ForecastCategory"),
        _of_all("record_type", Holds.KEY, "Record type", "RecordTypeId"),
        _of_all("close_fq", Holds.KEY, "Closes in fiscal quarter", "CloseDate"),
        _of_all("count", Holds.NUMBER, "Open deals", *STAGES),
        _of_all("unknown", Holds.NUMBER, "Open deals without a known amount", *STAGES, *AMOUNT),
        _of_all("amt", Holds.MINOR, "Amount", *STAGES, *AMOUNT),
        _of_all("wamt", Holds.MINOR, "Weighted amount", *STAGES, *AMOUNT, "Probability"),
    ),
)


def held(record: Record, documents: Sequence[DerivedDocument], setting: Setting) -> list[Held]:
    """In which combinations a deal was open at the end of which days, by its versions."""
    found = []
    for each in documents:
        values = each.values
        if each.kind != VERSIONS.name or not values.get("x.open"):
            continue
        valid = values["x.valid"]
        assert isinstance(valid, Mapping)
        first, end = setting.local_day(valid["gte"]), setting.local_day(valid.get("lt"))
        assert first is not None
        if first != end:
            found.append(Held(first, end, _place(record, each), _number(values, "amt"), _number(values, "wamt")))
    return found


def _place(record: Record, version: DerivedDocument) -> Place:
    columns = {**record, **version.columns}
    named = (version.values.get(f"x.{name}") for name in ("stage", "owner", "fc"))
    quarter = version.values.get("x.close_fq")
    return Place(*(str(each or "") for each in (*named, columns.get("RecordTypeId"), quarter)))


def _number(values: Mapping[str, object], name: str) -> int | None:
    value = values.get(f"x.{name}")
    return value if isinstance(value, int) else None


def documents(day: date, totals: Totals, corrected: int) -> dict[str, Mapping[str, object]]:
    """The documents of a day, by ids that are made of the day and the combination alone."""
    found: dict[str, Mapping[str, object]] = {
        str(day): {"x.day": str(day), "x.marker": 1, "x.corrected": corrected},
    }
    for place, total in sorted(totals.items()):
        key = hashlib.blake2b(json.dumps(astuple(place)).encode(), digest_size=12).hexdigest()
        values = {
            "x.day": str(day),
            "x.marker": 0,
            "x.stage": place.stage or None,
            "x.owner": place.owner or None,
            "x.fc": place.category or None,
            "x.record_type": place.record_type or None,
            "x.close_fq": place.quarter or None,
            "x.count": total.count,
            "x.unknown": total.unknown,
            "x.amt": total.amount,
            "x.wamt": total.weighted,
        }
        found[f"{day}-{key}"] = without_nulls(values)
    return found


TALLY = Tally(kind=DAYS, held=held, documents=documents)
