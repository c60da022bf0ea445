"""How often changes may be asked for without using more than our share of the org's daily API calls."""

from forcedex.domain.ports import ApiUsage

_DAY = 86_400.0  # seconds
#: Never ask more often than this, however large the allowance: both sides should be idle when nothing happens.
SHORTEST = 2.0  # seconds
#: Of the calls that are left to everybody, this part is never used by us: other programs live in the org too.
_RESERVE = 0.1


def poll_interval(usage: ApiUsage, objects: int, share: float) -> float:
    """Seconds between two rounds over `objects` objects, a call each and one for the org's clock.

    `share` is our part of the daily calls (0 to 1]. When little is left for everybody, rounds become rarer.
    """
    calls = objects + 1
    ours = usage.allowed * share
    left = usage.allowed * (1 - _RESERVE) - usage.used
    spendable = min(ours, left)
    if spendable <= calls:
        return _DAY
    return max(SHORTEST, _DAY * calls / spendable)
