#!/usr/bin/env python3
"""Measures sinks of Kafka Connect on one broker and HDFS: CPU seconds of the worker per million records.

Each sink gets a worker process of its own, which takes a warm-up topic first. Then the measured topic is
read from its start until all of it is committed, and what is there is read back and compared before the
time counts. The connector that drops everything shows what Connect itself costs.

    scripts/bench.sh connect [-- --records 5000000 --warmup 1000000]
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT))

from tests.servers.hdfs import Hdfs  # noqa: E402
from tests.servers.kafka import Broker, Worker, until  # noqa: E402
from tests.servers.process import jars  # noqa: E402

PARTITIONS = 8
#: Milliseconds between two commits, the same for all.
INTERVAL = 5000
JSON = {
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": "false",
}
BYTES = {
    f"{part}.converter": "org.apache.kafka.connect.converters.ByteArrayConverter"
    for part in ("key", "value", "header")
}
OURS = BYTES | {
    "connector.class": "io.financelake.connect.HdfsSinkConnector",
    # Only age ends a file, as with the peers.
    "flush.size": 100_000_000,
    "flush.bytes": 1 << 30,
    "native.memory.max.bytes": 2 << 30,
    "flush.max.age.ms": INTERVAL,
    "hdfs.user": "lake",
}
FIELDS = ["symbol", "ts", "seq", "open", "high", "low", "close", "volume", "region", "asset_class"]


@dataclass
class Files:
    """The file system through the NameNode's HTTP interface, which no sink uses."""

    hdfs: Hdfs

    def _url(self, path: str, operation: str) -> str:
        return f"http://{self.hdfs.web}/webhdfs/v1/{path.lstrip('/')}?op={operation}&user.name=lake"

    def read(self, path: str) -> bytes:
        with urllib.request.urlopen(self._url(path, "OPEN"), timeout=60) as answer:
            return answer.read()

    def list(self, folder: str) -> Iterator[str]:
        """All files below a folder."""
        try:
            with urllib.request.urlopen(self._url(folder, "LISTSTATUS"), timeout=60) as answer:
                entries = json.load(answer)["FileStatuses"]["FileStatus"]
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return
            raise
        for entry in entries:
            path = f"{folder}/{entry['pathSuffix']}"
            if entry["type"] == "DIRECTORY":
                yield from self.list(path)
            else:
                yield path


@dataclass
class Sink:
    """One way to bring a topic to HDFS."""

    name: str
    config: Callable[[str], dict[str, object]]
    #: The data files that are committed, given the folder; none when nothing is written.
    files: Callable[[Files, str], list[str]] | None = None
    #: Rows that are committed, where consumer offsets do not say it.
    rows: Callable[[Files, str], int] | None = None


def plain(folder: str) -> Callable[[Files, str], list[str]]:
    def find(files: Files, base: str) -> list[str]:
        return [path for path in files.list(f"{base}/{folder}") if path.endswith(".parquet")]

    return find


def delta_files(files: Files, base: str) -> list[str]:
    found = []
    for path in files.list(f"{base}/_delta_log"):
        if path.endswith(".json"):
            actions = [json.loads(line) for line in files.read(path).splitlines()]
            found += [f"{base}/{action['add']['path']}" for action in actions if "add" in action]
    return found


def file_rows(files: Files, base: str) -> int:
    """What the manifests say."""
    ends: dict[str, int] = {}
    for path in files.list(f"{base}/logs"):
        if not path.endswith(".json"):
            continue
        folder = path.rsplit("/", 1)[0]
        ends[folder] = max(ends.get(folder, 0), json.loads(files.read(path))["end"])
    return sum(ends.values())


def delta_rows(files: Files, base: str) -> int:
    """What the log says."""
    rows = 0
    for path in files.list(f"{base}/_delta_log"):
        if path.endswith(".json"):
            actions = [json.loads(line) for line in files.read(path).splitlines()]
            rows += sum(json.loads(a["add"]["stats"])["numRecords"] for a in actions if "add" in a)
    return rows


def iceberg_summary(files: Files, base: str) -> tuple[str, dict[str, str]]:
    """The newest snapshot of the table, as its metadata says."""
    table = f"{base}/bench/quotes"
    version = files.read(f"{table}/metadata/version-hint.text").decode().strip()
    metadata = json.loads(files.read(f"{table}/metadata/v{version}.metadata.json"))
    current = metadata.get("current-snapshot-id")
    snapshots = [s for s in metadata.get("snapshots", []) if s["snapshot-id"] == current]
    return table, snapshots[0]["summary"] if snapshots else {}


def iceberg_rows(files: Files, base: str) -> int:
    return int(iceberg_summary(files, base)[1].get("total-records", 0))


