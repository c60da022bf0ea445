-- Deals as they are, and what they were from when to when.
CREATE TABLE now_deal AS
SELECT Id, OwnerId, AccountId, Type, LeadSource, CampaignId, StageName, ForecastCategory, ForecastCategoryName, Region__c,
       Loss_Reason__c, NextStep, RecordTypeId,
       CurrencyIsoCode AS code, CAST(Amount AS DECIMAL(24, 6)) AS amount, CAST(Probability AS DECIMAL(9, 4)) AS probability,
       CAST(CloseDate AS DATE) AS close, moment(CreatedDate) AS created, local_day(moment(CreatedDate)) AS created_d,
       moment(LastModifiedDate) AS modified, CAST(LastActivityDate AS DATE) AS last_activity,
       NOT truth(IsClosed) AS is_open, truth(IsWon) AS is_won, truth(IsClosed) AND NOT truth(IsWon) AS is_lost,
       rate_of(CurrencyIsoCode, CAST(CloseDate AS DATE)) AS rate
FROM Opportunity WHERE NOT truth(IsDeleted);

CREATE TABLE step AS
SELECT OpportunityId AS deal, Id AS id, moment(CreatedDate) AS stamp, StageName AS stage, CAST(Amount AS DECIMAL(24, 6)) AS amount,
       CAST(CloseDate AS DATE) AS close, ForecastCategory AS fc, CAST(Probability AS DECIMAL(9, 4)) AS probability,
       CAST(PrevAmount AS DECIMAL(24, 6)) AS prev_amount, CAST(PrevCloseDate AS DATE) AS prev_close
FROM OpportunityHistory WHERE NOT truth(IsDeleted) AND OpportunityId IN (SELECT Id FROM now_deal);
CREATE TABLE handover AS
SELECT OpportunityId AS deal, Id AS id, moment(CreatedDate) AS stamp, OldValue AS before, NewValue AS owner
FROM OpportunityFieldHistory
WHERE NOT truth(IsDeleted) AND Field = 'Owner' AND regexp_matches(NewValue, '^(005|00G)[0-9A-Za-z]{15}$')
  AND OpportunityId IN (SELECT Id FROM now_deal);

CREATE TABLE point AS
WITH told AS (SELECT deal, stamp FROM step UNION SELECT deal, stamp FROM handover)
SELECT deal, stamp FROM told
UNION
SELECT d.Id, least(d.created, coalesce(min(t.stamp), d.created)) FROM now_deal d LEFT JOIN told t ON t.deal = d.Id
GROUP BY d.Id, d.created;

-- What holds from a point on: the last row up to it, else what the first one tells of before, else what is now.
CREATE TABLE told_state AS
WITH last_step AS (
    SELECT p.deal, p.stamp, s.*
    FROM point p JOIN (SELECT deal AS of_deal, stamp AS step_at, * EXCLUDE (deal, stamp) FROM step) s
      ON s.of_deal = p.deal AND s.step_at <= p.stamp
    QUALIFY row_number() OVER (PARTITION BY p.deal, p.stamp ORDER BY step_at DESC, id DESC) = 1
), first_step AS (
    SELECT * FROM step QUALIFY row_number() OVER (PARTITION BY deal ORDER BY stamp, id) = 1
), last_owner AS (
    SELECT p.deal, p.stamp, h.owner
    FROM point p JOIN handover h ON h.deal = p.deal AND h.stamp <= p.stamp
    QUALIFY row_number() OVER (PARTITION BY p.deal, p.stamp ORDER BY h.stamp DESC, h.id DESC) = 1
), first_owner AS (
    SELECT * FROM handover QUALIFY row_number() OVER (PARTITION BY deal ORDER BY stamp, id) = 1
)
SELECT p.deal, p.stamp,
       CASE WHEN l.deal IS NOT NULL THEN l.stage WHEN f.deal IS NOT NULL THEN f.stage ELSE d.StageName END AS stage,
       CASE WHEN l.deal IS NOT NULL THEN l.amount WHEN f.prev_close IS NOT NULL THEN f.prev_amount
            WHEN f.deal IS NOT NULL THEN f.amount ELSE d.amount END AS amount,
       CASE WHEN l.deal IS NOT NULL THEN l.close WHEN f.deal IS NOT NULL THEN coalesce(f.prev_close, f.close)
            ELSE d.close END AS close,
       CASE WHEN l.deal IS NOT NULL THEN l.fc WHEN f.deal IS NOT NULL THEN f.fc ELSE d.ForecastCategory END AS fc,
       CASE WHEN l.deal IS NOT NULL THEN l.probability WHEN f.deal IS NOT NULL THEN f.probability ELSE d.probability END AS probability,
       CASE WHEN lo.deal IS NOT NULL THEN lo.owner WHEN fo.deal IS NOT NULL THEN coalesce(fo.before, d.OwnerId)
            ELSE d.OwnerId END AS owner
