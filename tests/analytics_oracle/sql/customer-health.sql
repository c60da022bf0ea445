WITH rows AS (
    SELECT AccountId, Priority = 'High' AS urgent, true AS of_case, NULL AS amt FROM kase WHERE NOT closed
    UNION ALL SELECT AccountId, false, false, amt FROM deal WHERE is_open
)
SELECT {by}, count(*) FILTER (urgent) AS urgent, count(*) FILTER (of_case) AS cases, total(amt) AS open,
       count(*) FILTER (NOT of_case) AS deals
FROM rows GROUP BY {group}
