"""Record Ids: 15 case-sensitive characters, or 18 with a checksum that survives case folding.

Source: Salesforce Object Reference, "ID Field Type".
"""

import re

_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?")


def to_18(record_id: str) -> str:
    """The 18-character form of a 15- or 18-character Id; ValueError for anything else."""
    if not _SHAPE.fullmatch(record_id):
        raise ValueError(f"{record_id[:40]!r} is not a Salesforce record Id")
    short = record_id[:15]
    checksum = "".join(
        _CHECKSUM[sum(char.isupper() << bit for bit, char in enumerate(short[start : start + 5]))]
        for start in (0, 5, 10)
    )
    if len(record_id) == 18 and record_id[15:] != checksum:
        raise ValueError(f"{record_id!r} has a wrong checksum: check its upper and lower case")
    return short + checksum


def is_record_id(text: str) -> bool:
    """Whether the text is a well-formed record Id."""
    try:
        to_18(text)
    except ValueError:
        return False
    return True