FROM point p JOIN now_deal d ON d.Id = p.deal
LEFT JOIN last_step l ON l.deal = p.deal AND l.stamp = p.stamp
LEFT JOIN first_step f ON f.deal = p.deal
LEFT JOIN last_owner lo ON lo.deal = p.deal AND lo.stamp = p.stamp
LEFT JOIN first_owner fo ON fo.deal = p.deal;

-- Where the rows lag behind the record, one version more.
CREATE TABLE state AS
FROM told_state
UNION ALL BY NAME
SELECT t.deal, greatest(d.modified, t.stamp + INTERVAL 1 SECOND) AS stamp, d.StageName AS stage, d.amount, d.close,
       d.ForecastCategory AS fc, d.probability, d.OwnerId AS owner
FROM (FROM told_state QUALIFY row_number() OVER (PARTITION BY deal ORDER BY stamp DESC) = 1) t JOIN now_deal d ON d.Id = t.deal
WHERE (t.stage, t.amount, t.close, t.fc, t.probability, t.owner) IS DISTINCT FROM
      (d.StageName, d.amount, d.close, d.ForecastCategory, d.probability, d.OwnerId);

CREATE TABLE version AS
WITH placed AS (
    SELECT s.*, d.rate, at_rate(millionths(s.amount), d.rate) AS amt,
           rounded(millionths(s.amount) * CAST(s.probability * 10000 AS HUGEINT) * 100000, d.rate * 1000000) AS wamt,
           lead(stamp) OVER w AS end_at, row_number() OVER w AS seq,
           CASE WHEN lead(stamp) OVER w IS NULL THEN d.is_open ELSE coalesce(NOT g.closed, false) END AS is_open,
           CASE WHEN lead(stamp) OVER w IS NULL THEN d.is_won ELSE coalesce(g.won, false) END AS is_won,
           coalesce(NOT g.closed, false) AS stage_open
    FROM state s JOIN now_deal d ON d.Id = s.deal LEFT JOIN stage g ON g.name = s.stage
    WINDOW w AS (PARTITION BY s.deal ORDER BY s.stamp)
), beside AS (
    SELECT *, seq = 1 AS first, lag(stage) OVER w AS b_stage, lag(amt) OVER w AS b_amt, lag(close) OVER w AS b_close,
           lag(stage_open) OVER w AS b_open,
           seq > 1 AND stage IS DISTINCT FROM lag(stage) OVER w AS stage_changed
    FROM placed WINDOW w AS (PARTITION BY deal ORDER BY stamp)
), entered AS (
    SELECT *, last_value(CASE WHEN first OR stage_changed THEN stamp END IGNORE NULLS) OVER (
               PARTITION BY deal ORDER BY stamp ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS since
    FROM beside
)
SELECT e.*, lag(since) OVER w AS b_since,
       CASE WHEN stage_changed THEN CAST(epoch(stamp) - epoch(lag(since) OVER w) AS BIGINT) END AS stay,
       e.seq > 1 AND e.b_close < e.close AS pushed,
       CASE WHEN e.seq > 1 THEN coalesce(e.amt, 0) - coalesce(e.b_amt, 0) END AS delta,
       local_day(stamp) AS at_d, d.created_d, fiscal_of(d.created_d) AS created_f, fiscal_of(e.close) AS close_f,
       d.AccountId, d.Type, d.LeadSource, d.CampaignId, d.RecordTypeId
FROM entered e JOIN now_deal d ON d.Id = e.deal
WINDOW w AS (PARTITION BY e.deal ORDER BY e.stamp);
-- How things stood at the end of a day.
CREATE MACRO held(at_, end_, d) AS at_ < midnight(d + 1) AND (end_ IS NULL OR end_ >= midnight(d + 1));

CREATE TABLE deal AS
WITH reached AS (
    SELECT v.deal, max(g.place) AS furthest FROM version v JOIN stage g ON g.name = v.stage AND NOT g.closed GROUP BY v.deal
), wins AS (
    SELECT Id, row_number() OVER (PARTITION BY AccountId ORDER BY close, Id) = 1 AS first_win
    FROM now_deal WHERE is_won AND AccountId IS NOT NULL
), last_open AS (
    SELECT v.deal, v.stage FROM version v JOIN stage g ON g.name = v.stage AND NOT g.closed
    QUALIFY row_number() OVER (PARTITION BY v.deal ORDER BY v.seq DESC) = 1
), latest AS (
    SELECT deal, since FROM version WHERE end_at IS NULL
)
SELECT d.*, fiscal_of(d.close) AS close_f, fiscal_of(d.created_d) AS created_f,
       at_rate(millionths(d.amount), d.rate) AS amt,
       rounded(millionths(d.amount) * CAST(d.probability * 10000 AS HUGEINT) * 100000, d.rate * 1000000) AS wamt,
       CASE WHEN NOT d.is_open THEN date_diff('day', d.created_d, d.close) END AS cycle,
       CASE WHEN NOT d.is_open THEN date_diff('month', d.created_d, d.close) END AS months,
       w.first_win, r.furthest, l.since,
       CASE WHEN d.is_lost THEN o.stage END AS lost_from,
       ARRAY(SELECT g.name FROM stage g WHERE NOT g.closed AND (d.is_won OR g.place <= r.furthest)) AS reached,
       d.amount IS NULL AS no_amount, d.NextStep IS NULL AS no_next_step,
       d.Id NOT IN (SELECT OpportunityId FROM OpportunityContactRole WHERE NOT truth(IsDeleted)) AS no_contact,
       g.probability IS NOT NULL AND d.probability IS DISTINCT FROM g.probability AS odd_probability,
       d.close < today() AS overdue,
       d.last_activity IS NULL OR d.last_activity < today() - 30 AS quiet
FROM now_deal d LEFT JOIN reached r ON r.deal = d.Id LEFT JOIN wins w ON w.Id = d.Id LEFT JOIN last_open o ON o.deal = d.Id
LEFT JOIN latest l ON l.deal = d.Id LEFT JOIN stage g ON g.name = d.StageName;

-- What was sold, and what of a deal's amount no line tells.
CREATE TABLE sold AS
WITH one AS (
    SELECT l.OpportunityId AS deal, p.Name AS product, p.Family AS family,
           CAST(l.Quantity AS DECIMAL(18, 4)) AS quantity,
           at_rate(millionths(l.TotalPrice), d.rate) AS price,
           rounded(millionths(l.ListPrice) * CAST(CAST(l.Quantity AS DECIMAL(18, 4)) * 10000 AS HUGEINT) * 10,
                   d.rate) AS at_list
    FROM OpportunityLineItem l JOIN deal d ON d.Id = l.OpportunityId LEFT JOIN Product2 p ON p.Id = l.Product2Id
    WHERE NOT truth(l.IsDeleted)
), told AS (SELECT deal, sum(price) AS price FROM one GROUP BY deal)
SELECT d.*, x.product, x.family, x.quantity, x.price, x.at_list, x.rest
FROM (
    SELECT deal, product, family, quantity, price, at_list, NULL::HUGEINT AS rest FROM one
    UNION ALL
    SELECT d.Id, NULL, NULL, NULL, NULL, NULL, d.amt - coalesce(t.price, 0)
    FROM deal d LEFT JOIN told t ON t.deal = d.Id
    WHERE t.deal IS NULL OR d.amt - coalesce(t.price, 0) <> 0
) x JOIN deal d ON d.Id = x.deal;
