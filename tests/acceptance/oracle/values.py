"""The chances that hypothesis draws: words, values that are hard to carry, places in lists, pauses."""

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from localorg.store.values import Value

#: A place in a list that changes its length: taken modulo. What is drawn must not depend on the state of the world.
places = st.integers(0, 2**16)

words = st.builds(
    "{} {}".format,
    st.sampled_from(
        (
            *("Nordlicht", "Quelle", "東京", "Zoë", "O'Hara", 'A "quoted" name', "line\nbreak", "NA", "null"),
            *("\u2028x", "1e5", "👩‍👩‍👧 Ⓐ", "שלום עולם", "\u202eabc\u202c", "a\tb", "=1+1", "x,y;z", "\\N", "<b>&amp;"),
        )
    ),
    st.integers(0, 10**6),
)

#: Object, field, value.
Hard = tuple[str, str, Value]

hard_values: st.SearchStrategy[Hard] = st.sampled_from(
    (
        # Text that is taken for something else.
        *(
            ("Account", "Site", text)
            for text in ("null", "NULL", "None", "NaN", "nil", "#N/A", "undefined", "\\N", "true", "0", "-0", "1e400")
        ),
        ("Account", "Site", None),
        ("Account", "Site", "''"),
        ("Case", "Subject", "a\x00b"),
        ("Case", "Subject", "\x01\x02\x7f"),
        ("Case", "Subject", "a\u2400\ufeff\ufffe\ufffd\u200bb"),
        ("Case", "Subject", "👨‍👩‍👧‍👦🏳️‍🌈🇩🇪" * 6),
        ("Case", "Subject", "مرحبا \u202e بالعالم \u202c שלום"),
        ("Case", "Subject", "e\u0301 é ﬁ İ ß ſ Å Å"),
        ("Case", "Description", "\r\n".join(("one", "two", "", '"three"', "4,5"))),
        # Text as long as the field allows.
        ("Account", "Background__c", "x" * 131_072),
        ("Account", "Background__c", "語" * 131_072),
        ("Account", "Background__c", "word " * 26_000),
        ("Account", "Background__c", None),
        ("Account", "Description", "\U0001f600" * 15_000),
        ("Account", "Notes__c", "<p>a&nbsp;<b>b</b></p>" * 1_000),
        ("Account", "Website", "https://example.com/" + "a" * 235),
        # Numbers as large, and as small.
        ("Account", "AnnualRevenue", Decimal(10**18 - 1)),
        ("Account", "AnnualRevenue", Decimal(-(10**18) + 1)),
        ("Account", "NumberOfEmployees", 99_999_999),
        ("Account", "NumberOfEmployees", 0),
        ("Account", "Credit_Limit__c", Decimal("99999999999999.99")),
        ("Account", "Credit_Limit__c", Decimal("-0.01")),
        ("Account", "Discount_Factor__c", Decimal("0.0001")),
        ("Account", "BillingLatitude", Decimal("-89.999999999999999")),
        ("Account", "BillingLongitude", Decimal("179.999999999999999")),
        ("Opportunity", "Amount", Decimal("9999999999999999.99")),
        ("Opportunity", "Amount", Decimal("0.005")),
        # The first and the last day that there are.
        ("Account", "Contract_Renewal__c", date(1700, 1, 1)),
        ("Account", "Contract_Renewal__c", date(4000, 12, 31)),
        ("Account", "Last_Review__c", datetime(1700, 1, 1, tzinfo=UTC)),
        ("Account", "Last_Review__c", datetime(4000, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("Contact", "Birthdate", date(1700, 1, 1)),
        ("Contact", "Birthdate", date(2000, 2, 29)),
        ("Opportunity", "CloseDate", date(4000, 12, 31)),
        ("Opportunity", "CloseDate", date(1700, 1, 1)),
    )
)

pauses = st.sampled_from((0.05, 0.1, 0.3, 1.0))
