-- What the session says about its functions comes from the registry.

SHOW SYSTEM FUNCTIONS LIKE 'ta_*';
--> function
--> ta_atr
--> ta_bbands
--> ta_cdlengulfing
--> ta_ema
--> ta_macd
--> ta_obv
--> ta_rsi
--> ta_sma
--> ta_stoch
--> ta_vwap

SHOW FUNCTIONS LIKE 'financelake_*';
--~ financelake_version

DESCRIBE FUNCTION ta_rsi;
--~ Function: ta_rsi
--~ Relative strength index (Wilder 1978)
--~ timeperiod

DESCRIBE FUNCTION EXTENDED ta_macd;
--~ Function: ta_macd
--~ Moving average convergence/divergence
--~ fastperiod
--~ 12
--~ signalperiod
--~ OVER (
--~ hist

SELECT name FROM financelake_functions() ORDER BY name;
--> name
--> ta_atr
--> ta_bbands
--> ta_cdlengulfing
--> ta_ema
--> ta_macd
--> ta_obv
--> ta_rsi
--> ta_sma
--> ta_stoch
--> ta_vwap
