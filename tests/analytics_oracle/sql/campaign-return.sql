WITH rows AS (
    SELECT CampaignId AS campaign, CASE WHEN is_won THEN amt END AS won_cents, is_won, 1 AS deal, NULL AS cost, NULL AS leads, NULL AS responses
    FROM deal WHERE within(close)
    UNION ALL SELECT Id, NULL, false, 0, cost, leads, responses FROM campaign_row WHERE within(d)
), one AS (
    SELECT {by}, coalesce(sum(won_cents), 0) AS v, CAST(sum(deal) AS BIGINT) AS n, count(*) FILTER (is_won) AS w,
           coalesce(sum(cost), 0) AS c, coalesce(sum(leads), 0) AS l, coalesce(sum(responses), 0) AS r
    FROM rows GROUP BY {group}
)
SELECT {group}, cents(c) AS cost, cents(v) AS won_amount, n AS deals, w AS won, l AS leads, r AS responses,
       part_of(c, l * 100) AS per_leads, part_of(c, r * 100) AS per_responses, part_of(c, n * 100) AS per_deals,
       part_of(c, w * 100) AS per_won, CASE WHEN c > 0 THEN part_of(v - c, c) END AS return
FROM one
