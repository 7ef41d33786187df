-- A row with a NULL, NaN or infinite input gives NULL and is not there for the rows after it: the others get what they
-- would get without it. Expected numbers of rsi: TA-Lib over the rows without gaps, printed by tests/sql/oracle.py (A).
--@ tolerance 1e-12
--@ matrix spark.sql.codegen.wholeStage=true,false

CREATE TEMPORARY VIEW gaps AS SELECT * FROM VALUES
  (1, 10.0D), (2, NULL), (3, 11.0D), (4, 12.5D), (5, DOUBLE('NaN')), (6, DOUBLE('Infinity')), (7, 11.5D),
  (8, DOUBLE('-Infinity')), (9, 13.0D) AS t(ts, close);

SELECT ts, ta_rsi(close, 2) OVER w AS rsi, ta_sma(close, 2) OVER w AS sma, (ta_bbands(close, 2) OVER w).upper AS upper
FROM gaps WINDOW w AS (ORDER BY ts) ORDER BY ts;
--> ts | rsi               | sma   | upper
--> 1  | NULL              | NULL  | NULL
--> 2  | NULL              | NULL  | NULL
--> 3  | NULL              | 10.5  | 11.5
--> 4  | 100.0             | 11.75 | 13.25
--> 5  | NULL              | NULL  | NULL
--> 6  | NULL              | NULL  | NULL
--> 7  | 55.55555555555556 | 12.0  | 13.0
--> 8  | NULL              | NULL  | NULL
--> 9  | 80.95238095238095 | 12.25 | 13.75

-- One missing input of several is enough, and calls with other inputs do not care.
CREATE TEMPORARY VIEW bars AS SELECT * FROM VALUES
  (1, 11.0D, 9.0D, 10.0D, 100.0D), (2, 12.0D, 10.0D, 11.0D, NULL), (3, NULL, 11.0D, 12.0D, 300.0D),
  (4, 13.0D, 11.0D, 12.0D, 400.0D), (5, 15.0D, DOUBLE('NaN'), 14.0D, 500.0D), (6, 17.0D, 13.0D, 15.0D, 600.0D)
  AS t(ts, high, low, close, volume);

SELECT ts, ta_obv(close, volume) OVER w AS obv, ta_vwap(high, low, close, volume) OVER w AS vwap,
  ta_sma(close, 1) OVER w AS close, (ta_stoch(high, low, close, 1, 1, 0, 1) OVER w).slow_k AS slow_k
FROM bars WINDOW w AS (ORDER BY ts) ORDER BY ts;
--> ts | obv    | vwap                | close | slow_k
--> 1  | 100.0  | 10.0                | 10.0  | 50.0
--> 2  | NULL   | NULL                | 11.0  | 50.0
--> 3  | 400.0  | NULL                | 12.0  | NULL
--> 4  | 400.0  | 11.6                | 12.0  | 50.0
--> 5  | 900.0  | NULL                | 14.0  | NULL
--> 6  | 1500.0 | 13.454545454545455  | 15.0  | 50.0

-- A column without any value, typed and untyped; groups of one row.
SELECT ts, ta_sma(CAST(NULL AS DOUBLE), 2) OVER w AS typed, ta_sma(NULL, 2) OVER w AS untyped,
  ta_macd(CAST(NULL AS DOUBLE)) OVER w AS macd, ta_cdlengulfing(NULL, NULL, NULL, NULL) OVER w AS candle
FROM gaps WINDOW w AS (ORDER BY ts) ORDER BY ts LIMIT 2;
--> ts | typed | untyped | macd | candle
--> 1  | NULL  | NULL    | NULL | NULL
--> 2  | NULL  | NULL    | NULL | NULL

