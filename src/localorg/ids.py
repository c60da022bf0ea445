"""Record Ids as Salesforce makes them: key prefix, pod, counter in base 62, checksum.

Source: Salesforce Object Reference, "ID Field Type".
"""

_BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_POD = "gK"
_COUNTER_LENGTH = 10


def checksum(short: str) -> str:
    """The three characters that make an Id of 15 characters one of 18."""
    return "".join(
        _CHECKSUM[sum(char.isupper() << bit for bit, char in enumerate(short[start : start + 5]))]
        for start in (0, 5, 10)
    )


def record_id(prefix: str, number: int) -> str:
    """The 18-character Id of the number-th record (from 1) under a 3-character key prefix."""
    digits = []
    for _ in range(_COUNTER_LENGTH):
        number, digit = divmod(number, 62)
        digits.append(_BASE_62[digit])
    short = prefix + _POD + "".join(reversed(digits))
    return short + checksum(short)


def number_of(identifier: str) -> int:
    """The number that an Id of 15 or 18 characters counts."""
    number = 0
    for char in identifier[15 - _COUNTER_LENGTH : 15]:
        number = number * 62 + _BASE_62.index(char)
    return number


def full_id(identifier: str) -> str | None:
    """The Id in 18 characters; None if it is not an Id, or one whose checksum does not fit.

    Source: Object Reference, "ID Field Type": 15 characters are case-sensitive, the last 3 of 18 prove the case.
    """
    if len(identifier) not in (15, 18) or not (identifier.isascii() and identifier.isalnum()):
        return None
    full = identifier[:15] + checksum(identifier[:15])
    return full if len(identifier) == 15 or identifier == full else None
