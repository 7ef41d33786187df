-- QUALIFY filters by window functions.
--@ min-spark 4.2

CREATE TEMPORARY VIEW prices AS SELECT * FROM VALUES
  ('A', 1, 10.0D), ('A', 2, 11.0D), ('A', 3, 12.5D), ('B', 1, 50.0D), ('B', 2, 49.0D) AS t(symbol, ts, close);

SELECT symbol, ts, close FROM prices
QUALIFY ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) > 11
ORDER BY symbol, ts;
--> symbol | ts | close
--> A      | 3  | 12.5
--> B      | 2  | 49.0

SELECT symbol, ts, ta_sma(close, 2) OVER w AS sma FROM prices
WINDOW w AS (PARTITION BY symbol ORDER BY ts)
QUALIFY close > sma AND row_number() OVER w = 2
ORDER BY symbol;
--> symbol | ts | sma
--> A      | 2  | 10.5
