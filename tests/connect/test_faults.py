"""Faults of the servers around the sink. The short ones are in `make test`, the long ones in `make soak`.

Which test covers what:

* the worker dies (kill -9) at random moments: `test_killed_workers_*`, `test_many_kills*`; at each single
  change of the storage, before and after it, with lost answers: native/ingest/tests/{chain,sink,routing}.rs
* a worker sleeps longer than its session and wakes up as a zombie: `test_a_worker_that_wakes_up_*`,
  `test_a_zombie_cannot_write_files`; two owners at once: native/ingest/tests/{chain,sink,background}.rs
* partitions move, are revoked in part, or are lost: `test_partitions_move_between_workers`,
  `test_a_storm_of_rebalances`, TaskSuite.scala
* the broker restarts: `test_a_broker_that_restarts_*`; a topic is made anew:
  `test_a_topic_that_was_made_anew_*`; aborted transactions, gaps of offsets: `test_records_become_rows`
* the NameNode restarts, memory runs out meanwhile: `test_a_namenode_that_restarts_*`; a DataNode is slow,
  then dies: `test_slow_and_dead_datanodes_*`; all in turn: `test_servers_that_fail_during_files_*`
* manifests or files are damaged or missing: `test_a_damaged_manifest_*`, chain.rs (every kind)
* other writers, maintenance, schema changes of the table: test_tables.py; poison records, tombstones, dead
  letters: `test_faulty_records_*`; ten thousand folders: native/ingest/tests/memory.rs
* offsets are moved by hand, connectors stopped and resumed: `test_the_seven_keys_*`
"""

from __future__ import annotations

import signal
import threading
import time

import pytest
from kafka import KafkaAdminClient

from tests.connect.conftest import Cluster
from tests.connect.lake import Lake
from tests.connect.records import Topic, check_exactly_once, shuffled
from tests.connect.test_files import check_all, parquet
from tests.connect.test_sink import kill_and_restart, owners, topic_of, wait_for_rows
from tests.servers.hdfs import Hdfs
from tests.servers.kafka import until


def test_a_topic_that_was_made_anew_stops_the_task(cluster: Cluster, lake: Lake) -> None:
    topic = topic_of(cluster)
    topic.send_quotes(400)
    worker = cluster.worker().start()
    worker.put_connector(cluster.name, cluster.config())
    wait_for_rows(cluster, lake, 400)
    worker.stop()
    admin = KafkaAdminClient(bootstrap_servers=cluster.broker.address)
    admin.delete_topics([cluster.name])
    until(lambda: cluster.name not in admin.list_topics(), 30, "the topic is not deleted")
    admin.close()
    anew = Topic(cluster.broker.address, cluster.name, cluster.partitions).create()
    anew.send_quotes(40)
    second = cluster.worker().start()
    until(lambda: "went back to offset 0 after 100" in second.failure(cluster.name), 60, second.server.tail)
    check_exactly_once(lake, cluster.table, topic)


def test_a_broker_that_restarts_is_waited_for(cluster: Cluster, lake: Lake) -> None:
    topic = topic_of(cluster)
    topic.send_quotes(400)
    worker = cluster.worker().start()
    worker.put_connector(cluster.name, cluster.config())
    wait_for_rows(cluster, lake, 100)
    cluster.broker.stop()
    time.sleep(2)
    cluster.broker.start()
    topic.send_quotes(400)
    wait_for_rows(cluster, lake, 800, seconds=120)
    check_exactly_once(lake, cluster.table, topic)


def test_slow_and_dead_datanodes_hold_up_nobody(cluster: Cluster, hdfs: Hdfs, lake: Lake) -> None:
    """The DataNode sleeps for longer than the consumer may be silent, and then dies during writes."""
    topic = topic_of(cluster)
    topic.send_quotes(400)
    worker = cluster.worker().start()
    worker.put_connector(
        cluster.name, cluster.config(flush_max_age_ms=300, consumer_override_max_poll_interval_ms=4000)
    )
    wait_for_rows(cluster, lake, 400)
    said = len(worker.server.output())
    for fault, repair in (
        (lambda: hdfs.datanode.send(signal.SIGSTOP), lambda: hdfs.datanode.send(signal.SIGCONT)),
        (hdfs.datanode.kill, hdfs.datanode.start),
    ):
        fault()
        try:
            topic.send_quotes(400)
            time.sleep(5)
        finally:
            repair()
        hdfs.wait()
    wait_for_rows(cluster, lake, len(topic.sent))
    check_exactly_once(lake, cluster.table, topic)
    assert worker.states(cluster.name) == ["RUNNING", "RUNNING"], worker.failure(cluster.name)
    assert "max.poll.interval.ms" not in worker.server.output()[said:]


