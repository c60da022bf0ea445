WITH long AS (
    SELECT b_stage AS stage, ceil(quantile_cont(CAST(stay AS DOUBLE), 0.75) / 86400) AS days
    FROM version WHERE stage_changed AND b_open GROUP BY b_stage
), one AS (
    SELECT d.*, coalesce(local_day(since) < today() - CAST(l.days AS INTEGER), false) AS slow
    FROM deal d LEFT JOIN long l ON l.stage = d.StageName WHERE is_open AND within(close)
)
SELECT {by}, count(*) AS count, count(*) FILTER (slow) AS slow, count(*) FILTER (quiet) AS quiet, count(*) FILTER (slow OR quiet) AS stalled,
       cents(coalesce(sum(amt) FILTER (slow OR quiet), 0)) AS amount, part_of(count(*) FILTER (slow OR quiet), count(*)) AS share
FROM one GROUP BY {group}
