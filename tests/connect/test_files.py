"""Plain files on HDFS in the layout of Confluent's sink, each record once, and the command line."""

from __future__ import annotations

import itertools
import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from pyspark.sql import functions as f

from tests.connect.conftest import Cluster
from tests.connect.lake import Lake
from tests.connect.records import Topic
from tests.connect.test_sink import kill_and_restart, topic_of
from tests.servers.hdfs import Hdfs
from tests.servers.kafka import until

ROOT = Path(__file__).resolve().parents[2]


def command(*arguments: str | Path, code: int = 0) -> str:
    """What `financelake connect` prints; it must end with that exit code."""
    result = subprocess.run(
        [ROOT / "dist/financelake", "connect", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout + result.stderr


def count(lake: Lake, form: str, folder: str) -> int:
    try:
        return lake.spark.read.format(form).load(folder).count()
    except Exception as error:
        if "PATH_NOT_FOUND" in str(error) or "UNABLE_TO_INFER_SCHEMA" in str(error):
            return 0
        raise


def avro(lake: Lake, folder: str) -> list[dict[str, object]]:
    """The records of all Avro files below a folder."""
    jvm, conf = lake.spark._jvm, lake.spark._jsc.hadoopConfiguration()
    path = jvm.org.apache.hadoop.fs.Path(folder)
    files = path.getFileSystem(conf)
    if not files.exists(path):
        return []
    found, listed = [], files.listFiles(path, True)
    while listed.hasNext():
        source = jvm.org.apache.avro.mapred.FsInput(listed.next().getPath(), conf)
        datum = jvm.org.apache.avro.generic.GenericDatumReader()
        reader = jvm.org.apache.avro.file.DataFileReader.openReader(source, datum)
        while reader.hasNext():
            # The text of a record is JSON.
            found.append(json.loads(reader.next().toString()))
        reader.close()
    return found


def test_the_seven_keys_of_the_original_project(
    cluster: Cluster, hdfs: Hdfs, lake: Lake, tmp_path: Path
) -> None:
    topic = topic_of(cluster)
    topic.send_quotes(44)
    config = {
        "connector.class": "io.confluent.connect.hdfs.HdfsSinkConnector",
        "topics": cluster.name,
        "hdfs.url": f"{hdfs.url}/seven",
        "flush.size": "3",
        "format.class": "io.confluent.connect.hdfs.json.JsonFormat",
        "hadoop.conf.dir": str(hdfs.conf),
        "tasks.max": "1",
    }
    file = tmp_path / "sink.json"
    file.write_text(json.dumps({"name": cluster.name, "config": config}), encoding="utf-8")
    nowhere = "http://127.0.0.1:1"
    assert f"the worker at {nowhere}" in command("status", cluster.name, "--url", nowhere, code=1)
    worker = cluster.worker().start()
    url = ("--url", worker.url)
    assert "with --adopt it is changed" in command("deploy", file, *url, code=2)
    sample = f"{hdfs.url}/seven/topics/<topic>/partition=0/<topic>+0+0000000000+0000000999.json"
    assert f"a record of now would go to {sample}" in command("validate", file, "--adopt", *url)
    assert f"{cluster.name} runs with 1 tasks" in command("deploy", file, "--adopt", *url)
    # Eleven records in each partition: three files, and two records that wait.
    folder = f"{hdfs.url}/seven/topics/{cluster.name}"
    until(lambda: count(lake, "text", folder) >= 36, 60, worker.server.tail)
    lines = lake.spark.read.text(folder).select("value", f.input_file_name().alias("file")).collect()
    found: dict[str, list[object]] = {}
    for line in lines:
        found.setdefault(line["file"].removeprefix(f"{folder}/"), []).append(json.loads(line["value"]))
    name = cluster.name
    assert found == {
        f"partition={p}/{name}+{p}+{first:010}+{first + 2:010}.json": [
            json.loads(topic.sent[p, offset]) for offset in range(first, first + 3)
        ]
        for p in range(4)
        for first in (0, 3, 6)
    }
    until(lambda: command("offsets", name, *url).split() == [f"{name}:{p}=9" for p in range(4)], 30, "lag")
    assert f"{name}: RUNNING on" in command("status", name, *url)

    # Partitions go forward and never back; what is left out does not come.
    back = command("reset", name, "--to", f"{name}:1=3", *url, code=1)
    assert "cannot go back from offset 11 to 3" in back, "a connector that is stopped commits what it has"
    worker.request("PUT", f"/connectors/{name}/stop")
    topic.send([b'{"new": 1}'] * 5, partition=2)
    command("reset", name, "--to", f"{name}:2=13", *url)
    newest = f"{folder}/partition=2/{name}+2+0000000013+0000000015.json"
    until(lambda: count(lake, "text", newest) == 3, 60, worker.server.tail)
    assert count(lake, "text", folder) == 44 + 3

    # The same topic as Avro files by day and region, read by Avro's own reader. What is no quote is left out.
    template = json.loads((ROOT / "kafka-connect/hdfs-sink-avro.json").read_text(encoding="utf-8"))
    here = {"name": f"{name}-avro", "topics": name, "store.url": f"{hdfs.url}/avro", "flush.max.age.ms": 500}
    here |= {"errors.deadletterqueue.topic.name": f"{name}_dlq"}
    file.write_text(json.dumps(template | here), encoding="utf-8")
    command("deploy", file, *url)
    landing = f"{hdfs.url}/avro/landing/{name}/date=2024-03-04"
    until(lambda: len(avro(lake, landing)) >= 44, 60, worker.server.tail)
    rows = {(row["partition"], row["offset"]): row for row in avro(lake, landing)}
    assert len(rows) == 44
    for place, row in rows.items():
        sent = json.loads(topic.sent[place])
        assert (row["symbol"], row["close"], row["region"]) == (sent["symbol"], sent["close"], sent["region"])

    # What is wrong is said all at once, and a failure of a task is not a success.
    wrong = config | {"flush.sise": "1", "format.class": "OrcFormat", "name": "x"}
    file.write_text(json.dumps(wrong), encoding="utf-8")
    said = command("deploy", file, "--adopt", *url, code=1)
    assert "2 values are wrong" in said and "did you mean flush.size?" in said and "ParquetFormat" in said
    assert "404" in command("status", "nobody", *url, code=1)


def parquet(cluster: Cluster, hdfs: Hdfs) -> dict[str, object]:
    """The configuration that users start from, for this topic, with short times."""
    template = json.loads((ROOT / "kafka-connect/hdfs-sink-parquet.json").read_text(encoding="utf-8"))
    del template["name"]
    here = {"topics": cluster.name, "store.url": f"{hdfs.url}/{cluster.name}"}
    dead = {"errors.deadletterqueue.topic.name": f"{cluster.name}_dlq"}
    return template | here | dead | {"flush.size": 70, "flush.max.age.ms": 300, "retry.backoff.ms": 500}


def check_all(cluster: Cluster, hdfs: Hdfs, lake: Lake, topic: Topic, seconds: float = 60) -> None:
    """Waits for all that was sent, and checks rows and manifests."""
    landing = f"{hdfs.url}/{cluster.name}/landing"
    folder = f"{landing}/{cluster.name}"

    def otherwise() -> str:
        return "\n".join(worker.server.tail() for worker in cluster.workers)

    until(lambda: count(lake, "parquet", folder) >= len(topic.sent), seconds, otherwise)
    check_files(lake, folder, topic)
    check_manifests(lake, f"{landing}/+log", topic)


def test_killed_workers_lose_and_repeat_no_row_of_a_file(cluster: Cluster, hdfs: Hdfs, lake: Lake) -> None:
    topic = kill_and_restart(cluster, kills=3, seed=7, config=parquet(cluster, hdfs))
    check_all(cluster, hdfs, lake, topic)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
def test_many_kills_during_files(cluster: Cluster, hdfs: Hdfs, lake: Lake, seed: int) -> None:
    topic = kill_and_restart(cluster, kills=15, seed=seed, config=parquet(cluster, hdfs))
    check_all(cluster, hdfs, lake, topic, seconds=180)


@pytest.mark.soak
def test_a_zombie_cannot_write_files(cluster: Cluster, hdfs: Hdfs, lake: Lake) -> None:
    """SIGSTOP for longer than its session: another worker takes over, then the first one goes on."""
    topic = topic_of(cluster)
    first = cluster.worker().start()
    first.put_connector(cluster.name, parquet(cluster, hdfs) | {"flush.max.age.ms": 3000, "tasks.max": 1})
    topic.send_quotes(400)
    second = cluster.worker().start()
    for _ in range(3):
        topic.send_quotes(400)
        time.sleep(1)
        first.server.send(signal.SIGSTOP)
        topic.send_quotes(400)
        time.sleep(15)
        first.server.send(signal.SIGCONT)
        check_all(cluster, hdfs, lake, topic, seconds=120)
        first, second = second, first


@pytest.mark.soak
def test_servers_that_fail_during_files_are_waited_for(cluster: Cluster, hdfs: Hdfs, lake: Lake) -> None:
    topic = topic_of(cluster)
    worker = cluster.worker().start()
    worker.put_connector(cluster.name, parquet(cluster, hdfs))
    for server in (hdfs.namenode, hdfs.datanode, hdfs.namenode):
        topic.send_quotes(2000)
        time.sleep(1)
        server.kill()
        topic.send_quotes(2000)
        time.sleep(4)
        server.start()
        hdfs.wait()
        check_all(cluster, hdfs, lake, topic, seconds=180)
    assert "FAILED" not in worker.states(cluster.name), worker.failure(cluster.name)


def check_files(lake: Lake, folder: str, topic: Topic) -> None:
    """Every record is in one file, in the right folder, and names of files say what is in them."""
    columns = [
        "partition",
        "offset",
        "seq",
        "event_date",
        "region",
        "close",
        f.input_file_name().alias("file"),
    ]
    rows = lake.spark.read.parquet(folder).select(*columns).collect()
    places = {(row["partition"], row["offset"]): row for row in rows}
    assert len(rows) == len(places), f"{len(rows) - len(places)} records are there twice"
    assert places.keys() == topic.sent.keys()
    offsets: dict[str, list[int]] = {}
    for place, row in places.items():
        sent = json.loads(topic.sent[place])
        assert (row["seq"], row["close"]) == (sent["seq"], sent["close"])
        assert f"/date={row['event_date']}/region={sent['region']}/" in row["file"]
        offsets.setdefault(row["file"], []).append(row["offset"])
    for file, found in offsets.items():
        name = re.fullmatch(rf"{topic.name}\+(\d+)\+(\d{{10}})\+(\d{{10}})\.parquet", file.rsplit("/", 1)[1])
        assert name, file
        assert (int(name[2]), int(name[3])) == (min(found), max(found)), file


def check_manifests(lake: Lake, folder: str, topic: Topic) -> None:
    """The manifests of each partition follow each other, up to its last offset."""
    for partition in range(topic.partitions):
        files = lake.spark.read.text(f"{folder}/{topic.name}/{partition}", wholetext=True)
        chain = [json.loads(row["value"]) for row in files.collect()]
        chain.sort(key=lambda manifest: manifest["end"])
        assert len(chain) <= 10
        for before, after in itertools.pairwise(chain):
            assert after["start"] == before["end"]
        assert chain[-1]["end"] == 1 + max(offset for p, offset in topic.sent if p == partition)
