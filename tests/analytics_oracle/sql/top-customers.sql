-- The last line has the share of the ten largest.
WITH one AS (
    SELECT {by}, any_value((SELECT Name FROM Account a WHERE a.Id = AccountId)) AS name, sum(coalesce(amt, 0)) AS amt, count(*) AS n
    FROM deal WHERE is_won AND within(close) GROUP BY {group}
), ten AS (
    SELECT sum(amt) AS amt FROM (
        SELECT sum(coalesce(amt, 0)) AS amt FROM deal WHERE is_won AND within(close) GROUP BY AccountId
        ORDER BY 1 DESC LIMIT 10)
)
SELECT {group}, cents(amt) AS amount, n AS count,
       part_of(CASE WHEN k0 = '*' THEN (SELECT amt FROM ten) ELSE amt END, sum(amt) OVER ()) AS share,
       CASE WHEN k0 IS DISTINCT FROM '*'
            THEN part_of(sum(amt) OVER (ORDER BY amt DESC, coalesce(name, '(no account)') ROWS UNBOUNDED PRECEDING), sum(amt) OVER ()) END AS running
FROM one
