-- The ten functions over real daily bars. Expected numbers: TA-Lib 0.8.1 (Python package TA-Lib 0.8.2),
-- printed by tests/sql/oracle.py. The totals check whole columns, n the rows after the warm-up.
--@ tolerance 1e-9

CREATE TEMPORARY VIEW bars (
  symbol STRING, region STRING, asset_class STRING, ts DATE,
  open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE, source STRING
) USING csv OPTIONS (path 'data/market/us_equity_daily_wiki.csv.gz', header 'true');

CREATE TEMPORARY VIEW indicators AS
SELECT
  symbol, ts,
  ta_sma(close) OVER w AS sma,
  ta_sma(close, 200) OVER w AS sma_200,
  ta_ema(close) OVER w AS ema,
  ta_ema(close, 5) OVER w AS ema_5,
  ta_rsi(close) OVER w AS rsi,
  ta_rsi(close, 2) OVER w AS rsi_2,
  (ta_macd(close) OVER w).macd AS macd,
  (ta_macd(close, 12) OVER w).signal AS signal,
  (ta_macd(close, 12, 26, 9) OVER w).hist AS hist,
  (ta_bbands(close) OVER w).upper AS upper,
  (ta_bbands(close) OVER w).middle AS middle,
  (ta_bbands(close, 20, 2, 2, 0) OVER w).lower AS lower,
  (ta_bbands(close, 10, 1.5, 1.0, 1) OVER w).upper AS upper_ema,
  (ta_bbands(close, 10, 1.5, 1.0, 1) OVER w).middle AS middle_ema,
  (ta_bbands(close, 10, 1.5D, 1, 1) OVER w).lower AS lower_ema,
  ta_atr(high, low, close) OVER w AS atr,
  ta_atr(high, low, close, 5) OVER w AS atr_5,
  (ta_stoch(high, low, close) OVER w).slow_k AS slow_k,
  (ta_stoch(high, low, close, 5, 3) OVER w).slow_d AS slow_d,
  (ta_stoch(high, low, close, 14, 3, 1, 5, 1) OVER w).slow_k AS slow_k_ema,
  (ta_stoch(high, low, close, 14, 3, 1, 5, 1) OVER w).slow_d AS slow_d_ema,
  ta_obv(close, volume) OVER w AS obv,
  ta_vwap(high, low, close, volume) OVER w AS vwap,
  CAST(ta_cdlengulfing(open, high, low, close) OVER w AS DOUBLE) AS engulfing
FROM bars
WINDOW w AS (PARTITION BY symbol ORDER BY ts);

SELECT name, symbol, count(*) AS n, sum(value) AS total
FROM indicators UNPIVOT (value FOR name IN (
  sma, sma_200, ema, ema_5, rsi, rsi_2, macd, signal, hist, upper, middle, lower, upper_ema, middle_ema, lower_ema,
  atr, atr_5, slow_k, slow_d, slow_k_ema, slow_d_ema, obv, vwap, engulfing))
