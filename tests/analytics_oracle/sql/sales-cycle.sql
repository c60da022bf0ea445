SELECT {by}, count(*) AS count, part_of(sum(cycle) FILTER (is_won), count(cycle) FILTER (is_won)) AS mean,
       quantile_cont(CAST(cycle AS DOUBLE), 0.5) FILTER (is_won) AS median,
       part_of(sum(cycle) FILTER (is_lost), count(cycle) FILTER (is_lost)) AS lost_mean,
       quantile_cont(CAST(cycle AS DOUBLE), 0.5) FILTER (is_lost) AS lost_median
FROM deal WHERE NOT is_open AND within(close) GROUP BY {group}
