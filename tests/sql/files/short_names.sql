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

DESCRIBE FUNCTION sma;
--~ Function: sma

-- As with Spark's own names, who takes one for a function of their own is told, or has both.
--@ until 4.1
CREATE TEMPORARY FUNCTION rsi(x DOUBLE) RETURNS DOUBLE RETURN x + 2;
--! ROUTINE_ALREADY_EXISTS

--@ until 4.1
DROP TEMPORARY FUNCTION rsi;

CREATE TEMPORARY FUNCTION rsi(x DOUBLE) RETURNS DOUBLE RETURN x + 2;

--@ until 4.1
SELECT rsi(1.0D) AS own;
--> own
--> 3.0

--@ since 4.2
SELECT session.rsi(1.0D) AS own;
--> own
--> 3.0

SELECT ts, ta_rsi(close, 2) OVER (ORDER BY ts) AS rsi FROM prices ORDER BY ts;
--> ts | rsi
--> 1  | NULL
--> 2  | NULL
