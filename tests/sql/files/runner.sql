-- What the runner itself promises: settings hold, views and tables of a run are its own, numbers,
-- texts and nested values are compared as written.
--@ config spark.sql.shuffle.partitions=3
--@ matrix spark.sql.ansi.enabled=true,false

SET spark.sql.shuffle.partitions;
--> key                          | value
--> spark.sql.shuffle.partitions | 3

CREATE TABLE t (a INT, b STRING) USING delta;
INSERT INTO t VALUES (1, ''), (2, NULL);

SELECT a, b, named_struct('x', a, 'y', a / 4) AS s, array(a, NULL) AS l FROM t ORDER BY a;
--> a | b    | s         | l
--> 1 | ''   | {1, 0.25} | [1, NULL]
--> 2 | NULL | {2, 0.5}  | [2, NULL]

SELECT * FROM t WHERE a > 2;
--> a | b

SELECT nothing FROM t;
--! AnalysisException
--! UNRESOLVED_COLUMN

--@ since 4.0
--@ until 4.0
SELECT substr(version(), 1, 3) AS minor;
--> minor
--> 4.0

--@ since 4.2
SELECT substr(version(), 1, 3) >= '4.2' AS newer;
--> newer
--> true
