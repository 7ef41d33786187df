"""Tables that Spark writes are compacted by the command line, and Spark finds the same rows."""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.connect.lake import Lake
from tests.table.conftest import COMMAND, run

# Every kind of column that is rewritten, and values at its borders.
ROWS = """
SELECT id, CAST(id AS INT) AS whole, CAST(id % 100 AS SMALLINT) AS short, CAST(id % 100 AS TINYINT) AS tiny,
       id / 7 AS double, CAST(id / 3 AS FLOAT) AS float, CAST(id / 8 AS DECIMAL(9, 3)) AS small_decimal,
       CAST(id AS DECIMAL(38, 18)) AS decimal, id % 2 = 0 AS truth,
       if(id % 5 = 0, NULL, repeat('é', id % 40)) AS text,
       CAST(concat('b', id) AS BINARY) AS bytes, date_add(DATE'1970-01-01', CAST(id * 997 AS INT)) AS day,
       timestamp_micros(id * 86399999999 - 1) AS instant,
       TIMESTAMP_NTZ'0001-01-01 00:00:00' AS local, TIMESTAMP'9999-12-31 23:59:59.999999' AS late,
       array(id, NULL) AS list, map('k', id, 'n', NULL) AS map,
       named_struct('a', id, 'b', named_struct('c', CAST(id AS STRING))) AS nested,
       array(named_struct('at', timestamp_seconds(id))) AS events
FROM range({start}, {end})
"""
PARTITIONS = ["plain", "a b", "50%", "x=y", "a/b", "ü", "", None, "_hidden", ".dot", "c:d", "%20"]


def rows(lake: Lake, table: str) -> Counter[str]:
    """Every row as JSON, with how often it is there."""
    frame = lake.read(table)
    return Counter(
        row[0] for row in frame.selectExpr("to_json(struct(*), map('ignoreNullFields', 'false'))").collect()
    )


def files(lake: Lake, table: str) -> int:
    return lake.sql(f"DESCRIBE DETAIL delta.`{table}`").first()["numFiles"]


def write(lake: Lake, table: str, start: int, end: int, **options: str) -> None:
    frame = lake.sql(ROWS.format(start=start, end=end)).repartition(2)
    frame.write.format("delta").mode("append").options(**options).save(table)


def test_rows_of_every_type_survive(lake: Lake, command, folder: str) -> None:
    table = f"{folder}/types"
    lake.spark.conf.set("spark.sql.parquet.outputTimestampType", "INT96")
    write(lake, table, 0, 40)
    lake.spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    write(lake, table, 40, 80)
    write(lake, table, 80, 81)
    lake.sql(f"ALTER TABLE delta.`{table}` ADD COLUMNS (later STRING, nested.d BIGINT)")
    lake.sql(f"INSERT INTO delta.`{table}` BY NAME SELECT 1000 AS id, 'x' AS later")
    before = rows(lake, table)
    plan = command("optimize", table, "--dry-run")
    assert plan["rewrittenFiles"] == files(lake, table) > 5
    report = command("optimize", table)
    assert (report["rows"], report["filesAdded"]) == (82, 1)
    assert rows(lake, table) == before
    assert files(lake, table) == 1
    newest = lake.sql(f"DESCRIBE HISTORY delta.`{table}` LIMIT 1").first()
    assert newest["operation"] == "OPTIMIZE"
    assert newest["operationMetrics"]["numRemovedFiles"] == str(plan["rewrittenFiles"])
    # The table can be written, and compacted by Spark, as before.
    lake.sql(f"DELETE FROM delta.`{table}` WHERE id = 3")
    lake.sql(f"OPTIMIZE delta.`{table}`")
    assert sum(rows(lake, table).values()) == 81


