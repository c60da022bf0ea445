-- Cases, leads, activities, quotas, campaigns and costs.
CREATE TABLE rest_day AS
SELECT d, h.Name AS name,
       CASE WHEN truth(IsAllDay) THEN 0 ELSE CAST(CAST(StartTimeInMinutes AS DOUBLE) AS INTEGER) END AS begins,
       CASE WHEN truth(IsAllDay) THEN 1440 ELSE CAST(CAST(EndTimeInMinutes AS DOUBLE) AS INTEGER) END AS ends
FROM Holiday h JOIN day ON CASE
    WHEN NOT truth(IsRecurrence) THEN d = CAST(ActivityDate AS DATE)
    WHEN d < CAST(RecurrenceStartDate AS DATE) OR d > CAST(RecurrenceEndDateOnly AS DATE) THEN false
    WHEN RecurrenceType = 'RecursYearly'
    THEN monthname(d) = RecurrenceMonthOfYear AND day(d) = CAST(CAST(RecurrenceDayOfMonth AS DOUBLE) AS INTEGER)
    WHEN RecurrenceType = 'RecursYearlyNth' AND RecurrenceInstance <> 'Last'
    THEN monthname(d) = RecurrenceMonthOfYear
         AND (CAST(CAST(RecurrenceDayOfWeekMask AS DOUBLE) AS INTEGER) >> dayofweek(d)) & 1 = 1
         AND (day(d) - 1) // 7 + 1 = list_position(['First', 'Second', 'Third', 'Fourth'], RecurrenceInstance)
    ELSE error('the oracle does not know ' || RecurrenceType) END;
CREATE TABLE opening AS
UNPIVOT (
    SELECT Id, IsDefault, TimeZoneSidKey AS of_zone,
           [MondayStartTime, MondayEndTime] AS '1', [TuesdayStartTime, TuesdayEndTime] AS '2',
           [WednesdayStartTime, WednesdayEndTime] AS '3', [ThursdayStartTime, ThursdayEndTime] AS '4',
           [FridayStartTime, FridayEndTime] AS '5', [SaturdayStartTime, SaturdayEndTime] AS '6',
           [SundayStartTime, SundayEndTime] AS '7'
    FROM BusinessHours
) ON '1', '2', '3', '4', '5', '6', '7' INTO NAME weekday VALUE hours;
CREATE TABLE open_hours AS
SELECT Id, truth(IsDefault) AS usual, of_zone, CAST(weekday AS INTEGER) AS weekday,
       date_part('hour', CAST(hours[1][1:8] AS TIME)) * 60 + date_part('minute', CAST(hours[1][1:8] AS TIME)) AS opens,
       CASE WHEN hours[2][1:8] = '00:00:00' THEN 1440
            ELSE date_part('hour', CAST(hours[2][1:8] AS TIME)) * 60 + date_part('minute', CAST(hours[2][1:8] AS TIME)) END AS closes
FROM opening WHERE hours[1] IS NOT NULL;
CREATE MACRO clock(zone_, d, minute_) AS timezone(zone_, CAST(d AS TIMESTAMP) + to_minutes(CAST(minute_ AS BIGINT)));
CREATE MACRO shared(b1, e1, b2, e2) AS greatest(0, epoch(least(e1, e2)) - epoch(greatest(b1, b2)));

CREATE TABLE now_case AS
SELECT Id, OwnerId, AccountId, Type, Priority, Origin, truth(IsClosed) AS closed, truth(IsEscalated) AS escalated,
       moment(CreatedDate) AS began, CASE WHEN truth(IsClosed) THEN moment(ClosedDate) END AS ended, BusinessHoursId AS hours
FROM "Case" WHERE NOT truth(IsDeleted);
CREATE TABLE answer AS
SELECT ParentId AS case_id, moment(coalesce(MessageDate, CreatedDate)) AS stamp, true AS touch FROM EmailMessage
WHERE NOT truth(IsDeleted) AND NOT truth(Incoming) AND Status IS DISTINCT FROM '5'
UNION ALL
SELECT ParentId, moment(CreatedDate), true FROM CaseComment
WHERE NOT truth(IsDeleted) AND truth(IsPublished) AND CreatedById LIKE '005%'
UNION ALL
SELECT m.CaseId, moment(m.CompletionDate), false FROM CaseMilestone m JOIN MilestoneType t ON t.Id = m.MilestoneTypeId
WHERE NOT truth(m.IsDeleted) AND m.CompletionDate IS NOT NULL AND lower(t.Name) = 'first response';
CREATE TABLE closing AS
WITH rows AS (SELECT CaseId AS case_id, moment(CreatedDate) AS stamp, Field AS field, OldValue AS was, NewValue AS is_now
              FROM CaseHistory WHERE NOT truth(IsDeleted)),
     ends AS (SELECT ApiName FROM CaseStatus WHERE truth(IsClosed))
SELECT DISTINCT case_id, stamp FROM rows WHERE field = 'closed'
UNION
SELECT case_id, stamp FROM rows
WHERE field = 'Status' AND is_now IN (FROM ends) AND (was IS NULL OR was NOT IN (FROM ends))
  AND case_id NOT IN (SELECT case_id FROM rows WHERE field = 'closed');
CREATE TABLE kase_plain AS
SELECT c.*, local_day(c.began) AS created_d, local_day(c.ended) AS closed_d,
       coalesce(c.ended = c.began, false) AS at_once, a.first_answer, coalesce(a.touches, 0) AS touches,
       least(c.ended, k.first_closing) AS first_ended,
       coalesce(k.closings > 1 OR NOT c.closed, false) AND k.closings IS NOT NULL AS reopened,
       m.kept
