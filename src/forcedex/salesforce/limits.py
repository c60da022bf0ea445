"""How much of the org's daily API requests is used, what time it is there, how long to wait: from answers' headers.

Sources: REST API Developer Guide, "Limit Info Header" and "Limits".
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from forcedex.domain.ports import ApiUsage
from forcedex.salesforce.shape import number_in, object_of

#: `api-usage=18/5000`, before any `per-app-api-usage=17/250(appName=sample)`.
_API_USAGE = re.compile(r"(?:^|[;,\s])api-usage=(\d{1,12})/(\d{1,12})")


def usage_in_header(headers: Mapping[str, str]) -> ApiUsage | None:
    """The usage in `Sforce-Limit-Info`; None if the answer does not tell."""
    found = _API_USAGE.search(headers.get("sforce-limit-info", ""))
    return ApiUsage(used=int(found[1]), allowed=int(found[2])) if found else None


def usage_in_limits(answer: object) -> ApiUsage:
    """The usage in an answer of `/limits`; SourceDataError if it is not there."""
    what = "read the org's limits"
    requests = object_of(object_of(answer, what).get("DailyApiRequests"), what)
    allowed = number_in(requests, "Max", what)
    return ApiUsage(used=allowed - number_in(requests, "Remaining", what), allowed=allowed)


def time_in_header(headers: Mapping[str, str], name: str = "date") -> datetime | None:
    """The server's clock (`Date` header) in UTC, whole seconds; None if the answer does not tell."""
    try:
        time = parsedate_to_datetime(headers.get(name, ""))
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def wait_in_header(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by `Retry-After`, which holds seconds or a time; None if the answer does not tell (clearly).

    A time is counted from the server's own clock, never ours.
    """
    text = headers.get("retry-after", "")
    if text.isascii() and text.isdigit() and len(text) < 9:
        return float(text)
    until, now = time_in_header(headers, "retry-after"), time_in_header(headers)
    return max(0.0, (until - now).total_seconds()) if until and now else None
