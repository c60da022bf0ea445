-- Each deal once, by how it stood on the evening before and at the end.
WITH was AS (SELECT * FROM version WHERE held(stamp, end_at, getvariable('since') - 1)),
     is_now AS (SELECT * FROM version WHERE held(stamp, end_at, getvariable('until'))),
     pair AS (
         SELECT w.deal IS NOT NULL AS known, coalesce(w.is_open AND within(w.close), false) AS a, coalesce(w.amt, 0) AS before,
                coalesce(n.is_open AND within(n.close), false) AS b, coalesce(n.amt, 0) AS after,
                w.is_open AS was_open, n.is_open AS open_now, n.is_won AS won_now, n.close AS close_now
         FROM was w FULL JOIN is_now n ON n.deal = w.deal
     ),
     bars AS (
         SELECT 'start' AS change, before AS amt FROM pair WHERE a
         UNION ALL SELECT 'end', after FROM pair WHERE b
         UNION ALL SELECT CASE WHEN after > before THEN 'increased' ELSE 'decreased' END, after - before
         FROM pair WHERE a AND b AND after <> before
         UNION ALL SELECT CASE WHEN NOT known THEN 'created' WHEN was_open THEN 'pulled_in' ELSE 'reopened' END, after
         FROM pair WHERE b AND NOT a
         UNION ALL SELECT CASE WHEN won_now THEN 'won' WHEN NOT open_now THEN 'lost' WHEN close_now > getvariable('last') THEN 'pushed_out'
                               ELSE 'pulled_earlier' END, -before
         FROM pair WHERE a AND NOT b
     )
SELECT {by}, total(amt) AS amount, count(*) AS count FROM bars GROUP BY {group}
UNION ALL
SELECT *, cents(0), 0 FROM (VALUES ('start'), ('end')) v(k) WHERE k NOT IN (SELECT change FROM bars) AND NOT getvariable('total')
