WITH rows AS (
    SELECT OwnerId AS owner, CampaignId AS campaign, Region__c AS region, close AS d, 1 AS customer, amt AS sold, NULL AS cost
    FROM deal WHERE is_won AND first_win AND within(close)
    UNION ALL SELECT owner, campaign, region, d, NULL, NULL, amt FROM cost_row WHERE within(d)
), one AS (
    SELECT {by}, count(customer) AS n, coalesce(sum(sold), 0) AS s, coalesce(sum(cost), 0) AS c FROM rows GROUP BY {group}
)
SELECT {group}, n AS customers, cents(s) AS sales, cents(c) AS costs,
       CASE WHEN c > 0 AND NOT ({nobodys}) THEN part_of(c, n * 100) END AS cac
FROM one
