"""DISTANCE(location, GEOLOCATION(latitude, longitude), 'mi' or 'km'), in SQL.

Source: SOQL and SOSL Reference, "Location-Based SOQL Queries": the field comes first; distances are compared with
< and > only. Great circles on a sphere; Salesforce does not say which radius it takes.
"""

from decimal import Decimal

from localorg.query.scope import Column, Scope
from localorg.schema import FieldDef
from localorg.soql.ast import Argument, Call, Literal, Path
from localorg.soql.position import query_error

#: The earth's mean radius.
_RADIUS = {"mi": 3958.7613, "km": 6371.0088}
DISTANCE = FieldDef(name="", label="", type="double", filterable=True, sortable=True)


def distance(scope: Scope, call: Call) -> Column:
    """The column that a distance is; null where a location is missing."""
    match call.arguments:
        case (Path() as field, other, Literal(value=str(unit), position=position)):
            latitude, longitude = _field(scope, field)
            to_latitude, to_longitude = _place(scope, other)
        case _:
            raise AssertionError("not a DISTANCE as the grammar has it")
    if unit not in _RADIUS:
        raise query_error(scope.text, position, f"Invalid distance unit: {unit}")
    half = (
        f"pow(sin(radians({to_latitude} - {latitude}) / 2), 2) + cos(radians({latitude}))"
        f" * cos(radians({to_latitude})) * pow(sin(radians({to_longitude} - {longitude}) / 2), 2)"
    )
    # Rounding may carry the sum of two opposite points past 1.
    sql = f"({2 * _RADIUS[unit]!r} * asin(sqrt(min(1.0, {half}))))"
    return Column(sql=sql, field=DISTANCE, entity=scope.sobject.name)


def _field(scope: Scope, path: Path) -> tuple[str, str]:
    """SQL of a location's or address's degrees."""
    resolved = scope.resolve(path)
    if not resolved.field.compound or resolved.sobject is None:
        raise query_error(
            scope.text, path.position, f"field {resolved.field.name} does not support the function DISTANCE"
        )
    parts = {part.name: part for part in resolved.sobject.components(resolved.field.name)}
    latitude = next(part for name, part in parts.items() if "Latitude" in name)
    longitude = next(part for name, part in parts.items() if "Longitude" in name)
    return (
        f'({resolved.table}."{latitude.name}" / {10.0**latitude.scale!r})',
        f'({resolved.table}."{longitude.name}" / {10.0**longitude.scale!r})',
    )


def _place(scope: Scope, argument: Argument) -> tuple[str, str]:
    match argument:
        case Path():
            return _field(scope, argument)
        case Call(
            function="GEOLOCATION",
            arguments=(Literal(value=Decimal() as latitude), Literal(value=Decimal() as longitude)),
        ) if abs(latitude) <= 90 and abs(longitude) <= 180:
            return f"({float(latitude)!r})", f"({float(longitude)!r})"
    raise query_error(scope.text, argument.position, "GEOLOCATION takes a latitude and a longitude in degrees")
