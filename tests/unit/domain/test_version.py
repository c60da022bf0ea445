from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.version import MAX_ORDINAL, ordinal_in, seconds_in, version_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_later_stamp_beats_any_ordinal() -> None:
    assert version_of(NOON + timedelta(seconds=1), 0) > version_of(NOON, MAX_ORDINAL)


def test_within_a_second_the_later_read_wins() -> None:
    assert version_of(NOON, 8) > version_of(NOON, 7)


@given(st.datetimes(datetime(1700, 1, 1), datetime(4000, 12, 31)), st.integers(0, MAX_ORDINAL))
def test_every_stamp_that_salesforce_allows_gives_a_version_that_elasticsearch_takes(time: datetime, n: int) -> None:
    version = version_of(time.replace(tzinfo=UTC), n)
    assert 0 <= version < 2**63
    assert ordinal_in(version) == n
    assert seconds_in(version) == min(max(int(time.replace(tzinfo=UTC).timestamp()), 0), 2**32 - 1)


def test_an_ordinal_beyond_its_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="ordinal"):
        version_of(NOON, MAX_ORDINAL + 1)
