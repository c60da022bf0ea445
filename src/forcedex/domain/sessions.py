"""A browser that has logged in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

#: A session ends so long after it began, whatever happens.
LONGEST = timedelta(hours=12)
#: And so long after it was used last.
IDLE = timedelta(hours=2)
#: That it was used is written down so often at most.
NOTED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class BrowserSession:
    """Who is logged in, and since when. The browser holds a secret; only its hash is kept."""

    #: SHA-256 of the secret, in hexadecimal.
    digest: str
    user_id: str
    began_at: datetime
    used_at: datetime

    def over(self, now: datetime) -> bool:
        """Whether it has ended by itself."""
        return now - self.began_at >= LONGEST or now - self.used_at >= IDLE
