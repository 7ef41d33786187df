-- What Spark plans: one operator per window, each calculation once, exchanges reused.
--@ config spark.sql.adaptive.enabled=false
--@ config spark.sql.autoBroadcastJoinThreshold=-1

CREATE TABLE prices (symbol STRING, ts INT, close DOUBLE, high DOUBLE) USING delta;
INSERT INTO prices VALUES ('A', 1, 10, 11), ('A', 2, 11, 12), ('A', 3, 12.5, 13), ('B', 1, 50, 51), ('B', 2, 49, 52);

-- All indicators of one window are one operator, whatever stands between them.
EXPLAIN SELECT ta_sma(close, 2) OVER w, row_number() OVER w, ta_ema(close, 2) OVER w, ta_macd(close) OVER w, lag(ts) OVER w
FROM prices WINDOW w AS (PARTITION BY symbol ORDER BY ts);
--~ 1x IndicatorWindow
--~ 1x Sort [symbol
--~ 1x Exchange

-- Other windows are other operators.
EXPLAIN SELECT ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts), ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts DESC)
FROM prices;
--~ 2x IndicatorWindow

-- A filter on the group runs below, in the scan; one on the rows above.
EXPLAIN SELECT * FROM (SELECT *, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma FROM prices) WHERE symbol = 'A';
--~ EqualTo(symbol,A)
--~ 1x IndicatorWindow

EXPLAIN SELECT * FROM (SELECT *, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma FROM prices) WHERE ts = 3;
--~ 0x EqualTo(ts,3)
--~ 0x GreaterThan(ts,3)
--~ 1x IndicatorWindow

-- Spark's early limit for ranks stands below the indicator; mixed_with_builtins.sql checks that results stay right.
EXPLAIN SELECT symbol, sma FROM (
  SELECT symbol, ta_sma(close, 2) OVER w AS sma, row_number() OVER w AS row
  FROM prices WINDOW w AS (PARTITION BY symbol ORDER BY ts))
WHERE row <= 2;
--~ WindowGroupLimit
--~ 1x IndicatorWindow

-- Columns that nobody asks for are not read.
EXPLAIN SELECT ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) FROM prices;
--~ ReadSchema: struct<symbol:string,ts:int,close:double>

-- Without an indicator, Spark plans as before.
EXPLAIN SELECT row_number() OVER (PARTITION BY symbol ORDER BY ts) FROM prices;
--~ 0x IndicatorWindow
--~ 1x Window

-- Both sides of a join with itself read and sort once.
EXPLAIN WITH s AS (SELECT symbol, ts, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma FROM prices)
SELECT * FROM s AS a JOIN s AS b ON a.symbol = b.symbol AND a.ts = b.ts + 1;
--~ ReusedExchange

WITH s AS (SELECT symbol, ts, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma FROM prices)
SELECT a.symbol, a.ts, a.sma, b.sma AS before FROM s AS a JOIN s AS b ON a.symbol = b.symbol AND a.ts = b.ts + 1
ORDER BY a.symbol, a.ts;
--> symbol | ts | sma   | before
--> A      | 2  | 10.5  | NULL
--> A      | 3  | 11.75 | 10.5
--> B      | 2  | 49.5  | NULL

-- Buckets that fit need no exchange, and a sort that is there already is not done again.
CREATE TABLE bucketed USING parquet CLUSTERED BY (symbol) SORTED BY (symbol, ts) INTO 1 BUCKETS AS SELECT * FROM prices;

EXPLAIN SELECT ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) FROM bucketed;
--~ 0x Exchange
--~ 1x IndicatorWindow

EXPLAIN SELECT ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts), ta_ema(close, 2) OVER (PARTITION BY symbol ORDER BY ts, close)
FROM prices;
--~ 1x Exchange
--~ 2x IndicatorWindow

-- Grouping by the window's key afterwards needs no second exchange.
EXPLAIN SELECT symbol, max(sma) FROM (SELECT symbol, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma FROM prices)
GROUP BY symbol;
--~ 1x Exchange
