"""The demo company fits the org's schema: an independent look at every value."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from localorg.company import Value
from localorg.company.numbering import PREFIXES
from localorg.schema import FieldDef, SObjectDef, load_schema
from localorg.store.derived import is_derived
from tests.localorg_company.conftest import Demo

SCHEMA = load_schema()

PYTHON_TYPES: dict[str, type] = {
    "boolean": bool,
    "int": int,
    "currency": Decimal,
    "double": Decimal,
    "percent": Decimal,
    "date": date,
    "datetime": datetime,
    "time": time,
}


def complaints(field: FieldDef, value: Value) -> Iterator[str]:
    """What is wrong with a value of a field."""
    expected = PYTHON_TYPES.get(field.type, str)
    if type(value) is int and expected is Decimal:
        value = Decimal(value)
    if type(value) is not expected:
        yield f"is {type(value).__name__}, not {expected.__name__}"
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        assert isinstance(exponent, int)
        if -exponent > field.scale:
            yield f"has more than {field.scale} decimals"
        if field.precision and abs(value) >= Decimal(10) ** (field.precision - field.scale):
            yield f"has more than {field.precision} digits"
    elif isinstance(value, bool):
        pass
    elif isinstance(value, int):
        if field.digits and abs(value) >= 10**field.digits:
            yield f"has more than {field.digits} digits"
    elif isinstance(value, datetime):
        if value.tzinfo is not UTC or value.microsecond:
            yield "is not a whole second in UTC"
    elif isinstance(value, str):
        if value != value.strip() or not value:
            yield "is empty or has blanks around it, which Salesforce cuts off"
        if field.length and len(value) > field.length:
            yield f"has {len(value)} characters, more than {field.length}"
        if field.picklist_values and field.type != "combobox":
            unknown = set(value.split(";") if field.type == "multipicklist" else [value]) - field.active_values
            if unknown:
                yield f"is not in the picklist: {unknown}"


@pytest.fixture(scope="module", params=sorted(PREFIXES))
def sobject(request: pytest.FixtureRequest) -> SObjectDef:
    """Each object that the company has rows of."""
    return SCHEMA.objects[request.param]


def test_every_table_is_of_an_object_with_the_key_prefix_that_the_schema_gives_it(demo: Demo) -> None:
    assert {name: SCHEMA.objects[name].key_prefix for name in PREFIXES if name in SCHEMA.objects} == PREFIXES
    assert set(demo.tables) == set(PREFIXES)


def test_every_table_says_beforehand_how_many_rows_it_has(demo: Demo) -> None:
    found = {name: len(records) for name, records in demo.tables.items()}
    assert len(demo.about) < 5
    assert {name: count for name, count in found.items() if name not in demo.about} == {
        name: count for name, count in demo.counts.items() if name not in demo.about
    }
    assert all(0.65 < found[name] / demo.counts[name] < 1.5 for name in demo.about)


def test_every_column_is_a_stored_field(demo: Demo, sobject: SObjectDef) -> None:
    stored = {field.name for field in sobject.stored if not field.calculated and not is_derived(sobject, field)}
    assert set(demo.tables[sobject.name][0]) <= stored


def test_every_required_field_has_a_value(demo: Demo, sobject: SObjectDef) -> None:
    required = [field for field in sobject.stored if not field.nillable and not is_derived(sobject, field)]
    missing = Counter(
        field.name for record in demo.tables[sobject.name] for field in required if record.get(field.name) is None
    )
    assert not missing


def test_every_value_fits_its_field(demo: Demo, sobject: SObjectDef) -> None:
    wrong = [
        f"{name} {complaint}: {value!r}"
        for record in demo.tables[sobject.name]
        for name, value in record.items()
        if value is not None and (field := sobject.field(name)) is not None
        for complaint in complaints(field, value)
    ]
    assert not wrong, wrong[:5]


def test_every_id_is_of_its_object_and_unique(demo: Demo, sobject: SObjectDef) -> None:
    found = [str(record["Id"]) for record in demo.tables[sobject.name]]
    assert all(len(one) == 18 and one.startswith(sobject.key_prefix) for one in found)
    assert len(set(found)) == len(found)


def test_ids_are_unique_among_objects_that_share_a_key_prefix(demo: Demo) -> None:
    assert len(demo.by_id) == sum(map(len, demo.tables.values()))


def test_every_reference_leads_to_a_record_of_an_object_that_the_field_allows(demo: Demo, sobject: SObjectDef) -> None:
    references = [field for field in sobject.stored if field.reference_to]
    broken = [
        (field.name, record[field.name])
        for record in demo.tables[sobject.name]
        for field in references
        if record.get(field.name) is not None
        and demo.by_id.get(record[field.name], ("nothing",))[0] not in field.reference_to
    ]
    assert not broken, broken[:5]


def test_unique_fields_hold_no_value_twice(demo: Demo, sobject: SObjectDef) -> None:
    for field in sobject.stored:
        if field.unique or field.auto_number:
            values = [record[field.name] for record in demo.tables[sobject.name] if record.get(field.name)]
            keys = [str(value) if field.case_sensitive else str(value).lower() for value in values]
            assert len(set(keys)) == len(keys), field.name


def test_parents_come_before_children(demo: Demo) -> None:
    place = {name: index for index, name in enumerate(demo.order)}
    parents = {
        (name, target)
        for name in demo.order
        for field in SCHEMA.objects[name].stored
        if field.master_detail or field.child_cascade_delete
        for target in field.reference_to
        if target in place and target != name
    }
    assert len(parents) > 20
    assert not [pair for pair in parents if place[pair[1]] > place[pair[0]]]
