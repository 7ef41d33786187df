-- Indicators and Spark's own window functions over one window: Spark plans them as one node, which is split without
-- changing the order of the columns, and rewrites around it stay right.
--@ matrix spark.sql.adaptive.enabled=true,false
--@ matrix spark.sql.codegen.wholeStage=true,false

CREATE TEMPORARY VIEW prices AS SELECT * FROM VALUES
  ('A', 1, 10.0D), ('A', 2, 11.0D), ('A', 3, 12.5D), ('A', 4, 11.5D),
  ('B', 1, 50.0D), ('B', 2, 49.0D), ('B', 3, 51.0D) AS t(symbol, ts, close);

SELECT *, row_number() OVER w AS row, ta_sma(close, 2) OVER w AS sma, lag(close) OVER w AS before,
  ta_obv(close, ts) OVER w AS obv, sum(close) OVER w AS total
FROM prices WINDOW w AS (PARTITION BY symbol ORDER BY ts) ORDER BY symbol, ts;
--> symbol | ts | close | row | sma   | before | obv  | total
--> A      | 1  | 10.0  | 1   | NULL  | NULL   | 1.0  | 10.0
--> A      | 2  | 11.0  | 2   | 10.5  | 10.0   | 3.0  | 21.0
--> A      | 3  | 12.5  | 3   | 11.75 | 11.0   | 6.0  | 33.5
--> A      | 4  | 11.5  | 4   | 12.0  | 12.5   | 2.0  | 45.0
--> B      | 1  | 50.0  | 1   | NULL  | NULL   | 1.0  | 50.0
--> B      | 2  | 49.0  | 2   | 49.5  | 50.0   | -1.0 | 99.0
--> B      | 3  | 51.0  | 3   | 50.0  | 49.0   | 2.0  | 150.0

-- The same without anything above that would put the columns in order.
SELECT *, ta_sma(close, 2) OVER (ORDER BY ts) AS sma, row_number() OVER (ORDER BY ts) AS row,
  ta_sma(close, 1) OVER (ORDER BY ts) AS one
FROM prices WHERE symbol = 'B';
--> symbol | ts | close | sma  | row | one
--> B      | 1  | 50.0  | NULL | 1   | 50.0
--> B      | 2  | 49.0  | 49.5 | 2   | 49.0
--> B      | 3  | 51.0  | 50.0 | 3   | 51.0

SELECT row_number() OVER (ORDER BY ts) AS row, *, ta_cdlengulfing(close, close, close, close) OVER (ORDER BY ts) AS candle,
  ntile(2) OVER (ORDER BY ts) AS half, ta_bbands(close, 2) OVER (ORDER BY ts) AS bands, rank() OVER (ORDER BY ts) AS rank
FROM prices WHERE symbol = 'B';
--> row | symbol | ts | close | candle | half | bands              | rank
--> 1   | B      | 1  | 50.0  | NULL   | 1    | NULL               | 1
--> 2   | B      | 2  | 49.0  | NULL   | 1    | {50.5, 49.5, 48.5} | 2
--> 3   | B      | 3  | 51.0  | 0      | 2    | {52.0, 50.0, 48.0} | 3

-- Spark drops rows early for a rank filter; an indicator of the rows before must not notice.
SELECT symbol, ts, sma FROM (
  SELECT symbol, ts, ta_sma(close, 2) OVER w AS sma, row_number() OVER w AS row
  FROM prices WINDOW w AS (PARTITION BY symbol ORDER BY ts))
WHERE row <= 2 ORDER BY symbol, ts;
--> symbol | ts | sma
--> A      | 1  | NULL
--> A      | 2  | 10.5
--> B      | 1  | NULL
--> B      | 2  | 49.5

SELECT symbol, ts, sma FROM (
  SELECT symbol, ts, ta_sma(close, 2) OVER w AS sma,
    rank() OVER (PARTITION BY symbol ORDER BY ts DESC) AS newest
  FROM prices WINDOW w AS (PARTITION BY symbol ORDER BY ts))
WHERE newest = 1 ORDER BY symbol;
--> symbol | ts | sma
--> A      | 4  | 12.0
--> B      | 3  | 50.0

-- LIMIT and offset above.
SELECT symbol, ts, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma FROM prices
ORDER BY symbol, ts LIMIT 2 OFFSET 2;
--> symbol | ts | sma
--> A      | 3  | 11.75
--> A      | 4  | 12.0

SELECT count(sma) AS n FROM (SELECT ta_sma(close, 1) OVER (ORDER BY symbol, ts) AS sma FROM prices LIMIT 3);
--> n
--> 3

-- A filter by group may run before the window, a filter by row must not.
SELECT symbol, ts, sma FROM (
  SELECT *, ta_sma(close, 3) OVER (PARTITION BY symbol ORDER BY ts) AS sma FROM prices)
WHERE symbol = 'B' AND ts = 3;
--> symbol | ts | sma
--> B      | 3  | 50.0

SELECT symbol, ts, sma FROM (
  SELECT *, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma FROM prices)
WHERE close > 11.2 AND sma < 13 ORDER BY ts;
--> symbol | ts | sma
--> A      | 3  | 11.75
--> A      | 4  | 12.0
