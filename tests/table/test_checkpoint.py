"""Checkpoints of the command line: Spark and the deltalake wheel read from them what the commits said."""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.connect.lake import Lake
from tests.table.conftest import COMMAND, ROOT, run
from tests.table.test_optimize import PARTITIONS, rows

# Every row and every file of a table, as the wheel reads them.
WHEEL = """
import json, sys
from deltalake import DeltaTable
table = DeltaTable(sys.argv[1])
files = table.get_add_actions(flatten=True)
print(json.dumps({
    "version": table.version(),
    "files": sorted(map(str, zip(*[files.column(n).to_pylist() for n in ("path", "num_records", "max.id")]))),
    "transactions": table.transaction_version("sink"),
}))
"""


def wheel(table: Path) -> Any:
    command = [ROOT / ".tools/delta/bin/python", "-c", WHEEL, table]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def forget(lake: Lake) -> None:
    """Spark reads logs anew."""
    lake.spark.sparkContext._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()


def skipped(lake: Lake, table: str, condition: str) -> int:
    """Files that Spark does not open for a condition."""
    frame = lake.read(table)
    return len(frame.inputFiles()) - len(frame.where(condition).inputFiles())


def test_spark_reads_the_same_without_the_commits(lake: Lake, command, folder: str) -> None:
    table = f"{folder}/vectors"
    lake.sql(
        f"CREATE TABLE delta.`{table}` (id BIGINT, at TIMESTAMP, price DECIMAL(9, 2), key STRING, day DATE) "
        "USING delta PARTITIONED BY (key, day) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true', "
        "'delta.checkpoint.writeStatsAsStruct' = 'true', 'delta.checkpointInterval' = '1000', "
        "'delta.enableChangeDataFeed' = 'true', 'a.b' = 'ü')"
    )
    for start in (0, 1000):
        data = [(start + i, value) for i, value in enumerate(PARTITIONS * 3)]
        frame = lake.spark.createDataFrame(data, "id BIGINT, key STRING").selectExpr(
            "id", "timestamp_micros(id * 1234567) AS at", "CAST(id / 8 AS DECIMAL(9, 2)) AS price", "key",
            "if(id % 7 = 0, NULL, DATE'2024-01-31') AS day",
        )  # fmt: skip
        write = frame.coalesce(1).write.format("delta").mode("append").partitionBy("key", "day")
        write.option("txnAppId", "sink").option("txnVersion", str(start)).save(table)
    lake.sql(f"DELETE FROM delta.`{table}` WHERE id % 5 = 3")
    lake.sql(f"UPDATE delta.`{table}` SET price = -0.05 WHERE key = 'a b'")
    condition = "id < 500 AND day = DATE'2024-01-31'"
    before = (rows(lake, table), skipped(lake, table, condition))
    assert before[1] > 0
    detail = lake.sql(f"DESCRIBE DETAIL delta.`{table}`").drop("lastModified").first()
    written = command("checkpoint", table)
    assert (written["version"], written["existed"], written["typedStatistics"]) == (4, False, True)
    assert written["tombstones"] > 0
    assert lake.delete_commits_before_checkpoint(table) >= 4
    forget(lake)
    assert (rows(lake, table), skipped(lake, table, condition)) == before
    assert lake.sql(f"DESCRIBE DETAIL delta.`{table}`").drop("lastModified").first() == detail
    # Delta itself knows how far the sink was, and goes on from here.
    again = lake.read(table).limit(1).write.format("delta").mode("append").partitionBy("key", "day")
    again.option("txnAppId", "sink").option("txnVersion", "1000").save(table)
    assert rows(lake, table) == before[0]
    lake.sql(f"DELETE FROM delta.`{table}` WHERE id = 1")
    lake.sql(f"OPTIMIZE delta.`{table}`")
    assert sum(rows(lake, table).values()) == sum(before[0].values()) - 1
    assert command("fsck", table)["findings"] == []
    # Once more, from a log that begins with ours.
    command("checkpoint", table)
    lake.delete_commits_before_checkpoint(table)
    forget(lake)
    assert sum(rows(lake, table).values()) == sum(before[0].values()) - 1


def test_spark_agrees_with_the_hint(lake: Lake, command, tmp_path: Path) -> None:
    table = str(tmp_path / "hint")
    lake.sql("SELECT id FROM range(10)").write.format("delta").save(table)
    written = command("checkpoint", table)
    assert command("checkpoint", table)["existed"]
    text = (tmp_path / "hint/_delta_log/_last_checkpoint").read_text()
    assert json.loads(text)["size"] == written["actions"] == 2 + 2
    delta = lake.spark.sparkContext._jvm.org.apache.spark.sql.delta
    sums = delta.LastCheckpointInfo.getChecksums(text)
    assert sums._1().get() == sums._2()


