-- Calls that cannot be right are refused when the query is analysed, with Spark's own error classes where Spark has one.
--@ matrix spark.sql.ansi.enabled=true,false

CREATE TEMPORARY VIEW prices AS SELECT * FROM VALUES
  ('A', 1, 10.0D, 2), ('A', 2, 11.0D, 2), ('B', 1, 50.0D, 3) AS t(symbol, ts, close, n);

-- Without OVER, and where no window function may stand.
SELECT ta_sma(close, 2) FROM prices;
--! AnalysisException

SELECT symbol, ta_sma(close, 2) FROM prices GROUP BY symbol;
--! AnalysisException

SELECT symbol FROM prices WHERE ta_sma(close, 2) OVER (ORDER BY ts) > 1;
--! AnalysisException

SELECT symbol FROM prices GROUP BY symbol HAVING ta_sma(max(close), 2) OVER (ORDER BY symbol) > 1;
--! AnalysisException

SELECT symbol FROM prices ORDER BY ta_sma(close, 2) OVER (ORDER BY ts);
--! AnalysisException
--! UNSUPPORTED_EXPR_FOR_OPERATOR

SELECT symbol FROM prices ORDER BY row_number() OVER (ORDER BY ts);
--! UNSUPPORTED_EXPR_FOR_OPERATOR

-- Without an order.
SELECT ta_sma(close, 2) OVER (PARTITION BY symbol) FROM prices;
--! AnalysisException

-- Other frames than the rows so far.
SELECT ta_sma(close, 2) OVER (ORDER BY ts ROWS BETWEEN 5 PRECEDING AND CURRENT ROW) FROM prices;
--! AnalysisException

SELECT ta_sma(close, 2) OVER (ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM prices;
--! AnalysisException

SELECT ta_sma(close, 2) OVER (ORDER BY ts RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM prices;
--! AnalysisException

-- FILTER, DISTINCT, IGNORE NULLS.
SELECT ta_sma(close, 2) FILTER (WHERE close > 1) OVER (ORDER BY ts) FROM prices;
--! AnalysisException

SELECT ta_sma(DISTINCT close, 2) OVER (ORDER BY ts) FROM prices;
--! AnalysisException

SELECT ta_sma(close, 2) IGNORE NULLS OVER (ORDER BY ts) FROM prices;
--! AnalysisException

-- Parameters: constant, whole, in range, known.
SELECT ta_sma(close, n) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! timeperiod

SELECT ta_sma(close, NULL) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! timeperiod

SELECT ta_sma(close, 0) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! timeperiod
--! 1 to 100000

SELECT ta_sma(close, -3) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! -3
--! 1 to 100000

SELECT ta_rsi(close, 100001) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! 100001
--! 2 to 100000

SELECT ta_rsi(close, 3000000000) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! 2 to 100000

SELECT ta_sma(close, 2.5) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! whole number

SELECT ta_bbands(close, 5, DOUBLE('NaN')) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! nbdevup

SELECT ta_bbands(close, 20, 2, 2, 2) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! matype
--! WMA

SELECT ta_stoch(close, close, close, 5, 3, 7) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! slowk_matype
--! MAMA

SELECT ta_bbands(close, 20, 2, 2, 99) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! 99
--! 0 to 1

-- The number of arguments.
SELECT ta_sma() OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! WRONG_NUM_ARGS
--! ta_sma

SELECT ta_sma(close, 2, 3) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! WRONG_NUM_ARGS
--! ta_sma

SELECT ta_atr(close, close) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! WRONG_NUM_ARGS
--! ta_atr

SELECT ta_vwap(close, close, close, close, 1) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! WRONG_NUM_ARGS

-- A name that does not exist.
SELECT ta_smaa(close, 2) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! UNRESOLVED_ROUTINE

-- Nothing of this has hurt the session.
SELECT symbol, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma FROM prices ORDER BY symbol, ts;
--> symbol | sma
--> A      | NULL
--> A      | 10.5
--> B      | NULL
