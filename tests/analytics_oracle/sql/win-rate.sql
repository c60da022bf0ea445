WITH one AS (
    SELECT {by}, count(*) FILTER (is_won) AS won, count(*) FILTER (is_lost) AS lost, count(*) AS closed,
           coalesce(sum(amt) FILTER (is_won AND amt > 0), 0) AS won_cents, coalesce(sum(amt) FILTER (amt > 0), 0) AS closed_cents,
           count(*) FILTER (is_lost AND amt > 0) AS lost_known
    FROM deal WHERE NOT is_open AND within(close) GROUP BY {group}
), interval_of AS (
    -- Wilson (1927)
    SELECT *, 1.959963984540054 AS z, won / closed AS p,
           (p + z * z / (2 * closed)) / (1 + z * z / closed) AS middle,
           z / (1 + z * z / closed) * sqrt(p * (1 - p) / closed + z * z / (4 * closed * closed)) AS half
    FROM one
)
SELECT {group}, won, lost, closed, cents(won_cents) AS won_amount, cents(closed_cents) AS closed_amount, lost_known,
       part_of(won, closed) AS rate, part_of(won_cents, closed_cents) AS amount_rate,
       greatest(0, middle - half) AS low, least(1, middle + half) AS high
FROM interval_of
