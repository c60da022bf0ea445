"""The forms in which a secret may turn up in a text: as it is, or encoded the ways programs encode things."""

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

#: Shorter texts are no secrets worth the name, and hiding them would garble every message.
SHORTEST = 4
#: A shorter piece of Base64 is found by chance.
_SHORTEST_PIECE = 8


def forms_of(secret: str | bytes) -> frozenset[str]:
    """Every form that is to be hidden; none for a secret that is too short."""
    if len(secret) < SHORTEST:
        return frozenset()
    if isinstance(secret, bytes):
        shown = {secret.decode("utf-8", "backslashreplace"), secret.decode("latin-1"), repr(secret)[2:-1]}
        found = {*_binary(secret), *shown}
    else:
        found = {*_textual(secret), *_binary(secret.encode("utf-8", "surrogatepass"))}
    return frozenset(form for form in found if len(form) >= SHORTEST)


def _textual(secret: str) -> Iterator[str]:
    yield secret
    for in_json in (json.dumps(secret), json.dumps(secret, ensure_ascii=False)):
        yield in_json[1:-1]
        yield json.dumps(in_json)[3:-3]  # JSON within JSON
    yield repr(secret)[1:-1]
    yield escape(secret, {'"': "&quot;", "'": "&apos;"})
    yield escape(secret)
    encoded = secret.encode("utf-8", "surrogatepass")
    yield repr(encoded)[2:-1]
    for percent in (quote(encoded, safe=""), quote(encoded), quote_plus(encoded)):
        yield percent
        yield _lower_escapes(percent)
        yield quote(percent, safe="")  # a URL within a URL


def _lower_escapes(percent: str) -> str:
    head, *rest = percent.split("%")
    return head + "".join(f"%{each[:2].lower()}{each[2:]}" for each in rest)


def _binary(secret: bytes) -> Iterator[str]:
    yield secret.hex()
    yield secret.hex().upper()
    for piece in _base64_pieces(secret):
        yield piece
        yield piece.replace("+", "-").replace("/", "_")
        yield quote(piece, safe="")


def _base64_pieces(secret: bytes) -> Iterator[str]:
    """What every Base64 text shows that has the secret in it, alone or between other bytes.

    Three bytes become four characters, so the secret may begin at the first, second or third byte of such a group;
    the characters at both ends that depend on its neighbours are left out.
    """
    alone = base64.b64encode(secret).decode()
    yield alone
    yield alone.rstrip("=")
    for before, skipped in ((0, 0), (1, 2), (2, 3)):
        text = base64.b64encode(bytes(before) + secret).decode()
        piece = text[skipped : (before + len(secret)) * 8 // 6]
        if len(piece) >= _SHORTEST_PIECE:
            yield piece
