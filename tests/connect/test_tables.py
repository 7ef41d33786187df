"""The sink beside other writers of its table, and tables that it must refuse."""

from __future__ import annotations

from tests.connect.conftest import Cluster
from tests.connect.lake import Lake
from tests.connect.records import check_exactly_once
from tests.connect.test_sink import topic_of, wait_for_rows
from tests.servers.kafka import until


def test_spark_maintains_the_table_meanwhile(cluster: Cluster, lake: Lake) -> None:
    topic = topic_of(cluster)
    worker = cluster.worker().start()
    worker.put_connector(cluster.name, cluster.config(flush_max_age_ms=200))
    table = f"delta.`{cluster.table}`"
    topic.send_quotes(400)
    wait_for_rows(cluster, lake, 400)
    # Other properties, files made larger, rows rewritten, a new column, checkpoints: nothing stops it.
    changes = [
        "ALTER TABLE {} SET TBLPROPERTIES ('delta.checkpointInterval' = '1', 'note' = 'ours')",
        "OPTIMIZE {}",
        "ALTER TABLE {} ADD COLUMN checked_by STRING",
        "UPDATE {} SET checked_by = 'me' WHERE offset = 0",
    ]
    for change in changes:
        topic.send_quotes(100)
        if change.startswith("UPDATE"):
            # Spark itself refuses to update a folder to which rows come meanwhile.
            wait_for_rows(cluster, lake, len(topic.sent))
        lake.sql(change.format(table))
    wait_for_rows(cluster, lake, len(topic.sent))
    check_exactly_once(lake, cluster.table, topic)
    assert lake.read(cluster.table).where("checked_by = 'me'").count() == cluster.partitions

    # Commits before a checkpoint are cleaned up some day; transaction identifiers are then in it alone.
    worker.stop()
    lake.sql(f"UPDATE {table} SET checked_by = 'you' WHERE offset = 0")
    assert lake.delete_commits_before_checkpoint(cluster.table) > 5
    topic.send_quotes(100)
    cluster.worker().start()
    wait_for_rows(cluster, lake, len(topic.sent))
    check_exactly_once(lake, cluster.table, topic)


def test_a_table_that_asks_too_much_is_refused(cluster: Cluster, lake: Lake) -> None:
    topic = topic_of(cluster)
    worker = cluster.worker().start()
    worker.put_connector(cluster.name, cluster.config())
    topic.send_quotes(40)
    wait_for_rows(cluster, lake, 40)
    lake.sql(f"ALTER TABLE delta.`{cluster.table}` SET TBLPROPERTIES ('delta.enableRowTracking' = 'true')")
    topic.send_quotes(40)
    until(lambda: "table feature" in worker.failure(cluster.name), 60, worker.server.tail)
    assert lake.count(cluster.table) == 40, "nothing was written that the table does not allow"
