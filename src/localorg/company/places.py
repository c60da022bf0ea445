"""What a country and a city are, and how an address is written there."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random

from localorg.company.money import Currency
from localorg.company.words import Language


@dataclass(frozen=True)
class City:
    """A city, or a district of a large one."""

    name: str
    latin: str
    state: str | None
    #: first characters of the postal code
    postal: str
    #: telephone area code without the leading 0
    area: str
    latitude: Decimal
    longitude: Decimal


@dataclass(frozen=True, kw_only=True)
class Country:
    """A country, how addresses and telephone numbers look there, and which team sells there."""

    code: str
    name: str
    #: other ways in which people enter the country
    aliases: tuple[str, ...]
    region: str
    team: str
    currency: Currency
    #: customers' languages; repeated ones are more frequent
    languages: tuple[Language, ...]
    forms: tuple[str, ...]
    dialling: str
    #: dialled before the area code within the country
    trunk: str
    #: area code of mobile telephones
    mobile: str
    #: what follows the city's part of a postal code: # a digit, @ a letter
    postal: str
    #: {street} and {number}
    street: str
    streets: tuple[str, ...]
    cities: tuple[City, ...]
    #: VAT or tax number: # a digit, @ a letter
    tax: str


@dataclass(frozen=True, slots=True)
class Address:
    """An address by its parts."""

    street: str
    city: str
    state: str | None
    postal_code: str
    country: str


def fill(random: Random, pattern: str) -> str:
    """The pattern with each # a digit and each @ a letter."""
    if "#" not in pattern and "@" not in pattern:
        return pattern
    number = int(random.random() * 10**9)
    filled = []
    for char in pattern:
        if char == "#":
            number, digit = divmod(number, 10)
            filled.append(str(digit))
        elif char == "@":
            number, digit = divmod(number, 23)
            filled.append("ABCDEFGHJKLMNPRSTUVWXYZ"[digit])
        else:
            filled.append(char)
    return "".join(filled)


def address(random: Random, country: Country, city: City) -> Address:
    """An address in the city; now and then the country is spelled another way."""
    pick = random.random
    street = country.streets[int(pick() * len(country.streets))]
    number = 1 + int(pick() * pick() * 240)
    name = country.name
    if pick() < 0.04:
        name = country.aliases[int(pick() * len(country.aliases))]
    return Address(
        country.street.replace("{street}", street).replace("{number}", str(number)),
        city.name,
        city.state,
        city.postal + fill(random, country.postal),
        name,
    )
