-- Nothing of the user's is shadowed: without asking, only names with the prefixes ta_ and financelake_ are taken.

SELECT sma(1.0D);
--! AnalysisException
--! UNRESOLVED_ROUTINE

-- Functions of the user's with the short names.
CREATE TEMPORARY FUNCTION sma(x DOUBLE) RETURNS DOUBLE RETURN x + 1;
CREATE TEMPORARY FUNCTION rsi(x DOUBLE) RETURNS DOUBLE RETURN x + 2;

SELECT sma(1.0D) AS sma, rsi(1.0D) AS rsi;
--> sma | rsi
--> 2.0 | 3.0

CREATE FUNCTION vwap(x DOUBLE) RETURNS DOUBLE RETURN x + 3;

SELECT vwap(1.0D) AS vwap, default.vwap(2.0D) AS qualified;
--> vwap | qualified
--> 4.0  | 5.0

DROP FUNCTION vwap;

-- Tables, views, columns and aliases with the long ones.
CREATE TABLE ta_sma (ta_sma DOUBLE, ts INT) USING delta;
INSERT INTO ta_sma VALUES (1.0, 1), (3.0, 2);
CREATE TEMPORARY VIEW ta_rsi AS SELECT ta_sma, ts FROM ta_sma;

SELECT ta_sma, ta_sma(ta_sma, 2) OVER (ORDER BY ts) AS sma, ta_ema(ta_sma.ta_sma, 1) OVER (ORDER BY ts) AS ta_ema
FROM ta_sma ORDER BY ts;
--> ta_sma | sma  | ta_ema
--> 1.0    | NULL | 1.0
--> 3.0    | 2.0  | 3.0

SELECT ta_sma(ta_rsi.ta_sma, 1) OVER (ORDER BY ts) AS ta_rsi FROM ta_rsi ORDER BY ta_rsi;
--> ta_rsi
--> 1.0
--> 3.0

-- Upper case is the same name.
SELECT TA_SMA(ta_sma, 2) OVER (ORDER BY ts) AS sma FROM ta_sma ORDER BY ts;
--> sma
--> NULL
--> 2.0

-- Who takes a name of ours for a function of their own is told, or has both.
--@ until 4.1
CREATE TEMPORARY FUNCTION ta_ema(x DOUBLE) RETURNS DOUBLE RETURN x * 10;
--! ROUTINE_ALREADY_EXISTS

--@ until 4.1
DROP TEMPORARY FUNCTION ta_ema;

CREATE TEMPORARY FUNCTION ta_ema(x DOUBLE) RETURNS DOUBLE RETURN x * 10;

--@ until 4.1
SELECT ta_ema(2.0D) AS own;
--> own
--> 20.0

--@ since 4.2
SELECT session.ta_ema(2.0D) AS own, ta_ema(2.0D, 1) OVER (ORDER BY 1) AS ours;
--> own  | ours
--> 20.0 | 2.0
