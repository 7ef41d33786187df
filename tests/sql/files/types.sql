-- Inputs of every numeric type become DOUBLE; other types are refused when the query is analysed, in both ANSI modes.
--@ matrix spark.sql.ansi.enabled=true,false

CREATE TEMPORARY VIEW numbers AS SELECT * FROM VALUES
  (1, 10Y, 10S, 10, 10L, 10.5F, CAST(10.25 AS DECIMAL(10, 2)), CAST(1e20 AS DECIMAL(38, 0)), '10', true, DATE '2020-01-01'),
  (2, 11Y, 11S, 11, 11L, 11.5F, CAST(11.25 AS DECIMAL(10, 2)), CAST(3e20 AS DECIMAL(38, 0)), '11', false, DATE '2020-01-02')
  AS t(ts, tiny, small, whole, big, single, money, huge, text, flag, day);

SELECT ta_sma(tiny, 2) OVER w AS tiny, ta_sma(small, 2) OVER w AS small, ta_sma(whole, 2) OVER w AS whole,
  ta_sma(big, 2) OVER w AS big, ta_sma(single, 2) OVER w AS single, ta_sma(money, 2) OVER w AS money,
  ta_sma(huge, 2) OVER w AS huge, ta_sma(whole + money, 2) OVER w AS mixed
FROM numbers WINDOW w AS (ORDER BY ts) ORDER BY ts DESC LIMIT 1;
--> tiny | small | whole | big  | single | money | huge   | mixed
--> 10.5 | 10.5  | 10.5  | 10.5 | 11.0   | 10.75 | 2.0E20 | 21.25

SELECT typeof(ta_sma(money, 2) OVER (ORDER BY ts)) AS type FROM numbers LIMIT 1;
--> type
--> double

-- Columns of several types in one call, literals as inputs.
SELECT ts, ta_atr(single, tiny, money, 1) OVER w AS atr, ta_obv(whole, 5) OVER w AS obv,
  ta_vwap(1, 1, 1.5, huge) OVER w AS vwap
FROM numbers WINDOW w AS (ORDER BY ts) ORDER BY ts DESC LIMIT 1;
--> ts | atr  | obv  | vwap
--> 2  | 1.25 | 10.0 | 1.1666666666666667

-- Periods of every whole type, and as an expression of constants.
SELECT ta_sma(whole, 2Y) OVER w AS a, ta_sma(whole, 2L) OVER w AS b, ta_sma(whole, 4 / 2) OVER w AS c,
  ta_sma(whole, 1 + 1) OVER w AS d, ta_sma(whole, CAST('2' AS INT)) OVER w AS e, ta_sma(whole, 2.0) OVER w AS f
FROM numbers WINDOW w AS (ORDER BY ts) ORDER BY ts DESC LIMIT 1;
--> a    | b    | c    | d    | e    | f
--> 10.5 | 10.5 | 10.5 | 10.5 | 10.5 | 10.5

SELECT ta_sma(text, 2) OVER (ORDER BY ts) FROM numbers;
--! AnalysisException
--! DATATYPE_MISMATCH
--! STRING
--! CAST(

SELECT ta_sma(CAST(text AS DOUBLE), 2) OVER (ORDER BY ts) AS sma FROM numbers ORDER BY ts DESC LIMIT 1;
--> sma
--> 10.5

SELECT ta_sma('10', 2) OVER (ORDER BY ts) FROM numbers;
--! AnalysisException
--! DATATYPE_MISMATCH

SELECT ta_obv(whole, text) OVER (ORDER BY ts) FROM numbers;
--! AnalysisException
--! DATATYPE_MISMATCH
--! volume

SELECT ta_sma(whole, '2') OVER (ORDER BY ts) FROM numbers;
--! AnalysisException
--! DATATYPE_MISMATCH
--! timeperiod

SELECT ta_sma(flag, 2) OVER (ORDER BY ts) FROM numbers;
--! AnalysisException
--! DATATYPE_MISMATCH

SELECT ta_sma(day, 2) OVER (ORDER BY ts) FROM numbers;
--! AnalysisException
--! DATATYPE_MISMATCH

SELECT ta_sma(array(whole), 2) OVER (ORDER BY ts) FROM numbers;
--! AnalysisException
--! DATATYPE_MISMATCH
