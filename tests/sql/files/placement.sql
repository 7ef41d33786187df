-- Every place in a query where a window function may stand. The averages of two values are exact.
--@ matrix spark.sql.adaptive.enabled=true,false
--@ matrix spark.sql.codegen.wholeStage=true,false

CREATE TEMPORARY VIEW prices AS SELECT * FROM VALUES
  ('A', 1, 10.0D), ('A', 2, 11.0D), ('A', 3, 12.5D), ('A', 4, 11.5D),
  ('B', 1, 50.0D), ('B', 2, 49.0D), ('B', 3, 51.0D) AS t(symbol, ts, close);

SELECT symbol, ts, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma FROM prices ORDER BY symbol, ts;
--> symbol | ts | sma
--> A      | 1  | NULL
--> A      | 2  | 10.5
--> A      | 3  | 11.75
--> A      | 4  | 12.0
--> B      | 1  | NULL
--> B      | 2  | 49.5
--> B      | 3  | 50.0

-- A named window, several periods and functions in it.
SELECT symbol, ts, ta_sma(close, 1) OVER w AS sma1, ta_sma(close, 2) OVER w AS sma2, ta_sma(close, 3) OVER w AS sma3,
  ta_ema(close, 1) OVER w AS ema1, ta_obv(close, ts) OVER w AS obv
FROM prices WINDOW w AS (PARTITION BY symbol ORDER BY ts) ORDER BY symbol, ts;
--> symbol | ts | sma1 | sma2  | sma3               | ema1 | obv
--> A      | 1  | 10.0 | NULL  | NULL               | 10.0 | 1.0
--> A      | 2  | 11.0 | 10.5  | NULL               | 11.0 | 3.0
--> A      | 3  | 12.5 | 11.75 | 11.166666666666666 | 12.5 | 6.0
--> A      | 4  | 11.5 | 12.0  | 11.666666666666666 | 11.5 | 2.0
--> B      | 1  | 50.0 | NULL  | NULL               | 50.0 | 1.0
--> B      | 2  | 49.0 | 49.5  | NULL               | 49.0 | -1.0
--> B      | 3  | 51.0 | 50.0  | 50.0               | 51.0 | 2.0

-- An expression around it and an expression inside it.
SELECT ts, CASE WHEN ta_sma(close, 2) OVER w > 11.8 THEN 'up' ELSE 'flat' END AS state,
  1 + 2 * ta_sma(close * 2 - 1, 2) OVER w AS scaled, coalesce(ta_sma(close, 2) OVER w, -1) AS filled
FROM prices WHERE symbol = 'A' WINDOW w AS (ORDER BY ts) ORDER BY ts;
--> ts | state | scaled | filled
--> 1  | flat  | NULL   | -1.0
--> 2  | flat  | 41.0   | 10.5
--> 3  | flat  | 46.0   | 11.75
--> 4  | up    | 47.0   | 12.0

-- Over the output of GROUP BY.
SELECT ts, sum(close) AS total, ta_sma(sum(close), 2) OVER (ORDER BY ts) AS sma FROM prices GROUP BY ts ORDER BY ts;
--> ts | total | sma
--> 1  | 60.0  | NULL
--> 2  | 60.0  | 60.0
--> 3  | 63.5  | 61.75
--> 4  | 11.5  | 37.5

-- Groups of expressions, descending order, order of expressions.
SELECT symbol, ts, ta_sma(close, 2) OVER (PARTITION BY lower(symbol), ts % 2 ORDER BY ts) AS by_parity,
  ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts DESC) AS newest_first,
  ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY -ts, close) AS negated
FROM prices ORDER BY symbol, ts;
--> symbol | ts | by_parity | newest_first | negated
--> A      | 1  | NULL      | 10.5         | 10.5
--> A      | 2  | NULL      | 11.75        | 11.75
--> A      | 3  | 11.25     | 12.0         | 12.0
--> A      | 4  | 11.25     | NULL         | NULL
--> B      | 1  | NULL      | 49.5         | 49.5
--> B      | 2  | NULL      | 50.0         | 50.0
--> B      | 3  | 50.5      | NULL         | NULL

-- One group without PARTITION BY, and the only column of the query.
SELECT ta_sma(close, 2) OVER (ORDER BY symbol, ts) AS sma FROM prices ORDER BY sma NULLS FIRST;
--> sma
--> NULL
--> 10.5
--> 11.75
--> 12.0
--> 30.75
--> 49.5
--> 50.0

-- The frame that Spark gives it may be written out.
SELECT ts, ta_sma(close, 2) OVER (ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS sma,
  ta_sma(close, 2) RESPECT NULLS OVER (ORDER BY ts) AS respecting
FROM prices WHERE symbol = 'B' ORDER BY ts;
--> ts | sma  | respecting
--> 1  | NULL | NULL
--> 2  | 49.5 | 49.5
--> 3  | 50.0 | 50.0

-- Input without rows.
SELECT symbol, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma FROM prices WHERE ts > 100;
--> symbol | sma

SELECT count(*) AS n FROM (SELECT ta_rsi(close) OVER (ORDER BY ts) AS rsi FROM prices WHERE rand(1) < 0);
--> n
--> 0

-- In ORDER BY and DISTINCT of the query.
SELECT symbol, ts, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma FROM prices
ORDER BY sma DESC NULLS LAST, symbol LIMIT 2;
--> symbol | ts | sma
--> B      | 3  | 50.0
--> B      | 2  | 49.5

SELECT DISTINCT ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) IS NULL AS warm_up FROM prices ORDER BY 1;
--> warm_up
--> false
--> true

-- Views and the cache.
CREATE TEMPORARY VIEW signals AS
SELECT symbol, ts, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma FROM prices;

SELECT symbol, max(sma) AS highest FROM signals GROUP BY symbol ORDER BY symbol;
--> symbol | highest
--> A      | 12.0
--> B      | 50.0

CACHE TABLE kept AS SELECT * FROM signals;

SELECT symbol, count(sma) AS n FROM kept GROUP BY symbol ORDER BY symbol;
--> symbol | n
--> A      | 3
--> B      | 2

SELECT symbol, ts, ta_sma(sma, 2) OVER (PARTITION BY symbol ORDER BY ts) AS twice FROM kept WHERE symbol = 'A' ORDER BY ts;
--> symbol | ts | twice
--> A      | 1  | NULL
--> A      | 2  | NULL
--> A      | 3  | 11.125
--> A      | 4  | 11.875
