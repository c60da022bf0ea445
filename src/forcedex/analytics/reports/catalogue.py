"""All standard reports by name."""

from collections.abc import Mapping

from forcedex.analytics.definition import Definition
from forcedex.analytics.reports.activity import ACTIVITY
from forcedex.analytics.reports.cac import cac
from forcedex.analytics.reports.campaign_return import CAMPAIGN_RETURN
from forcedex.analytics.reports.closed_won import CLOSED_WON
from forcedex.analytics.reports.cohorts import COHORTS
from forcedex.analytics.reports.costs import Costs
from forcedex.analytics.reports.deal_size import DEAL_SIZE
from forcedex.analytics.reports.efficiency import efficiency, lagged_efficiency
from forcedex.analytics.reports.forecast import FORECAST
from forcedex.analytics.reports.funnel import FUNNEL
from forcedex.analytics.reports.health import CUSTOMER_HEALTH
from forcedex.analytics.reports.hygiene import HYGIENE, SLIPPED
from forcedex.analytics.reports.leaderboard import LEADERBOARD, leaderboard
from forcedex.analytics.reports.leads import LEAD_CONVERSION
from forcedex.analytics.reports.losses import LOSS_DRIVERS, LOSSES, loss_reasons
from forcedex.analytics.reports.new_business import NEW_BUSINESS
from forcedex.analytics.reports.past import FORECAST_ACCURACY, PIPELINE_TREND
from forcedex.analytics.reports.pipeline import OPEN_PIPELINE, PIPELINE_CREATED
from forcedex.analytics.reports.product_mix import PRODUCT_MIX
from forcedex.analytics.reports.quota import quotas
from forcedex.analytics.reports.service import BACKLOG, CASE_VOLUME, FIRST_RESPONSE, SERVICE_QUALITY, TIME_TO_CLOSE
from forcedex.analytics.reports.speed import SALES_CYCLE, TIME_IN_STAGE
from forcedex.analytics.reports.top_customers import TOP_CUSTOMERS
from forcedex.analytics.reports.transitions import TRANSITIONS
from forcedex.analytics.reports.velocity import STALLED, VELOCITY
from forcedex.analytics.reports.waterfall import GROSS, PUSH_RATE, WATERFALL
from forcedex.analytics.reports.win_rate import WIN_RATE

REPORTS: Mapping[str, Definition] = {
    each.name: each
    for each in (
        *(CLOSED_WON, DEAL_SIZE, NEW_BUSINESS, TOP_CUSTOMERS, PRODUCT_MIX, WIN_RATE, COHORTS, FUNNEL, TRANSITIONS),
        *(
            LOSSES,
            LOSS_DRIVERS,
            LEAD_CONVERSION,
            SALES_CYCLE,
            TIME_IN_STAGE,
            OPEN_PIPELINE,
            PIPELINE_CREATED,
            SLIPPED,
            HYGIENE,
        ),
        *(FORECAST, LEADERBOARD, ACTIVITY, CASE_VOLUME, FIRST_RESPONSE, TIME_TO_CLOSE, BACKLOG, SERVICE_QUALITY),
        *(
            HYGIENE,
            CUSTOMER_HEALTH,
            CAMPAIGN_RETURN,
            PIPELINE_TREND,
            WATERFALL,
            GROSS,
            PUSH_RATE,
            FORECAST_ACCURACY,
            VELOCITY,
            STALLED,
        ),
    )
}


def available(costs: Costs | None, loss_reason: str, forecasting_type: str = "") -> Mapping[str, Definition]:
    """The standard ones, and those that need to know something of the org."""
    of_costs = [efficiency(costs), lagged_efficiency(costs), cac(costs)] if costs and costs.counted else []
    of_org = [leaderboard(forecasting_type), *quotas(forecasting_type), loss_reasons(loss_reason), *of_costs]
    return {**REPORTS, **{each.name: each for each in of_org}}
