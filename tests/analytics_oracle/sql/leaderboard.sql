WITH rows AS (
    SELECT *, NOT is_open AS mine FROM deal WHERE NOT is_open AND within(close) UNION ALL SELECT *, false FROM deal WHERE is_open
)
SELECT {by}, cents(coalesce(sum(amt) FILTER (is_won), 0)) AS amount, count(*) FILTER (is_won) AS won, count(*) FILTER (mine) AS closed,
       part_of(sum(amt) FILTER (is_won), count(amt) FILTER (is_won) * 100) AS size,
       part_of(sum(cycle) FILTER (is_won), count(cycle) FILTER (is_won)) AS cycle,
       cents(coalesce(sum(amt) FILTER (NOT mine), 0)) AS open, part_of(won, closed) AS rate
FROM rows GROUP BY {group}
