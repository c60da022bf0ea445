"""The people of the demo company itself: the role tree and its users."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from localorg.company.money import CHF, EUR, GBP, JPY, USD, Currency
from localorg.company.numbering import ids
from localorg.company.people import full_name, person
from localorg.company.plan import Plan
from localorg.company.words import CHINESE, ENGLISH, FRENCH, GERMAN, JAPANESE, SPANISH, Language

COMPANY = "Tarnholt Automation"
DOMAIN = "tarnholt.example"

_user_id = ids("User")
_role_id = ids("UserRole")

REGIONS = ("EMEA", "AMER", "APAC")
_CHIEF = "Chief Executive Officer"


@dataclass(frozen=True)
class Team:
    """Who sells in some countries."""

    name: str
    region: str
    language: Language
    locale: str
    time_zone: str
    currency: Currency
    city: str
    country: str


TEAMS = {
    team.name: team
    for team in (
        Team("DACH", "EMEA", GERMAN, "de_DE", "Europe/Berlin", EUR, "München", "Germany"),
        Team("France", "EMEA", FRENCH, "fr_FR", "Europe/Paris", EUR, "Lyon", "France"),
        Team("UK & Ireland", "EMEA", ENGLISH, "en_GB", "Europe/London", GBP, "Manchester", "United Kingdom"),
        Team("Iberia", "EMEA", SPANISH, "es_ES", "Europe/Madrid", EUR, "Madrid", "Spain"),
        Team("US East", "AMER", ENGLISH, "en_US", "America/New_York", USD, "Boston", "United States"),
        Team("US West", "AMER", ENGLISH, "en_US", "America/Los_Angeles", USD, "Portland", "United States"),
        Team("Canada", "AMER", ENGLISH, "en_US", "America/New_York", USD, "Toronto", "Canada"),
        Team("Latin America", "AMER", SPANISH, "es_ES", "America/Chicago", USD, "Monterrey", "Mexico"),
        Team("China", "APAC", CHINESE, "en_US", "Asia/Singapore", USD, "上海", "China"),
        Team("Japan", "APAC", JAPANESE, "ja_JP", "Asia/Tokyo", JPY, "横浜市", "Japan"),
        Team("ANZ & South-East Asia", "APAC", ENGLISH, "en_AU", "Australia/Sydney", USD, "Sydney", "Australia"),
    )
}
_HOME = Team("Headquarters", "AMER", ENGLISH, "en_US", "America/New_York", USD, "Boston", "United States")
_ZUG = Team("Zug", "EMEA", GERMAN, "de_DE", "Europe/Berlin", CHF, "Zug", "Switzerland")


@dataclass(frozen=True)
class Role:
    """A role, numbered from 1."""

    number: int
    name: str
    parent: str | None

    @property
    def id(self) -> str:
        """The Id of its record."""
        return _role_id(self.number)

    @property
    def developer_name(self) -> str:
        """Its name for programs."""
        words = "".join(char if char.isascii() and char.isalnum() else " " for char in self.name)
        return "_".join(words.split())


def _roles() -> Iterator[tuple[str, str | None]]:
    yield _CHIEF, None
    for region in REGIONS:
        yield f"VP Sales {region}", _CHIEF
    for team in TEAMS.values():
        yield f"Country Manager {team.name}", f"VP Sales {team.region}"
    for team in TEAMS.values():
        yield f"Sales {team.name}", f"Country Manager {team.name}"
    yield "VP Service", _CHIEF
    for region in REGIONS:
        yield f"Support Manager {region}", "VP Service"
    for region in REGIONS:
        yield f"Support {region}", f"Support Manager {region}"
    yield "VP Marketing", _CHIEF
    yield "Marketing", "VP Marketing"
    yield "Sales Operations", _CHIEF


ROLES = {name: Role(number, name, parent) for number, (name, parent) in enumerate(_roles(), start=1)}


@dataclass(frozen=True)
class Employee:
    """A user of the org, numbered from 1."""

    number: int
    id: str
    first: str | None
    last: str
    name: str
    latin: str
    title: str
    department: str
    role: str | None
    profile: str
    team: Team
    region: str
    active: bool
    #: added to the chance that this person wins a deal
    skill: float

    @property
    def username(self) -> str:
        """What the user logs in with."""
        return f"{self.latin}@{DOMAIN}"


# first/last name | as in the user name | title | role | team
_PEOPLE = """
Ada/Admin|admin|System Administrator||Headquarters
/Integration|integration|Integration User||Headquarters
Eleanor/Whitlock|eleanor.whitlock|Chief Executive Officer|Chief Executive Officer|Headquarters
Henrik/Falkner|henrik.falkner|VP Sales EMEA|VP Sales EMEA|Zug
Marcus/Calloway|marcus.calloway|VP Sales Americas|VP Sales AMER|Headquarters
Grace/Lim|grace.lim|VP Sales APAC|VP Sales APAC|ANZ & South-East Asia
Jörg/Süßmann|joerg.suessmann|Country Manager DACH|Country Manager DACH|DACH
Hélène/Dubreuil|helene.dubreuil|Country Manager France & Belgium|Country Manager France|France
Rory/Hargreaves|rory.hargreaves|Country Manager UK & Ireland|Country Manager UK & Ireland|UK & Ireland
Íñigo/Echeverría|inigo.echeverria|Country Manager Iberia|Country Manager Iberia|Iberia
Patricia/Holloway|patricia.holloway|Regional Manager US East|Country Manager US East|US East
Nathan/Brightwell|nathan.brightwell|Regional Manager US West|Country Manager US West|US West
Véronique/Charbonneau|veronique.charbonneau|Country Manager Canada|Country Manager Canada|Canada
Ximena/Villalobos|ximena.villalobos|Regional Manager Latin America|Country Manager Latin America|Latin America
海涛/林|lin.haitao|Country Manager China|Country Manager China|China
健一/高橋|takahashi.kenichi|Country Manager Japan|Country Manager Japan|Japan
Isla/Thornbury|isla.thornbury|Regional Manager ANZ & SEA|Country Manager ANZ & South-East Asia|ANZ & South-East Asia
Jonas/Weidner|jonas.weidner|Account Executive|Sales DACH|DACH
Katharina/Böhm|katharina.boehm|Account Executive|Sales DACH|DACH
Lukas/Häfner|lukas.haefner|Account Executive|Sales DACH|DACH
Émilie/Renaudin|emilie.renaudin|Account Executive|Sales France|France
Loïc/Le Goff|loic.legoff|Account Executive|Sales France|France
Fiona/MacAllister|fiona.macallister|Account Executive|Sales UK & Ireland|UK & Ireland
Seán/O'Dell|sean.odell|Account Executive|Sales UK & Ireland|UK & Ireland
Begoña/Ibáñez|begona.ibanez|Account Executive|Sales Iberia|Iberia
Darío/Montenegro|dario.montenegro|Account Executive|Sales Iberia|Iberia
Samantha/Fairbank|samantha.fairbank|Account Executive|Sales US East|US East
Benjamin/Colebrook|benjamin.colebrook|Senior Account Executive|Sales US East|US East
Tessa/Underhill|tessa.underhill|Account Executive|Sales US East|US East
Jason/Drayton|jason.drayton|Account Executive|Sales US West|US West
Lauren/Merriweather|lauren.merriweather|Senior Account Executive|Sales US West|US West
Owen/Langley|owen.langley|Account Executive|Sales Canada|Canada
Jimena/Salcedo|jimena.salcedo|Account Executive|Sales Latin America|Latin America
Héctor/Zúñiga|hector.zuniga|Account Executive|Sales Latin America|Latin America
思雨/陈|chen.siyu|Account Executive|Sales China|China
文博/赵|zhao.wenbo|Account Executive|Sales China|China
美咲/佐藤|sato.misaki|Account Executive|Sales Japan|Japan
直樹/渡邊|watanabe.naoki|Account Executive|Sales Japan|Japan
Callum/Ashdown|callum.ashdown|Account Executive|Sales ANZ & South-East Asia|ANZ & South-East Asia
Daisy/Nettleton|daisy.nettleton|Account Executive|Sales ANZ & South-East Asia|ANZ & South-East Asia
Ingrid/Rademacher|ingrid.rademacher|VP Service|VP Service|Zug
Torben/Kröger|torben.kroeger|Support Manager EMEA|Support Manager EMEA|DACH
Deborah/Granger|deborah.granger|Support Manager Americas|Support Manager AMER|US East
遥/中村|nakamura.haruka|Support Manager APAC|Support Manager APAC|Japan
Nele/Vollmer|nele.vollmer|Support Engineer|Support EMEA|DACH
Bastien/Lécuyer|bastien.lecuyer|Support Engineer|Support EMEA|France
Graham/Wainwright|graham.wainwright|Support Engineer|Support EMEA|UK & Ireland
Hazel/Burrell|hazel.burrell|Support Engineer|Support AMER|US East
Mateo/Olivares|mateo.olivares|Support Engineer|Support AMER|Latin America
浩然/孙|sun.haoran|Support Engineer|Support APAC|China
慎一/木村|kimura.shinichi|Support Engineer|Support APAC|Japan
Beatrice/Pemberton|beatrice.pemberton|VP Marketing|VP Marketing|Headquarters
Clara/Ortega|clara.ortega|Campaign Manager|Marketing|Iberia
Sönke/Lüders|soenke.lueders|Digital Marketing Manager|Marketing|DACH
Phoebe/Sedgwick|phoebe.sedgwick|Sales Operations Manager|Sales Operations|Headquarters
Detlef/Großmann|detlef.grossmann|Account Executive (left)|Sales DACH|DACH
Gordon/Blackwood|gordon.blackwood|Account Executive (left)|Sales US East|US East
Wendy/Quigley|wendy.quigley|Intern (left)||Headquarters
"""

ADMIN, INTEGRATION = 1, 2
#: departments and profiles by the beginning of the role
_DEPARTMENTS = {
    "Chief": ("Management", "Sales User"),
    "VP Sales": ("Sales", "Sales User"),
    "Country": ("Sales", "Sales User"),
    "Sales Operations": ("Operations", "Standard User"),
    "Sales": ("Sales", "Sales User"),
    "VP Service": ("Service", "Service User"),
    "Support": ("Service", "Service User"),
    "VP Marketing": ("Marketing", "Standard User"),
    "Marketing": ("Marketing", "Standard User"),
}
_PROFILES = {"admin": "System Administrator", "integration": "Integration"}
_LEFT = "(left)"


def _employee(number: int, names: str, latin: str, title: str, role: str, team: Team) -> Employee:
    first, _, last = names.partition("/")
    department, profile = next(
        (found for start, found in _DEPARTMENTS.items() if role.startswith(start)),
        ("IT", _PROFILES.get(latin, "Minimum Access")),
    )
    return Employee(
        number=number,
        id=_user_id(number),
        first=first or None,
        last=last,
        name=full_name(first, last, family_first=not last.isascii() and last[0] > "\u3000"),
        latin=latin,
        title=title,
        department=department,
        role=role or None,
        profile=profile,
        team=team,
        region=team.region,
        active=_LEFT not in title,
        skill=number * 37 % 25 / 100 - 0.12,
    )


class Staff:
    """All employees, found by what they do."""

    def __init__(self, plan: Plan, seed: int) -> None:
        teams = {**TEAMS, _HOME.name: _HOME, _ZUG.name: _ZUG}
        self.everyone: list[Employee] = []
        for line in _PEOPLE.strip().splitlines():
            names, latin, title, role, team = line.split("|")
            self._add(names, latin, title, role, teams[team])
        self._grow(plan, Random(seed))
        self._by_role: dict[str | None, list[Employee]] = {}
        for one in self.everyone:
            self._by_role.setdefault(one.role, []).append(one)
        self.admin, self.integration = self.everyone[ADMIN - 1], self.everyone[INTEGRATION - 1]
        self.marketing = self._by_role["Marketing"]
        sellers = {team: self._by_role[f"Sales {team}"] for team in TEAMS}
        #: those who sell, and those who sold until they left
        self.reps = {team: [one for one in found if one.active] for team, found in sellers.items()}
        self.former = {team: [one for one in found if not one.active] for team, found in sellers.items()}
        self.engineers = {region: self._by_role[f"Support {region}"] for region in REGIONS}

    def _add(self, names: str, latin: str, title: str, role: str, team: Team) -> None:
        self.everyone.append(_employee(len(self.everyone) + 1, names, latin, title, role, team))

    def _grow(self, plan: Plan, random: Random) -> None:
        teams = list(TEAMS.values())
        for index in range(plan.extra_reps + plan.extra_engineers):
            team = teams[index % len(teams)]
            someone = person(random, team.language)
            sells = index < plan.extra_reps
            self._add(
                f"{someone.first}/{someone.last}",
                f"{someone.latin_first}.{someone.latin_last}{len(self.everyone) + 1}",
                "Account Executive" if sells else "Support Engineer",
                f"Sales {team.name}" if sells else f"Support {team.region}",
                team,
            )

    def with_role(self, role: str | None) -> list[Employee]:
        """The employees who have the role."""
        return self._by_role.get(role, [])

    def manager(self, one: Employee) -> Employee | None:
        """Whom the employee reports to: whoever has the role above."""
        if one.role is None:
            return None
        parent = ROLES[one.role].parent
        return self._by_role[parent][0] if parent else None
