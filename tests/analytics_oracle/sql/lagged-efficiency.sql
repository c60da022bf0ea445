-- Costs of three months before, under the units of now.
WITH rows AS (
    SELECT OwnerId AS owner, CampaignId AS campaign, Region__c AS region, close AS d, amt AS sold, NULL AS cost FROM deal
    WHERE is_won AND within(close)
    UNION ALL
    SELECT owner, campaign, region, CAST(date_trunc('month', d) + INTERVAL 3 MONTH AS DATE), NULL, amt FROM cost_row
    WHERE getvariable('first') IS NULL
       OR (d >= getvariable('first') - INTERVAL 3 MONTH AND d < getvariable('last') + 1 - INTERVAL 3 MONTH)
), one AS (SELECT {by}, coalesce(sum(sold), 0) AS s, coalesce(sum(cost), 0) AS c FROM rows GROUP BY {group})
SELECT {group}, cents(s) AS sales, cents(c) AS costs, cents(s - c) AS left,
       CASE WHEN c > 0 AND NOT ({nobodys}) THEN part_of(s, c) END AS efficiency
FROM one