FROM now_case c
LEFT JOIN (SELECT case_id, min(stamp) AS first_answer, count(*) FILTER (touch) AS touches FROM answer GROUP BY case_id) a
       ON a.case_id = c.Id
LEFT JOIN (SELECT case_id, count(*) AS closings, min(stamp) AS first_closing FROM closing GROUP BY case_id) k ON k.case_id = c.Id
LEFT JOIN (
    SELECT CaseId, CASE WHEN bool_or(truth(IsViolated)) THEN 0 WHEN bool_or(truth(IsCompleted)) THEN 1 END AS kept
    FROM CaseMilestone WHERE NOT truth(IsDeleted) GROUP BY CaseId
) m ON m.CaseId = c.Id;
-- Business time between two instants, day by day.
CREATE TABLE worked AS
WITH span AS (
    SELECT Id, 'close' AS what, hours, began AS b, ended AS e FROM kase_plain WHERE ended IS NOT NULL
    UNION ALL
    SELECT Id, 'answer', hours, began, first_answer FROM kase_plain WHERE first_answer IS NOT NULL
), timed AS (
    SELECT s.*, o.* EXCLUDE (Id)
    FROM span s JOIN open_hours o
      ON CASE WHEN s.hours IN (SELECT Id FROM open_hours) THEN o.Id = s.hours ELSE o.usual END
), daily AS (
    SELECT t.Id, t.what,
           shared(t.b, t.e, clock(of_zone, d, opens), clock(of_zone, d, closes))
           - coalesce(CASE WHEN h.begins < closes AND h.ends > opens THEN
                 shared(t.b, t.e, clock(of_zone, d, greatest(opens, h.begins)), clock(of_zone, d, least(closes, h.ends))) END, 0)
           AS seconds
    FROM timed t JOIN day ON isodow(d) = weekday AND d BETWEEN CAST(timezone(of_zone, b) AS DATE) AND CAST(timezone(of_zone, e) AS DATE)
    LEFT JOIN rest_day h USING (d)
    WHERE t.e >= t.b
)
SELECT Id, what, CAST(floor(sum(seconds) / 60) AS BIGINT) AS worked FROM daily GROUP BY Id, what;
CREATE TABLE kase AS
SELECT k.*, fiscal_of(k.created_d) AS created_f, minutes(began, first_answer) AS frt, minutes(began, ended) AS ttc,
       minutes(began, first_ended) AS first_ttc, first_answer IS NULL AND NOT closed AS waiting,
       CASE WHEN ended IS NOT NULL THEN coalesce(c.worked, 0) END AS ttc_worked,
       CASE WHEN first_answer IS NOT NULL THEN coalesce(a.worked, 0) END AS frt_worked
FROM kase_plain k LEFT JOIN worked c ON c.Id = k.Id AND c.what = 'close' LEFT JOIN worked a ON a.Id = k.Id AND a.what = 'answer';

CREATE TABLE done_task AS
SELECT Id, OwnerId, AccountId, coalesce(TaskSubtype, 'Task') AS kind,
       coalesce(local_day(moment(CompletedDateTime)), CAST(ActivityDate AS DATE)) AS d
FROM Task WHERE NOT truth(IsDeleted) AND truth(IsClosed);
CREATE TABLE held_event AS
SELECT Id, OwnerId, AccountId, CAST(ActivityDate AS DATE) AS d FROM Event WHERE NOT truth(IsDeleted) AND NOT truth(IsChild);
CREATE TABLE lead_row AS
WITH touch AS (
    SELECT WhoId, moment(CreatedDate) AS stamp FROM Task WHERE NOT truth(IsDeleted) AND WhoId IS NOT NULL
    UNION ALL
    SELECT WhoId, moment(CreatedDate) FROM Event WHERE NOT truth(IsDeleted) AND WhoId IS NOT NULL AND NOT truth(IsPrivate)
), own AS (
    SELECT Id, OwnerId, LeadSource, Status, Industry, moment(CreatedDate) AS created, truth(IsConverted) AS converted,
           CAST(ConvertedDate AS DATE) AS converted_d, ConvertedOpportunityId AS deal
    FROM Lead WHERE NOT truth(IsDeleted)
)
SELECT o.*, local_day(o.created) AS created_d, fiscal_of(local_day(o.created)) AS created_f,
       CASE WHEN converted THEN date_diff('day', local_day(o.created), converted_d) END AS days,
       minutes(o.created, (SELECT min(t.stamp) FROM touch t WHERE t.WhoId = o.Id AND t.stamp >= o.created)) AS touched
FROM own o;
CREATE TABLE quota_row AS
SELECT QuotaOwnerId AS owner, CAST(StartDate AS DATE) AS d, at_rate(millionths(QuotaAmount), today_rate(CurrencyIsoCode)) AS amt
FROM ForecastingQuota WHERE QuotaAmount IS NOT NULL;
CREATE TABLE campaign_row AS
SELECT Id, CAST(StartDate AS DATE) AS d, at_rate(millionths(ActualCost), today_rate(CurrencyIsoCode)) AS cost,
       CAST(NumberOfLeads AS DOUBLE) AS leads, CAST(NumberOfResponses AS DOUBLE) AS responses
FROM Campaign WHERE NOT truth(IsDeleted);
CREATE TABLE cost_row AS
SELECT CAST(Month__c AS DATE) AS d, User__c AS owner, Campaign__c AS campaign, Region__c AS region,
       at_rate(millionths(Amount__c), today_rate(CurrencyIsoCode)) AS amt
FROM Sales_Cost__c WHERE NOT truth(IsDeleted);
