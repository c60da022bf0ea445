-- What holds for the whole org: its zone, its weeks, its fiscal years, its rates. Everything raw is text.
CREATE MACRO moment(x) AS strptime(x, '%Y-%m-%dT%H:%M:%S.%f%z');
CREATE MACRO truth(x) AS x = 'true';
CREATE MACRO local_day(x) AS CAST(timezone(getvariable('zone'), x) AS DATE);
-- The first instant of a local day.
CREATE MACRO midnight(d) AS timezone(getvariable('zone'), CAST(d AS TIMESTAMP));
CREATE MACRO minutes(b, e) AS CAST(floor((epoch(e) - epoch(b)) / 60) AS BIGINT);
CREATE MACRO within(d) AS getvariable('first') IS NULL OR d BETWEEN getvariable('first') AND getvariable('last');
CREATE MACRO today() AS getvariable('today');
-- A ratio; whoever compares divides.
CREATE MACRO part_of(n, d) AS {'n': n, 'd': d};
CREATE MACRO cents(x) AS part_of(x, 100);
CREATE MACRO total(x) AS cents(coalesce(sum(x), 0));

SET VARIABLE zone = (SELECT TimeZoneSidKey FROM Organization);
SET VARIABLE week_first = (SELECT CASE WHEN DefaultLocaleSidKey = 'en_US' THEN 7 ELSE 1 END FROM Organization);
SET VARIABLE fiscal_month = (SELECT CAST(CAST(FiscalYearStartMonth AS DOUBLE) AS INTEGER) FROM Organization);
SET VARIABLE ahead = (
    SELECT CASE WHEN getvariable('fiscal_month') > 1 AND NOT truth(UsesStartDateAsFiscalYearName) THEN 1 ELSE 0 END
    FROM Organization
);
SET VARIABLE custom = (SELECT count(*) > 0 FROM FiscalYearSettings WHERE NOT truth(IsStandardYear));
CREATE MACRO week_of(d) AS d - CAST((isodow(d) - getvariable('week_first') + 7) % 7 AS INTEGER);

-- Every day that anything can lie on, with the keys of its fiscal year, quarter and month.
CREATE TABLE fiscal_row AS
SELECT Type AS kind, CAST(StartDate AS DATE) AS first_d, CAST(EndDate AS DATE) AS last_d, FullyQualifiedLabel AS label
FROM Period;
CREATE TABLE fiscal_year AS
SELECT first_d, last_d, regexp_extract(label, '\d{4}') AS name FROM fiscal_row WHERE kind = 'Year';
CREATE TABLE fiscal_part AS
SELECT kind, p.first_d, p.last_d, y.name,
       row_number() OVER (PARTITION BY kind, y.name ORDER BY p.first_d) AS number
FROM fiscal_row p JOIN fiscal_year y ON p.first_d BETWEEN y.first_d AND y.last_d
WHERE kind IN ('Quarter', 'Month');
CREATE TABLE day AS
SELECT CAST(unnest(generate_series(DATE '2000-01-01', DATE '2045-12-31', INTERVAL 1 DAY)) AS DATE) AS d;
CREATE TABLE fiscal AS
SELECT d,
       CASE WHEN getvariable('custom') THEN 'FY' || y.name ELSE printf('FY%04d', named) END AS fy,
       CASE WHEN getvariable('custom') THEN printf('FY%s-Q%d', q.name, q.number)
            ELSE printf('FY%04d-Q%d', named, place // 3 + 1) END AS fq,
       CASE WHEN getvariable('custom') THEN printf('FY%s-P%02d', m.name, m.number)
            ELSE printf('FY%04d-P%02d', named, place + 1) END AS fm
FROM (
    SELECT d, (month(d) - getvariable('fiscal_month') + 12) % 12 AS place,
           year(d) - CASE WHEN month(d) < getvariable('fiscal_month') THEN 1 ELSE 0 END + getvariable('ahead') AS named
    FROM day
)
LEFT JOIN fiscal_year y ON getvariable('custom') AND d BETWEEN y.first_d AND y.last_d
LEFT JOIN fiscal_part q ON getvariable('custom') AND q.kind = 'Quarter' AND d BETWEEN q.first_d AND q.last_d
LEFT JOIN fiscal_part m ON getvariable('custom') AND m.kind = 'Month' AND d BETWEEN m.first_d AND m.last_d;
CREATE MACRO fiscal_of(x) AS (SELECT {'fy': fy, 'fq': fq, 'fm': fm} FROM fiscal WHERE d = x);

-- Money is whole numbers: amounts times 10^6, rates times 10^9.
CREATE MACRO millionths(x) AS CAST(CAST(x AS DECIMAL(24, 6)) * 1000000 AS HUGEINT);
CREATE MACRO billionths(x) AS CAST(CAST(x AS DECIMAL(18, 9)) * 1000000000::BIGINT AS HUGEINT);
SET VARIABLE corporate = (SELECT IsoCode FROM CurrencyType WHERE truth(IsCorporate));
CREATE TABLE static_rate AS SELECT IsoCode AS code, billionths(ConversionRate) AS rate FROM CurrencyType;
CREATE TABLE dated_rate AS
SELECT IsoCode AS code, CAST(StartDate AS DATE) AS first_d, CAST(NextStartDate AS DATE) AS end_d,
       billionths(ConversionRate) AS rate
FROM DatedConversionRate;
SET VARIABLE dated = (SELECT count(*) > 0 FROM dated_rate);
-- n / d as a whole number, halves to the even one.
CREATE MACRO half_even(n, d) AS n // d + CASE WHEN 2 * (n % d) > d OR (2 * (n % d) = d AND (n // d) % 2 = 1) THEN 1 ELSE 0 END;
CREATE MACRO rounded(n, d) AS CASE WHEN n < 0 THEN -half_even(-n, d) ELSE half_even(n, d) END;
-- An amount (millionths) at a rate (billionths) in cents.
CREATE MACRO at_rate(a, rate) AS rounded(a * 100000::HUGEINT, rate);
CREATE MACRO today_rate(c) AS
    CASE WHEN c IS NULL OR c = getvariable('corporate') THEN 1000000000::HUGEINT
         ELSE (SELECT s.rate FROM static_rate s WHERE s.code = c AND s.rate > 0) END;
CREATE MACRO rate_of(c, day_) AS
    CASE WHEN c IS NULL OR c = getvariable('corporate') THEN 1000000000::HUGEINT
         WHEN getvariable('dated') AND day_ IS NOT NULL
         THEN (SELECT max(r.rate) FROM dated_rate r WHERE r.code = c AND day_ >= r.first_d AND day_ < r.end_d)
         ELSE (SELECT s.rate FROM static_rate s WHERE s.code = c AND s.rate > 0) END;
CREATE TABLE stage AS
SELECT ApiName AS name, CAST(CAST(SortOrder AS DOUBLE) AS INTEGER) AS place, truth(IsClosed) AS closed, truth(IsWon) AS won,
       CAST(DefaultProbability AS DECIMAL(9, 4)) AS probability
FROM OpportunityStage;
