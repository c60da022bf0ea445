WITH rows AS (
    SELECT *, false AS is_now FROM deal WHERE NOT is_open AND within(close)
    UNION ALL SELECT *, true FROM deal WHERE is_open AND ForecastCategory IS DISTINCT FROM 'Omitted'
), one AS (
    SELECT {by}, count(*) FILTER (is_now) AS o, count(*) FILTER (is_won) AS w, count(*) FILTER (NOT is_now) AS c,
           CAST(sum(amt) FILTER (is_won) AS DOUBLE) AS s, count(amt) FILTER (is_won) AS sn,
           CAST(sum(cycle) FILTER (is_won) AS DOUBLE) AS l, count(cycle) FILTER (is_won) AS ln
    FROM rows GROUP BY {group}
)
SELECT {group}, o AS open, w AS won, c AS closed, part_of(s, sn * 100) AS size, part_of(l, ln) AS cycle, part_of(w, c) AS rate,
       CASE WHEN l > 0 THEN part_of(o * (w / c) * (s / sn / 100), l / ln) END AS velocity
FROM one
