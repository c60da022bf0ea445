SELECT {by}, count(*) AS count, part_of(sum(frt), count(frt)) AS mean, quantile_cont(CAST(frt AS DOUBLE), 0.5) AS median,
       max(frt) AS longest, quantile_cont(CAST(frt_worked AS DOUBLE), 0.5) AS business, count(*) FILTER (waiting) AS waiting
FROM kase WHERE within(created_d) GROUP BY {group}
