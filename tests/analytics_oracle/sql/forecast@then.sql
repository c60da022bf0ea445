WITH one AS (
    SELECT {by}, sum(coalesce(amt, 0)) AS amt, count(*) AS n FROM version
    WHERE held(stamp, end_at, getvariable('until')) AND fc IS DISTINCT FROM 'Omitted' AND (is_open OR is_won) AND within(close)
    GROUP BY {group}
)
SELECT {group}, cents(amt) AS amount, n AS count,
       cents(sum(amt) OVER (ORDER BY list_position(['Closed', 'Forecast', 'MostLikely', 'BestCase', 'Pipeline'], k0))) AS cumulative
FROM one