def test_statistics_skip_what_they_skipped_before(lake: Lake, command, tmp_path: Path) -> None:
    table = str(tmp_path / "statistics")
    write(lake, table, 0, 100)
    write(lake, table, 100, 200)
    command("optimize", table)
    write(lake, table, 1000, 1001)
    # The same question to rows that come from no file, so that no statistics can mislead.
    source = lake.sql(" UNION ALL ".join(ROWS.format(start=a, end=b) for a, b in [(0, 200), (1000, 1001)]))
    for condition in [
        "id = 150",
        "whole < 7",
        "short = 99",
        "double > 28.4",
        "small_decimal = 12.5",
        "text = 'ééé'",
        "text > 'z'",
        "day = DATE'1970-01-01'",
        "instant < TIMESTAMP'1970-01-01 00:00:00Z'",
        "late IS NULL",
        "nested.a = 7",
        "nested.b.c = '42'",
        "local > TIMESTAMP_NTZ'0001-01-01'",
        "late = TIMESTAMP'9999-12-31 23:59:59.999999'",
    ]:
        assert lake.read(table).where(condition).count() == source.where(condition).count(), condition
    log = max((tmp_path / "statistics/_delta_log").glob("*2.json"))
    add = next(a["add"] for a in map(json.loads, log.read_text().splitlines()) if "add" in a)
    assert json.loads(add["stats"])["maxValues"]["id"] == 199
    assert lake.read(table).where("id = 1000").inputFiles() != lake.read(table).inputFiles()


def test_partition_values_stay_what_they_are(lake: Lake, command, folder: str) -> None:
    table = f"{folder}/partitions"
    for start in range(3):
        data = [(start * 100 + i, value, f"2024-01-0{1 + i % 2}") for i, value in enumerate(PARTITIONS * 2)]
        frame = lake.spark.createDataFrame(data, "id INT, key STRING, day STRING")
        frame = frame.selectExpr("id", "key", "CAST(concat(day, ' 12:30:00') AS TIMESTAMP) AS at")
        frame.coalesce(1).write.format("delta").mode("append").partitionBy("key", "at").save(table)
    before = rows(lake, table)
    found = files(lake, table)
    report = command("optimize", table)
    assert report["filesRemoved"] == found
    assert report["filesAdded"] == found / 3
    assert rows(lake, table) == before
    assert lake.read(table).where("key = 'a/b'").count() == 6
    assert lake.read(table).where("key IS NULL").count() == 12


def test_deleted_rows_leave_and_checkpoints_are_read(lake: Lake, command, folder: str) -> None:
    table = f"{folder}/vectors"
    properties = {
        "delta.enableDeletionVectors": "true",
        # Leaves a column of its own in the files of an UPDATE.
        "delta.enableChangeDataFeed": "true",
        "delta.checkpointInterval": "3",
        "delta.checkpoint.writeStatsAsStruct": "true",
    }
    listed = ", ".join(f"'{key}' = '{value}'" for key, value in properties.items())
    lake.sql(f"CREATE TABLE delta.`{table}` (id BIGINT, name STRING) USING delta TBLPROPERTIES ({listed})")
    for start in range(0, 500, 100):
        source = f"SELECT id, concat('n', id) FROM range({start}, {start + 100}, 1, 1)"
        lake.sql(f"INSERT INTO delta.`{table}` {source}")
    lake.sql(f"DELETE FROM delta.`{table}` WHERE id % 10 = 3")
    lake.sql(f"UPDATE delta.`{table}` SET name = 'changed' WHERE id % 10 = 4")
    lake.sql(f"DELETE FROM delta.`{table}` WHERE id BETWEEN 200 AND 299 AND id % 2 = 0")
    before = rows(lake, table)
    plan = command("optimize", table, "--dry-run")
    assert sum(b["deletedRows"] for b in plan["bins"]) > 100
    report = command("optimize", table)
    assert report["rows"] == sum(before.values()) == 400
    assert rows(lake, table) == before
    assert files(lake, table) == 1
    detail = lake.sql(f"DESCRIBE DETAIL delta.`{table}`").first()
    assert "deletionVectors" in detail["tableFeatures"]
    # One large file whose rows are deleted is worth the work as well.
    lake.sql(f"DELETE FROM delta.`{table}` WHERE id < 100")
    before = rows(lake, table)
    assert command("optimize", table)["deletedRows"] > 50
    assert rows(lake, table) == before


