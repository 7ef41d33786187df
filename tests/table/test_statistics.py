"""Statistics computed anew skip what Spark's own skip, and never a row; lost files leave when asked for."""

from __future__ import annotations

import json
from pathlib import Path

from tests.connect.lake import Lake
from tests.table.conftest import run
from tests.table.test_checkpoint import skipped
from tests.table.test_optimize import ROWS, rows

CONDITIONS = [
    "id = 150",
    "whole < 7",
    "double > 28.4",
    "float = 1",
    "small_decimal = 12.5",
    "text > 'z'",
    "day = DATE'1970-01-01'",
    "instant < TIMESTAMP'1970-01-01 00:00:00Z'",
    "local > TIMESTAMP_NTZ'0001-01-01'",
    "nested.a = 7",
    "text IS NULL AND id < 20",
]


def test_files_without_statistics_are_skipped_again(lake: Lake, command, tmp_path: Path) -> None:
    told, silent = str(tmp_path / "told"), str(tmp_path / "silent")
    for table, collect in ((told, "true"), (silent, "false")):
        lake.spark.conf.set("spark.databricks.delta.stats.collect", collect)
        for start in (0, 100, 200):
            frame = lake.sql(ROWS.format(start=start, end=start + 100)).coalesce(1)
            frame.write.format("delta").mode("append").save(table)
    lake.spark.conf.set("spark.databricks.delta.stats.collect", "true")
    before = rows(lake, silent)
    assert skipped(lake, silent, "id = 150") == 0
    assert command("recompute-stats", silent)["changed"] == 3
    assert rows(lake, silent) == before
    for condition in CONDITIONS:
        assert skipped(lake, silent, condition) >= skipped(lake, told, condition), condition
        expected = lake.read(told).where(condition).count()
        assert lake.read(silent).where(condition).count() == expected, condition
    newest = lake.sql(f"DESCRIBE HISTORY delta.`{silent}` LIMIT 1").first()
    assert newest["operation"] == "COMPUTE STATS"
    assert command("recompute-stats", silent)["version"] is None
    # What Spark says is right, too; only bounds of long decimals are left out here.
    right = str(tmp_path / "right")
    frame = lake.sql(ROWS.format(start=0, end=100)).drop("decimal").coalesce(1)
    frame.write.format("delta").save(right)
    assert command("recompute-stats", right)["version"] is None
    # NaN is larger than any number to Spark, and in no footer.
    nan = lake.sql("SELECT 900L AS id, double('NaN') AS double UNION ALL SELECT 901L, 1.0").coalesce(1)
    nan.write.format("delta").mode("append").save(silent)
    command("recompute-stats", silent)
    assert lake.read(silent).where("double > 1e300").count() == 1


def test_statistics_of_files_with_deleted_rows(lake: Lake, command, tmp_path: Path) -> None:
    table = tmp_path / "vectors"
    lake.sql(
        f"CREATE TABLE delta.`{table}` (id BIGINT, x DOUBLE) USING delta "
        "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')"
    )
    for start in (0, 100):
        lake.sql(f"INSERT INTO delta.`{table}` SELECT id, id / 2 FROM range({start}, {start + 100}, 1, 1)")
    lake.sql(f"DELETE FROM delta.`{table}` WHERE id < 150 AND id % 3 = 0")
    before = rows(lake, str(table))
    # Someone's statistics are gone.
    log = max((table / "_delta_log").glob("*.json"))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    for line in lines:
        if "add" in line:
            line["add"]["stats"] = json.dumps({"numRecords": 100})
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (table / "_delta_log" / f".{log.name}.crc").unlink()
    (table / "_delta_log" / log.with_suffix(".crc").name).unlink(missing_ok=True)
    done = command("recompute-stats", table, "--where", "id >= 100")
    assert (done["files"], done["changed"]) == (2, 2)
    lake.spark.sparkContext._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()
    assert rows(lake, str(table)) == before
    assert skipped(lake, str(table), "id = 7") == 1
    assert skipped(lake, str(table), "x = 70") == 1
    assert lake.sql(f"SELECT count(*), min(id), max(id) FROM delta.`{table}`").first()[1:] == (1, 199)
    # From here on only what is asked for is looked at.
    assert command("recompute-stats", table, "--where", "id >= 100")["files"] == 1


def test_missing_files_leave_only_when_their_loss_is_accepted(lake: Lake, command, tmp_path: Path) -> None:
    table = tmp_path / "lost"
    for start in (0, 100):
        frame = lake.sql(f"SELECT id FROM range({start}, {start + 100}, 1, 1)")
        frame.write.format("delta").mode("append").save(str(table))
    first = json.loads((table / "_delta_log" / f"{0:020}.json").read_text().splitlines()[-1])["add"]["path"]
    (table / first).unlink()
    planned = command("fsck", table, "--repair")
    assert (planned["version"], planned["rows"], [file["path"] for file in planned["files"]]) == (
        None,
        100,
        [first],
    )
    refused = run("fsck", table, "--accept-loss")
    assert (refused.returncode, "--repair" in refused.stderr) == (2, True)
    assert run("fsck", table).returncode == 1
    done = command("fsck", table, "--repair", "--accept-loss")
    assert (done["version"], done["rows"]) == (2, 100)
    assert command("fsck", table)["findings"] == []
    assert lake.read(str(table)).selectExpr("min(id)", "count(*)").first() == (100, 100)
    assert lake.sql(f"DESCRIBE HISTORY delta.`{table}` LIMIT 1").first()["operation"] == "FSCK"
