WITH rows AS (
    SELECT OwnerId, amt, cycle, is_won, is_open, NULL AS quota FROM deal WHERE is_open OR within(close)
    UNION ALL SELECT owner, NULL, NULL, NULL, NULL, amt FROM quota_row WHERE within(d)
)
SELECT {by}, cents(coalesce(sum(amt) FILTER (is_won), 0)) AS amount, count(*) FILTER (is_won) AS won,
       count(*) FILTER (NOT is_open) AS closed,
       part_of(sum(amt) FILTER (is_won), count(amt) FILTER (is_won) * 100) AS size,
       part_of(sum(cycle) FILTER (is_won), count(cycle) FILTER (is_won)) AS cycle,
       cents(coalesce(sum(amt) FILTER (is_open), 0)) AS open, part_of(won, closed) AS rate,
       total(quota) AS quota, part_of(coalesce(sum(amt) FILTER (is_won), 0), sum(quota)) AS attainment
FROM rows GROUP BY {group}
