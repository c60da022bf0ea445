SELECT {by}, total(price) AS amount, total(rest) AS rest, coalesce(sum(quantity), 0) AS quantity, total(at_list) AS list,
       part_of(sum(price), sum(at_list)) AS level
FROM sold WHERE is_won AND within(close) GROUP BY {group}
