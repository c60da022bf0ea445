SELECT {by}, count(*) AS pushed, count(*) FILTER (close > getvariable('last')) AS slipped,
       cents(coalesce(sum(amt) FILTER (close > getvariable('last')), 0)) AS amount
FROM version WHERE pushed AND is_open AND within(b_close) GROUP BY {group}
