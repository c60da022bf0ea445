SELECT {by}, count(*) AS count, total(amt) AS amount, part_of(sum(amt), count(amt) * 100) AS mean,
       cents(quantile_cont(CAST(amt AS DOUBLE), 0.5)) AS median, cents(max(amt)) AS largest
FROM deal WHERE is_won AND within(close) GROUP BY {group}
