WITH ahead AS (SELECT unnest([90, 60, 30, 0]) AS days),
     won AS (SELECT coalesce(sum(amt), 0) AS amt FROM deal WHERE is_won AND within(close)),
     told AS (
         SELECT days, coalesce(sum(v.amt), 0) AS amt
         FROM ahead LEFT JOIN version v ON held(stamp, end_at, CAST(getvariable('last') - CAST(days AS INTEGER) AS DATE))
              AND v.fc IN ('Forecast', 'Closed') AND (v.is_open OR v.is_won) AND within(v.close)
         GROUP BY days
     )
SELECT CAST(days AS VARCHAR) AS k0, cents(told.amt) AS forecast, cents(won.amt) AS actual,
       CASE WHEN won.amt > 0 THEN part_of(won.amt - abs(told.amt - won.amt), won.amt) END AS accuracy,
       CASE WHEN won.amt > 0 THEN part_of(told.amt - won.amt, won.amt) END AS bias
FROM told, won
