SELECT {by}, count(*) AS count, count(*) FILTER (converted) AS converted,
       count(*) FILTER (converted AND deal IS NOT NULL) AS with_deal, part_of(sum(days), count(days)) AS days,
       quantile_cont(CAST(touched AS DOUBLE), 0.5) AS touch, count(*) FILTER (NOT converted AND touched IS NULL) AS untouched,
       part_of(count(*) FILTER (converted), count(*)) AS rate
FROM lead_row WHERE within(created_d) GROUP BY {group}
