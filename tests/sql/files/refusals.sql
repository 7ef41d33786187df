-- Calls that cannot be right are refused when the query is analysed, with Spark's own error classes where Spark has one.
--@ matrix spark.sql.ansi.enabled=true,false

CREATE TEMPORARY VIEW prices AS SELECT * FROM VALUES
  ('A', 1, 10.0D, 2), ('A', 2, 11.0D, 2), ('B', 1, 50.0D, 3) AS t(symbol, ts, close, n);

-- Without OVER, and where no window function may stand.
SELECT ta_sma(close, 2) FROM prices;
--! AnalysisException
--! WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE
--! "ta_sma(close, 2)" requires an OVER clause

SELECT symbol, ta_sma(close, 2) FROM prices GROUP BY symbol;
--! AnalysisException
--! WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE

SELECT symbol FROM prices WHERE ta_sma(close, 2) OVER (ORDER BY ts) > 1;
--! AnalysisException
--! window functions inside WHERE clause

SELECT symbol FROM prices GROUP BY symbol HAVING ta_sma(max(close), 2) OVER (ORDER BY symbol) > 1;
--! AnalysisException
--! window functions inside HAVING clause

SELECT symbol FROM prices ORDER BY ta_sma(close, 2) OVER (ORDER BY ts);
--! AnalysisException
--! UNSUPPORTED_EXPR_FOR_OPERATOR

SELECT symbol FROM prices ORDER BY row_number() OVER (ORDER BY ts);
--! UNSUPPORTED_EXPR_FOR_OPERATOR

-- Without an order.
--@ since 4.2
SELECT ta_sma(close, 2) OVER (PARTITION BY symbol) FROM prices;
--! AnalysisException
--! WINDOW_FUNCTION_FRAME_NOT_ORDERED
--! Window function ta_sma requires the window to be ordered

--@ until 4.1
SELECT ta_sma(close, 2) OVER (PARTITION BY symbol) FROM prices;
--! AnalysisException
--! requires window to be ordered, please add ORDER BY clause

-- Other frames than the rows so far.
SELECT ta_sma(close, 2) OVER (ORDER BY ts ROWS BETWEEN 5 PRECEDING AND CURRENT ROW) FROM prices;
--! AnalysisException
--! (RowFrame, -5, currentrow$()) must match the required frame specifiedwindowframe(RowFrame, unboundedpreceding$(), currentrow$())

SELECT ta_sma(close, 2) OVER (ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM prices;
--! AnalysisException
--! (RowFrame, unboundedpreceding$(), unboundedfollowing$()) must match the required frame specifiedwindowframe(RowFrame, unboundedpreceding$(), currentrow$())

SELECT ta_sma(close, 2) OVER (ORDER BY ts RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM prices;
--! AnalysisException
--! (RangeFrame, unboundedpreceding$(), currentrow$()) must match the required frame specifiedwindowframe(RowFrame, unboundedpreceding$(), currentrow$())

-- FILTER, DISTINCT, IGNORE NULLS.
SELECT ta_sma(close, 2) FILTER (WHERE close > 1) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX
--! `ta_sma` does not support FILTER CLAUSE

SELECT ta_sma(DISTINCT close, 2) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX
--! `ta_sma` does not support DISTINCT

SELECT ta_sma(close, 2) IGNORE NULLS OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX
--! `ta_sma` does not support IGNORE NULLS

-- Parameters: constant, whole, in range, known.
SELECT ta_sma(close, n) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! ta_sma: timeperiod must be a constant, but 'prices.n' is not; write a number

SELECT ta_sma(close, NULL) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! ta_sma: timeperiod must be a constant, but 'NULL' is not; write a number

SELECT ta_sma(close, 0) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! ta_sma: timeperiod = 0 is out of range; write 1 to 100000

SELECT ta_sma(close, -3) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! ta_sma: timeperiod = -3 is out of range; write 1 to 100000

SELECT ta_rsi(close, 100001) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! ta_rsi: timeperiod = 100001 is out of range; write 2 to 100000

SELECT ta_rsi(close, 3000000000) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! ta_rsi: timeperiod = 3000000000 is out of range; write 2 to 100000

SELECT ta_sma(close, 2.5) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! ta_sma: timeperiod = 2.5 is not a whole number; write 1 to 100000

SELECT ta_bbands(close, 5, DOUBLE('NaN')) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! ta_bbands: nbdevup = NaN is out of range; write -3.0E37 to 3.0E37

SELECT ta_bbands(close, 20, 2, 2, 99) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! ta_bbands: matype = 99 is out of range; write 0 to 15

-- The number of arguments.
SELECT ta_sma() OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! WRONG_NUM_ARGS.WITHOUT_SUGGESTION
--! `ta_sma` requires [1, 2] parameters but the actual number is 0

SELECT ta_sma(close, 2, 3) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! WRONG_NUM_ARGS.WITHOUT_SUGGESTION
--! `ta_sma` requires [1, 2] parameters but the actual number is 3

SELECT ta_atr(close, close) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! WRONG_NUM_ARGS.WITHOUT_SUGGESTION
--! `ta_atr` requires [3, 4] parameters but the actual number is 2

SELECT ta_vwap(close, close, close, close, 1) OVER (ORDER BY ts) FROM prices;
--! AnalysisException
--! WRONG_NUM_ARGS.WITHOUT_SUGGESTION
--! `ta_vwap` requires [4] parameters but the actual number is 5

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
