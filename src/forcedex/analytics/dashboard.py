"""The dashboard: fifteen reports side by side, over the same days and under the same conditions."""

from dataclasses import dataclass

from forcedex.analytics.report import Report

NAME = "dashboard"
TITLE = "Sales and service"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """One report on it."""

    report: str
    #: Dimensions; none: the report's usual one.
    by: tuple[str, ...] | None = None
    #: Days of its own: what is open now, or a trend, is not of the dashboard's period. Empty: the report's usual ones.
    period: str | None = None
    #: Rows, the others as one; 0: all.
    top: int = 0
    #: Takes the room of two.
    wide: bool = False
    #: The figure that stands above; empty: the report's first.
    headline: str = ""
    #: It is that of the last row: a sum over points of time or steps means nothing.
    last: bool = False


@dataclass(frozen=True, kw_only=True)
class TileAnswer:
    """A tile's report, or why there is none for this person."""

    tile: Tile
    title: str
    report: Report | None = None
    why: str = ""


TILES = (
    Tile(report="closed-won", by=("month",), wide=True),
    Tile(report="win-rate", by=("quarter",), headline="rate"),
    Tile(report="efficiency", by=("quarter",), headline="efficiency"),
    Tile(report="open-pipeline", by=("stage",), period="all"),
    Tile(report="forecast", period="this-quarter"),
    Tile(report="pipeline-trend", wide=True, period="", last=True),
    Tile(report="waterfall", period="this-quarter", last=True),
    Tile(report="funnel"),
    Tile(report="leaderboard", top=8),
    Tile(report="top-customers", top=8),
    Tile(report="loss-reasons", top=8),
    Tile(report="activity", top=8),
    Tile(report="case-volume", by=("month",)),
    Tile(report="first-response", by=("month",), headline="median"),
    Tile(report="hygiene", period="all"),
)
