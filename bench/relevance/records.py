"""Records of a sales organization: contacts, opportunities, accounts and cases, the same for the same seed."""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bench.relevance.names import Names
from forcedex.domain.record_id import to_18

PREFIXES = {"Account": "001", "Contact": "003", "Opportunity": "006", "Case": "500"}
OWNERS = 400
GROUPS = 120
STAGES = ("Prospecting", "Qualification", "Proposal", "Negotiation", "Closed Won", "Closed Lost")
STATUSES = ("New", "Working", "Escalated", "Closed")
INDUSTRIES = ("Manufacturing", "Healthcare", "Retail", "Energy", "Banking", "Transport")
COUNTRIES = ("Germany", "France", "Spain", "United States", "Japan", "United Kingdom")
DEALS = ("Renewal", "Upgrade", "Expansion", "Pilot", "Rollout", "Licences", "Migration", "Support")
TROUBLES = ("Login fails", "Invoice wrong", "Delivery late", "Device broken", "Export slow", "Password reset")
JOBS = ("Head of Sales", "Buyer", "Chief Executive Officer", "Engineer", "Managing Director", "Controller", "CFO")
#: As Germans spell them without umlauts.
UMLAUTS: dict[int, str | int | None] = str.maketrans(dict[str, str | int | None](ä="ae", ö="oe", ü="ue", ß="ss"))
_DAYS = 900
_START = datetime(2024, 5, 1, tzinfo=UTC)
_VOCABULARY = 20_000
_WORDS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Company:
    """Whom records belong to."""

    id: str
    brand: str
    work: str
    kind: str
    legal: str
    domain: str
    cjk: bool

    @property
    def base(self) -> str:
        """Its name without the legal form."""
        return self.brand if self.cjk else f"{self.brand} {self.work} {self.kind}"

    @property
    def name(self) -> str:
        """As it is written."""
        return f"{self.legal}{self.brand}" if self.cjk else f"{self.base} {self.legal}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A record and what is known of it."""

    object: str
    id: str
    row: dict[str, str]
    company: Company
    tokens: tuple[str, ...]
    #: Tokens of who may see the contact of a case.
    contact_tokens: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    language: str = ""
    words: frozenset[str] = field(default=frozenset())


def entries(number: int, seed: int = 11, batch: int = 50_000) -> Iterator[Entry]:
    """Records; half of them contacts. Every company has an account, and its records come after it."""
    chance = random.Random(seed)
    names = Names(chance)
    vocabulary = _vocabulary(chance)
    companies: list[Company] = []
    contacts: list[Entry] = []
    for index in range(1, number + 1):
        kind = chance.choices(("Contact", "Opportunity", "Account", "Case"), (50, 20, 16, 14))[0]
        if not companies or (kind == "Account"):
            entry = _account(chance, names, index)
            companies.append(entry.company)
            if len(companies) > batch:
                companies.pop(0)
        else:
            company = chance.choice(companies)
            match kind:
                case "Contact":
                    entry = _contact(chance, names, vocabulary, index, company)
                    contacts = [*contacts[-2000:], entry] if index % 4_000 == 0 else contacts
                    contacts.append(entry)
                case "Opportunity":
                    entry = _opportunity(chance, vocabulary, index, company)
                case _:
                    entry = _case(chance, vocabulary, index, company, chance.choice(contacts) if contacts else None)
        yield entry


def _base(chance: random.Random, kind: str, index: int) -> tuple[str, dict[str, str], tuple[str, ...]]:
    record_id = to_18(f"{PREFIXES[kind]}000{index:09d}")
    owner = chance.randrange(OWNERS)
    created = _START + timedelta(minutes=chance.randrange(_DAYS * 1440))
    changed = created + timedelta(minutes=chance.randrange(60 * 1440))
    row = {
        "Id": record_id,
        "IsDeleted": "false",
        "OwnerId": to_18(f"005000{owner:09d}"),
        "Owner.Name": f"Owner {owner}",
        "CreatedDate": f"{created:%Y-%m-%dT%H:%M:%S}.000Z",
        "LastModifiedDate": f"{changed:%Y-%m-%dT%H:%M:%S}.000Z",
        "SystemModstamp": f"{changed:%Y-%m-%dT%H:%M:%S}.000Z",
    }
    groups = chance.sample(range(GROUPS), 2)
    tokens = (f"o:{kind}", f"u:{row['OwnerId']}", *(f"g:{to_18(f'00G000{each:09d}')}" for each in groups))
    return record_id, row, tokens


