"""The questions of the reports' bench as SQL over the same derived values."""

from collections.abc import Mapping

#: Columns without the leading `x.`.
SQL: Mapping[str, str] = {
    "closed-won": "SELECT date_trunc('month', CloseDate), sum(amt), count(*) FROM deals WHERE won = 1 GROUP BY 1",
    "deal-size": """
        SELECT date_trunc('quarter', CloseDate), avg(amt), quantile_cont(amt, 0.5), max(amt)
        FROM deals WHERE won = 1 GROUP BY 1""",
    "top-customers": "SELECT AccountId, sum(amt), count(*) FROM deals WHERE won = 1 GROUP BY 1",
    "product-mix": "SELECT family, sum(line_amt), sum(list_amt), sum(qty) FROM lines WHERE won = 1 GROUP BY 1",
    "win-rate": "SELECT date_trunc('quarter', CloseDate), sum(won), count(*) FROM deals WHERE open = 0 GROUP BY 1",
    "funnel": "SELECT unnest(stages_reached) AS s, sum(amt), count(*) FROM deals GROUP BY 1",
    "transitions": "SELECT stage, count(*), sum(amt) FROM versions WHERE stage_changed = 1 GROUP BY 1",
    "sales-cycle": """
        SELECT date_trunc('quarter', CloseDate), quantile_cont(cycle_days, 0.5) FILTER (won = 1),
               quantile_cont(cycle_days, 0.5) FILTER (lost = 1)
        FROM deals WHERE open = 0 GROUP BY 1""",
    "time-in-stage": """
        SELECT b_stage, avg(stage_secs), quantile_cont(stage_secs, 0.5)
        FROM versions WHERE stage_changed = 1 GROUP BY 1""",
    "open-pipeline": "SELECT StageName, sum(amt), sum(wamt), count(*) FROM deals WHERE open = 1 GROUP BY 1",
    "leaderboard": """
        SELECT OwnerId, sum(amt) FILTER (won = 1), avg(cycle_days) FILTER (won = 1), sum(amt) FILTER (open = 1)
        FROM deals GROUP BY 1""",
    "pipeline-trend": """
        SELECT CAST(p AS VARCHAR), sum(amt), count(*)
        FROM versions JOIN points ON since <= p AND (until IS NULL OR until > p)
        WHERE open = 1 GROUP BY 1""",
    "waterfall": """
        SELECT Id, sum(amt) FILTER (since < current_date - 60), sum(amt) FILTER (until IS NULL) FROM versions
        WHERE since < current_date - 60 AND (until IS NULL OR until >= current_date - 60) OR until IS NULL
        GROUP BY 1""",
}
