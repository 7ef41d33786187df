-- On request, the functions have names without a prefix too, and the user's own functions still come first.
--@ static spark.financelake.functions.short=true

CREATE TEMPORARY VIEW prices AS SELECT * FROM VALUES (1, 10.0D), (2, 11.0D) AS t(ts, close);

SELECT ts, sma(close, 2) OVER w AS sma, ta_sma(close, 2) OVER w AS ta_sma, ema(close, 1) OVER w AS ema,
  obv(close, ts) OVER w AS obv, typeof(macd(close) OVER w) AS macd, rsi(close) OVER w AS rsi,
  vwap(close, close, close, 1) OVER w AS vwap
FROM prices WINDOW w AS (ORDER BY ts) ORDER BY ts;
--> ts | sma  | ta_sma | ema  | obv | macd                                          | rsi  | vwap
--> 1  | NULL | NULL   | 10.0 | 1.0 | struct<macd:double,signal:double,hist:double> | NULL | 10.0
--> 2  | 10.5 | 10.5   | 11.0 | 3.0 | struct<macd:double,signal:double,hist:double> | NULL | 10.5

-- Misuse is told as with the long name.
SELECT sma(close, 0) OVER (ORDER BY ts) FROM prices;
--! timeperiod = 0 is out of range; write 1 to 100000

SELECT sma() OVER (ORDER BY ts) FROM prices;
--! WRONG_NUM_ARGS

SELECT sma(close, 2) FROM prices;
--! UNRESOLVED_ROUTINE

SELECT count(DISTINCT rsi) AS values FROM (
  SELECT RSI(close, 2) OVER (ORDER BY ts) AS rsi FROM (SELECT * FROM prices UNION ALL SELECT 3, 9.0D));
--> values
--> 1

-- A function of the user's with that name comes first, on every release, and ours is still there.
CREATE TEMPORARY FUNCTION rsi(x DOUBLE) RETURNS DOUBLE RETURN x + 2;

SELECT rsi(1.0D) AS own;
--> own
--> 3.0

-- Each release has its own words for a function that is no window function.
SELECT ts, rsi(close, 2) OVER (ORDER BY ts) FROM prices;
--! `rsi`

SELECT ts, ta_rsi(close, 2) OVER (ORDER BY ts) AS rsi FROM prices ORDER BY ts;
--> ts | rsi
--> 1  | NULL
--> 2  | NULL

DROP TEMPORARY FUNCTION rsi;

CREATE FUNCTION default.rsi(x DOUBLE) RETURNS DOUBLE RETURN x + 3;

SELECT rsi(1.0D) AS own;
--> own
--> 4.0

DROP FUNCTION default.rsi;

SELECT ts, rsi(close, 2) OVER (ORDER BY ts) AS rsi FROM prices ORDER BY ts;
--> ts | rsi
--> 1  | NULL
--> 2  | NULL
