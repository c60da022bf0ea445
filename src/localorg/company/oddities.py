"""Values that break careless programs, found in every large org; each one appears once in the demo company."""

from typing import TypeVar

_T = TypeVar("_T")

#: first and last name of contacts
NAMES: tuple[tuple[str | None, str], ...] = (
    ("Nadia", "NA"),
    ("Max", "Null"),
    (None, "undefined"),
    ("Robert'); DROP TABLE Contact;--", "Tables"),
    ('Anne "Annie"', "Smith, Jr."),
    ("D’Artagnan", "O'Neil-Müller"),
    ("Zoë", "Ångström"),
    ("Łukasz", "Żółć"),
    ("😀 Emma", "Fröhlich 🎉"),
    ("İpek", "Işık"),
    ("Jose\u0301", "Mun\u0303oz"),  # decomposed accents
    ("true", "1e5"),
    ("Émile", "de l’Étoile"),
    ("𠮷郎", "𠮷野"),  # beyond the basic plane
    ("محمد", "الفارسي"),
    ("Anna\u00a0Maria", "Weiß"),  # no-break space
    ("A", "B"),
    ("Ann", "x" * 80),
    ("Öznur", "Ç"),
    ("=1+1", "@SUM(A1)"),
    ("<b>Bold</b>", "O&amp;M"),
    ("Ω", "Σίσυφος"),
    (None, "Info"),
    ("Test", "TEST"),
)

#: descriptions of accounts, opportunities and cases
TEXTS = (
    'She said: "call me back", then hung up.\nSecond line, with comma; semicolon\tand tab.',
    "Windows line ends\r\nare kept\r\nas they came.",
    "Line separator\u2028paragraph separator\u2029zero-width\u200bspace and BOM\ufeff.",
    "C:\\temp\\new\\*.log and \\u0041 and %2F and ${jndi:none} and {{handlebars}}",
    "'; DELETE FROM Account WHERE 'a'='a",
    "👩‍🏭 👨‍👩‍👧‍👦 🇩🇪 🏴󠁧󠁢󠁳󠁣󠁴󠁿 family and flags",
    "null",
    "0",
    "[]",
    "שלום עולם, mixed with English and العربية",
    "ﬁne ligatures, ½ fractions, ㎏ units, Ⅷ numerals, ＦＵＬＬ width",
    "a" * 300 + " one very long word",
    "日本語とEnglishとДругой in one line。改行なし。",
    "</script><script>alert(1)</script>",
    "Soft\u00adhyphen, e\u0301 and é look the same.",
)

#: names of accounts
FIRMS = (
    "The " + "Very " * 49 + "Long",
    "0815",
    "N/A",
    "Smith & Söhne <Holding> \"Nord\", d/b/a 'SN'",
    "!Import Export!",
    "Ⅲ. Werk e.K.",
)

#: rich text of accounts
RICH_TEXTS = (
    "<p>Prefers <b>e-mail</b>.</p><ul><li>Plant 1</li><li>Plant&nbsp;2 &amp; 3</li></ul>",
    '<p><a href="https://intranet.tarnholt.example/a?b=1&amp;c=2" target="_blank">Contract</a></p>',
    '<p style="color:rgb(255,0,0)">Credit hold <i>until paid</i> &lt;2 reminders&gt;</p>',
    "<table><tbody><tr><td>Line</td><td>Drives</td></tr><tr><td>1</td><td>14</td></tr></tbody></table>",
    "<p>Öffnungszeiten: 8–17 Uhr<br>日本語も可</p>",
)


def once(values: tuple[_T, ...], index: int, total: int) -> _T | None:
    """The value that belongs to the index when all values are spread evenly over the total, each once."""
    stride = max(2, total // len(values))
    turn, rest = divmod(index, stride)
    return values[turn] if rest == stride // 2 and turn < len(values) else None
