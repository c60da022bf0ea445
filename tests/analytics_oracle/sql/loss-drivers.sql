-- Two proportions: the row's and that of all others.
WITH closed AS (SELECT * FROM deal WHERE NOT is_open AND within(close)),
     everything AS (SELECT count(*) FILTER (is_lost) AS l, count(*) AS c FROM closed),
     one AS (SELECT {by}, count(*) FILTER (is_lost) AS lost, count(*) AS closed FROM closed GROUP BY {group}),
     other AS (
         SELECT one.*, l - lost AS o_lost, c - closed AS o_closed, l / c AS p,
                sqrt(p * (1 - p) * (1 / closed + 1 / nullif(o_closed, 0))) AS spread
         FROM one, everything
     )
SELECT {group}, lost, closed, part_of(lost, closed) AS rate, part_of(lost * o_closed, closed * o_lost) AS lift,
       CASE WHEN spread > 0 THEN (lost / closed - o_lost / o_closed) / spread END AS z
FROM other
