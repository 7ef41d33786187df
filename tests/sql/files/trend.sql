-- Trend models. Expected numbers: PyTorch in double precision, printed by tests/sql/models/generate.py.
--@ tolerance 1e-6
--@ matrix spark.sql.adaptive.enabled=true,false
--@ matrix spark.financelake.window.batchRows=1,8192

CREATE TEMPORARY VIEW bars AS SELECT * FROM VALUES
  ('A', 1, 11.0D, 100), ('A', 2, 12.0D, 90), ('A', 3, 13.0D, 150), ('A', 4, 12.5D, NULL), ('A', 5, 12.5D, 300),
  ('A', 6, double('NaN'), 200), ('A', 7, 16.0D, 480), ('A', 8, 9.0D, 20),
  ('B', 1, 18.0D, 400), ('B', 2, 17.0D, 410), ('B', 3, 15.0D, 350), ('B', 4, 14.0D, 30) AS t(symbol, ts, close, volume);

SELECT symbol, ts, t.prediction, t.p_down, t.p_up, t.p_neutral FROM (
  SELECT symbol, ts, ta_trend('tests/sql/models/tiny.safetensors', close, volume) OVER (PARTITION BY symbol ORDER BY ts) AS t
  FROM bars) ORDER BY symbol, ts;
--> symbol | ts | prediction | p_down              | p_up                | p_neutral
--> A      | 1  | NULL       | NULL                | NULL                | NULL
--> A      | 2  | NULL       | NULL                | NULL                | NULL
--> A      | 3  | 2          | 0.08576122387181327 | 0.4507492560823338  | 0.4634895200458529
--> A      | 4  | NULL       | NULL                | NULL                | NULL
--> A      | 5  | 2          | 0.08718354373676024 | 0.452759128959577   | 0.46005732730366283
--> A      | 6  | NULL       | NULL                | NULL                | NULL
--> A      | 7  | 2          | 0.08861107775764754 | 0.4526277214727416  | 0.4587612007696108
--> A      | 8  | 1          | 0.08847748264295918 | 0.45940285397162006 | 0.4521196633854206
--> B      | 1  | NULL       | NULL                | NULL                | NULL
--> B      | 2  | NULL       | NULL                | NULL                | NULL
--> B      | 3  | 2          | 0.0892175036489481  | 0.45405499441333985 | 0.456727501937712
--> B      | 4  | 2          | 0.08769636402685844 | 0.4530219288205914  | 0.4592817071525501

-- A window as an array: the rows 1 to 3 of A, then of B, and what has no score.
SELECT id, t.prediction, t.p_up FROM (
  SELECT id, ta_trend_score(w, 'tests/sql/models/tiny.safetensors') AS t FROM VALUES
    (1, array(11.0D, 100, 12.0D, 90, 13.0D, 150)), (2, array(18.0D, 400, 17.0D, 410, 15.0D, 350)),
    (3, array(18.0D, 400, 17.0D, NULL, 15.0D, 350)), (4, array(18.0D, 400, double('NaN'), 410, 15.0D, 350)),
    (5, CAST(NULL AS ARRAY<DOUBLE>)) AS v(id, w)) ORDER BY id;
--> id | prediction | p_up
--> 1  | 2          | 0.4507492560823338
--> 2  | 2          | 0.45405499441333985
--> 3  | NULL       | NULL
--> 4  | NULL       | NULL
--> 5  | NULL       | NULL

-- Features of other types, indicators as features, other functions beside it: one operator for each level.
SELECT ts, t.p_up, sma, n FROM (
  SELECT ts, ta_trend('tests/sql/models/tiny.safetensors', CAST(close AS FLOAT), CAST(volume AS DECIMAL(10, 2))) OVER w AS t,
    ta_sma(close, 2) OVER w AS sma, count(*) OVER w AS n
  FROM bars WHERE symbol = 'B' WINDOW w AS (PARTITION BY symbol ORDER BY ts)) ORDER BY ts;
--> ts | p_up                | sma  | n
--> 1  | NULL                | NULL | 1
--> 2  | NULL                | 17.5 | 2
--> 3  | 0.45405499441333985 | 16.0 | 3
--> 4  | 0.4530219288205914  | 14.5 | 4

-- An indicator that changes nothing as a feature.
SELECT ts, t.p_up FROM (
  SELECT ts, ta_trend('tests/sql/models/tiny.safetensors', ta_sma(close, 1) OVER w, volume) OVER w AS t
  FROM bars WHERE symbol = 'B' WINDOW w AS (PARTITION BY symbol ORDER BY ts)) WHERE t IS NOT NULL ORDER BY ts;
--> ts | p_up
--> 3  | 0.45405499441333985
--> 4  | 0.4530219288205914

EXPLAIN SELECT ta_trend('tests/sql/models/tiny.safetensors', close, volume) OVER w, ta_sma(close, 2) OVER w FROM bars
  WINDOW w AS (PARTITION BY symbol ORDER BY ts);
--~ 1x IndicatorWindow

-- What cannot be.
SELECT ta_trend('tests/sql/models/tiny.safetensors', close) OVER (ORDER BY ts) FROM bars;
--! model tests/sql/models/tiny.safetensors has 2 features, 1 were given; write close, volume

SELECT ta_trend('tests/sql/models/tiny.safetensors', close, symbol) OVER (ORDER BY ts) FROM bars;
--! feature volume must be a number, but 'bars.symbol' is STRING; write CAST(bars.symbol AS DOUBLE)

SELECT ta_trend(symbol, close, volume) OVER (ORDER BY ts) FROM bars;
--! model must be a constant text

SELECT ta_trend('tests/sql/models/none', close, volume) OVER (ORDER BY ts) FROM bars;
--! there is no model at tests/sql/models/none

SELECT ta_trend('tests/sql/files/trend.sql', close, volume) OVER (ORDER BY ts) FROM bars;
--! ta_trend: the model file

SELECT ta_trend('us-equity', close, volume) OVER (ORDER BY ts) FROM bars;
--! spark.financelake.lake, which is not set

SELECT ta_trend('tests/sql/models/tiny.safetensors', close, volume) FROM bars;
--! AnalysisException

SELECT ta_trend_score(array(1.0D, 2.0D), 'tests/sql/models/tiny.safetensors') FROM bars;
--! a window has 2 values; one of tests/sql/models/tiny.safetensors has 3 rows of 2 features, 6 values

SELECT ta_trend_score(close, 'tests/sql/models/tiny.safetensors') FROM bars;
--! features must be an array of numbers

DESCRIBE FUNCTION ta_trend;
--~ predicts for each row
