"""Contact rows."""

from collections.abc import Iterator
from datetime import date
from random import Random

from localorg.company.clock import DAY, day_of, moment
from localorg.company.contacts import Contact
from localorg.company.records import Records
from localorg.company.table import Row, Sheet, sheet
from localorg.company.world import Draw

_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other", None)
_LEVELS = ("Primary", "Secondary", "Tertiary", None, None)
_CHANNELS = ("E-mail", "E-mail", "Phone", "Phone", "Post", None)
_LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "zh": "中文", "ja": "日本語"}


def sheets(records: Records) -> Iterator[Sheet]:
    """Contacts."""
    world = records.world

    def rows() -> Iterator[Row]:
        for account in range(records.plan.accounts):
            random = world.random(Draw.CONTACT_ROWS, account)
            last_days = records.activities.last_days(account).contacts
            boss: Contact | None = None
            for index, contact in enumerate(records.contacts.of(account)):
                yield _row(records, random, contact, boss, last_days.get(index))
                boss = boss or contact

    yield sheet(
        "Contact",
        "Id AccountId LastName FirstName Salutation Name MailingStreet MailingCity MailingState MailingPostalCode"
        " MailingCountry Phone MobilePhone HomePhone ReportsToId Email Title Department LeadSource Birthdate"
        " Description CurrencyIsoCode HasOptedOutOfEmail HasOptedOutOfFax DoNotCall OwnerId LastActivityDate"
        " EmailBouncedReason EmailBouncedDate IsEmailBounced Level__c Languages__c Preferred_Channel__c AUDIT",
        rows,
        records.plan.contacts,
        IsDeleted=False,
    )


def _row(records: Records, random: Random, contact: Contact, boss: Contact | None, last_day: int | None) -> Row:
    pick = random.random
    account, someone = contact.account, contact.person
    billing = account.billing
    # nobody answers for some contacts: they belong to no account and only their owner sees them
    private = contact.number % 173 == 40
    here = pick() < 0.75
    bounced = contact.email is not None and pick() < 0.02
    draw = pick()
    born: date | None = None
    if draw < 0.1:
        born = date(1958 + int(draw * 420), 1 + int(pick() * 12), 1 + int(pick() * 28))
    description = None
    if draw > 0.93:
        notes = account.language.notes
        description = notes[int(pick() * len(notes))].format(city=account.city.name)
    language = _LANGUAGES[account.language.code]
    return (
        contact.id,
        None if private else account.id,
        someone.last,
        someone.first,
        someone.salutation,
        someone.name,
        billing.street if here else None,
        billing.city if here else None,
        billing.state if here else None,
        billing.postal_code if here else None,
        billing.country if here else None,
        contact.phone,
        contact.mobile,
        contact.phone if draw < 0.03 else None,
        boss.id if boss is not None and draw < 0.5 and not private else None,
        contact.email,
        contact.title,
        contact.department,
        "Web" if account.converted and boss is None else _SOURCES[int(pick() * 6)],
        born,
        description,
        account.currency.code,
        0.2 < draw < 0.26,
        0.25 < draw < 0.27,
        0.3 < draw < 0.34,
        account.owner.id,
        day_of(last_day) if last_day else None,
        "550 5.1.1 User unknown" if bounced else None,
        moment(min(contact.created + 30 * DAY, records.world.clock.now)) if bounced else None,
        bounced,
        _LEVELS[int(pick() * 5)],
        language if account.language.code == "en" else f"{language};English",
        _CHANNELS[int(pick() * 6)],
        *records.world.audit(random, contact.created, account.owner),
    )