def sinks(hdfs: Hdfs) -> list[Sink]:
    by_region = {"partitioner.class": "FieldPartitioner", "partition.field.name": "region"}
    parquet = {"delivery.target": "parquet", "metadata.columns": "none", "topics.dir": "topics"}
    iceberg = {
        "connector.class": "org.apache.iceberg.connect.IcebergSinkConnector",
        "iceberg.tables": "bench.quotes",
        "iceberg.tables.auto-create-enabled": "true",
        "iceberg.tables.default-partition-by": "region",
        "iceberg.catalog.type": "hadoop",
        "iceberg.hadoop-conf-dir": hdfs.conf,
        "iceberg.control.commit.interval-ms": INTERVAL,
        "iceberg.control.commit.timeout-ms": 30_000,
    }
    noop = {"connector.class": "io.financelake.bench.NoopSink"}
    jvm = {"connector.class": "io.financelake.bench.JvmSink", "flush.max.age.ms": INTERVAL}
    return [
        Sink("no-op, bytes", lambda _: noop | BYTES),
        Sink("no-op, JsonConverter", lambda _: noop | JSON),
        Sink(
            "FinanceLake, Parquet files",
            lambda base: OURS | parquet | by_region | {"store.url": hdfs.url + base},
            plain("topics"),
            file_rows,
        ),
        Sink(
            "FinanceLake, Bronze Delta table",
            lambda base: OURS | {"delta.table.url": hdfs.url + base},
            delta_files,
            delta_rows,
        ),
        Sink(
            "JVM: Avro, parquet-java",
            lambda base: jvm | JSON | {"store.url": hdfs.url + base},
            plain("data"),
        ),
        Sink(
            "Iceberg sink 1.12.0",
            lambda base: iceberg | JSON | {"iceberg.catalog.warehouse": hdfs.url + base},
            lambda files, base: plain("data")(files, f"{base}/bench/quotes"),
            iceberg_rows,
        ),
    ]


def quotes(path: Path, count: int) -> None:
    """Lines of about 200 bytes, all different."""
    symbols = [("AAPL", "US"), ("SAP", "EU"), ("7203.T", "ASIA"), ("BTC-USD", "GLOBAL"), ("MSFT", "US")]
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            symbol, region = symbols[number % len(symbols)]
            price, second = 100 + number % 997 / 8, number % 86_400
            values = [
                symbol,
                f"2024-03-04T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z",
                number,
                price,
                price + 1.5,
                price - 1.25,
                price + 0.5,
                1000 + number * 7 % 100_000,
                region,
                "equity",
            ]
            file.write(json.dumps(dict(zip(FIELDS, values, strict=True))) + "\n")


def create(broker: Broker, topic: str, partitions: int) -> None:
    tool = "org.apache.kafka.tools.TopicCommand"
    where = ("--bootstrap-server", broker.address)
    options = ("--create", "--topic", topic, "--partitions", str(partitions))
    broker.jvm(f"create-{topic}", tool, *where, *options).run()


def fill(broker: Broker, folder: Path, topic: str, records: int) -> None:
    """A topic with that many records, random lines of the file."""
    create(broker, topic, PARTITIONS)
    broker.jvm(
        f"fill-{topic}",
        "org.apache.kafka.tools.ProducerPerformance",
        *("--topic", topic, "--num-records", str(records), "--throughput", "-1"),
        *("--payload-file", str(folder / "quotes.jsonl")),
        *("--producer-props", f"bootstrap.servers={broker.address}", "acks=1", "batch.size=65536"),
    ).run(seconds=1200)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def committed(worker: Worker, connector: str) -> int:
    """Records below the offsets that the connector committed."""
    try:
        offsets = worker.get(f"/connectors/{connector}/offsets")["offsets"]
    except urllib.error.HTTPError:
        return 0
    return sum(entry["offset"]["kafka_offset"] for entry in offsets if entry["offset"])


def take(
    worker: Worker, sink: Sink, files: Files, topic: str, base: str, records: int
) -> tuple[float, float]:
    """Runs the sink over a topic; returns seconds of CPU and of time."""
    name = base.strip("/").replace("/", "-")
    config = sink.config(base) | {
        "tasks.max": 2,
        "topics": topic,
        "consumer.override.max.poll.records": 10_000,
        "consumer.override.max.partition.fetch.bytes": 4 << 20,
        "consumer.override.auto.offset.reset": "earliest",
    }
    config.setdefault("key.converter", "org.apache.kafka.connect.converters.ByteArrayConverter")
    cpu, start = cpu_seconds(worker.server.process.pid), time.monotonic()
    worker.put_connector(name, config)

    def done() -> bool:
        failure = worker.failure(name)
        if failure:
            raise RuntimeError(f"{sink.name} failed: {failure}")
        try:
            return (sink.rows(files, base) if sink.rows else committed(worker, name)) >= records
        except urllib.error.HTTPError:
            # A file that was listed is gone or not whole: a temporary one.
            return False

    # Ten times what the slowest takes, and the start.
    limit = 90 + records / 4000
    until(done, limit, lambda: f"{sink.name} does not end:\n{worker.server.tail()}")
    used = cpu_seconds(worker.server.process.pid) - cpu, time.monotonic() - start
    worker.request("DELETE", f"/connectors/{name}")
    return used


