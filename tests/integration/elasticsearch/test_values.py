"""Every kind of value that an org may hold, written to a real node and read back as it lies there."""

from typing import Any

from elasticsearch import AsyncElasticsearch

from forcedex.domain.money import Currencies
from forcedex.domain.schema import Field
from forcedex.elasticsearch.client import exact_numbers
from forcedex.elasticsearch.indices import ElasticsearchSink
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.query import QueryClient
from tests.factories.pages import page, record_id
from tests.factories.schemas import ACCOUNT, CONTACT, field, selection
from tests.integration.elasticsearch.writing import as_text, large_request, opened, raw, sources, with_fields, written

LONG = "x" * 131_072
#: Each a column: how it is described, the text that Salesforce gives, and the JSON that must lie in `_source`.
VALUES: list[tuple[Field, str, str | None]] = [
    (field("Html__c", "textarea", length=131_072, html_formatted=True), "<p>Hello <b>you</b>", '"<p>Hello <b>you</b>"'),
    (field("HtmlFormula__c", "string", html_formatted=True), '<a href="/x">x</a>', '"<a href=\\"/x\\">x</a>"'),
    (field("Unknown__c", "somethingnew"), "any\nthing", '"any\\nthing"'),
    (field("Complex__c", "complexvalue"), '{"a":1}', '"{\\"a\\":1}"'),
    (field("Multi__c", "multipicklist"), "A;B C;A", '["A","B C","A"]'),
    (field("MultiOdd__c", "multipicklist"), ";A;;", '["A"]'),
    (field("MultiNone__c", "multipicklist"), ";", None),
    (field("Time__c", "time"), "23:59:59.999Z", '"23:59:59.999Z"'),
    (field("LongPhone__c", "phone"), "1" * 131_072, '"' + "1" * 131_072 + '"'),
    (field("LongUrl__c", "url"), LONG, f'"{LONG}"'),
    (field("LongEmail__c", "email"), LONG, f'"{LONG}"'),
    (field("LongLabel__c", "picklist"), LONG, f'"{LONG}"'),
    (field("LongList__c", "multipicklist"), f"{LONG};A", f'["{LONG}","A"]'),
    (field("LongText__c", "string", length=255), LONG, f'"{LONG}"'),
    (field("LongArea__c", "textarea", length=131_072), "\u20ac" * 131_072, '"' + "\u20ac" * 131_072 + '"'),
    (field("LongUnknown__c", "somethingnew"), "\U0001f600" * 65_536, '"' + "\U0001f600" * 65_536 + '"'),
    (field("LongReference__c", "reference"), LONG, f'"{LONG}"'),
    (field("Money__c", "currency"), "9999999999999999.99", "9999999999999999.99"),
    (field("Money18__c", "currency"), "-999999999999999999.0", "-999999999999999999"),
    (field("Beyond__c", "double"), "9007199254740993", "9007199254740993"),
    (field("Digits__c", "double"), "0.1234567890123456789", "0.1234567890123456789"),
    (field("Tiny__c", "double"), "1.000000000000000E-400", "1E-400"),
    (field("Exponent__c", "double"), "1.0E7", "10000000.0"),
    (field("Percent__c", "percent"), "12.50", "12.5"),
    (field("Zero__c", "double"), "-0.0", "-0.0"),
    (field("Int__c", "int"), "5.0", "5"),
    (field("Long__c", "long"), "9223372036854775807", "9223372036854775807"),
    (field("Oldest__c", "date"), "1700-01-01", '"1700-01-01"'),
    (field("Latest__c", "date"), "4000-12-31", '"4000-12-31"'),
    (field("OldestTime__c", "datetime"), "1700-01-01T00:00:00.000Z", '"1700-01-01T00:00:00.000Z"'),
    (field("LatestTime__c", "datetime"), "4000-12-31T23:59:59.000Z", '"4000-12-31T23:59:59.000Z"'),
    (field("Nul__c", "string"), "a\0b", '"a\\u0000b"'),
    (field("NulLabel__c", "picklist"), "\0", '"\\u0000"'),
    (field("Separator__c", "textarea", length=255), "a\u2028b\u0085c", '"a\u2028b\u0085c"'),
    (field("NA__c", "string"), "NA", '"NA"'),
    (field("Zeros__c", "string"), "007", '"007"'),
    (field("Quotes__c", "string"), 'say "\\n"\r\n', '"say \\"\\\\n\\"\\r\\n"'),
    (field("Masked__c", "encryptedstring"), "****-1234", '"****-1234"'),
    (field("Fifteen__c", "reference"), "001000000000001", '"001000000000001AAA"'),
    (field("External__c", "reference"), "ERP-4711", '"ERP-4711"'),
    (field("name", "string"), "lower", '"lower"'),
    (field("NAME", "string"), "upper", '"upper"'),
    (field("forcedex", "string"), "a field like ours", None),
    (field("_weird", "string"), "x", '"x"'),
]


