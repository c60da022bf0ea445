WITH was AS (SELECT * FROM version WHERE held(stamp, end_at, getvariable('since') - 1) AND is_open AND within(close)),
     is_now AS (SELECT * FROM version WHERE held(stamp, end_at, getvariable('until'))),
     one AS (
         SELECT CASE WHEN n.is_open AND within(n.close) THEN 'still_open' WHEN n.is_won THEN 'won' WHEN NOT n.is_open THEN 'lost'
                     WHEN n.close > getvariable('last') THEN 'pushed_out' ELSE 'pulled_earlier' END AS change, w.amt AS amt
         FROM was w JOIN is_now n ON n.deal = w.deal
     )
SELECT {by}, count(*) AS count, total(amt) AS amount, part_of(count(*), (SELECT count(*) FROM one)) AS share FROM one GROUP BY {group}
