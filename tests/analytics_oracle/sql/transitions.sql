SELECT {by}, count(*) AS count, total(amt) AS amount FROM version WHERE stage_changed AND within(at_d) GROUP BY {group}
