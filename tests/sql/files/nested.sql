-- An indicator of an indicator. Expected numbers: TA-Lib 0.8.1 (Python package TA-Lib 0.8.2), printed by
-- tests/sql/oracle.py.
--@ tolerance 1e-12
--@ matrix spark.sql.adaptive.enabled=true,false

CREATE TEMPORARY VIEW prices AS SELECT * FROM VALUES
  ('A', 1, 10.0D), ('A', 2, 11.0D), ('A', 3, 12.5D), ('A', 4, 11.5D),
  ('A', 5, 13.0D), ('A', 6, 14.0D), ('A', 7, 13.5D), ('A', 8, 15.0D),
  ('B', 1, 50.0D), ('B', 2, 49.0D), ('B', 3, 51.0D), ('B', 4, 52.5D), ('B', 5, 50.5D) AS t(symbol, ts, close);

SELECT symbol, ts, ta_rsi(close, 2) OVER w AS rsi, ta_ema(close, 3) OVER w AS ema
FROM prices WINDOW w AS (PARTITION BY symbol ORDER BY ts) ORDER BY symbol, ts;
--> symbol | ts | rsi                | ema
--> A      | 1  | NULL               | NULL
--> A      | 2  | NULL               | NULL
--> A      | 3  | 100.0              | 11.166666666666666
--> A      | 4  | 55.55555555555556  | 11.333333333333332
--> A      | 5  | 80.95238095238095  | 12.166666666666666
--> A      | 6  | 89.1891891891892   | 13.083333333333332
--> A      | 7  | 62.264150943396224 | 13.291666666666666
--> A      | 8  | 86.57718120805369  | 14.145833333333332
--> B      | 1  | NULL               | NULL
--> B      | 2  | NULL               | NULL
--> B      | 3  | 66.66666666666666  | 50.0
--> B      | 4  | 83.33333333333334  | 51.25
--> B      | 5  | 35.714285714285715 | 50.875

SELECT ts, ta_sma(ta_rsi(close, 2) OVER w, 3) OVER w AS value
FROM prices WHERE symbol = 'A' WINDOW w AS (PARTITION BY symbol ORDER BY ts) ORDER BY ts;
--> ts | value
--> 1  | NULL
--> 2  | NULL
--> 3  | NULL
--> 4  | NULL
--> 5  | 78.83597883597884
--> 6  | 75.23237523237523
--> 7  | 77.46857369498879
--> 8  | 79.34350711354637

-- The inner and the outer one beside each other, in other windows, and inside an expression.
SELECT ts, ta_rsi(close, 2) OVER w AS rsi, round(ta_sma(ta_rsi(close, 2) OVER w, 3) OVER w, 6) AS smooth,
  ta_sma(coalesce(ta_sma(close, 2) OVER w, 0), 2) OVER (PARTITION BY symbol ORDER BY ts DESC) AS backwards
FROM prices WHERE symbol = 'A' AND ts <= 5 WINDOW w AS (PARTITION BY symbol ORDER BY ts) ORDER BY ts;
--> ts | rsi               | smooth    | backwards
--> 1  | NULL              | NULL      | 5.25
--> 2  | NULL              | NULL      | 11.125
--> 3  | 100.0             | NULL      | 11.875
--> 4  | 55.55555555555556 | NULL      | 12.125
--> 5  | 80.95238095238095 | 78.835979 | NULL

-- An indicator of a field, and of Spark's own window functions.
SELECT ts, ta_sma((ta_bbands(close, 2) OVER w).upper, 1) OVER w AS upper,
  ta_sma(lag(close) OVER w, 2) OVER w AS before, sum(ta_sma(close, 2) OVER w) OVER w AS running
FROM prices WHERE symbol = 'B' WINDOW w AS (PARTITION BY symbol ORDER BY ts) ORDER BY ts;
--> ts | upper | before | running
--> 1  | NULL  | NULL   | NULL
--> 2  | 50.5  | NULL   | 49.5
--> 3  | 52.0  | 49.5   | 99.5
--> 4  | 53.25 | 50.0   | 151.25
--> 5  | 53.5  | 51.75  | 202.75

-- Newest first: the values run the other way.
SELECT ts, ta_rsi(close, 2) OVER (PARTITION BY symbol ORDER BY ts DESC) AS rsi FROM prices WHERE symbol = 'A' ORDER BY ts;
--> ts | rsi
--> 1  | 11.486486486486488
--> 2  | 20.238095238095237
--> 3  | 47.22222222222222
--> 4  | 5.0
--> 5  | 12.5
--> 6  | 25.0
--> 7  | NULL
--> 8  | NULL
