"""Telephone numbers in the many ways people write them.

The subscriber's part is 555 and four digits, or a range that a country keeps free for films.
"""

from random import Random

from localorg.company.places import City, Country

_FULL_WIDTH = str.maketrans("0123456789-+()", "０１２３４５６７８９－＋（）")


def _spelled(random: Random, country: Country, area: str, subscriber: str) -> str:
    style = int(random.random() * 8)
    code, trunk = country.dialling, country.trunk
    digits = subscriber.replace(" ", "")
    if style < 2:
        return f"+{code} {area} {subscriber}"
    if style == 2:
        return f"+{code}{area}{digits}".replace(" ", "")
    if style == 3:
        return f"({trunk}{area}) {subscriber}"
    if code == "1":
        head, tail = digits[:3], digits[3:]
        return (f"{area}-{head}-{tail}", f"{area}.{head}.{tail}", f"({area}) {head}-{tail}", f"1{area}{digits}")[
            style - 4
        ]
    if style == 4:
        return f"{trunk}{area} {subscriber}"
    if style == 5:
        return f"00{code} {area} {subscriber}"
    if style == 6:
        return f"{trunk}{area}/{digits}" if country.region == "EMEA" else f"{trunk}{area}-{digits}"
    return f"+{code} (0){area} {subscriber}" if trunk else f"+{code}-{area}-{digits}"


def phone(random: Random, country: Country, city: City) -> str:
    """An office telephone number."""
    number = int(random.random() * 10_000)
    if country.dialling == "1":
        subscriber = f"555 01{number % 100:02}"
    elif len(city.area) > 4 or " " in city.area:
        subscriber = f"00{number % 100:02} {number // 100:02}" if country.code == "FR" else f"0{number % 1000:03}"
    else:
        subscriber = f"555 {number:04}"
    spelled = _spelled(random, country, city.area, subscriber)
    last = number % 97
    if last == 0:
        return f"{spelled} ext. {number // 97 + 10}"
    if last < 4 and country.code == "JP":
        return spelled.translate(_FULL_WIDTH)
    return spelled


def mobile(random: Random, country: Country) -> str:
    """A mobile telephone number."""
    number = int(random.random() * 10_000)
    subscriber = f"555 01{number % 100:02}" if country.dialling == "1" else f"555 {number:04}"
    return _spelled(random, country, country.mobile, subscriber)
