WITH rows AS (
    SELECT created_d, created_f, AccountId, Type, LeadSource, CampaignId, amt AS is_now, NULL AS was, 1 AS n FROM deal WHERE within(created_d)
    UNION ALL
    SELECT created_d, created_f, AccountId, Type, LeadSource, CampaignId, NULL, amt, 0 FROM version WHERE first AND within(created_d)
)
SELECT {by}, CAST(sum(n) AS BIGINT) AS count, total(is_now) AS now, total(was) AS then,
       part_of(coalesce(sum(is_now), 0), coalesce(sum(was), 0)) AS grown
FROM rows GROUP BY {group}
