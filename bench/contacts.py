"""Contact-like records: 20 fields, some 900 bytes each, with newlines and quotes where people have them."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from localorg.ids import record_id

#: The fields that are synced; every other field of Contact is excluded by the configuration.
FIELDS = (
    "Id",
    "IsDeleted",
    "LastName",
    "FirstName",
    "Name",
    "MailingStreet",
    "MailingCity",
    "MailingPostalCode",
    "MailingCountry",
    "Phone",
    "MobilePhone",
    "Email",
    "Title",
    "Department",
    "LeadSource",
    "Birthdate",
    "Description",
    "OwnerId",
    "CurrencyIsoCode",
    "SystemModstamp",
)
#: Stored, but not synced.
_AUDIT = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById")
COLUMNS = (*FIELDS, *_AUDIT)

_START = datetime(2024, 1, 1, tzinfo=UTC)


def rows(number: int) -> Iterator[tuple[object, ...]]:
    """The records, the same every time."""
    chance = random.Random(7)
    letters = "abcdefghijklmnoprstuvw"
    words = ["".join(chance.choices(letters, k=chance.randrange(3, 10))) for _ in range(8_000)]
    owner = record_id("005", 1)
    for index in range(1, number + 1):
        first, last = (chance.choice(words).capitalize() for _ in range(2))
        text = " ".join(chance.choices(words, k=70))
        if index % 5 == 0:
            text = text.replace(" ", "\n", 2)
        if index % 10 == 0:
            text = f'She said "{text}"'
        stamp = _START + timedelta(seconds=index * 20)
        yield (
            record_id("003", index),
            False,
            last,
            first,
            f"{first} {last}",
            f"{chance.randrange(1, 200)} {chance.choice(words).capitalize()} Street",
            chance.choice(words).capitalize(),
            f"{chance.randrange(10_000, 99_999)}",
            "Germany",
            f"+49 30 {chance.randrange(1_000_000, 9_999_999)}",
            f"+49 170 {chance.randrange(1_000_000, 9_999_999)}",
            f"{first.lower()}.{last.lower()}.{index}@{chance.choice(words)}.example",
            chance.choice(("Head of Sales", "Buyer", "Engineer", "Managing Director")),
            chance.choice(("Sales", "Purchasing", "Engineering", "Board")),
            chance.choice(("Web", "Other", "Partner Referral")),
            date(1960, 1, 1) + timedelta(days=chance.randrange(16_000)),
            text,
            owner,
            "USD",
            stamp,
            stamp,
            owner,
            stamp,
            owner,
        )
