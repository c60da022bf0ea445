"""Names of people and companies in six languages, drawn by chance, the same for the same seed."""

import random

FIRST = {
    "en": (
        *(
            "Robert",
            "William",
            "Richard",
            "James",
            "John",
            "Michael",
            "Thomas",
            "Charles",
            "Edward",
            "Joseph",
            "Daniel",
        ),
        *("David", "Anthony", "Matthew", "Andrew", "Steven", "Kenneth", "Gregory", "Benjamin", "Samuel", "Nicholas"),
        *("Elizabeth", "Margaret", "Katherine", "Jennifer", "Jessica", "Rebecca", "Deborah", "Barbara", "Susan"),
        *("Victoria", "Theresa", "Pamela", "Mary", "Linda", "Karen", "Helen", "Ruth", "Alice", "Grace", "Olivia"),
    ),
    "de": (
        *("Anna", "Jürgen", "Günther", "Hans", "Klaus", "Wolfgang", "Ulrich", "Jörg", "Björn", "Käthe", "Ursula"),
        *("Sebastian", "Tobias", "Sabine", "Birgit", "Heike", "Monika", "Renate", "Dieter", "Uwe", "Anke", "Götz"),
    ),
    "fr": ("François", "Hélène", "René", "Zoé", "Léa", "Benoît", "Aurélie", "Gérard", "Cécile", "Thierry", "Maëlle"),
    "es": ("José", "María", "Ángel", "Íñigo", "Lucía", "Sofía", "Raúl", "Inés", "Andrés", "Belén", "Joaquín", "Rocío"),
}
_LAST = {
    "en": (
        *("Smith", "Jones", "Taylor", "Brown", "Wilson", "Evans", "Walker", "Harris", "Clarke", "Turner", "Parker"),
        *("Norman", "Keith", "Foster", "Marshall", "Hughes", "Coleman", "Whitaker", "Ashford", "Bradley", "Thornton"),
    ),
    "de": (
        *("Müller", "Schäfer", "Köhler", "Schröder", "Böhm", "Krüger", "Jäger", "Groß", "Weiß", "Vögel", "Schmidt"),
        *("Hofmann", "Bäcker", "Löwe", "Strauß", "Lüders", "Föhr", "Zimmermann", "Kühn", "Möbius", "Würfel"),
    ),
    "fr": (
        "Lefèvre",
        "Béranger",
        "Gauthier",
        "Moreau",
        "Chrétien",
        "Fournier",
        "Dupré",
        "Clément",
        "Marchand",
        "Rivière",
    ),
    "es": ("García", "Núñez", "Hernández", "Ibáñez", "Muñoz", "Pérez", "Vázquez", "Sánchez", "Domínguez", "Peña"),
}
_BEGIN = ("Hal", "Ber", "Stan", "Mor", "Kel", "Win", "Ash", "Brad", "Dun", "Fair", "Gar", "Hol", "Lang", "Mil", "Nor")
_MIDDLE = ("", "ing", "er", "el", "en", "is", "ow", "ar", "am", "or")
_END = ("ton", "ley", "ford", "man", "berg", "stein", "field", "wood", "dorf", "mann", "ville", "hurst", "sen")
_BRAND = (
    "zan",
    "tec",
    "vel",
    "qui",
    "nor",
    "lum",
    "pax",
    "ori",
    "dra",
    "fen",
    "gal",
    "hex",
    "jun",
    "kor",
    "mir",
    "bre",
)
_BRAND_END = ("teco", "vara", "lix", "dyne", "mont", "sol", "nova", "pharm", "rion", "tron", "quest", "mark")
FIELDS = (
    *("Medical", "Logistics", "Robotics", "Energy", "Foods", "Textiles", "Optics", "Mining", "Aviation", "Software"),
    *("Plastics", "Shipping", "Finance", "Media", "Paper", "Steel", "Water", "Seeds", "Glass", "Motors"),
)
KINDS = ("Systems", "Group", "Solutions", "Works", "Partners", "Industries", "Supply", "Labs", "Holding", "Services")
LEGAL = ("Inc", "LLC", "Ltd", "Corp", "GmbH", "AG", "KG", "SARL", "SA", "SL", "BV", "plc", "Co.")
_KANJI = "東京田中村山川高橋本松竹梅井上大小森林石金木水島光明和平安永新古西北南陽春秋"
_KATAKANA = (
    "サクラ",
    "ミライ",
    "テクノ",
    "ヒカリ",
    "オリオン",
    "アルファ",
    "シグマ",
    "カイト",
    "ナノ",
    "リンク",
    "メディア",
    "フロンティア",
)
_CJK_KINDS = ("電機", "商事", "製作所", "工業", "物流", "銀行", "科技", "貿易")
_CJK_LEGAL = ("株式会社", "有限公司", "")


class Names:
    """Draws names."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        made = [a + b + c for a in _BEGIN for b in _MIDDLE for c in _END]
        chance.shuffle(made)
        self._made = made[:900]
        brands = {a + b + c for a in _BRAND for b in (*_BRAND, "") for c in _BRAND_END}
        self.brands = sorted(each.capitalize() for each in brands)
        chance.shuffle(self.brands)

    def person(self) -> tuple[str, str, str]:
        """Language, first and last name."""
        language = self._chance.choices(("en", "de", "fr", "es", "ja"), (50, 22, 10, 10, 8))[0]
        if language == "ja":
            return language, "".join(self._chance.choices(_KANJI, k=2)), "".join(self._chance.choices(_KANJI, k=2))
        first = self._chance.choice(FIRST[language])
        common = self._chance.random() < 0.45
        return language, first, self._chance.choice(_LAST[language] if common else self._made)

    def company(self, number: int) -> tuple[str, str, str, str]:
        """Brand, field of work, kind and legal form; a Chinese or Japanese company has a brand and a legal form."""
        if self._chance.random() < 0.08:
            middle = self._chance.choice(_KATAKANA) + (
                self._chance.choice(_KATAKANA) if self._chance.random() < 0.4 else ""
            )
            brand = "".join(self._chance.choices(_KANJI, k=2)) + middle + self._chance.choice(_CJK_KINDS)
            return brand, "", "", self._chance.choice(_CJK_LEGAL)
        brand = self.brands[number % len(self.brands)]
        return brand, self._chance.choice(FIELDS), self._chance.choice(KINDS), self._chance.choice(LEGAL)
