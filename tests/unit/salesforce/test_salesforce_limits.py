"""Usage and time from answers."""

from datetime import UTC, datetime

import pytest

from forcedex.domain.errors import SourceDataError
from forcedex.domain.ports import ApiUsage
from forcedex.salesforce.limits import time_in_header, usage_in_header, usage_in_limits, wait_in_header


@pytest.mark.parametrize(
    ("header", "usage"),
    [
        ("api-usage=18/5000", ApiUsage(used=18, allowed=5000)),
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=sample)", ApiUsage(used=25, allowed=5000)),
        ("per-app-api-usage=17/250(appName=sample); api-usage=25/5000", ApiUsage(used=25, allowed=5000)),
        ("per-app-api-usage=17/250(appName=sample)", None),
        ("api-usage=lots", None),
        ("", None),
    ],
)
def test_usage_in_the_header(header: str, usage: ApiUsage | None) -> None:
    assert usage_in_header({"sforce-limit-info": header}) == usage


def test_usage_in_the_limits_resource() -> None:
    answer = {"DailyApiRequests": {"Max": 15000, "Remaining": 14998, "Some App": {"Max": 0, "Remaining": 0}}}

    assert usage_in_limits(answer) == ApiUsage(used=2, allowed=15000)
    broken_answers: list[object] = [
        {},
        [],
        {"DailyApiRequests": {}},
        {"DailyApiRequests": {"Max": True, "Remaining": 1}},
    ]
    for broken in broken_answers:
        with pytest.raises(SourceDataError):
            usage_in_limits(broken)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Mon, 01 Jun 2026 12:00:00 GMT", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        ("Mon, 01 Jun 2026 14:00:00 +0200", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        ("yesterday", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("", None),
    ],
)
def test_the_time_of_an_answer(text: str, time: datetime | None) -> None:
    assert time_in_header({"date": text}) == time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("1000000", 1_000_000.0),
        ("Mon, 01 Jun 2026 12:00:30 GMT", 30.0),  # half a minute after the answer's own Date
        ("Mon, 01 Jun 2026 11:00:00 GMT", 0.0),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("9" * 20, None),
        ("٧", None),
        ("", None),
    ],
)
def test_how_long_to_wait(text: str, seconds: float | None) -> None:
    headers = {"retry-after": text, "date": "Mon, 01 Jun 2026 12:00:00 GMT"}

    assert wait_in_header(headers) == seconds


def test_a_time_to_wait_for_is_nothing_without_the_servers_clock() -> None:
    assert wait_in_header({"retry-after": "Mon, 01 Jun 2026 12:00:30 GMT"}) is None
