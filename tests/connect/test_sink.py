"""Topic -> connector -> Delta table on HDFS, read by Spark: every record once, whatever happens."""

from __future__ import annotations

import csv
import json
import threading
import time
from pathlib import Path

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from pyspark.sql import Row

from tests.connect.conftest import Cluster
from tests.connect.lake import Lake
from tests.connect.records import Topic, check_exactly_once, quote, shuffled
from tests.servers.hdfs import Hdfs
from tests.servers.kafka import Worker, texts, until

ROOT = Path(__file__).resolve().parents[2]


def topic_of(cluster: Cluster) -> Topic:
    return Topic(cluster.broker.address, cluster.name, cluster.partitions).create()


def wait_for_rows(cluster: Cluster, lake: Lake, count: int, seconds: float = 60) -> None:
    def otherwise() -> str:
        logs = "\n".join(worker.server.tail() for worker in cluster.workers)
        return f"{lake.count(cluster.table)} of {count} rows after {seconds} s\n{logs}"

    until(lambda: lake.count(cluster.table) >= count, seconds, otherwise)


def test_records_become_rows(cluster: Cluster, lake: Lake) -> None:
    topic = topic_of(cluster)
    topic.send((quote(number) for number in range(400)), headers=[("trace", b"\x00\xff"), ("empty", b"")])
    worker = cluster.worker().start()
    worker.put_connector(cluster.name, cluster.config())
    wait_for_rows(cluster, lake, 400)
    check_exactly_once(lake, cluster.table, topic)

    rows = lake.read(cluster.table)
    regions = {row["region"]: row["count"] for row in rows.groupBy("region").count().collect()}
    assert regions == {"US": 100, "EU": 100, "ASIA": 100, "GLOBAL": 100}
    first = rows.where("seq = 5").collect()[0].asDict(recursive=True)
    assert str(first["date"]) == "2024-03-05", "the day of Kafka's timestamp"
    assert str(first["event_date"]) == "2024-03-04"
    assert (first["symbol"], first["close"], first["volume"]) == ("SAP", 105.25, 5.0)
    assert bytes(first["key"]) == b"key"
    assert [(h["key"], h["value"]) for h in first["headers"]] == [("trace", b"\x00\xff"), ("empty", b"")]
    assert (first["timestamp_type"], str(first["timestamp"])) == (0, "2024-03-05 00:00:00")
    assert first["reason"] is None

    # Spark skips files by the statistics of the log.
    plan = lake.read(cluster.table).where("region = 'EU' AND offset > 1000000")
    assert plan.count() == 0
    assert len(plan.inputFiles()) <= len(lake.read(cluster.table).inputFiles())

    # A configuration is judged before it is used, all at once.
    wrong = cluster.config(flush_size=0, parquet_codec="lz4") | {"name": "x", "flush.maxage.ms": 1}
    answer = worker.request("PUT", "/connector-plugins/HdfsSinkConnector/config/validate", texts(wrong))
    errors = {c["value"]["name"]: c["value"]["errors"] for c in answer["configs"] if c["value"]["errors"]}
    assert errors.keys() == {"flush.size", "parquet.codec", "flush.maxage.ms"}
    assert "did you mean flush.max.age.ms?" in errors["flush.maxage.ms"][0]

    # More records follow on the same connector, and some that never happened.
    topic.send_aborted(quote(number) for number in range(1000, 1040))
    topic.send_quotes(40)
    wait_for_rows(cluster, lake, 440)
    check_exactly_once(lake, cluster.table, topic)


def test_faulty_records_are_kept_with_their_reasons_or_go_to_the_dead_letter_topic(
    cluster: Cluster, lake: Lake
) -> None:
    """Two connectors on one worker and topic: one keeps what is refused, the other one reports it."""
    folder = ROOT / "native/market/tests/dirty"
    lines = (folder / "stock_ticks.jsonl").read_bytes().split(b"\n")[:-1]
    bond = {"symbol": "^TNX", "ts": "2024-03-04T00:00:00Z", "close": 0.041}
    bond |= {"region": "US", "asset_class": "bond_yield"}
    topic = topic_of(cluster)
    topic.send([*lines, None, json.dumps(bond).encode()], partition=0)
    worker = cluster.worker().start()
    reference = {"instruments.reference": ROOT / "data/reference/instruments.csv"}
    worker.put_connector(cluster.name, cluster.config() | reference)
    bonds, dead = f"{cluster.table}-bonds", f"{cluster.name}_dlq"
    reporting = {
        "delta.table.url": f"{cluster.table}-clean",
        "delta.table.routes": f"class:bond_yield={bonds}",
        "behavior.on.malformed": "dlq",
        "errors.tolerance": "all",
        "errors.deadletterqueue.topic.name": dead,
        "errors.deadletterqueue.topic.replication.factor": 1,
        "errors.deadletterqueue.context.headers.enable": "true",
        "transforms": "normal",
        "transforms.normal.type": "io.financelake.connect.transforms.NormalizeQuote$Value",
        "transforms.normal.instruments.reference": reference["instruments.reference"],
    }
    worker.put_connector(f"{cluster.name}-dlq", cluster.config() | reference | reporting)
    wait_for_rows(cluster, lake, len(topic.sent))
    check_exactly_once(lake, cluster.table, topic)

    with (folder / "EXPECTED.csv").open(encoding="utf-8") as file:
        expected = {int(row["line"]) - 1: (row["verdict"], row["fault"]) for row in csv.DictReader(file)}
    kept = {row["offset"]: row for row in lake.read(cluster.table).collect()}
    for offset, row in kept.items():
        verdict, fault = expected.get(offset, ("skip" if row["value"] is None else "ok", ""))
        assert (row["region"] == "__invalid") == (row["reason"] is not None)
        if verdict == "reject":
            assert row["reason"] == fault, f"line {offset + 1}"
        elif verdict in ("ok", "late", "dup"):
            assert row["reason"] is None, f"line {offset + 1}"
        elif verdict == "skip":
            assert row["reason"] == "empty_line", f"line {offset + 1}"

    # The dead-letter topic has exactly the refused ones, as they were sent, with the reason.
    refused = {offset for offset, row in kept.items() if row["reason"] not in (None, "empty_line")}
    tables = [f"{cluster.table}-clean", bonds]
    until(
        lambda: sum(lake.count(table) for table in tables) >= len(kept) - len(refused), 60, worker.server.tail
    )
    reported = read_all(cluster, dead)
    assert len(reported) == len(refused)
    for letter in reported:
        headers = dict(letter.headers)
        offset = int(headers["__connect.errors.offset"])
        assert letter.value == topic.sent[0, offset]
        assert offset in refused, f"line {offset + 1}"
        refused.remove(offset)
        reason = headers["__connect.errors.exception.message"].decode()
        assert reason == f"{kept[offset]['reason']}: {kept[offset]['detail']}"
    assert not refused

    # The others are in their tables once, and normalising them first changed no column.
    def decided(row: Row) -> dict[str, object]:
        return {k: v for k, v in row.asDict().items() if k not in ("value", "ingested_at")}

    rows = [row for table in tables for row in lake.read(table).collect()]
    assert len(rows) == len({row["offset"] for row in rows})
    assert all(decided(row) == decided(kept[row["offset"]]) for row in rows)
    assert [row["symbol"] for row in lake.read(bonds).where("symbol = '^TNX'").collect()] == ["^TNX"]
    yields = {offset for offset, row in kept.items() if row["asset_class"] == "bond_yield"}
    assert {row["offset"] for row in lake.read(bonds).collect()} == yields


