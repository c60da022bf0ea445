"""What became of records that were handed to the sink."""

from dataclasses import dataclass

from forcedex.domain.checkpoint import DeadLetter


@dataclass(frozen=True, kw_only=True, slots=True)
class WriteResult:
    """The outcome of one page; every record is counted exactly once."""

    written: int = 0
    #: A newer version was already there.
    stale: int = 0
    #: The index holds a later stamp of an older read: these Ids must be read once more. Id to the stored seconds.
    went_back: tuple[tuple[str, int], ...] = ()
    #: Refused for good, each with its reason.
    rejected: tuple[DeadLetter, ...] = ()

    def __add__(self, other: "WriteResult") -> "WriteResult":
        return WriteResult(
            written=self.written + other.written,
            stale=self.stale + other.stale,
            went_back=self.went_back + other.went_back,
            rejected=self.rejected + other.rejected,
        )
