-- Indicators inside larger queries: joins, subqueries, set operations, grouping.
--@ matrix spark.sql.adaptive.enabled=true,false

CREATE TEMPORARY VIEW prices AS SELECT * FROM VALUES
  ('A', 1, 10.0D), ('A', 2, 11.0D), ('A', 3, 12.5D), ('A', 4, 11.5D),
  ('B', 1, 50.0D), ('B', 2, 49.0D), ('B', 3, 51.0D) AS t(symbol, ts, close);

CREATE TEMPORARY VIEW names AS SELECT * FROM VALUES ('A', 'Alpha'), ('B', 'Beta') AS t(symbol, name);

WITH smooth AS (
  SELECT *, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma FROM prices
)
SELECT a.symbol, a.ts, a.sma AS now, b.sma AS before
FROM smooth AS a JOIN smooth AS b ON a.symbol = b.symbol AND a.ts = b.ts + 1
ORDER BY a.symbol, a.ts;
--> symbol | ts | now   | before
--> A      | 2  | 10.5  | NULL
--> A      | 3  | 11.75 | 10.5
--> A      | 4  | 12.0  | 11.75
--> B      | 2  | 49.5  | NULL
--> B      | 3  | 50.0  | 49.5

-- Over a join, and a join over it.
SELECT name, ts, ta_sma(close, 2) OVER (PARTITION BY name ORDER BY ts) AS sma
FROM prices JOIN names USING (symbol) WHERE ts <= 2 ORDER BY name, ts;
--> name  | ts | sma
--> Alpha | 1  | NULL
--> Alpha | 2  | 10.5
--> Beta  | 1  | NULL
--> Beta  | 2  | 49.5

SELECT name, highest FROM names JOIN (
  SELECT symbol, max(sma) AS highest
  FROM (SELECT symbol, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma FROM prices) GROUP BY symbol
) USING (symbol) ORDER BY name;
--> name  | highest
--> Alpha | 12.0
--> Beta  | 50.0

-- Scalar, IN and EXISTS subqueries.
SELECT symbol, ts FROM prices
WHERE close = (SELECT max(s) FROM (SELECT ta_sma(close, 1) OVER (ORDER BY symbol, ts) AS s FROM prices))
ORDER BY ts;
--> symbol | ts
--> B      | 3

SELECT name FROM names
WHERE symbol IN (SELECT symbol FROM (SELECT symbol, ta_sma(close, 3) OVER (PARTITION BY symbol ORDER BY ts) AS s FROM prices) WHERE s > 12)
ORDER BY name;
--> name
--> Beta

SELECT name FROM names AS n
WHERE EXISTS (
  SELECT 1 FROM (SELECT symbol, ts, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS s FROM prices) AS p
  WHERE p.symbol = n.symbol AND p.s < 11)
ORDER BY name;
--> name
--> Alpha

-- Set operations.
SELECT symbol, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS v FROM prices WHERE ts <= 2
UNION ALL
SELECT symbol, ta_ema(close, 1) OVER (PARTITION BY symbol ORDER BY ts) FROM prices WHERE ts = 1
ORDER BY symbol, v;
--> symbol | v
--> A      | NULL
--> A      | 10.0
--> A      | 10.5
--> B      | NULL
--> B      | 49.5
--> B      | 50.0

SELECT ta_sma(close, 1) OVER (ORDER BY symbol, ts) AS v FROM prices
EXCEPT
SELECT close FROM prices WHERE symbol = 'B'
ORDER BY v;
--> v
--> 10.0
--> 11.0
--> 11.5
--> 12.5

-- Over UNION, over PIVOT, over a generator, over a lateral subquery.
SELECT symbol, ts, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma
FROM (SELECT * FROM prices WHERE ts = 1 UNION ALL SELECT * FROM prices WHERE ts = 3) ORDER BY symbol, ts;
--> symbol | ts | sma
--> A      | 1  | NULL
--> A      | 3  | 11.25
--> B      | 1  | NULL
--> B      | 3  | 50.5

SELECT ts, ta_sma(A, 2) OVER (ORDER BY ts) AS a, ta_sma(B, 2) OVER (ORDER BY ts) AS b
FROM prices PIVOT (max(close) FOR symbol IN ('A', 'B')) ORDER BY ts;
--> ts | a     | b
--> 1  | NULL  | NULL
--> 2  | 10.5  | 49.5
--> 3  | 11.75 | 50.0
--> 4  | 12.0  | NULL

SELECT i, ta_sma(v, 2) OVER (ORDER BY i) AS sma FROM (SELECT posexplode(array(1.0D, 2.0D, 4.0D)) AS (i, v)) ORDER BY i;
--> i | sma
--> 0 | NULL
--> 1 | 1.5
--> 2 | 3.0

SELECT name, s.last FROM names AS n, LATERAL (
  SELECT max_by(v, ts) AS last
  FROM (SELECT symbol, ts, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS v FROM prices) AS p
  WHERE p.symbol = n.symbol) AS s
ORDER BY name;
--> name  | last
--> Alpha | 12.0
--> Beta  | 50.0

-- Aggregates with ROLLUP over it.
SELECT symbol, count(sma) AS n, max(sma) AS highest
FROM (SELECT symbol, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma FROM prices)
GROUP BY ROLLUP (symbol) ORDER BY symbol NULLS LAST;
--> symbol | n | highest
--> A      | 3 | 12.0
--> B      | 2 | 50.0
--> NULL   | 5 | 50.0

-- Strings, arrays, maps and structs pass through beside it.
SELECT symbol, ts, concat(symbol, repeat('x', 20)) AS text, array(ts, NULL) AS list, map('k', close) AS entries,
  named_struct('a', ts, 'b', symbol) AS nested, ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) AS sma
FROM prices WHERE symbol = 'B' ORDER BY ts;
--> symbol | ts | text                  | list      | entries   | nested | sma
--> B      | 1  | Bxxxxxxxxxxxxxxxxxxxx | [1, NULL] | {k: 50.0} | {1, B} | NULL
--> B      | 2  | Bxxxxxxxxxxxxxxxxxxxx | [2, NULL] | {k: 49.0} | {2, B} | 49.5
--> B      | 3  | Bxxxxxxxxxxxxxxxxxxxx | [3, NULL] | {k: 51.0} | {3, B} | 50.0