@large_request
async def test_every_value_lies_in_the_document_exactly_as_the_org_has_it(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    of = with_fields(*[each for each, _, _ in VALUES])
    row = {each.name: text for each, text, _ in VALUES}
    assert (await written(await opened(sink, of), row, of=of)).rejected == ()
    stored = await as_text(client, names, record_id(1))
    for each, _, wanted in VALUES:
        if wanted is None:
            assert f'"{each.name}":' not in stored.split('"forcedex":')[0]
        else:
            assert f'"{each.name}":{wanted}' in stored
    assert '"more":{"forcedex":"a field like ours"}' in stored
    assert '"Money18__c":-99999999999999999900' not in stored  # too large for whole cents: only the amount is kept


#: What no document can hold: the type of the field, and the text.
REFUSED = [
    ("date", "1699-12-31"),
    ("date", "4001-01-01"),
    ("date", "10000-01-01"),
    ("date", "-0044-03-15"),
    ("date", "2026-02-30"),
    ("datetime", "soon"),
    ("int", "5.5"),
    ("long", "9223372036854775808"),
    ("double", "1E400"),
    ("double", "1" + "0" * 400),
    ("double", "NaN"),
    ("currency", "ten"),
    ("boolean", "maybe"),
]


async def test_a_row_that_cannot_be_converted_is_a_dead_letter_with_its_texts_and_takes_no_neighbour_along(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    of = with_fields(*[field(f"X{index}__c", type) for index, (type, _) in enumerate(REFUSED)])
    bad = [{"Name": "bad", f"X{index}__c": text} for index, (_, text) in enumerate(REFUSED)]
    good = [{"Name": "good"} for _ in bad]
    rows = [row for pair in zip(good, bad, strict=True) for row in pair]
    result = await written(await opened(sink, of), *rows, of=of)
    assert result.written == len(good)
    assert [each["Name"] for each in (await sources(client, names)).values()] == ["good"] * len(good)
    letters = {letter.record_id: letter for letter in result.rejected}
    for index, row in enumerate(bad):
        letter = letters.pop(record_id(2 * index + 2))
        assert f"X{index}__c" in letter.reason
        usual = {"Id": letter.record_id, "IsDeleted": "false", "SystemModstamp": "2026-01-31T10:00:00.000Z"}
        assert letter.payload == usual | row
    assert letters == {}


PLACE = with_fields(
    field("At__Latitude__s", "double", compound_name="At__c"),
    field("At__Longitude__s", "double", compound_name="At__c"),
    field("At__c", "location"),
)


#: Latitude, longitude, and the point.
PLACES: list[tuple[str, str, dict[str, float] | None]] = [
    ("52.520008123456789", "13.4", {"lat": 52.52000812345679, "lon": 13.4}),
    ("0.0", "0", {"lat": 0.0, "lon": 0.0}),
    ("-90", "180", {"lat": -90.0, "lon": 180.0}),
    ("90.000001", "13.4", None),
    ("52.5", "-180.5", None),
    ("1" + "0" * 300, "13.4", None),
    ("52.5", "", None),
    ("", "13.4", None),
]


async def test_a_place_that_is_none_keeps_its_components_and_loses_only_the_point(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    rows = [{"At__Latitude__s": latitude, "At__Longitude__s": longitude} for latitude, longitude, _ in PLACES]
    assert (await written(await opened(sink, PLACE), *rows, of=PLACE)).written == len(rows)
    found = await sources(client, names)
    for number, (row, (_, _, point)) in enumerate(zip(rows, PLACES, strict=True), start=1):
        document = found[record_id(number)]
        assert document.get("At__c") == point
        kept = {name: float(text) for name, text in row.items() if text}
        assert {name: document[name] for name in kept} == kept


async def test_an_address_is_kept_whole_and_in_its_parts(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    parts = ("Street", "City", "StateCode", "State", "PostalCode", "CountryCode", "Country", "Latitude", "Longitude")
    of = with_fields(
        *[
            field(f"Ship{part}", "double" if "itude" in part else "string", compound_name="ShipAddress")
            for part in parts
        ],
        field("ShipGeocodeAccuracy", "picklist", compound_name="ShipAddress"),
        field("ShipAddress", "address"),
    )
    row = {f"Ship{part}": "91.5" if "itude" in part else part for part in parts} | {"ShipGeocodeAccuracy": "Zip"}
    assert (await written(await opened(sink, of), row, {"ShipCity": "Ulm"}, of=of)).written == 2
    found = await sources(client, names)
    assert found[record_id(1)]["ShipAddress"] == {
        "street": "Street",
        "city": "City",
        "stateCode": "StateCode",
        "state": "State",
        "postalCode": "PostalCode",
        "countryCode": "CountryCode",
        "country": "Country",
        "latitude": 91.5,
        "longitude": 91.5,
        "geocodeAccuracy": "Zip",
    }
    assert found[record_id(2)]["ShipAddress"] == {"city": "Ulm"}


async def test_half_a_surrogate_pair_is_replaced_and_its_neighbours_stay_as_they_are(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    rows = ({"Name": "a\ud800b"}, {"Name": "\U0001f600"}, {"Name": "c", "AnnualRevenue": "\udfff"})
    result = await written(target, *rows)
    assert [each["Name"] for each in (await sources(client, names)).values()] == ["a\ufffdb", "\U0001f600"]
    assert [letter.payload["AnnualRevenue"] for letter in result.rejected] == ["\ufffd"]


async def test_a_relationship_that_is_called_like_a_field_gives_way_to_it(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names, queries: QueryClient
) -> None:
    of = selection(with_fields(field("Account"), of=CONTACT).sobject, ACCOUNT)
    target = await sink.open(of, known=None, currencies=Currencies())
    result = await (await target.put(page(of, {"Account": "text", "Account.Name": "Acme"}), 1))
    assert result.written == 1
    (document,) = (await sources(client, names, name="Contact")).values()
    assert (document["Account"], document["forcedex"]["more"]) == ("text", {"Account.Name": "Acme"})
    (contact,) = await queries.objects()
    assert set(contact.overflow) == {"Account.Name"}


async def test_a_mask_is_found_by_nothing(sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names) -> None:
    of = with_fields(field("Card__c", "encryptedstring"))
    await written(await opened(sink, of), {"Name": "Acme", "Card__c": "****1234"}, of=of)
    await sink.refresh()
    alias = names.read_alias("Account")
    answer = await client.search(index=alias, query={"query_string": {"query": "1234 OR *1234"}})
    assert answer["hits"]["hits"] == []
    caps = await client.field_caps(index=alias, fields="Card__c")
    ((_, capability),) = caps["fields"]["Card__c"].items()
    assert (capability["searchable"], capability["aggregatable"]) == (False, False)


async def test_both_spellings_of_an_id_are_one_document(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    await written(target, {"Id": record_id(1), "Name": "long"}, ordinal=1)
    await written(target, {"Id": record_id(1)[:15], "Name": "short"}, ordinal=2)
    found = await sources(client, names)
    assert [(key, each["Id"], each["Name"]) for key, each in found.items()] == [(record_id(1), record_id(1), "short")]


async def test_numbers_keep_their_digits_when_they_are_read_back_exactly(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    await written(await opened(sink), {"AnnualRevenue": "999999999999999.123"})
    with exact_numbers():
        source: dict[str, Any] = (await raw(client, names, record_id(1)))["_source"]
    assert str(source["AnnualRevenue"]) == "999999999999999.123"
    assert isinstance((await raw(client, names, record_id(1)))["_source"]["AnnualRevenue"], float)
