SELECT {by}, count(*) AS count, part_of(sum(stay), count(stay) * 86400) AS mean,
       part_of(quantile_cont(CAST(stay AS DOUBLE), 0.5), 86400) AS median
FROM version WHERE stage_changed AND within(at_d) GROUP BY {group}
