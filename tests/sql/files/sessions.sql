-- Functions with an input that says where a session or an anchor begins.

CREATE TEMPORARY VIEW bars AS SELECT * FROM VALUES
  ('A', 1, 10.0, 8.0, 9.0, 100.0, 1), ('A', 2, 12.0, 10.0, 11.0, 300.0, 1), ('A', 3, 14.0, 10.0, 12.0, 100.0, 2),
  ('A', 4, 15.0, 12.0, 15.0, 0.0, 2), ('A', 5, 18.0, 15.0, 15.0, 100.0, 3),
  ('B', 1, 20.0, 18.0, 19.0, 0.0, 7), ('B', 2, 22.0, 20.0, 21.0, 50.0, 7)
  AS t(symbol, ts, high, low, close, volume, session);

-- The price starts anew with each session and each group, and has no value before there is volume.
SELECT symbol, ts, v.vwap, v.upper, v.lower FROM (
  SELECT *, ta_svwap(high, low, close, volume, session) OVER (PARTITION BY symbol ORDER BY ts) AS v FROM bars)
ORDER BY symbol, ts;
--> symbol | ts | vwap | upper              | lower
--> A      | 1  | 9.0  | 9.0                | 9.0
--> A      | 2  | 10.5 | 11.36602540378444  | 9.63397459621556
--> A      | 3  | 12.0 | 12.0               | 12.0
--> A      | 4  | 12.0 | 12.0               | 12.0
--> A      | 5  | 16.0 | 16.0               | 16.0
--> B      | 1  | NULL | NULL               | NULL
--> B      | 2  | 21.0 | 21.0               | 21.0

-- With one session it is the price since the first row.
SELECT count_if(a.vwap <=> b) AS same, count(*) AS n FROM (
  SELECT ta_svwap(high, low, close, volume, 0) OVER w AS a, ta_vwap(high, low, close, volume) OVER w AS b
  FROM bars WINDOW w AS (PARTITION BY symbol ORDER BY ts));
--> same | n
--> 7    | 7

-- An anchor is any row where the input is not 0.
SELECT ts, v.vwap FROM (
  SELECT *, ta_avwap(high, low, close, volume, if(ts = 2, 1, 0)) OVER (ORDER BY ts) AS v FROM bars WHERE symbol = 'A')
ORDER BY ts;
--> ts | vwap
--> 1  | NULL
--> 2  | 11.0
--> 3  | 11.25
--> 4  | 11.25
--> 5  | 12.2

-- Levels come from the session before: from the bar before if every bar is one.
SELECT ts, p.pivot, p.r1, p.s1, q.pivot AS of_bars FROM (
  SELECT *, ta_pivot_classic(high, low, close, session) OVER w AS p, ta_pivot_classic(high, low, close, ts) OVER w AS q
  FROM bars WHERE symbol = 'A' WINDOW w AS (ORDER BY ts))
ORDER BY ts;
--> ts | pivot              | r1                 | s1                | of_bars
--> 1  | NULL               | NULL               | NULL              | NULL
--> 2  | NULL               | NULL               | NULL              | 9.0
--> 3  | 10.333333333333334 | 12.666666666666668 | 8.666666666666668 | 11.0
--> 4  | 10.333333333333334 | 12.666666666666668 | 8.666666666666668 | 12.0
--> 5  | 13.333333333333334 | 16.666666666666668 | 11.666666666666668 | 14.0

-- A session mark is a number.
SELECT ta_pivot_classic(high, low, close, symbol) OVER (ORDER BY ts) FROM bars;
--! DATATYPE_MISMATCH