SELECT ts, ta_sma(close, 1) OVER w AS sma1, ta_sma(close, 2) OVER w AS sma2, ta_obv(close, close) OVER w AS obv
FROM gaps WHERE isnan(close) OR close IS NULL OR ts IN (1, 9) WINDOW w AS (PARTITION BY ts ORDER BY close) ORDER BY ts;
--> ts | sma1 | sma2 | obv
--> 1  | 10.0 | NULL | 10.0
--> 2  | NULL | NULL | NULL
--> 5  | NULL | NULL | NULL
--> 9  | 13.0 | NULL | 13.0

-- A whole struct is NULL in the warm-up, not a struct of NULLs.
SELECT ts, ta_bbands(close, 2) OVER w IS NULL AS warm_up FROM gaps WINDOW w AS (ORDER BY ts) ORDER BY ts LIMIT 4;
--> ts | warm_up
--> 1  | true
--> 2  | true
--> 3  | false
--> 4  | false

-- Groups: all NaN are one, both zeros are one, NULL is one, as everywhere in Spark.
CREATE TEMPORARY VIEW keys AS SELECT * FROM VALUES
  (DOUBLE('NaN'), 1, 1.0D), (-DOUBLE('NaN'), 2, 3.0D), (0.0D, 1, 10.0D), (-0.0D, 2, 20.0D), (0.0D, 3, 30.0D),
  (NULL, 1, 5.0D), (NULL, 2, 7.0D), (1.0D, 1, 100.0D) AS t(key, ts, close);

SELECT close, ta_sma(close, 2) OVER (PARTITION BY key ORDER BY ts) AS sma,
  count(*) OVER (PARTITION BY key ORDER BY ts) AS row
FROM keys ORDER BY close;
--> close | sma  | row
--> 1.0   | NULL | 1
--> 3.0   | 2.0  | 2
--> 5.0   | NULL | 1
--> 7.0   | 6.0  | 2
--> 10.0  | NULL | 1
--> 20.0  | 15.0 | 2
--> 30.0  | 25.0 | 3
--> 100.0 | NULL | 1

-- Groups by several columns, by a struct, by a string with a NULL.
SELECT close, ta_sma(close, 2) OVER (PARTITION BY key IS NULL, named_struct('z', ts > 9) ORDER BY close) AS sma,
  ta_sma(close, 2) OVER (PARTITION BY IF(close > 6, NULL, 'low') ORDER BY close) AS by_text
FROM keys ORDER BY close;
--> close | sma  | by_text
--> 1.0   | NULL | NULL
--> 3.0   | 2.0  | 2.0
--> 5.0   | NULL | 4.0
--> 7.0   | 6.0  | NULL
--> 10.0  | 6.5  | 8.5
--> 20.0  | 15.0 | 15.0
--> 30.0  | 25.0 | 25.0
--> 100.0 | 65.0 | 65.0

-- Results that are not finite become NULL; a division by zero volume too.
SELECT ts, ta_sma(close, 2) OVER w AS sma, ta_vwap(close, close, close, 0.0D) OVER w AS vwap
FROM VALUES (1, 1.7e308D), (2, 1.7e308D), (3, 1.0D) AS t(ts, close) WINDOW w AS (ORDER BY ts) ORDER BY ts;
--> ts | sma  | vwap
--> 1  | NULL | NULL
--> 2  | NULL | NULL
--> 3  | 8.5E307 | NULL

-- Texts with a collation are grouped as Spark groups them.
SELECT close, ta_obv(close, 1) OVER w AS rows, count(*) OVER w AS expected
FROM (SELECT name COLLATE UTF8_LCASE AS name, close FROM VALUES ('aa', 1.0D), ('Aa', 2.0D), ('AA', 3.0D), ('b', 4.0D) AS t(name, close))
WINDOW w AS (PARTITION BY name ORDER BY close) ORDER BY close;
--> close | rows | expected
--> 1.0   | 1.0  | 1
--> 2.0   | 2.0  | 2
--> 3.0   | 3.0  | 3
--> 4.0   | 1.0  | 1