def _account(chance: random.Random, names: Names, index: int) -> Entry:
    record_id, row, tokens = _base(chance, "Account", index)
    brand, work, kind, legal = names.company(chance.randrange(len(names.brands)))
    domain = f"{brand.lower()}.example" if brand.isascii() else f"kaisha{index}.example"
    company = Company(
        id=record_id, brand=brand, work=work, kind=kind, legal=legal, domain=domain, cjk=not brand.isascii()
    )
    row |= {
        "Name": company.name,
        "AccountNumber": f"{chance.choice(('AC', 'KD', 'ZN'))}-{index:06d}",
        "Phone": _phone(chance),
        "Website": f"https://www.{domain}",
        "Industry": chance.choice(INDUSTRIES),
        "BillingCountry": chance.choice(COUNTRIES),
        "AnnualRevenue": str(chance.randrange(10_000, 90_000_000)),
    }
    return Entry(object="Account", id=record_id, row=row, company=company, tokens=tokens)


def _contact(chance: random.Random, names: Names, vocabulary: list[str], index: int, company: Company) -> Entry:
    record_id, row, tokens = _base(chance, "Contact", index)
    language, first, last = names.person()
    name = f"{first} {last}" if language != "ja" else f"{last} {first}"
    local = f"{_ascii(first)}.{_ascii(last)}" if language != "ja" else f"user{index}"
    text, found = _description(chance, vocabulary, f"{chance.choice(names.brands)}")
    row |= {
        "Name": name,
        "FirstName": first,
        "LastName": last,
        "Email": f"{local}@{company.domain}",
        "Phone": _phone(chance),
        "Title": chance.choice(JOBS),
        "AccountId": company.id,
        "Account.Name": company.name,
        "Description": text,
    }
    return Entry(
        object="Contact",
        id=record_id,
        row=row,
        company=company,
        tokens=tokens,
        first=first,
        last=last,
        language=language,
        words=found,
    )


def _opportunity(chance: random.Random, vocabulary: list[str], index: int, company: Company) -> Entry:
    record_id, row, tokens = _base(chance, "Opportunity", index)
    stage = chance.choice(STAGES)
    text, found = _description(chance, vocabulary, "")
    deal = chance.choice(DEALS)
    row |= {
        "Name": f"{company.brand} {deal} {chance.randrange(2023, 2027)}",
        "AccountId": company.id,
        "Account.Name": company.name,
        "StageName": stage,
        "IsClosed": str(stage.startswith("Closed")).lower(),
        "IsWon": str(stage == "Closed Won").lower(),
        "Amount": str(chance.randrange(1_000, 900_000)),
        "CloseDate": f"{_START + timedelta(days=chance.randrange(_DAYS + 200)):%Y-%m-%d}",
        "Description": text,
    }
    return Entry(
        object="Opportunity",
        id=record_id,
        row=row,
        company=company,
        tokens=tokens,
        words=found | {deal.lower()},
        first=deal,
    )


def _case(chance: random.Random, vocabulary: list[str], index: int, company: Company, contact: Entry | None) -> Entry:
    record_id, row, tokens = _base(chance, "Case", index)
    status = chance.choice(STATUSES)
    text, found = _description(chance, vocabulary, "")
    row |= {
        "CaseNumber": f"{index:08d}",
        "Subject": chance.choice(TROUBLES),
        "AccountId": company.id,
        "Account.Name": company.name,
        "Status": status,
        "Priority": chance.choice(("High", "Medium", "Low")),
        "IsClosed": str(status == "Closed").lower(),
        "Description": text,
    }
    if contact is not None:
        row |= {"ContactId": contact.id, "Contact.Name": contact.row["Name"]}
    return Entry(
        object="Case",
        id=record_id,
        row=row,
        company=company,
        tokens=tokens,
        contact_tokens=contact.tokens if contact else (),
        words=found,
    )


def _vocabulary(chance: random.Random) -> list[str]:
    letters = "abcdefghijklmnoprstuvw"
    return ["".join(chance.choices(letters, k=chance.randrange(4, 11))) for _ in range(_VOCABULARY)]


def _description(chance: random.Random, vocabulary: list[str], bait: str) -> tuple[str, frozenset[str]]:
    """Sixty words, common ones more often; one in eight mentions somebody else's company."""
    picked = [vocabulary[min(int(chance.paretovariate(0.35)) - 1, _VOCABULARY - 1)] for _ in range(_WORDS)]
    if bait and chance.random() < 0.12:
        picked[chance.randrange(_WORDS)] = bait
    return " ".join(picked), frozenset(picked)


def _phone(chance: random.Random) -> str:
    area, number = chance.choice(("30", "40", "89", "221", "711")), chance.randrange(1_000_000, 99_999_999)
    return chance.choice((f"+49 {area} {number}", f"+49 (0){area} {number}", f"0{area}/{number}"))


def _ascii(text: str) -> str:
    german = text.translate(UMLAUTS)
    plain = unicodedata.normalize("NFD", german)
    return "".join(char for char in plain if char.isascii() and char.isalpha()).lower()
