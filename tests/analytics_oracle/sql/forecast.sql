WITH one AS (
    SELECT {by}, sum(coalesce(amt, 0)) AS amt, count(*) AS n FROM deal
    WHERE ForecastCategory IS DISTINCT FROM 'Omitted' AND NOT is_lost AND within(close) GROUP BY {group}
)
SELECT {group}, cents(amt) AS amount, n AS count,
       cents(sum(amt) OVER (ORDER BY list_position(['Closed', 'Forecast', 'MostLikely', 'BestCase', 'Pipeline'], k0))) AS cumulative
FROM one
