SELECT {by}, count(*) AS count, count(*) FILTER (created_d >= today() - 7) AS week, count(*) FILTER (created_d < today() - 30) AS month,
       count(*) FILTER (created_d < today() - 90) AS quarter, count(*) FILTER (waiting) AS waiting
FROM kase WHERE NOT closed AND within(created_d) GROUP BY {group}