@pytest.mark.parametrize(
    ("create", "feature"),
    [
        ("TBLPROPERTIES ('delta.enableRowTracking' = 'true')", "rowTracking"),
        ("TBLPROPERTIES ('delta.columnMapping.mode' = 'name')", "columnMapping"),
        ("TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')", "inCommitTimestamp"),
        ("TBLPROPERTIES ('delta.enableTypeWidening' = 'true')", "typeWidening"),
        ("CLUSTER BY (id)", "clustering"),
    ],
)
def test_what_is_not_honoured_is_refused_by_name(
    lake: Lake, tmp_path: Path, create: str, feature: str
) -> None:
    table = str(tmp_path / "refused")
    lake.sql(f"CREATE TABLE delta.`{table}` (id BIGINT) USING delta {create}")
    for _ in range(2):
        lake.sql(f"INSERT INTO delta.`{table}` VALUES (1)")
    result = run("optimize", table)
    assert result.returncode == 1
    assert f"optimize is refused for this table: it has the table feature {feature}" in result.stderr
    assert lake.sql(f"DESCRIBE HISTORY delta.`{table}`").first()["operation"] == "WRITE"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere"], "'nowhere': No such file"),
        (["."], "is not a Delta table"),
        (["s3://bucket/table"], 'the scheme "s3" is not supported'),
        ([".", "--target-mb", "x"], "invalid value 'x'"),
    ],
)
def test_wrong_arguments_end_in_2(arguments: list[str], says: str) -> None:
    result = run("optimize", *arguments)
    assert (result.returncode, says in result.stderr) == (2, True), result.stderr


def test_compactions_of_three_writers_at_once_double_nothing(lake: Lake, hdfs) -> None:
    table = f"{hdfs.url}/concurrent"
    for start in range(12):
        frame = lake.sql(f"SELECT id, id % 3 AS key FROM range({start * 30}, {start * 30 + 30}, 1, 1)")
        frame.write.format("delta").mode("append").partitionBy("key").save(table)
    before = rows(lake, table)
    ours = [subprocess.Popen([COMMAND, "table", "optimize", table], stdout=subprocess.PIPE) for _ in range(2)]
    try:
        lake.sql(f"OPTIMIZE delta.`{table}`")
    except Exception as error:  # Spark gives up when we were first.
        assert "CONCURRENT" in str(error).upper(), error
    assert [process.wait(60) for process in ours] == [0, 0]
    assert rows(lake, table) == before
    assert files(lake, table) == 3


def test_a_killed_compaction_leaves_a_whole_table(lake: Lake, command, folder: str) -> None:
    table = f"{folder}/killed"
    frame = lake.sql("SELECT id, uuid() AS name, id % 2 AS key FROM range(0, 60000, 1, 6)")
    frame.write.format("delta").partitionBy("key").save(table)
    before = rows(lake, table)
    ends = set()
    for milliseconds in (1, 30, 80, 150, 300):
        process = subprocess.Popen([COMMAND, "table", "optimize", table, "--order-by", "name,id"])
        time.sleep(milliseconds / 1000)
        process.kill()
        ends.add(process.wait())
        assert rows(lake, table) == before, f"killed after {milliseconds} ms"
    assert -9 in ends, "one of them was at work still"
    command("optimize", table, "--order-by", "name,id")
    assert rows(lake, table) == before
    assert files(lake, table) == 2
    # What the killed ones left behind is found, and nothing else is.
    found = command("vacuum", table, "--retain-hours", "0", "--unsafe-retention")
    assert found["deleted"] == len(found["unreachable"]) >= 12
    assert rows(lake, table) == before


def test_a_storage_that_is_away_is_named_in_time() -> None:
    result = run("health", "hdfs://127.0.0.1:1/lake/table", "--wait", "1")
    assert result.returncode == 1
    assert "hdfs://127.0.0.1:1/lake/table: the storage did not answer within 1 s" in result.stderr
