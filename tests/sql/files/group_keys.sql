-- Groups begin where Spark's own window functions begin them, for keys of every type: over rising values with volume 1,
-- ta_obv counts the rows of its group, as row_number does. Each column says how often the two differ.
--@ config spark.sql.adaptive.enabled=false
--@ matrix spark.sql.codegen.factoryMode=FALLBACK,NO_CODEGEN

CREATE TEMPORARY VIEW numbers AS SELECT id AS ts, id DIV 7 AS k FROM range(0, 40, 1, 1);

SELECT count_if(text) AS text, count_if(ascii) AS ascii, count_if(bytes) AS bytes, count_if(flag) AS flag,
  count_if(tiny) AS tiny, count_if(huge) AS huge, count_if(single) AS single, count_if(day) AS day,
  count_if(time) AS time, count_if(local) AS local, count_if(span) AS span, count_if(list) AS list,
  count_if(zeros) AS zeros, count_if(nested) AS nested, count_if(collated) AS collated, count_if(accents) AS
  accents, count_if(lists) AS lists
FROM (
  SELECT
    ta_obv(ts, 1) OVER w0 <> row_number() OVER w0 AS text,
    ta_obv(ts, 1) OVER w1 <> row_number() OVER w1 AS ascii,
    ta_obv(ts, 1) OVER w2 <> row_number() OVER w2 AS bytes,
    ta_obv(ts, 1) OVER w3 <> row_number() OVER w3 AS flag,
    ta_obv(ts, 1) OVER w4 <> row_number() OVER w4 AS tiny,
    ta_obv(ts, 1) OVER w5 <> row_number() OVER w5 AS huge,
    ta_obv(ts, 1) OVER w6 <> row_number() OVER w6 AS single,
    ta_obv(ts, 1) OVER w7 <> row_number() OVER w7 AS day,
    ta_obv(ts, 1) OVER w8 <> row_number() OVER w8 AS time,
    ta_obv(ts, 1) OVER w9 <> row_number() OVER w9 AS local,
    ta_obv(ts, 1) OVER w10 <> row_number() OVER w10 AS span,
    ta_obv(ts, 1) OVER w11 <> row_number() OVER w11 AS list,
    ta_obv(ts, 1) OVER w12 <> row_number() OVER w12 AS zeros,
    ta_obv(ts, 1) OVER w13 <> row_number() OVER w13 AS nested,
    ta_obv(ts, 1) OVER w14 <> row_number() OVER w14 AS collated,
    ta_obv(ts, 1) OVER w15 <> row_number() OVER w15 AS accents,
    ta_obv(ts, 1) OVER w16 <> row_number() OVER w16 AS lists
  FROM numbers
  WINDOW
    w0 AS (PARTITION BY concat('key', k) ORDER BY ts),
    w1 AS (PARTITION BY IF(k = 2, '', CAST(k AS STRING)) ORDER BY ts),
    w2 AS (PARTITION BY CAST(concat('k', k) AS BINARY) ORDER BY ts),
    w3 AS (PARTITION BY k % 2 = 0 ORDER BY ts),
    w4 AS (PARTITION BY CAST(k AS TINYINT) ORDER BY ts),
    w5 AS (PARTITION BY CAST(k AS DECIMAL(38, 10)) * 1000000000000 ORDER BY ts),
    w6 AS (PARTITION BY CAST(k AS FLOAT) / 3 ORDER BY ts),
    w7 AS (PARTITION BY date_add(DATE '2020-01-01', CAST(k AS INT)) ORDER BY ts),
    w8 AS (PARTITION BY timestamp_millis(k) ORDER BY ts),
    w9 AS (PARTITION BY CAST(timestamp_millis(k) AS TIMESTAMP_NTZ) ORDER BY ts),
    w10 AS (PARTITION BY make_ym_interval(0, CAST(k AS INT)) ORDER BY ts),
    w11 AS (PARTITION BY array(CAST(k AS DOUBLE), IF(k > 2, NULL, DOUBLE('NaN'))) ORDER BY ts),
    w12 AS (PARTITION BY array(IF(ts % 2 = 0, 0.0D, -0.0D), k) ORDER BY ts),
    w13 AS (PARTITION BY named_struct('a', IF(k = 1, NULL, k), 'b', named_struct('c', concat('x', k))) ORDER BY ts),
    w14 AS (PARTITION BY IF(ts % 2 = 0, concat('a', k), concat('A', k)) COLLATE UTF8_LCASE ORDER BY ts),
    w15 AS (PARTITION BY IF(ts % 2 = 0, concat('e', k), concat('é', k)) COLLATE UNICODE_CI_AI ORDER BY ts),
    w16 AS (PARTITION BY array(IF(ts % 2 = 0, 'a', 'A') COLLATE UTF8_LCASE, CAST(k AS STRING) COLLATE UTF8_LCASE) ORDER BY ts)
);
--> text | ascii | bytes | flag | tiny | huge | single | day | time | local | span | list | zeros | nested | collated | accents | lists
--> 0    | 0     | 0     | 0    | 0    | 0    | 0      | 0   | 0    | 0     | 0    | 0    | 0     | 0      | 0        | 0       | 0

-- The comparison does compare: the groups are there, and a key of another window is another group.
SELECT max(ta) AS longest, count(DISTINCT k) AS keys, count_if(ta = 1) AS first_rows
FROM (SELECT k, ta_obv(ts, 1) OVER (PARTITION BY concat('a', k) COLLATE UTF8_LCASE ORDER BY ts) AS ta FROM numbers);
--> longest | keys | first_rows
--> 7.0     | 6    | 6
