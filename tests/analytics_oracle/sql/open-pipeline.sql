SELECT {by}, total(amt) AS amount, count(*) AS count, total(wamt) AS weighted,
       cents(coalesce(sum(amt) FILTER (overdue), 0)) AS overdue, count(*) FILTER (overdue) AS overdue_count,
       part_of(coalesce(sum(wamt), 0), coalesce(sum(amt), 0)) AS weight
FROM deal WHERE is_open AND ForecastCategory IS DISTINCT FROM 'Omitted' AND within(close) GROUP BY {group}
