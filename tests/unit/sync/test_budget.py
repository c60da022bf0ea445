import pytest

from forcedex.domain.ports import ApiUsage
from forcedex.sync.budget import SHORTEST, poll_interval


@pytest.mark.parametrize(
    ("used", "allowed", "objects", "seconds"),
    [
        (0, 5_000_000, 20, SHORTEST),  # a sandbox: as often as the index refreshes
        (0, 100_000, 19, 34.56),  # 20 calls a round, 50,000 a day
        (80_000, 100_000, 19, 172.8),  # others use most of it: 10,000 are left above the reserve
        (95_000, 100_000, 19, 86_400),  # the reserve is not touched
        (200_000, 100_000, 19, 86_400),
    ],
)
def test_rounds_are_as_frequent_as_our_share_allows(used: int, allowed: int, objects: int, seconds: float) -> None:
    assert poll_interval(ApiUsage(used=used, allowed=allowed), objects, 0.5) == pytest.approx(seconds)
