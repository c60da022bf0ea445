"""The day that weeks start on, by locale: 0 Monday to 6 Sunday.

Source: Unicode CLDR 48, supplemental `weekData`, `firstDay`; Salesforce takes the start of weeks from the locale too.
"""

import re

MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6

_SUNDAY = frozenset(
    "AG AS BD BR BS BT BW BZ CA CO DM DO ET GT GU HK HN ID IL IN IS JM JP KE KH KR LA MH MM MO MT MX MZ NI NP PA PE"
    " PH PK PR PT PY SA SG SV TH TT TW UM US VE VI WS YE ZA ZW".split()
)
_SATURDAY = frozenset("AF BH DJ DZ EG IQ IR JO KW LY OM QA SD SY".split())
_FRIDAY = frozenset({"MV"})
_TERRITORY = re.compile(r"[_-]([A-Z]{2})(?![A-Za-z])")


def week_start(locale: str) -> int:
    """The first day of the week in a locale such as `en_US` or `zh_Hans_SG`; Monday where it names no country."""
    found = _TERRITORY.search(locale)
    territory = found[1] if found else ""
    if territory in _SUNDAY:
        return SUNDAY
    if territory in _SATURDAY:
        return SATURDAY
    return FRIDAY if territory in _FRIDAY else MONDAY