def test_the_wheel_reads_the_same_without_the_commits(lake: Lake, command, tmp_path: Path) -> None:
    table = tmp_path / "wheel"
    for start in (0, 100, 200):
        frame = lake.sql(f"SELECT id, id % 3 AS key FROM range({start}, {start + 100}, 1, 1)")
        write = frame.write.format("delta").mode("append").partitionBy("key")
        write.option("txnAppId", "sink").option("txnVersion", str(start)).save(str(table))
    lake.sql(f"DELETE FROM delta.`{table}` WHERE key = 1 AND id < 100")
    before = wheel(table)
    assert (before["version"], before["transactions"]) == (3, 200)
    assert len(before["files"]) == 8
    command("checkpoint", table)
    lake.delete_commits_before_checkpoint(str(table))
    assert wheel(table) == before


def test_statistics_in_typed_form_only_are_not_lost(lake: Lake, command, tmp_path: Path) -> None:
    table = str(tmp_path / "typed")
    lake.sql(
        f"CREATE TABLE delta.`{table}` (id BIGINT, at TIMESTAMP, day DATE, price DECIMAL(9, 2), name STRING, "
        "tiny TINYINT, float FLOAT) USING delta TBLPROPERTIES ('delta.checkpointInterval' = '2', "
        "'delta.checkpoint.writeStatsAsStruct' = 'true', 'delta.checkpoint.writeStatsAsJson' = 'false')"
    )
    for start in (0, 100):
        frame = lake.sql(
            f"""SELECT id, timestamp_micros(id * 1001) AS at, CAST(id / 4 AS DECIMAL(9, 2)) AS price,
            date_add(DATE'1970-01-01', CAST(id AS INT)) AS day, concat('n', id) AS name,
            CAST(id / 2 AS TINYINT) AS tiny, CAST(id AS FLOAT) AS float
            FROM range({start}, {start + 100}, 1, 1)"""
        )
        frame.write.format("delta").mode("append").save(table)
    # Spark's own checkpoint at version 2 has no JSON; ours is made from it.
    frame.limit(1).write.format("delta").mode("append").save(table)
    lake.delete_commits_before_checkpoint(table)
    forget(lake)
    conditions = [
        "id = 7",
        "at < TIMESTAMP'1970-01-01 00:00:00.005Z'",
        "day = DATE'1970-01-08'",
        "price = 1.5",
        "tiny = 3",
        "float = 3",
        "name = 'n150'",
    ]
    before = [skipped(lake, table, condition) for condition in conditions]
    assert min(before) >= 1, before
    command("checkpoint", table)
    lake.delete_commits_before_checkpoint(table)
    forget(lake)
    assert [skipped(lake, table, condition) for condition in conditions] == before, before


def test_a_killed_checkpoint_leaves_a_whole_table(lake: Lake, command, tmp_path: Path) -> None:
    table = str(tmp_path / "killed")
    frame = lake.sql("SELECT id, id % 40 AS key FROM range(0, 400, 1, 1)")
    frame.write.format("delta").partitionBy("key").save(table)
    before: Counter[str] = rows(lake, table)
    for milliseconds in (1, 20, 40, 80, 160):
        process = subprocess.Popen([COMMAND, "table", "checkpoint", table], stdout=subprocess.DEVNULL)
        time.sleep(milliseconds / 1000)
        process.kill()
        process.wait()
        forget(lake)
        assert rows(lake, table) == before, f"killed after {milliseconds} ms"
    assert command("checkpoint", table)["files"] == 40
    forget(lake)
    assert rows(lake, table) == before


def test_the_log_is_expired_as_far_as_nobody_needs_it(lake: Lake, command, tmp_path: Path) -> None:
    table = tmp_path / "expired"
    lake.sql(
        f"CREATE TABLE delta.`{table}` (id BIGINT) USING delta TBLPROPERTIES "
        "('delta.logRetentionDuration' = 'interval 1 hour', "
        "'delta.deletedFileRetentionDuration' = 'interval 1 hour')"
    )
    for start in range(3):
        lake.sql(f"INSERT INTO delta.`{table}` VALUES ({start})")
    assert command("checkpoint", table, "--expire-logs")["expired"]["files"] == 0
    hour = time.time() - 7200
    for file in (table / "_delta_log").glob("*"):
        subprocess.run(["touch", "-d", f"@{hour}", file], check=True)
    lake.sql(f"INSERT INTO delta.`{table}` VALUES (3)")
    before = rows(lake, str(table))
    expired = command("checkpoint", table, "--expire-logs")["expired"]
    assert expired["fromVersion"] == 3
    left = sorted(file.name for file in (table / "_delta_log").glob("*.json"))
    assert [int(name.split(".")[0]) for name in left] == [3, 4]
    forget(lake)
    assert rows(lake, str(table)) == before


@pytest.mark.parametrize("feature", ["v2Checkpoint"])
def test_what_is_not_read_is_refused_by_name(lake: Lake, tmp_path: Path, feature: str) -> None:
    table = str(tmp_path / "second")
    lake.sql(
        f"CREATE TABLE delta.`{table}` (id BIGINT) USING delta "
        "TBLPROPERTIES ('delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '1')"
    )
    for _ in range(2):
        lake.sql(f"INSERT INTO delta.`{table}` VALUES (1)")
    lake.delete_commits_before_checkpoint(table)
    result = run("checkpoint", table)
    assert (result.returncode, feature in result.stderr) == (1, True), result.stderr
