SELECT {by}, total(amt) AS amount, count(*) AS count,
       cents(coalesce(sum(amt) FILTER (close < getvariable('until')), 0)) AS overdue
FROM version WHERE held(stamp, end_at, getvariable('until')) AND is_open AND fc IS DISTINCT FROM 'Omitted' AND within(close)
GROUP BY {group}
