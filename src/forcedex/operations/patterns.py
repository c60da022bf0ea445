"""What secrets look like, for those that nobody named beforehand.

Shapes of Salesforce's own: session ids begin with the org's Id (`00D…!…`), refresh tokens with `5Aep`, authorization
codes with `aPrx`. Every repetition is bounded or cannot go back, so that a hostile text costs no more than a long one.
"""

import re

HIDDEN = "***"

_NAMES = (
    r"(?:pass(?:word|wd|phrase|code)|pwd|secret|token|api[_-]?key|private[_-]?key|assertion|credentials?"
    r"|session[_-]?id|\bsid|signature|code[_-]?verifier)"
)
_HEADERS = r"(?:(?:proxy-)?authorization|(?:set-)?cookie|x-sfdc-session|x-api-key|\baccesstoken)"
# In quotes; in quotes that stand in a quoted text, so with backslashes before them; or a word.
_QUOTED = r"\"(?:[^\"\\]|\\.){0,4000}\"|'(?:[^'\\]|\\.){0,4000}'|\\{1,3}([\"']).{0,4000}?\\{1,3}\2"
_WORD = r"[^\s\"'&,;(){}\[\]<>\\]+"

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z0-9 ]{1,40}-----.*?(?:-----END [A-Z0-9 ]{1,40}-----|\Z)", re.DOTALL), HIDDEN),
    # User and password in a URL.
    (re.compile(r"(://)[^\s/?#\"'<>]{1,1000}@"), rf"\1{HIDDEN}@"),
    # Headers: on a line of their own, or as pairs the way HTTP libraries print them.
    (re.compile(rf"({_HEADERS}\\?[\"']?\s{{0,4}}[:=,]\s{{0,4}}b?)(?:{_QUOTED})", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(rf"({_HEADERS}\s{{0,4}}[:=]\s{{0,4}})[^\r\n\"']+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"\b(Bearer)\s{1,4}[^\s\"',;]{4,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    # Not "basic information": the word must have a digit, a sign, or a capital inside.
    (
        re.compile(r"\b((?i:Basic|OAuth|ApiKey))\s{1,4}(?=\S{0,200}?(?:[0-9=+/!]|[a-z][A-Z]))[A-Za-z0-9._~+/=!-]{8,}"),
        rf"\1 {HIDDEN}",
    ),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]+){1,4}"), HIDDEN),
    (re.compile(r"\b00D[A-Za-z0-9]{9,15}(?:!|%21)[A-Za-z0-9._%-]{4,}"), HIDDEN),
    (re.compile(r"\b(?:5Aep|aPrx)[A-Za-z0-9._%=-]{8,}"), HIDDEN),
    (
        re.compile(
            rf"({_NAMES}[\w-]{{0,20}}\\{{0,3}}[\"']?\s{{0,4}}[:=]\s{{0,4}}b?)(?:{_QUOTED}|{_WORD})", re.IGNORECASE
        ),
        rf"\1{HIDDEN}",
    ),
    # XML, as SOAP's login() has it.
    (re.compile(rf"({_NAMES}[\w-]{{0,20}}>)[^<>]{{1,4000}}(?=</)", re.IGNORECASE), rf"\1{HIDDEN}"),
)

_SECRET_NAME = re.compile(
    r"pass(word|wd|phrase|code)|pwd|secret|token|apikey|privatekey|assertion|credential|sessionid|^sid$|signature"
    r"|codeverifier|authorization|cookie"
)


def without_secrets(text: str) -> str:
    """The text, with `***` in place of whatever has the shape of a secret."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def names_a_secret(name: str) -> bool:
    """Whether a field of this name holds a secret, such as `client_secret` or `Set-Cookie`."""
    return _SECRET_NAME.search(re.sub(r"[^a-z]", "", name.lower())) is not None
