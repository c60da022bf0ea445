WITH one AS (
    SELECT {by}, count(*) AS n, count(*) FILTER (escalated) AS e, count(*) FILTER (touches <= 1) AS o,
           count(*) FILTER (reopened) AS r, count(kept) AS p, count(*) FILTER (kept = 1) AS k
    FROM kase WHERE closed AND within(closed_d) GROUP BY {group}
)
SELECT {group}, n AS count, e AS escalated, o AS one_touch, r AS reopened, p AS promised, k AS kept, part_of(e, n) AS escalation,
       part_of(o, n) AS one_touch_rate, part_of(r, n) AS reopening, part_of(k, p) AS sla
FROM one
