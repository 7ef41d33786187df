"""Vacuum beside Spark: what Spark still reads stays, and what it wrote in vain goes."""

from __future__ import annotations

from pathlib import Path

from tests.connect.lake import Lake

NOW = ("--retain-hours", "0", "--unsafe-retention")


def test_a_streaming_query_finds_what_it_has_not_read(lake: Lake, command, tmp_path: Path) -> None:
    table, copy = str(tmp_path / "silver/bars"), str(tmp_path / "silver/copy")
    checkpoint = str(tmp_path / "_checkpoints/copy")

    def append(start: int) -> None:
        for first in (start, start + 10):
            frame = lake.sql(f"SELECT id FROM range({first}, {first + 10}, 1, 1)")
            frame.write.format("delta").mode("append").save(table)

    def stream() -> int:
        source = lake.spark.readStream.format("delta").load(table)
        sink = source.writeStream.format("delta").option("checkpointLocation", checkpoint)
        sink.trigger(availableNow=True).start(copy).awaitTermination()
        return lake.count(copy)

    append(0)
    assert stream() == 20
    append(100)
    command("optimize", table)
    health = command("health", table)
    assert (health["slowestReader"], health["slowestReaderBehind"] > 0) == ("copy", True)
    # The four small files left the table; two of them are still to be read by the query.
    swept = command("vacuum", table, *NOW)
    assert swept["slowestReader"]["query"] == "copy"
    assert swept["deleted"] == 2
    assert stream() == 40
    assert command("vacuum", table, *NOW)["deleted"] == 2
    assert lake.count(table) == 40


def test_change_data_and_deletion_vectors_go_when_nobody_needs_them(lake: Lake, command, folder: str) -> None:
    table = f"{folder}/silver/changes"
    lake.sql(
        f"CREATE TABLE delta.`{table}` (id BIGINT, name STRING) USING delta TBLPROPERTIES "
        "('delta.enableChangeDataFeed' = 'true', 'delta.enableDeletionVectors' = 'true')"
    )
    lake.sql(f"INSERT INTO delta.`{table}` SELECT id, 'a' FROM range(0, 100, 1, 1)")
    lake.sql(f"DELETE FROM delta.`{table}` WHERE id = 3")
    lake.sql(f"UPDATE delta.`{table}` SET name = 'b' WHERE id = 4")
    changes = f"SELECT * FROM table_changes_by_path('{table}', 1)"
    before = (lake.read(table).count(), lake.sql(changes).count())
    kept = command("vacuum", table, "--dry-run")
    assert (kept["unreachable"], kept["foreign"]) == ([], 0)
    command("vacuum", table)
    assert (lake.read(table).count(), lake.sql(changes).count()) == before
    swept = command("vacuum", table, *NOW)
    names = [file["path"] for file in swept["unreachable"]]
    assert any(name.startswith("_change_data/cdc-") for name in names), names
    assert any(name.startswith("deletion_vector_") for name in names), names
    assert lake.read(table).count() == 99