def read_all(cluster: Cluster, topic: str) -> list[ConsumerRecord]:
    """All records that are in a topic of one partition now."""
    consumer = KafkaConsumer(bootstrap_servers=cluster.broker.address)
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek(partition, 0)
    end = consumer.end_offsets([partition])[partition]
    records: list[ConsumerRecord] = []
    while consumer.position(partition) < end:
        records.extend(consumer.poll(1000).get(partition, []))
    consumer.close()
    return records


def test_killed_workers_lose_and_repeat_nothing(cluster: Cluster, lake: Lake) -> None:
    topic = kill_and_restart(cluster, kills=4, seed=20240305)
    wait_for_rows(cluster, lake, len(topic.sent))
    check_exactly_once(lake, cluster.table, topic)


def kill_and_restart(
    cluster: Cluster, kills: int, seed: int, config: dict[str, object] | None = None
) -> Topic:
    """kill -9 of the worker at random moments while records come in; returns what was sent."""
    chance = shuffled(seed)
    topic = topic_of(cluster)
    ended = threading.Event()

    def produce() -> None:
        while not ended.is_set():
            topic.send_quotes(200)
            time.sleep(0.1)

    worker = cluster.worker().start()
    worker.put_connector(cluster.name, config or cluster.config(flush_max_age_ms=300))
    producer = threading.Thread(target=produce)
    producer.start()
    try:
        for _ in range(kills):
            until(lambda: "RUNNING" in worker.states(cluster.name), 60, worker.server.tail)
            time.sleep(chance.uniform(0.2, 3))
            worker.server.kill()
            worker.start()
    finally:
        ended.set()
        producer.join()
    return topic


def test_partitions_move_between_workers(cluster: Cluster, lake: Lake) -> None:
    topic = topic_of(cluster)
    topic.send_quotes(1000)
    first = cluster.worker().start()
    first.put_connector(cluster.name, cluster.config(flush_max_age_ms=500))
    second = cluster.worker().start()
    until(lambda: len(owners(first, cluster.name)) == 2, 60, first.server.tail)
    topic.send_quotes(1000)
    # One leaves in good order, one dies.
    second.stop()
    topic.send_quotes(1000)
    third = cluster.worker().start()
    until(lambda: len(owners(third, cluster.name)) == 2, 60, third.server.tail)
    first.server.kill()
    topic.send_quotes(1000)
    wait_for_rows(cluster, lake, len(topic.sent))
    check_exactly_once(lake, cluster.table, topic)


def owners(worker: Worker, name: str) -> set[str]:
    """The workers that run tasks of the connector."""
    tasks = worker.get(f"/connectors/{name}/status")["tasks"]
    return {task["worker_id"] for task in tasks if task["state"] == "RUNNING"}


def test_a_namenode_that_restarts_is_waited_for(cluster: Cluster, hdfs: Hdfs, lake: Lake) -> None:
    """Meanwhile records are read as far as memory allows, and the consumer stays in its group."""
    topic = topic_of(cluster)
    topic.send_quotes(200)
    worker = cluster.worker().start()
    little = cluster.config(native_memory_max_bytes=4 << 20, consumer_override_max_poll_interval_ms=5000)
    worker.put_connector(cluster.name, little)
    wait_for_rows(cluster, lake, 200)
    hdfs.namenode.kill()
    topic.send_quotes(15_000)
    until(lambda: "partitions wait for storage" in worker.server.output(), 60, worker.server.tail)
    time.sleep(6)
    hdfs.namenode.start()
    hdfs.wait()
    wait_for_rows(cluster, lake, len(topic.sent))
    check_exactly_once(lake, cluster.table, topic)
    output = worker.server.output()
    assert "partitions go on" in output and "max.poll.interval.ms" not in output.split("partitions wait")[1]
    assert worker.states(cluster.name) == ["RUNNING", "RUNNING"], worker.failure(cluster.name)
