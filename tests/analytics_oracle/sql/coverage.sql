WITH rows AS (
    SELECT OwnerId AS owner, close AS d, amt AS won, NULL AS quota, NULL AS open FROM deal WHERE is_won AND within(close)
    UNION ALL SELECT OwnerId, close, NULL, NULL, coalesce(amt, 0) FROM deal
    WHERE is_open AND ForecastCategory IS DISTINCT FROM 'Omitted' AND within(close)
    UNION ALL SELECT owner, d, NULL, amt, NULL FROM quota_row WHERE within(d)
), one AS (
    SELECT {by}, coalesce(sum(won), 0) AS w, coalesce(sum(quota), 0) AS q, coalesce(sum(open), 0) AS o FROM rows GROUP BY {group}
)
SELECT {group}, cents(o) AS open, cents(q) AS quota, cents(w) AS won, CASE WHEN q <> 0 THEN cents(q - w) END AS missing,
       CASE WHEN q > w THEN part_of(o, q - w) END AS coverage
FROM one