def test_a_damaged_manifest_stops_the_task(cluster: Cluster, hdfs: Hdfs, lake: Lake) -> None:
    """It says which one, writes nothing meanwhile, and goes on when the manifest is back."""
    topic = topic_of(cluster)
    topic.send_quotes(400)
    worker = cluster.worker().start()
    worker.put_connector(cluster.name, parquet(cluster, hdfs) | {"tasks.max": 1})
    check_all(cluster, hdfs, lake, topic)
    worker.request("PUT", f"/connectors/{cluster.name}/stop")
    until(lambda: not worker.states(cluster.name), 30, worker.server.tail)
    log = f"{hdfs.url}/{cluster.name}/landing/+log/{cluster.name}/2"
    newest = max(lake.names(log))
    kept = lake.content(f"{log}/{newest}")
    lake.overwrite(f"{log}/{newest}", kept[: len(kept) // 2])
    topic.send_quotes(400)
    worker.request("PUT", f"/connectors/{cluster.name}/resume")
    until(lambda: f"{newest}: it is not a manifest" in worker.failure(cluster.name), 60, worker.server.tail)
    lake.overwrite(f"{log}/{newest}", kept)
    worker.request("POST", f"/connectors/{cluster.name}/restart?includeTasks=true&onlyFailed=true")
    check_all(cluster, hdfs, lake, topic)


def test_a_worker_that_wakes_up_as_a_zombie_is_fenced(cluster: Cluster, lake: Lake) -> None:
    """SIGSTOP for longer than its session: another worker takes over, then the first one goes on."""
    topic = topic_of(cluster)
    first = cluster.worker().start()
    first.put_connector(cluster.name, cluster.config(flush_max_age_ms=2000, tasks_max=1))
    topic.send_quotes(400)
    wait_for_rows(cluster, lake, 400)
    second = cluster.worker().start()
    topic.send_quotes(400)
    time.sleep(0.7)
    first.server.send(signal.SIGSTOP)
    try:
        topic.send_quotes(400)
        until(lambda: owners(second, cluster.name) == {second.url.removeprefix("http://")}, 60, "no owner")
        wait_for_rows(cluster, lake, len(topic.sent))
    finally:
        first.server.send(signal.SIGCONT)
    topic.send_quotes(400)
    wait_for_rows(cluster, lake, len(topic.sent))
    check_exactly_once(lake, cluster.table, topic)


@pytest.mark.soak
def test_zombies_again_and_again(cluster: Cluster, lake: Lake) -> None:
    topic = topic_of(cluster)
    first = cluster.worker().start()
    first.put_connector(cluster.name, cluster.config(flush_max_age_ms=3000, tasks_max=1))
    topic.send_quotes(400)
    wait_for_rows(cluster, lake, 400)
    second = cluster.worker().start()
    for _ in range(3):
        topic.send_quotes(400)
        time.sleep(1)
        first.server.send(signal.SIGSTOP)
        topic.send_quotes(400)
        time.sleep(15)
        first.server.send(signal.SIGCONT)
        wait_for_rows(cluster, lake, len(topic.sent), seconds=120)
        first, second = second, first
    check_exactly_once(lake, cluster.table, topic)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
def test_many_kills(cluster: Cluster, lake: Lake, seed: int) -> None:
    topic = kill_and_restart(cluster, kills=15, seed=seed)
    wait_for_rows(cluster, lake, len(topic.sent), seconds=180)
    check_exactly_once(lake, cluster.table, topic)


@pytest.mark.soak
def test_a_storm_of_rebalances(cluster: Cluster, lake: Lake) -> None:
    """Workers come and go every few seconds, some by kill -9, while records come in."""
    chance = shuffled(7)
    topic = topic_of(cluster)
    ended = threading.Event()

    def produce() -> None:
        while not ended.is_set():
            topic.send_quotes(200)
            time.sleep(0.2)

    alive = [cluster.worker().start()]
    alive[0].put_connector(cluster.name, cluster.config(flush_max_age_ms=700, tasks_max=4))
    producer = threading.Thread(target=produce)
    producer.start()
    try:
        for _ in range(12):
            alive.append(cluster.worker().start())
            time.sleep(chance.uniform(1, 6))
            gone = alive.pop(chance.randrange(len(alive)))
            if chance.random() < 0.5:
                gone.stop()
            else:
                gone.server.kill()
            if not alive:
                alive.append(cluster.worker().start())
    finally:
        ended.set()
        producer.join()
    wait_for_rows(cluster, lake, len(topic.sent), seconds=180)
    check_exactly_once(lake, cluster.table, topic)


@pytest.mark.soak
def test_a_datanode_that_dies_during_writes_is_waited_for(cluster: Cluster, hdfs: Hdfs, lake: Lake) -> None:
    topic = topic_of(cluster)
    worker = cluster.worker().start()
    worker.put_connector(cluster.name, cluster.config(flush_max_age_ms=300))
    for _ in range(3):
        topic.send_quotes(2000)
        time.sleep(1)
        hdfs.datanode.kill()
        topic.send_quotes(2000)
        time.sleep(3)
        hdfs.datanode.start()
        hdfs.wait()
        wait_for_rows(cluster, lake, len(topic.sent), seconds=180)
    check_exactly_once(lake, cluster.table, topic)
    assert "FAILED" not in worker.states(cluster.name), worker.failure(cluster.name)
