"""What cannot be told, said instead of guessed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unknown:
    """Stands where a value would be. `reason` is the cause and, where there is one, the next step: whole sentences."""

    reason: str
