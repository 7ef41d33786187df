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

CREATE TEMPORARY FUNCTION rsi(x DOUBLE) RETURNS DOUBLE RETURN x + 2;

SELECT rsi(1.0D) AS rsi;
--> rsi
--> 3.0
