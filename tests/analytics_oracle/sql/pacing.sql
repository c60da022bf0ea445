-- Business days from Monday to Friday, today among those that are gone.
WITH rows AS (
    SELECT OwnerId AS owner, amt AS won, NULL AS quota, NULL AS open FROM deal WHERE is_won AND within(close)
    UNION ALL SELECT OwnerId, NULL, NULL, wamt FROM deal WHERE is_open AND ForecastCategory IS DISTINCT FROM 'Omitted' AND within(close)
    UNION ALL SELECT owner, NULL, amt, NULL FROM quota_row WHERE within(d)
), one AS (
    SELECT {by}, coalesce(sum(won), 0) AS w, coalesce(sum(quota), 0) AS q, coalesce(sum(open), 0) AS o FROM rows GROUP BY {group}
), work AS (
    SELECT count(*) FILTER (isodow(d) < 6) AS n, count(*) FILTER (isodow(d) < 6 AND d <= today()) AS gone FROM day WHERE within(d)
), due AS (SELECT one.*, n, gone, rounded(q * gone, n) AS due FROM one, work)
SELECT {group}, cents(q) AS quota, cents(w) AS won, cents(o) AS weighted, cents(due) AS due,
       CASE WHEN due <> 0 AND gone * 10 >= n THEN part_of(w, due) END AS pace, cents(w + o) AS projected
FROM due
