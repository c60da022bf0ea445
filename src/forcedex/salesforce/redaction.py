"""Keeping secrets out of error texts, even when a server repeats what it was sent."""

from collections.abc import Callable, Iterable

from forcedex.domain.errors import ForcedexError

#: A shorter text is no secret worth the name, and blotting it out would garble every message.
_MIN_LENGTH = 4


class Redaction:
    """The secrets in use by one client."""

    def __init__(self, secrets: Iterable[str] = (), told: Callable[[str], None] = lambda secret: None) -> None:
        """`told` hears of each secret, so that logs hide it as well."""
        self._secrets: set[str] = set()
        self._told = told
        self.add(secrets)

    def __repr__(self) -> str:
        return f"Redaction({len(self._secrets)} secrets)"

    def add(self, secrets: Iterable[str]) -> None:
        """Know these secrets from now on."""
        for each in secrets:
            if len(each) >= _MIN_LENGTH and each not in self._secrets:
                self._secrets.add(each)
                self._told(each)

    def text(self, text: str) -> str:
        """The text without secrets."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text

    def error(self, error: ForcedexError) -> ForcedexError:
        """The same error, its texts without secrets."""
        error.message = self.text(error.message)
        error.hint = self.text(error.hint)
        error.args = (error.message,)
        return error