WHERE symbol IN ('FB', 'IBM')
GROUP BY name, symbol
ORDER BY name, symbol;
--> name       | symbol | n    | total
--> atr        | FB     | 182  | 214.3665520920474
--> atr        | IBM    | 3256 | 7866.207510855306
--> atr_5      | FB     | 191  | 223.2741607999379
--> atr_5      | IBM    | 3265 | 7887.789664536301
--> ema        | FB     | 167  | 4173.96131855374
--> ema        | IBM    | 3241 | 368451.05122106546
--> ema_5      | FB     | 192  | 4900.486576805658
--> ema_5      | IBM    | 3266 | 372391.7080131053
--> engulfing  | FB     | 194  | -320.0
--> engulfing  | IBM    | 3268 | 3320.0
--> hist       | FB     | 163  | -2.660700314689593
--> hist       | IBM    | 3237 | -20.584206809565895
--> lower      | FB     | 177  | 3892.7223672072105
--> lower      | IBM    | 3251 | 352244.86776315304
--> lower_ema  | FB     | 187  | 4552.293042458285
--> lower_ema  | IBM    | 3261 | 365343.3011624628
--> macd       | FB     | 163  | -11.816935205567603
--> macd       | IBM    | 3237 | 611.0314795729095
--> middle     | FB     | 177  | 4467.214540000003
--> middle     | IBM    | 3251 | 370085.5898000002
--> middle_ema | FB     | 187  | 4756.758049928854
--> middle_ema | IBM    | 3261 | 371623.8891110852
--> obv        | FB     | 196  | 67495518500.0
--> obv        | IBM    | 3270 | 265704701500.0
--> rsi        | FB     | 182  | 8667.87435209816
--> rsi        | IBM    | 3256 | 169549.29995561545
--> rsi_2      | FB     | 194  | 9290.850302884475
--> rsi_2      | IBM    | 3268 | 169358.02957897662
--> signal     | FB     | 163  | -9.156234890878025
--> signal     | IBM    | 3237 | 631.6156863824754
--> slow_d     | FB     | 188  | 8658.495144707305
--> slow_d     | IBM    | 3262 | 171657.03982116166
--> slow_d_ema | FB     | 177  | 8064.35349996777
--> slow_d_ema | IBM    | 3251 | 178152.02889321762
--> slow_k     | FB     | 188  | 8697.314416777172
--> slow_k     | IBM    | 3262 | 171676.70860729273
--> slow_k_ema | FB     | 177  | 8089.242445022978
--> slow_k_ema | IBM    | 3251 | 178067.72872411687
--> sma        | FB     | 167  | 4174.607026666667
--> sma        | IBM    | 3241 | 368496.4274666667
--> sma_200    | IBM    | 3071 | 342186.4101999999
--> upper      | FB     | 177  | 5041.706712792793
--> upper      | IBM    | 3251 | 387926.3118368474
--> upper_ema  | FB     | 187  | 5063.455561134706
--> upper_ema  | IBM    | 3261 | 381044.77103401866
--> vwap       | FB     | 196  | 5600.800186114657
--> vwap       | IBM    | 3270 | 322812.85065385734

SELECT name, value
FROM indicators UNPIVOT (value FOR name IN (
  sma, sma_200, ema, ema_5, rsi, rsi_2, macd, signal, hist, upper, middle, lower, upper_ema, middle_ema, lower_ema,
  atr, atr_5, slow_k, slow_d, slow_k_ema, slow_d_ema, obv, vwap, engulfing))
WHERE symbol = 'IBM' AND ts = DATE '2013-03-01'
ORDER BY name;
--> name       | value
--> atr        | 2.563322241899581
--> atr_5      | 2.9352588659250634
--> ema        | 199.78078705295852
--> ema_5      | 201.25339344734985
--> engulfing  | 100.0
--> hist       | -0.04163292619234371
--> lower      | 197.2155416094971
--> lower_ema  | 199.1208804439275
--> macd       | 0.6385227641170843
--> middle     | 200.8444999999998
--> middle_ema | 200.74215309218874
--> obv        | 244725200.0
--> rsi        | 57.18723617122834
--> rsi_2      | 76.01593158437802
--> signal     | 0.680155690309428
--> slow_d     | 61.76867718645483
--> slow_d_ema | 53.23436326651191
--> slow_k     | 82.44612538413917
--> slow_k_ema | 77.26496220453409
--> sma        | 201.02066666666653
--> sma_200    | 196.58704999999975
--> upper      | 204.47345839050251
--> upper_ema  | 203.1740620645806
--> vwap       | 108.78912114746119

-- The same by Spark's own aggregates, on every row of every symbol.
SELECT symbol, count(*) AS n, count_if(abs(sma - mean) > 1e-9 * mean) AS wrong
FROM (
  SELECT symbol, row_number() OVER w AS row,
    ta_sma(close, 20) OVER w AS sma,
    avg(close) OVER (PARTITION BY symbol ORDER BY ts ROWS 19 PRECEDING) AS mean
  FROM bars WINDOW w AS (PARTITION BY symbol ORDER BY ts))
WHERE (row >= 20) = (sma IS NOT NULL)
GROUP BY symbol ORDER BY symbol;
--> symbol | n    | wrong
--> AAPL   | 3270 | 0
--> FB     | 196  | 0
--> GOOG   | 2148 | 0
--> IBM    | 3270 | 0
--> MSFT   | 3270 | 0
