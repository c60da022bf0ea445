SELECT {by}, count(*) AS count, total(amt) AS amount FROM deal WHERE is_lost AND within(close) GROUP BY {group}
