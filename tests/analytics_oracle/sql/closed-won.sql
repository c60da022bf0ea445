SELECT {by}, total(amt) AS amount, count(*) AS count FROM deal WHERE is_won AND within(close) GROUP BY {group}
