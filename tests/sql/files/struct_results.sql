-- Functions with several outputs give a struct; its fields have TA-Lib's names without 'out', 'Real' and 'Band'.

CREATE TEMPORARY VIEW prices AS SELECT * FROM VALUES
  (1, 10.0D, 9.0D), (2, 11.0D, 9.5D), (3, 12.5D, 10.0D), (4, 11.5D, 10.5D), (5, 13.0D, 11.0D) AS t(ts, high, low);

SELECT typeof(ta_macd(high) OVER w) AS macd, typeof(ta_bbands(high) OVER w) AS bbands,
  typeof(ta_stoch(high, low, high) OVER w) AS stoch
FROM prices WINDOW w AS (ORDER BY ts) LIMIT 1;
--> macd                                          | bbands                                           | stoch
--> struct<macd:double,signal:double,hist:double> | struct<upper:double,middle:double,lower:double> | struct<slow_k:double,slow_d:double>

SELECT typeof(ta_sma(high) OVER w) AS sma, typeof(ta_cdlengulfing(low, high, low, high) OVER w) AS candle,
  typeof(ta_obv(high, low) OVER w) AS obv
FROM prices WINDOW w AS (ORDER BY ts) LIMIT 1;
--> sma    | candle | obv
--> double | int    | double

-- Mean and population deviation of two values are exact here: bands two deviations around the mean.
SELECT ts, (ta_bbands(high, 2) OVER w).upper AS upper, (ta_bbands(high, 2) OVER w).middle AS mean,
  (ta_bbands(high, 2) OVER w).lower AS lower
FROM prices WINDOW w AS (ORDER BY ts) ORDER BY ts;
--> ts | upper | mean  | lower
--> 1  | NULL  | NULL  | NULL
--> 2  | 11.5  | 10.5  | 9.5
--> 3  | 13.25 | 11.75 | 10.25
--> 4  | 13.0  | 12.0  | 11.0
--> 5  | 13.75 | 12.25 | 10.75

-- A whole struct as a column, expanded and compared later.
WITH bands AS (SELECT ts, ta_bbands(high, 2, 1, 1) OVER (ORDER BY ts) AS b FROM prices)
SELECT ts, b.*, b.upper - b.lower AS width, high > b.upper AS above
FROM bands JOIN prices USING (ts) ORDER BY ts;
--> ts | upper | middle | lower | width | above
--> 1  | NULL  | NULL   | NULL  | NULL  | NULL
--> 2  | 11.0  | 10.5   | 10.0  | 1.0   | false
--> 3  | 12.5  | 11.75  | 11.0  | 1.5   | false
--> 4  | 12.5  | 12.0   | 11.5  | 1.0   | false
--> 5  | 13.0  | 12.25  | 11.5  | 1.5   | false

SELECT (ta_macd(high) OVER (ORDER BY ts)).histogram FROM prices;
--! AnalysisException
--! FIELD_NOT_FOUND
--! hist
