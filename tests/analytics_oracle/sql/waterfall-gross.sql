-- Every change by itself.
WITH moved AS (
    SELECT *, is_open AND within(close) AS a, coalesce(b_open AND within(b_close), false) AS b
    FROM version WHERE at_d BETWEEN getvariable('since') AND getvariable('until')
), bars AS (
    SELECT *, CASE WHEN a AND first THEN 'created' WHEN a AND NOT b AND b_open THEN 'pulled_in' WHEN a AND NOT b THEN 'reopened'
                   WHEN a AND delta > 0 THEN 'increased' WHEN a AND delta < 0 THEN 'decreased' WHEN a THEN NULL
                   WHEN b AND is_won THEN 'won' WHEN b AND NOT is_open THEN 'lost'
                   WHEN b AND close > getvariable('last') THEN 'pushed_out' WHEN b THEN 'pulled_earlier' END AS change
    FROM moved
)
SELECT {by}, count(*) AS count,
       total(CASE WHEN change IN ('created', 'pulled_in', 'reopened') THEN amt WHEN change IN ('increased', 'decreased') THEN delta
                  ELSE -b_amt END) AS amount
FROM bars WHERE change IS NOT NULL GROUP BY {group}
