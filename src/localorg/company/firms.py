"""Names of firms, made of invented words, and their Internet domains."""

from dataclasses import dataclass
from random import Random

from localorg.company.places import City, Country
from localorg.company.words import Language

DOMAIN = ".example"  # RFC 2606: no mail ever leaves


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm's name."""

    name: str
    #: without the trade and the legal form
    stem: str
    domain: str


def firm(random: Random, language: Language, country: Country, city: City) -> Firm:
    """A firm of the language, seated in the city."""
    pick = random.random
    head = language.heads[int(pick() * len(language.heads))]
    tail = language.tails[int(pick() * len(language.tails))]
    trade = language.trades[int(pick() * len(language.trades))]
    pattern = language.patterns[int(pick() * len(language.patterns))]
    form = country.forms[int(pick() * len(country.forms))]
    stem = head.text + tail.text
    town = city.name.removesuffix("市").removesuffix("区")
    name = (
        pattern.replace("{stem}", stem).replace("{trade}", trade.text).replace("{city}", town).replace("{form}", form)
    )
    return Firm(name, stem, f"{head.latin}{tail.latin}-{trade.latin}{DOMAIN}")


def respelled(random: Random, name: str, form: str) -> str:
    """The name of the same firm as a second person enters it."""
    style = int(random.random() * 4)
    if style == 0:
        return name.upper()
    if style == 1:
        return name.replace(f" {form}", f", {form}") if f", {form}" not in name else name.replace(",", "")
    if style == 2:
        return name.replace(form, "").strip(" ,")
    return f"{name} (old)"
