-- What the session says about its functions comes from the registry.

SHOW FUNCTIONS LIKE 'ta_macd|ta_rsi|ta_vwap';
--> function
--> ta_macd
--> ta_rsi
--> ta_vwap

SHOW FUNCTIONS LIKE 'financelake_*';
--> function
--> financelake_functions
--> financelake_table_health
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
--~ Formula: macd = ema(x, fastperiod) - ema(x, slowperiod)
--~ Source: TA-Lib 0.8.3, MACD.

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

SELECT count(*) AS n, count_if(lookback > 0) AS with_warm_up, count_if(startswith(source, 'TA-Lib 0.8.3, ')) AS of_ta_lib
FROM financelake_functions();
--> n   | with_warm_up | of_ta_lib
--> 257 | 209          | 237

-- Where a function comes from, and how close tests hold it to that.
SELECT name, formula, source, closeness FROM financelake_functions() WHERE name IN ('ta_atr', 'ta_parkinson', 'ta_sma')
ORDER BY name;
--> name         | formula                                                                | source                                                                                                              | closeness
--> ta_atr       | rma(TR, n)                                                             | TA-Lib 0.8.3, ATR                                                                                                   | the same bits as TA-Lib's
--> ta_parkinson | sqrt(annualization mean(ln(high / low)^2, n) / (4 ln 2))               | Parkinson 1980, The Extreme Value Method for Estimating the Variance of the Rate of Return, Journal of Business 53(1) | off the formula's by at most 1e-14 of the largest value so far
--> ta_sma       | mean(x, n)                                                             | TA-Lib 0.8.3, SMA                                                                                                   | off TA-Lib's by at most 1e-12 of the largest value so far

SELECT * FROM financelake_functions(1);
--! WRONG_NUM_ARGS
