"""Going back: Spark reads the table as it reads the older version."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from tests.connect.lake import Lake
from tests.table.conftest import run
from tests.table.test_optimize import rows


def make(lake: Lake, table: str) -> list[int]:
    """Versions of every kind; returns those that can be gone back to."""
    lake.sql(
        f"CREATE TABLE delta.`{table}` (id BIGINT, name STRING, key INT) USING delta PARTITIONED BY (key) "
        "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true', 'delta.enableChangeDataFeed' = 'true')"
    )
    for start in (0, 100):
        source = f"SELECT id, concat('n', id), id % 2 FROM range({start}, {start + 100}, 1, 1)"
        lake.sql(f"INSERT INTO delta.`{table}` {source}")
    lake.sql(f"DELETE FROM delta.`{table}` WHERE id % 10 = 3")
    lake.sql(f"UPDATE delta.`{table}` SET name = 'changed' WHERE id = 7")
    lake.sql(f"ALTER TABLE delta.`{table}` ADD COLUMNS (later STRING)")
    lake.sql(f"INSERT INTO delta.`{table}` VALUES (1000, 'x', 5, 'y')")
    lake.sql(f"OPTIMIZE delta.`{table}`")
    newest = lake.sql(f"DESCRIBE HISTORY delta.`{table}` LIMIT 1").first()["version"]
    return list(range(newest + 1))


def test_every_version_comes_back(lake: Lake, command, folder: str) -> None:
    table = f"{folder}/restored"
    versions = make(lake, table)
    chosen = [3] if table.startswith("hdfs") else [0, 3, 4, 5]
    for version in [*reversed(chosen), versions[-1]]:
        then = lake.sql(f"SELECT * FROM delta.`{table}` VERSION AS OF {version}")
        columns, expected = then.columns, sorted(map(str, then.collect()))
        done = command("restore", table, "--version", version, "--verify", "rows")
        found = lake.read(table)
        assert (found.columns, sorted(map(str, found.collect()))) == (columns, expected), version
        assert done["rowsVerified"] == len(expected)
        if done["version"] is not None:
            newest = lake.sql(f"DESCRIBE HISTORY delta.`{table}` LIMIT 1").first()
            assert (newest["operation"], newest["version"]) == ("RESTORE", done["version"])
            assert newest["operationParameters"]["version"] == str(version)
            assert newest["operationMetrics"]["numRestoredFiles"] == str(done["plan"]["filesRestored"])
    # Deleting, and what came and went as change data, works as before.
    lake.sql(f"DELETE FROM delta.`{table}` WHERE id = 9")
    assert command("fsck", table)["findings"] == []
    newest = lake.sql(f"DESCRIBE HISTORY delta.`{table}` LIMIT 1").first()["version"]
    changes = lake.sql(f"SELECT * FROM table_changes_by_path('{table}', {newest})").collect()
    assert [(row["id"], row["_change_type"]) for row in changes] == [(9, "delete")]


def test_a_time_and_a_dry_run(lake: Lake, command, tmp_path: Path) -> None:
    table = str(tmp_path / "timed")
    for value in range(3):
        frame = lake.sql(f"SELECT {value} AS id")
        frame.write.format("delta").mode("append").option("txnAppId", "sink").option(
            "txnVersion", str(value)
        ).save(table)
    history = lake.sql(f"DESCRIBE HISTORY delta.`{table}`").collect()
    then = next(row["timestamp"] for row in history if row["version"] == 1)
    instant = (then + datetime.timedelta(milliseconds=1)).isoformat() + "Z"
    planned = command("restore", table, "--timestamp", instant, "--dry-run")
    assert (planned["version"], planned["filesRemoved"], planned["filesRestored"]) == (1, 1, 0)
    assert planned["positions"] == [{"application": "sink", "current": 2, "then": 1}]
    assert lake.count(table) == 3
    words = run("restore", table, "--timestamp", instant)
    assert "sink stays at 2; it was at 1" in words.stdout, words.stderr
    assert lake.count(table) == 2


def test_what_was_vacuumed_is_named_and_nothing_is_done(lake: Lake, command, tmp_path: Path) -> None:
    table = str(tmp_path / "vacuumed")
    make(lake, table)
    before = rows(lake, table)
    # The newest version has one file per folder; older ones lack theirs from now on, and their vectors.
    command("vacuum", table, "--retain-hours", "0", "--unsafe-retention")
    planned = command("restore", table, "--version", "3", "--dry-run")
    kinds = {file["path"].rsplit(".", 1)[1] for file in planned["missing"]}
    assert kinds == {"parquet", "bin"}
    assert all(file["problem"] == "it is missing" for file in planned["missing"])
    result = run("restore", table, "--version", "3")
    assert result.returncode == 1
    assert "files of that version were vacuumed or damaged: " in result.stderr
    assert planned["missing"][0]["path"] in result.stderr
    assert rows(lake, table) == before
    newest = lake.sql(f"DESCRIBE HISTORY delta.`{table}` LIMIT 1").first()
    assert newest["operation"] == "OPTIMIZE"


def test_a_damaged_file_is_found_before_anything_is_committed(lake: Lake, command, tmp_path: Path) -> None:
    table = tmp_path / "damaged"
    make(lake, str(table))
    log = [json.loads(line) for line in (table / "_delta_log" / f"{1:020}.json").read_text().splitlines()]
    file = table / next(action["add"]["path"] for action in log if "add" in action)
    content = bytearray(file.read_bytes())
    content[8:40] = bytes(32)
    file.write_bytes(content)
    before = rows(lake, str(table))
    result = run("restore", table, "--version", "1", "--verify", "rows")
    assert result.returncode == 1, result.stdout
    assert file.name in result.stderr
    assert rows(lake, str(table)) == before


@pytest.mark.parametrize(
    ("create", "arguments", "code", "says"),
    [
        ("", ["--version", "9"], 2, "it has no version 9; the newest is 1"),
        ("", ["--version", "-1"], 2, "-1"),
        ("", [], 2, "--version"),
        ("", ["--timestamp", "yesterday"], 2, "invalid value 'yesterday'"),
        ("", ["--timestamp", "2001-01-01T00:00:00Z"], 2, "does not reach back to that time"),
        ("TBLPROPERTIES ('delta.appendOnly' = 'true')", ["--version", "0"], 1, "delta.appendOnly is true"),
        ("TBLPROPERTIES ('delta.enableRowTracking' = 'true')", ["--version", "0"], 1, "rowTracking"),
        ("CLUSTER BY (id)", ["--version", "0"], 1, "clustering"),
    ],
)
def test_what_cannot_be_done_is_said(
    lake: Lake, tmp_path: Path, create: str, arguments: list[str], code: int, says: str
) -> None:
    table = str(tmp_path / "refused")
    lake.sql(f"CREATE TABLE delta.`{table}` (id BIGINT) USING delta {create}")
    lake.sql(f"INSERT INTO delta.`{table}` VALUES (1)")
    result = run("restore", table, *arguments)
    assert (result.returncode, says in result.stderr) == (code, True), result.stderr
    assert lake.count(table) == 1
