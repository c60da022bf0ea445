-- At the end of each unit that ends in the period, and of its last day or today.
WITH bounds AS (SELECT getvariable('first') AS a, least(getvariable('last'), today()) AS b),
     points AS (SELECT d AS point FROM day, bounds WHERE d BETWEEN a AND b AND (d = b OR {unit}))
SELECT {by}, total(amt) AS amount, count(*) AS count, total(wamt) AS weighted
FROM version JOIN points ON held(stamp, end_at, point) WHERE is_open AND fc IS DISTINCT FROM 'Omitted' GROUP BY {group}
