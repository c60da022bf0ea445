"""The panels of the dashboard, in their order."""

from forcedex.analytics.definition import Definition
from forcedex.analytics.kibana.panels import Form, Panel, Shown
from forcedex.analytics.reports.closed_won import CLOSED_WON
from forcedex.analytics.reports.forecast import FORECAST
from forcedex.analytics.reports.leads import LEAD_CONVERSION
from forcedex.analytics.reports.pipeline import OPEN_PIPELINE
from forcedex.analytics.reports.product_mix import PRODUCT_MIX
from forcedex.analytics.reports.service import BACKLOG, CASE_VOLUME
from forcedex.analytics.reports.top_customers import TOP_CUSTOMERS
from forcedex.analytics.reports.win_rate import WIN_RATE

_AMOUNT, _COUNT, _WEIGHTED = Shown(name="amount"), Shown(name="count"), Shown(name="weighted")
_WIN_RATE = Shown(name="rate", mean_of="x.won_flag")
_CONVERSION = Shown(name="rate", mean_of="x.converted")
_THIRD = 16


def _number(key: str, title: str, report: Definition, figure: Shown, *, timed: bool = True) -> Panel:
    return Panel(
        key=key, title=title, report=report, form=Form.NUMBER, figures=(figure,), timed=timed, width=8, height=5
    )


BOARD: tuple[Panel, ...] = (
    _number("won", "Closed won", CLOSED_WON, _AMOUNT),
    _number("won-count", "Deals won", CLOSED_WON, _COUNT),
    _number("win-rate", "Win rate", WIN_RATE, _WIN_RATE),
    _number("pipeline", "Open pipeline, now", OPEN_PIPELINE, _AMOUNT, timed=False),
    _number("weighted", "Weighted pipeline, now", OPEN_PIPELINE, _WEIGHTED, timed=False),
    _number("backlog", "Open cases, now", BACKLOG, _COUNT, timed=False),
    Panel(
        key="won-by-month",
        title="Closed won by month",
        report=CLOSED_WON,
        form=Form.BARS,
        by="month",
        figures=(_AMOUNT,),
    ),
    Panel(
        key="pipeline-by-stage",
        title="Open pipeline by stage, now",
        report=OPEN_PIPELINE,
        form=Form.BARS,
        by="stage",
        figures=(_AMOUNT, _WEIGHTED),
        timed=False,
        order="x.stage_rank",
    ),
    Panel(
        key="forecast",
        title="Forecast by category",
        report=FORECAST,
        form=Form.BARS,
        by="category",
        figures=(_AMOUNT,),
        width=_THIRD,
    ),
    Panel(
        key="win-rate-by-owner",
        title="Win rate by owner",
        report=WIN_RATE,
        form=Form.TABLE,
        by="owner",
        figures=(Shown(name="closed"), Shown(name="won"), _WIN_RATE),
        width=_THIRD,
    ),
    Panel(
        key="top-customers",
        title="Top customers",
        report=TOP_CUSTOMERS,
        form=Form.TABLE,
        by="account",
        figures=(_AMOUNT, _COUNT),
        size=10,
        width=_THIRD,
    ),
    Panel(
        key="product-mix",
        title="Product mix of won deals",
        report=PRODUCT_MIX,
        form=Form.TABLE,
        by="family",
        figures=(_AMOUNT, Shown(name="rest"), Shown(name="quantity")),
    ),
    Panel(
        key="lead-conversion",
        title="Lead conversion by source",
        report=LEAD_CONVERSION,
        form=Form.TABLE,
        by="source",
        figures=(_COUNT, Shown(name="converted"), _CONVERSION),
    ),
    Panel(
        key="case-volume",
        title="Cases created, and closed of them, by month",
        report=CASE_VOLUME,
        form=Form.BARS,
        by="month",
        figures=(_COUNT, Shown(name="closed")),
    ),
    Panel(
        key="backlog-by-priority",
        title="Open cases by priority, now",
        report=BACKLOG,
        form=Form.TABLE,
        by="priority",
        figures=(_COUNT, Shown(name="waiting")),
        timed=False,
    ),
)
