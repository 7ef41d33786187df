#!/usr/bin/env python3
"""Measures records on their way from a topic to Gold, on a real broker and a real HDFS, in one run.

First the producer: made-up records of 200 bytes per CPU second of `financelake produce`. Then the jobs of
jobs.py, each in a Spark of its own in local[2]: a small topic to warm up, then the measured one, layer after
layer. CPU seconds are those of the whole job, Python workers included; those of Kafka and HDFS are not.

With --growth N our job goes on N times with as many records again, which tells what the size of the lake
costs.

    scripts/bench.sh pipeline [-- --records 1000000 --growth 2]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from jobs import JOBS, TABLES, Place  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

from tests.pipeline.services import Services  # noqa: E402
from tests.servers.process import jars  # noqa: E402

DELTA = "io.delta:delta-spark_4.2_2.13:4.4.0"
KAFKA = "org.apache.spark:spark-sql-kafka-0-10_2.13:4.2.0"
WARM_UP = 20_000
PRODUCED = 4_000_000
SYMBOLS = 100
NAMES = {
    "floor": "rows untouched",
    "ours": "FinanceLake",
    "built_ins": "SQL built-ins, no indicators",
    "python": "PySpark, merges and pandas",
}
WANTED = {
    "records of the producer per CPU second": 500_000,
    "CPU of FinanceLake to that of rows untouched": 1.5,
    "CPU of PySpark to that of FinanceLake": 3.0,
}


def cpu_seconds(root: int) -> float:
    """User and system time of a process and all below it so far."""
    parents: dict[int, list[int]] = {}
    times: dict[int, float] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rsplit(") ", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        pid = int(stat.parent.name)
        parents.setdefault(int(fields[1]), []).append(pid)
        # With those of its children that have ended.
        times[pid] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def below(pid: int) -> Iterator[int]:
        yield pid
        for child in parents.get(pid, []):
            yield from below(child)

    return sum(times[pid] for pid in below(root))


def session() -> SparkSession:
    builder = SparkSession.builder.master("local[2]").appName("pipeline")
    for key, value in {
        "spark.jars": str(next((ROOT / "dist").glob("financelake-spark_*.jar"))),
        "spark.jars.packages": f"{DELTA},{KAFKA}",
        "spark.jars.excludes": "org.slf4j:slf4j-api",
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "4",
        "spark.databricks.delta.snapshotPartitions": "2",
        "spark.hadoop.dfs.replication": "1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "3g",
        "spark.log.level": "ERROR",
    }.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def measured(place: Place, job: str) -> dict[str, dict[str, float]]:
    """Seconds of each layer."""
    found = {}
    for layer, step in JOBS[job].items():
        cpu, wall = cpu_seconds(os.getpid()), time.monotonic()
        step(place)
        found[layer] = {
            "cpu": round(cpu_seconds(os.getpid()) - cpu, 2),
            "wall": round(time.monotonic() - wall, 2),
        }
    return found


class Bench:
    """The servers, and what is asked of them."""

    def __init__(self, folder: Path) -> None:
        self.services = Services(folder)
        self.folder = folder
        self.produced: dict[str, int] = {}

    def create(self, topic: str) -> None:
        tool = ["java", "-cp", f"{jars('kafka')}/*", "org.apache.kafka.tools.TopicCommand"]
        create = ["--create", "--topic", topic, "--partitions", "4", "--replication-factor", "1"]
        servers = ["--bootstrap-server", self.services.brokers]
        subprocess.run([*tool, *servers, *create], check=True, capture_output=True)

    def produce(self, topic: str, records: int) -> tuple[str, float]:
        """Sends the next records of the source; returns what was printed, and CPU seconds."""
        self.produced[topic] = self.produced.get(topic, 0) + records
        options = ["--symbols", str(SYMBOLS), "--records", str(self.produced[topic]), "--topic", topic]
        position = self.folder / f"{topic}.json"
        process = self.services.produce("synthetic", *options, "--position", position)
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            raise RuntimeError(f"the producer failed: {process.stderr.read()}")
        return printed, usage.ru_utime + usage.ru_stime

    def throughput(self) -> dict[str, float]:
        self.create("throughput")
        printed, cpu = self.produce("throughput", PRODUCED)
        megabytes = float(re.search(r"finished: .* ([\d.]+) MB", printed)[1])
        wall = float(re.search(r"finished: .* ([\d.]+) s$", printed, re.MULTILINE)[1])
        return {
            "records": PRODUCED,
            "bytes_per_record": round(megabytes * 1e6 / PRODUCED),
            "cpu": round(cpu, 2),
            "wall": wall,
            "records_per_cpu_second": round(PRODUCED / cpu),
            "records_per_second": round(PRODUCED / wall),
        }

    def job(self, name: str, records: int, growth: int) -> dict:
        """One of the jobs, in a process of its own. It asks for more records by a line."""
        command = [sys.executable, __file__, "--job", name, "--brokers", self.services.brokers]
        command += ["--lake", f"{self.services.lake}/{name}", "--growth", str(growth)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with (self.folder / "errors.txt").open("w", encoding="utf-8") as errors:
            process = subprocess.Popen(command, **pipes, stderr=errors, text=True, cwd=ROOT)
        result = None
        for line in process.stdout:
            if line == "more\n":
                self.produce("measured", records)
                process.stdin.write("sent\n")
                process.stdin.flush()
            elif line.startswith("result "):
                result = json.loads(line.removeprefix("result "))
            else:
                print(f"    {line}", end="", flush=True)
        if process.wait() != 0 or result is None:
            errors = (self.folder / "errors.txt").read_text(encoding="utf-8")
            raise RuntimeError(f"the job {name} failed:\n{errors[-4000:]}")
        return result


def run_job(arguments: argparse.Namespace) -> None:
    """What the process of a job does: prints `result` and its figures."""
    spark = session()
    # Python's workers import what the job calls.
    spark.sparkContext.addPyFile(str(Path(__file__).with_name("jobs.py")))
    warm_up = Place(spark, arguments.brokers, "warm_up", f"{arguments.lake}-warm-up")
    for step in JOBS[arguments.job].values():
        step(warm_up)
    place = Place(spark, arguments.brokers, "measured", arguments.lake)
    layers = measured(place, arguments.job)
    rows = {
        table: spark.read.format("delta").load(place.table(table)).count() for table in TABLES[arguments.job]
    }
    grown = []
    for _ in range(arguments.growth):
        print("more", flush=True)
        sys.stdin.readline()
        grown.append(measured(place, arguments.job))
    print("result " + json.dumps({"layers": layers, "rows": rows, "grown": grown, "spark": spark.version}))
    spark.stop()


def total(layers: dict[str, dict[str, float]], kind: str = "cpu") -> float:
    return round(sum(layer[kind] for layer in layers.values()), 2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--growth", type=int, default=0, help="how often our job goes on with as many again")
    parser.add_argument("--only", default=",".join(["producer", *JOBS]), help="what is measured")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    parser.add_argument("--brokers", help=argparse.SUPPRESS)
    parser.add_argument("--lake", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.job:
        run_job(arguments)
        return 0
    wanted = arguments.only.split(",")
    described = json.loads(subprocess.check_output([ROOT / "scripts/machine.sh"]))
    folder = Path(tempfile.mkdtemp(prefix="financelake-bench-"))
    bench = Bench(folder)
    report = {"benchmark": "pipeline", "machine": described, "records": arguments.records}
    try:
        bench.services.start("--only", "kafka,hdfs")
        if "producer" in wanted:
            report["producer"] = bench.throughput()
            print("producer:", report["producer"], flush=True)
        for topic, records in (("warm_up", WARM_UP), ("measured", arguments.records)):
            bench.create(topic)
            bench.produce(topic, records)
        report["jobs"] = {}
        # Ours last: its topic grows.
        for name in sorted((job for job in JOBS if job in wanted), key=lambda job: job == "ours"):
            growth = arguments.growth if name == "ours" else 0
            found = bench.job(name, arguments.records, growth)
            described["spark"] = found.pop("spark")
            found["name"] = NAMES[name]
            found["total"] = {kind: total(found["layers"], kind) for kind in ("cpu", "wall")}
            report["jobs"][name] = found
            print(f"{NAMES[name]}: {found}", flush=True)
    finally:
        bench.services.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if set(wanted) != {"producer", *JOBS}:
        return 0
    cpu = {name: found["total"]["cpu"] for name, found in report["jobs"].items()}
    ratios = {
        "records of the producer per CPU second": report["producer"]["records_per_cpu_second"],
        "CPU of FinanceLake to that of rows untouched": round(cpu["ours"] / cpu["floor"], 2),
        "CPU of PySpark to that of FinanceLake": round(cpu["python"] / cpu["ours"], 2),
    }
    report["limits"] = {name: {"measured": ratios[name], "wanted": w} for name, w in WANTED.items()}
    for name, limit in report["limits"].items():
        print(f"{name}: {limit['measured']:,} (wanted {limit['wanted']:,})")
    target = ROOT / "tests/bench/results/pipeline.json"
    target.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"written to {target.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
