SELECT {by}, count(*) AS count, count(*) FILTER (closed) AS closed, count(*) FILTER (at_once) AS at_once,
       count(*) FILTER (NOT closed) AS open, part_of(count(*) FILTER (closed), count(*)) AS share
FROM kase WHERE within(created_d) GROUP BY {group}
