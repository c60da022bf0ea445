WITH one AS (SELECT {by}, count(*) AS n, sum(coalesce(amt, 0)) AS amt FROM deal WHERE is_lost AND within(close) GROUP BY {group})
SELECT {group}, n AS count, cents(amt) AS amount, part_of(n, sum(n) OVER ()) AS count_share,
       part_of(amt, sum(amt) OVER ()) AS amount_share
FROM one
