WITH rows AS (
    SELECT OwnerId AS owner, close AS d, amt AS won, NULL AS quota FROM deal WHERE is_won AND within(close)
    UNION ALL SELECT owner, d, NULL, amt FROM quota_row WHERE within(d)
), one AS (SELECT {by}, coalesce(sum(won), 0) AS w, coalesce(sum(quota), 0) AS q FROM rows GROUP BY {group})
SELECT {group}, cents(q) AS quota, cents(w) AS won, part_of(w, q) AS attainment, CASE WHEN q <> 0 THEN cents(greatest(q - w, 0)) END AS gap
FROM one
