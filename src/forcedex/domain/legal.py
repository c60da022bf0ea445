"""Legal forms of companies: they belong to a name, yet nobody remembers which one it was."""

from functools import lru_cache

from forcedex.domain.folding import words

#: Folded words.
LEGAL_FORMS = frozenset(
    {
        *("inc", "incorporated", "corp", "corporation", "llc", "llp", "lp", "ltd", "limited", "co", "company", "plc"),
        *("gmbh", "ag", "kg", "kgaa", "ohg", "ug", "ev", "se", "mbh", "gbr"),
        *("sa", "sarl", "sas", "sasu", "eurl", "snc", "sl", "slu", "srl", "spa", "sapi", "cv"),
        *("bv", "nv", "vof", "ab", "as", "asa", "oy", "oyj", "aps", "kk", "pty", "pte", "sdn", "bhd", "ltda", "eirl"),
        *("sp", "zoo", "sro", "doo", "kft", "zrt", "ooo", "oao", "pvt"),
    }
)
#: Written without blanks, longest first.
LEGAL_FORMS_CJK = (
    *("股份有限公司", "有限责任公司", "有限責任公司", "株式会社", "有限会社", "合同会社", "有限公司"),
    "주식회사",
)
#: Words that have no letter in an acronym.
_SMALL = frozenset({"of", "and", "the", "for", "und", "der", "die", "das", "de", "du", "la", "le", "et", "y", "di"})
_FEWEST, _MOST = 2, 7  # letters of an acronym


@lru_cache(maxsize=16_384)  # companies come again with every record of theirs
def acronym(name: str) -> str | None:
    """The initials of a company's words: `Zanteco Medical Systems Ltd` is `zms`; None for fewer than two words."""
    initials = "".join(word[0] for word in words(name) if word not in LEGAL_FORMS and word not in _SMALL)
    return initials if _FEWEST <= len(initials) <= _MOST and initials.isalpha() else None
