"""How much anyone may ask: token buckets, one for each person and one for the whole org. Pure: time is given."""

from collections import OrderedDict
from dataclasses import dataclass

#: Buckets that are remembered; a forgotten one was full for long.
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many points at once, and so many anew each second."""

    burst: float
    per_second: float


#: The whole org may ask as much as so many people.
_PEOPLE = 20

#: What things cost, in points.
SEARCH, SUGGEST, RECORD, REPORT, EXPORT, LIGHT = 1.0, 0.4, 1.0, 4.0, 10.0, 0.2


@dataclass(slots=True)
class _Bucket:
    points: float
    at: float


class Limits:
    """The buckets of one process."""

    def __init__(self, per_person: Rate) -> None:
        self._per_person = per_person
        self._per_org = Rate(burst=per_person.burst * _PEOPLE, per_second=per_person.per_second * _PEOPLE)
        self._org = _Bucket(self._per_org.burst, 0.0)
        self._people: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, user_id: str, cost: float, now: float) -> float:
        """Spend points; 0, or the seconds after which there will be enough, and then nothing is spent."""
        bucket = self._people.get(user_id) or _Bucket(self._per_person.burst, now)
        self._people[user_id] = bucket
        self._people.move_to_end(user_id)
        if len(self._people) > _REMEMBERED:
            self._people.popitem(last=False)
        wait = max(_wait(bucket, self._per_person, cost, now), _wait(self._org, self._per_org, cost, now))
        if wait > 0:
            return wait
        bucket.points -= cost
        self._org.points -= cost
        return 0.0


def _wait(bucket: _Bucket, rate: Rate, cost: float, now: float) -> float:
    """Fill up, and tell how long until there is enough."""
    bucket.points = min(rate.burst, bucket.points + max(0.0, now - bucket.at) * rate.per_second)
    bucket.at = now
    return max(0.0, (min(cost, rate.burst) - bucket.points) / rate.per_second)
