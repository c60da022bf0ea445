"""What documents of several kinds have in common: how fields are declared, when a record was created."""

from datetime import date

from forcedex.domain.days import Unit
from forcedex.domain.derived.kinds import DerivedField, Holds, Record, Setting, day_text


def made(
    path: str,
    holds: Holds,
    label: str,
    *sources: str,
    also: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
    tells_of: tuple[str, ...] = (),
) -> DerivedField:
    """A field under `x`."""
    return DerivedField(
        path=f"x.{path}", holds=holds, label=label, sources=sources, also=also, needs=needs, tells_of=tells_of
    )


CREATED = (
    made("created_d", Holds.DAY, "Created", "CreatedDate"),
    made("created_fq", Holds.KEY, "Created in fiscal quarter", "CreatedDate"),
    made("created_fm", Holds.KEY, "Created in fiscal month", "CreatedDate"),
    made("created_fy", Holds.KEY, "Created in fiscal year", "CreatedDate"),
)


def created(record: Record, setting: Setting) -> dict[str, object]:
    """The values of `CREATED`."""
    day = setting.local_day(record.get("CreatedDate"))
    return {"x.created_d": day_text(day), **fiscal("x.created", setting, day)}


def shown(minor: object, setting: Setting) -> float | None:
    """Minor units as an amount for display, the double that is nearest: Kibana writes whole numbers as they are."""
    return float(setting.company.currencies.amount(minor)) if isinstance(minor, int) else None


def fiscal(path: str, setting: Setting, day: date | None) -> dict[str, object]:
    """The fiscal quarter, month and year of a day, under `<path>_fq` and so on."""
    units = {"fq": Unit.QUARTER, "fm": Unit.MONTH, "fy": Unit.YEAR}
    return {f"{path}_{name}": setting.fiscal_key(day, unit) for name, unit in units.items()}
