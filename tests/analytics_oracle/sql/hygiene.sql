SELECT {by}, count(*) AS count, count(*) FILTER (no_amount) AS no_amount, count(*) FILTER (overdue) AS past_close,
       count(*) FILTER (no_next_step) AS no_next_step, count(*) FILTER (quiet) AS no_activity,
       count(*) FILTER (no_contact) AS no_contact, count(*) FILTER (odd_probability) AS odd_probability,
       count(*) FILTER (no_amount OR overdue OR no_next_step OR quiet OR no_contact OR odd_probability) AS problems,
       part_of(problems, count(*)) AS share
FROM deal WHERE is_open AND within(close) GROUP BY {group}
