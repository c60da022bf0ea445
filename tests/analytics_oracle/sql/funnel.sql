-- A deal is in every stage that it reached.
WITH rows AS (
    SELECT * FROM deal LEFT JOIN (SELECT Id AS of_deal, unnest(reached) AS stage_reached FROM deal) r ON r.of_deal = deal.Id
    WHERE within(created_d) AND (getvariable('by_stage') OR stage_reached IS NOT DISTINCT FROM reached[1])
), one AS (SELECT {by}, count(*) AS n, total(amt) AS amount FROM rows GROUP BY {group})
SELECT {group}, n AS count, amount,
       CASE WHEN getvariable('steps') AND k0 IS NOT NULL
            THEN part_of(n, lag(n) OVER (ORDER BY k0 IS NULL, n DESC, k0)) END AS step
FROM one
