"""M3: first deals of accounts, and further ones."""

from forcedex.analytics.definition import Definition, Dimension, Part
from forcedex.analytics.reports.common import ABOUT_DEALS, CLOSING, COUNT, DEALS, WON, amount

NEW_BUSINESS = Definition(
    name="new-business",
    title="New and existing business",
    formula="Won deals that are the first of their account (by close date, then Id), and those that are not. "
    "For who sees every deal; others use --by type of closed-won.",
    parts=(Part(source=DEALS, where=(WON,), day="CloseDate"),),
    measures=(amount(), COUNT),
    dimensions=(
        Dimension(name="first", label="First of its account", field="x.first_win", none="(no account)"),
        *CLOSING,
        *ABOUT_DEALS,
    ),
    by="first",
)
