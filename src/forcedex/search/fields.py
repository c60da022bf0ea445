"""Which fields are searched, gathered from what the indices say of themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from forcedex.domain.indexed import IndexedObject
from forcedex.domain.roles import Role

_COMPANIES = frozenset({"Account.Name", "Company"})


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchFields:
    """Field paths by what they are for, over all objects that are asked."""

    names: tuple[str, ...]
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    long_texts: tuple[str, ...]
    labels: tuple[str, ...]
    addresses: tuple[str, ...]
    phones: tuple[str, ...]
    #: Derived: pairs of Chinese, Japanese and Korean characters, codes, initials.
    name_pairs: tuple[str, ...]
    company_pairs: tuple[str, ...]
    codes: tuple[str, ...]
    name_acronyms: tuple[str, ...]
    company_acronyms: tuple[str, ...]

    @property
    def companies(self) -> tuple[str, ...]:
        """The names of companies on records of people and deals: the only titles in which typos are looked for."""
        return tuple(path for path in self.titles if path in _COMPANIES)

    @property
    def whole_names(self) -> tuple[str, ...]:
        """The names as one term each."""
        return tuple(f"{path}.keyword" for path in self.names)


def search_fields(objects: Sequence[IndexedObject]) -> SearchFields:
    """The fields of these objects, each path once."""

    def of(*roles: Role) -> list[str]:
        return sorted({path for each in objects for path, field in each.fields.items() if field.role in roles})

    def derived(kind: str, *, company: bool | None = None) -> tuple[str, ...]:
        prefix = f"forcedex.{kind}."
        paths = {path for each in objects for path in each.derived if path.startswith(prefix)}
        return tuple(
            sorted(each for each in paths if company is None or (each.removeprefix(prefix) in _COMPANIES) == company)
        )

    return SearchFields(
        names=tuple(of(Role.NAME)),
        titles=tuple(of(Role.TITLE)),
        texts=tuple(of(Role.TEXT)),
        long_texts=tuple(of(Role.LONG_TEXT)),
        labels=tuple(f"{path}.words" for path in of(Role.LABEL)),
        addresses=tuple(f"{path}.parts" for path in of(Role.EMAIL, Role.URL)),
        phones=tuple(f"forcedex.phones.{path}" for path in of(Role.PHONE)),
        name_pairs=derived("pairs", company=False),
        company_pairs=derived("pairs", company=True),
        codes=derived("codes"),
        name_acronyms=derived("acronyms", company=False),
        company_acronyms=derived("acronyms", company=True),
    )
