-- What the session says about its functions comes from the registry.

SHOW FUNCTIONS LIKE 'ta_macd|ta_rsi|ta_vwap';
--> function
--> ta_macd
--> ta_rsi
--> ta_vwap

SHOW FUNCTIONS LIKE 'financelake_*';
--> function
--> financelake_functions
--> financelake_version

SELECT v.version RLIKE '^[0-9]+[.][0-9]+[.][0-9]+' AS version, length(v.build) > 7 AS build, v.abi > 0 AS abi,
  v.cpu IS NOT NULL AS cpu, v.origin IS NOT NULL AS origin
FROM (SELECT financelake_version() AS v);
--> version | build | abi  | cpu  | origin
--> true    | true  | true | true | true

SELECT financelake_version(1);
--! WRONG_NUM_ARGS

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

SELECT name FROM financelake_functions() WHERE name IN ('ta_cdlengulfing', 'ta_ema', 'ta_rsi') ORDER BY name;
--> name
--> ta_cdlengulfing
--> ta_ema
--> ta_rsi

SELECT count(*) = count(DISTINCT name) AS distinct, bool_and(startswith(name, 'ta_')) AS prefixed,
  bool_and(length(description) > 20) AS described FROM financelake_functions();
--> distinct | prefixed | described
--> true     | true     | true

SELECT signature, returns, inputs, parameters, lookback, description FROM financelake_functions() WHERE name = 'ta_bbands';
--> signature                                                          | returns                                                | inputs  | parameters                            | lookback | description
--> ta_bbands(close, timeperiod = 20, nbdevup = 2, nbdevdn = 2, matype = 0) | STRUCT<upper: DOUBLE, middle: DOUBLE, lower: DOUBLE> | [close] | [timeperiod, nbdevup, nbdevdn, matype] | 19 | Bollinger bands: a moving average, and bands at multiples of the population standard deviation.

SELECT count(*) AS n, count_if(lookback > 0) AS with_warm_up FROM financelake_functions();
--> n   | with_warm_up
--> 237 | 196

SELECT * FROM financelake_functions(1);
--! WRONG_NUM_ARGS