def read_back(sink: Sink, files: Files, base: str) -> tuple[int, int, int]:
    """Files, rows, and the sum of the records' numbers."""
    found = sink.files(files, base) if sink.files else []
    rows = total = 0
    for path in found:
        column = pq.read_table(io.BytesIO(files.read(path)), columns=["seq"], partitioning=None)["seq"]
        rows += len(column)
        total += pc.sum(column).as_py() or 0
    return len(found), rows, total


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--warmup", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument(
        "--only", help="parts of names, with | between them: only these sinks run, and no result is written"
    )
    parser.add_argument("--plugin", type=Path, default=ROOT / "dist/financelake-kafka-connect.zip")
    arguments = parser.parse_args()
    described = json.loads(subprocess.check_output([ROOT / "scripts/machine.sh"]))

    work = Path(tempfile.mkdtemp(prefix="financelake-bench-connect-"))
    hdfs, broker = Hdfs(work / "hdfs"), Broker(work / "kafka")
    plugins = work / "plugins"
    with zipfile.ZipFile(arguments.plugin) as archive:
        archive.extractall(plugins)
    shutil.copytree(jars("iceberg"), plugins / "iceberg")
    shutil.copytree(jars("iceberg"), plugins / "bench")
    shutil.copy(ROOT / "target/bench-connect/bench-connect.jar", plugins / "bench")
    files = Files(hdfs)
    results: dict[str, list[dict[str, float]]] = {}
    totals = set()
    try:
        hdfs.start()
        broker.start()
        quotes(work / "quotes.jsonl", 100_000)
        create(broker, "control-iceberg", 1)
        fill(broker, work, "warm", arguments.warmup)
        fill(broker, work, "measured", arguments.records)
        for number in range(arguments.rounds):
            for place, sink in enumerate(sinks(hdfs)):
                if arguments.only and not any(part in sink.name for part in arguments.only.split("|")):
                    continue
                base = f"/bench/{number}-{place}"
                worker = Worker(
                    work / f"worker-{number}-{place}", broker, plugins, group=f"w{number}-{place}"
                )
                # A worker as users run it: with the optimising compiler, and 1 GiB of heap.
                worker.server.options(["-Xmx1g"])
                worker.server.environment["HADOOP_USER_NAME"] = "lake"
                try:
                    worker.start()
                    take(worker, sink, files, "warm", f"{base}/warm", arguments.warmup)
                    cpu, wall = take(worker, sink, files, "measured", f"{base}/data", arguments.records)
                    peak = peak_mib(worker.server.process.pid)
                finally:
                    worker.server.kill()
                count, rows, total = read_back(sink, files, f"{base}/data")
                if sink.files:
                    if rows != arguments.records:
                        raise RuntimeError(f"{sink.name}: {rows} rows of {arguments.records} records")
                    totals.add(total)
                    if len(totals) > 1:
                        raise RuntimeError(f"{sink.name}: other records than the sinks before")
                measured = {"cpu_s": cpu, "wall_s": wall, "peak_mib": peak, "files": count, "rows": rows}
                results.setdefault(sink.name, []).append(measured)
                print(sink.name, json.dumps(measured), flush=True)
    except Exception:
        for log in work.glob("*/*.log"):
            shutil.copy(log, ROOT / "target/bench-connect")
        raise
    finally:
        broker.stop()
        hdfs.stop()
        shutil.rmtree(work, ignore_errors=True)
    if arguments.only:
        return 0
    write(results, arguments.records, described)
    return 0


def write(results: dict[str, list[dict[str, float]]], records: int, machine: dict) -> None:
    millions = records / 1e6
    summary = {
        name: {
            "cpu_s_per_million": round(statistics.median(r["cpu_s"] for r in runs) / millions, 2),
            "wall_s": round(statistics.median(r["wall_s"] for r in runs), 1),
            "peak_mib": round(max(r["peak_mib"] for r in runs)),
            "files": runs[-1]["files"],
            "rows": runs[-1]["rows"],
        }
        for name, runs in results.items()
    }

    def beyond(name: str) -> float:
        return summary[name]["cpu_s_per_million"] - summary["no-op, bytes"]["cpu_s_per_million"]

    parquet, delta = "FinanceLake, Parquet files", "FinanceLake, Bronze Delta table"
    jvm, iceberg = "JVM: Avro, parquet-java", "Iceberg sink 1.12.0"
    pairs = [(parquet, iceberg, 0.25), (parquet, jvm, 0.5), (delta, iceberg, 0.5)]
    result = {
        "benchmark": "connect",
        "machine": machine,
        "records": records,
        "partitions": PARTITIONS,
        "commit_interval_ms": INTERVAL,
        "rounds": len(next(iter(results.values()))),
        "sinks": summary,
        "ratios": {
            f"CPU beyond the no-op, {ours} / {peer}": {
                "measured": round(beyond(ours) / beyond(peer), 3),
                "wanted": wanted,
            }
            for ours, peer, wanted in pairs
        },
    }
    target = ROOT / "tests/bench/results/connect.json"
    target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"written to {target.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
