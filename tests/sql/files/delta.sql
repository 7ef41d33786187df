-- Delta tables are read, filled and corrected by queries with indicators.

CREATE TABLE prices (symbol STRING, ts INT, close DOUBLE) USING delta PARTITIONED BY (symbol);
INSERT INTO prices VALUES ('A', 1, 10), ('A', 2, 11), ('B', 1, 50), ('B', 2, 49);

CREATE TABLE indicators USING delta AS
SELECT symbol, ts, ta_sma(close, 2) OVER w AS sma, ta_bbands(close, 2) OVER w AS bands,
  ta_cdlengulfing(close, close, close, close) OVER w AS candle
FROM prices WINDOW w AS (PARTITION BY symbol ORDER BY ts);

SELECT symbol, ts, sma, bands.upper, candle FROM indicators ORDER BY symbol, ts;
--> symbol | ts | sma  | upper | candle
--> A      | 1  | NULL | NULL  | NULL
--> A      | 2  | 10.5 | 11.5  | NULL
--> B      | 1  | NULL | NULL  | NULL
--> B      | 2  | 49.5 | 50.5  | NULL

DESCRIBE TABLE indicators;
--~ sma | double
--~ bands | struct<upper:double,middle:double,lower:double>
--~ candle | int

-- New bars: the table is corrected from a query over all of them.
INSERT INTO prices VALUES ('A', 3, 12.5), ('B', 3, 51);

MERGE INTO indicators AS old
USING (
  SELECT symbol, ts, ta_sma(close, 2) OVER w AS sma, ta_bbands(close, 2) OVER w AS bands,
    ta_cdlengulfing(close, close, close, close) OVER w AS candle
  FROM prices WINDOW w AS (PARTITION BY symbol ORDER BY ts)
) AS new
ON old.symbol = new.symbol AND old.ts = new.ts
WHEN MATCHED THEN UPDATE SET *
WHEN NOT MATCHED THEN INSERT *;

SELECT symbol, ts, sma, candle FROM indicators ORDER BY symbol, ts;
--> symbol | ts | sma   | candle
--> A      | 1  | NULL  | NULL
--> A      | 2  | 10.5  | NULL
--> A      | 3  | 11.75 | 0
--> B      | 1  | NULL  | NULL
--> B      | 2  | 49.5  | NULL
--> B      | 3  | 50.0  | 0

INSERT OVERWRITE indicators
SELECT symbol, ts, ta_ema(close, 1) OVER (PARTITION BY symbol ORDER BY ts), NULL, 1 FROM prices WHERE symbol = 'B';

SELECT symbol, ts, sma, candle FROM indicators ORDER BY symbol, ts;
--> symbol | ts | sma  | candle
--> B      | 1  | 50.0 | 1
--> B      | 2  | 49.0 | 1
--> B      | 3  | 51.0 | 1

-- Time travel: the indicators of the table as it was.
SELECT symbol, max(sma) AS highest FROM (
  SELECT symbol, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma FROM prices VERSION AS OF 1)
GROUP BY symbol ORDER BY symbol;
--> symbol | highest
--> A      | 10.5
--> B      | 49.5
