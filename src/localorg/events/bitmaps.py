"""Which fields, as bitmaps in hexadecimal: how a change event's header lists fields.

Element 0 is the bitmap of top-level fields, `0x400800`: big-endian, whole bytes, bit 0 is the schema's first field
(the header). An element `4-0x01` is the bitmap of the parts of field 4, a compound. No field, no element.
Source: Change Data Capture Developer Guide, "Change Event Header Fields"; recorded events.
"""

from collections.abc import Iterable, Sequence

#: A field by its place in the schema, and the place of the part if only a part is meant.
Place = tuple[int, int | None]


def bitmap(places: Iterable[int]) -> str:
    """One bitmap."""
    bits = sum(1 << place for place in set(places))
    return "0x" + bits.to_bytes((bits.bit_length() + 7) // 8, "big").hex().upper()


def bitmaps(places: Iterable[Place]) -> list[str]:
    """The elements that name these fields."""
    whole: set[int] = set()
    parts: dict[int, set[int]] = {}
    for place, part in places:
        if part is None:
            whole.add(place)
        else:
            parts.setdefault(place, set()).add(part)
    nested = [f"{place}-{bitmap(found)}" for place, found in sorted(parts.items())]
    return [bitmap(whole), *nested] if whole else nested


def places(elements: Sequence[str]) -> list[Place]:
    """The fields that elements name."""
    found: list[Place] = []
    for element in elements:
        head, dash, tail = element.partition("-")
        bits = int(tail if dash else head, 16)
        marked = [place for place in range(bits.bit_length()) if bits >> place & 1]
        found += [(int(head), place) if dash else (place, None) for place in marked]
    return found
