"""What the org calls its objects, fields and values, for understanding questions."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from forcedex.domain.folding import folded
from forcedex.domain.indexed import IndexedField, IndexedObject
from forcedex.domain.roles import Role

_NO_LETTER = re.compile(r"[\W_]+")
#: Other words for objects.
_NOUNS = {
    **dict.fromkeys(("opp", "opps", "deal", "deals"), "Opportunity"),
    **dict.fromkeys(("ticket", "tickets"), "Case"),
    **dict.fromkeys(("company", "companies", "customer", "customers", "client", "clients"), "Account"),
    **dict.fromkeys(("person", "people"), "Contact"),
    **dict.fromkeys(("prospect", "prospects"), "Lead"),
}
#: Other words for fields; the first path that an object has counts.
_FIELD_WORDS = {
    "company": ("Account.Name", "Company"),
    "account": ("Account.Name", "Company"),
    "customer": ("Account.Name", "Company"),
    "owner": ("Owner.Name",),
    "contact": ("Contact.Name",),
    "stage": ("StageName",),
    "value": ("Amount", "AnnualRevenue"),
    "revenue": ("AnnualRevenue",),
    "close": ("CloseDate", "ClosedDate"),
    "closing": ("CloseDate",),
    "due": ("ActivityDate", "DueDate", "EndDate"),
    "created": ("CreatedDate",),
    "opened": ("CreatedDate",),
    "modified": ("LastModifiedDate", "SystemModstamp"),
    "updated": ("LastModifiedDate", "SystemModstamp"),
    "changed": ("LastModifiedDate", "SystemModstamp"),
    "source": ("LeadSource",),
    "number": ("CaseNumber", "OrderNumber", "ContractNumber", "AccountNumber"),
}
_PLACE = re.compile(r"(Country|City|State|Region)(__c)?$")
_ROLES = {"email": Role.EMAIL, "phone": Role.PHONE, "website": Role.URL}
_MONEY = ("Amount", "TotalAmount", "GrandTotal", "AnnualRevenue", "UnitPrice")


@dataclass(frozen=True, slots=True)
class Place:
    """A field of an object."""

    object: str
    path: str
    field: IndexedField


class Catalogue:
    """Names and values of these objects. All look-ups take folded texts."""

    def __init__(self, objects: Sequence[IndexedObject]) -> None:
        self.objects = {each.name: each for each in objects}

    def object_named(self, name: str) -> str | None:
        """An object by API name, label or another word; singular or plural."""
        return self._plurals.get(name) or self._singulars.get(name)

    def is_plural(self, name: str) -> bool:
        """Whether a noun names an object's records rather than one: it is hardly a word of a name."""
        return name in self._plurals

    def fields_named(self, name: str) -> list[Place]:
        """The fields by API name, label, or another word, of all objects; the most exact kind of name counts."""
        plain = _NO_LETTER.sub("", folded(name.replace(".", "")))
        for known in (self._by_name, self._by_label, self._by_word):
            if plain in known:
                return known[plain]
        role = _ROLES.get(plain)
        return [each for each in self._places() if each.field.role is role] if role else []

    def values(self, text: str) -> list[tuple[Place, str]]:
        """The fields that offer a value with this API name or label, and its API name."""
        return self._values.get(text, [])

    @cached_property
    def longest_value(self) -> int:
        """Words of the longest value."""
        return min(max((each.count(" ") + 1 for each in self._values), default=1), 5)

    def path(self, sobject: str, *paths: str) -> Place | None:
        """The first of the paths that an object has."""
        fields = self.objects[sobject].fields
        return next((Place(sobject, each, fields[each]) for each in paths if each in fields), None)

    def money(self, sobject: str) -> Place | None:
        """The amount that people mean without naming it."""
        currency = [path for path, each in self.objects[sobject].fields.items() if each.type == "currency"]
        return self.path(sobject, *_MONEY, *currency)

    def where(self, sobject: str) -> list[Place]:
        """The fields that tell where something is."""
        return [each for each in self._places(sobject) if _PLACE.search(each.path) and "." not in each.path]

    def parents(self, sobject: str, parent: str) -> list[str]:
        """The reference fields of an object to a parent."""
        known = self.objects[sobject].relationships.values()
        return sorted({each.field for each in known if parent in each.objects})

    def _places(self, sobject: str | None = None) -> Iterator[Place]:
        for name, each in self.objects.items():
            if sobject in (None, name):
                yield from (Place(name, path, field) for path, field in each.fields.items())

    @cached_property
    def _singulars(self) -> dict[str, str]:
        names = {folded(each.name): each.name for each in self.objects.values()}
        names |= {folded(each.label): each.name for each in self.objects.values()}
        return names | {word: name for word, name in _NOUNS.items() if name in self.objects}

    @cached_property
    def _plurals(self) -> dict[str, str]:
        names = {folded(each.label_plural): each.name for each in self.objects.values()}
        names |= {f"{folded(each.name)}s": each.name for each in self.objects.values()}
        nouns = {word: name for word, name in _NOUNS.items() if word.endswith("s") or word == "people"}
        return names | {word: name for word, name in nouns.items() if name in self.objects}

    @cached_property
    def _by_name(self) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = defaultdict(list)
        for each in self._places():
            found[_NO_LETTER.sub("", folded(each.path.replace(".", "")))].append(each)
        return found

    @cached_property
    def _by_label(self) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = defaultdict(list)
        for each in self._places():
            if "." not in each.path:
                found[_NO_LETTER.sub("", folded(each.field.label))].append(each)
        return found

    @cached_property
    def _by_word(self) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = defaultdict(list)
        for word, paths in _FIELD_WORDS.items():
            places = (self.path(name, *paths) for name in self.objects)
            found[word] = [each for each in places if each is not None]
        for each in self._places():
            if _PLACE.search(each.path):
                kind = _PLACE.search(each.path)
                found[folded(kind[1] if kind else "")].append(each)
            if each.path.endswith("__c"):
                found[_NO_LETTER.sub("", folded(each.path[:-3]))].append(each)
        return {word: places for word, places in found.items() if places}

    @cached_property
    def _values(self) -> dict[str, list[tuple[Place, str]]]:
        found: dict[str, list[tuple[Place, str]]] = defaultdict(list)
        for each in self._places():
            for value, label in each.field.values.items():
                for text in {folded(value), folded(label)}:
                    found[text].append((each, value))
        return found
