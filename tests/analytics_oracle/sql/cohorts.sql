SELECT {by}, count(*) AS count, count(*) FILTER (is_won) AS won, count(*) FILTER (is_lost) AS lost, count(*) FILTER (is_open) AS open,
       cents(coalesce(sum(amt) FILTER (is_won), 0)) AS won_amount,
       part_of(count(*) FILTER (is_won), count(*)) AS rate, part_of(count(*) FILTER (is_open), count(*)) AS open_share
FROM deal WHERE within(created_d) GROUP BY {group}
