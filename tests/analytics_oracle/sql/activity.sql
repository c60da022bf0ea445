WITH rows AS (
    SELECT OwnerId, AccountId, d, kind FROM done_task WHERE within(d)
    UNION ALL
    SELECT OwnerId, AccountId, d, '@event' FROM held_event WHERE within(d)
)
SELECT {by}, count(*) FILTER (kind <> '@event') AS tasks, count(*) FILTER (kind = 'Call') AS calls,
       count(*) FILTER (kind = 'Email') AS mails, count(*) FILTER (kind = '@event') AS events
FROM rows GROUP BY {group}
