SELECT {by}, count(*) AS count, part_of(sum(ttc), count(ttc)) AS mean, quantile_cont(CAST(ttc AS DOUBLE), 0.5) AS median,
       quantile_cont(CAST(ttc_worked AS DOUBLE), 0.5) AS business, quantile_cont(CAST(first_ttc AS DOUBLE), 0.5) AS first
FROM kase WHERE closed AND within(closed_d) GROUP BY {group}
