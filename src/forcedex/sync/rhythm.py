"""How often everything is done. Seconds."""

from dataclasses import dataclass

_HOUR = 3_600.0
_DAY = 86_400.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """The intervals of the sync; the API budget may stretch them."""

    #: How long changes of a stream are collected at least.
    window: float = 0.3
    #: How long a read may fail to show its event before that is left to the sweep; and for events without values.
    patience: float = 120.0
    gap_patience: float = 15.0
    #: A stream without any sign of life is opened again. Salesforce sends one every 270 s at least.
    silence: float = 300.0
    #: How long until a stream that was refused is asked for again.
    refused_stream: float = 900.0
    #: Polls of an object whose stream stands.
    cross_check: float = 600.0
    #: Polls that look back further, for changes that became visible late: every so often, and how far.
    deep: float = _HOUR
    deeper: float = _DAY
    #: getDeleted.
    deletions: float = 300.0
    #: Describes.
    schema: float = 900.0
    #: What holds for the whole org: fiscal years, rates.
    company: float = _DAY
    #: All Ids and stamps of an object against the index.
    sweep: float = _DAY
    #: All fields of all records, in slices.
    compare: float = 7 * _DAY
    #: People and their rights; all grants on records.
    people: float = 60.0
    shares: float = _HOUR
    #: Who may see records that Salesforce did not show people although we did.
    recheck: float = 15.0
    #: Reports for `status`.
    report: float = 1.0
    #: How long a stopping process may finish what it is writing.
    drain: float = 8.0
