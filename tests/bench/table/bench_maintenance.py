#!/usr/bin/env python3
"""Measures table maintenance against delta-spark and the deltalake wheel, on copies of one table, in one run.

CPU seconds are those of the whole process, all threads, user and system: of ours from its start to its end;
of the wheel and of Spark without the start of Python or the JVM; Spark has compacted a small table before.
Wall time and peak memory stand beside; that of Spark is its largest resident set since the operation began.

    scripts/bench.sh table [-- --rows 2000000 --files 200 5000 --adds 100000]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

ROOT = Path(__file__).resolve().parents[3]
WORK = ROOT / "tests/bench/work"
COMMAND = ROOT / "dist/financelake"
WHEEL = [ROOT / ".tools/delta/bin/python", Path(__file__).with_name("wheel.py")]
DELTA = "io.delta:delta-spark_4.2_2.13:4.4.0"
DAYS = ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"]
FIELDS = {
    "symbol": "string",
    "account_id": "long",
    "ts": "timestamp",
    "price": "double",
    "quantity": "long",
    "side": "string",
    "trade_id": "string",
    "date": "date",
}
KEYS = ("symbol", "account_id")
# By CPU seconds: what the others take, as a multiple of ours.
WANTED = {
    "compact": {"delta-spark": 5, "deltalake": 1.3},
    "order": {"delta-spark": 5, "deltalake": 2.5},
    "vacuum dry run": {"delta-spark": 10, "deltalake": 2},
    "checkpoint": {"delta-spark": 5, "deltalake": 1},
    "load": {"delta-spark": 5, "deltalake": 1},
}


def commit(folder: Path, actions: list[dict]) -> None:
    """The first version of a table."""
    schema = {
        "type": "struct",
        "fields": [{"name": n, "type": t, "nullable": True, "metadata": {}} for n, t in FIELDS.items()],
    }
    head = [
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
        {
            "metaData": {
                "id": "0b6f4a0e-5c59-4b0f-8f5c-3f9f6a0f2f10",
                "format": {"provider": "parquet", "options": {}},
                "schemaString": json.dumps(schema),
                "partitionColumns": ["date"],
                "configuration": {},
                "createdTime": 1_700_000_000_000,
            }
        },
    ]
    log = folder / "_delta_log"
    log.mkdir(parents=True)
    with (log / f"{0:020}.json").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(action) + "\n" for action in [*head, *actions])


def add(path: str, day: str, size: int, statistics: dict) -> dict:
    return {
        "add": {
            "path": path,
            "partitionValues": {"date": day},
            "size": size,
            "modificationTime": 1_700_000_000_000,
            "dataChange": True,
            "stats": json.dumps(statistics),
        }
    }


def make_table(rows: int, files: int) -> Path:
    """Trades of four days in the order of time: few symbols have most of them."""
    folder = WORK / f"trades-{rows}-{files}"
    if folder.exists():
        return folder
    building = folder.with_name(folder.name + ".part")
    shutil.rmtree(building, ignore_errors=True)
    rng = np.random.default_rng(20_240_101)
    each, actions = rows // files, []
    for index in range(files):
        day = DAYS[index * len(DAYS) // files]
        symbols = rng.zipf(1.3, each) % 5000
        start = int(np.datetime64(day, "us").astype(np.int64)) + index * 1_000_000
        table = pa.table(
            {
                "symbol": pa.array([f"S{symbol:05}" for symbol in symbols]),
                "account_id": rng.zipf(1.3, each) % 200_000,
                "ts": pa.array(start + np.sort(rng.integers(0, 1_000_000, each)), pa.timestamp("us", "UTC")),
                "price": np.round(np.exp(rng.normal(4, 1, each)), 2),
                "quantity": rng.integers(1, 1000, each),
                "side": pa.array(np.where(rng.random(each) < 0.5, "B", "S")),
                "trade_id": pa.array([f"{number:016x}" for number in rng.integers(0, 2**62, each)]),
            }
        )
        path = f"date={day}/part-{index:05}.parquet"
        (building / path).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, building / path, compression="snappy")
        bounds = {name: (table[name].to_numpy().min(), table[name].to_numpy().max()) for name in KEYS}
        low, high = ({n: v if isinstance(v, str) else int(v) for n, v in zip(bounds, side, strict=True)}
                     for side in zip(*bounds.values(), strict=True))  # fmt: skip
        statistics = {"numRecords": each, "minValues": low, "maxValues": high,
                      "nullCount": dict.fromkeys(KEYS, 0)}  # fmt: skip
        actions.append(add(path, day, (building / path).stat().st_size, statistics))
    commit(building, actions)
    building.rename(folder)
    return folder


def make_log(adds: int) -> Path:
    """A table that is a log only, for what reads and writes logs."""
    folder = WORK / f"log-{adds}"
    if not folder.exists():
        building = folder.with_name(folder.name + ".part")
        shutil.rmtree(building, ignore_errors=True)
        actions = [
            add(
                f"date={DAYS[index % 4]}/part-{index:08}-c000.zstd.parquet",
                DAYS[index % 4],
                10_000_000 + index,
                {
                    "numRecords": 100_000,
                    "minValues": {"symbol": "S00000", "account_id": index},
                    "maxValues": {"symbol": "S04999", "account_id": index + 1000},
                    "nullCount": {"symbol": 0, "account_id": 0},
                },
            )
            for index in range(adds)
        ]
        commit(building, actions)
        building.rename(folder)
    return folder


def copy(table: Path, name: str) -> Path:
    target = WORK / "copy" / name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(table, target)
    return target


def ours(*arguments: str | Path) -> dict[str, float]:
    """Runs the command line; figures are those of its process."""
    start, peak = time.perf_counter(), 0.0
    with subprocess.Popen([COMMAND, "table", *map(str, arguments)], stdout=subprocess.DEVNULL) as process:
        # What the kernel says afterwards has the memory of the process that it was forked from in it.
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            peak = max(peak, resident(Path(f"/proc/{process.pid}")))
            time.sleep(0.005)
        _, status, usage = ended
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{arguments}: exit code {process.returncode}")
    wall = time.perf_counter() - start
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "mib": peak}


def resident(process: Path) -> float:
    """The largest resident set of a process so far, in MiB; 0 when it has ended."""
    lines = (process / "status").read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0) / 1024


def wheel(operation: str, path: Path) -> dict[str, float]:
    return json.loads(subprocess.check_output([*WHEEL, operation, path]))


class Spark:
    """A session whose JVM is measured."""

    def __init__(self) -> None:
        builder = SparkSession.builder.master("local[2]").appName("maintenance")
        for key, value in {
            "spark.jars.packages": DELTA,
            "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
            "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
            "spark.databricks.delta.retentionDurationCheck.enabled": "false",
            "spark.databricks.delta.optimize.maxFileSize": str(256 << 20),
            # For two cores; Spark begins with 10,000 tasks to list a folder, 200 and 50, and is slower.
            "spark.sql.sources.parallelPartitionDiscovery.parallelism": "8",
            "spark.sql.shuffle.partitions": "4",
            "spark.databricks.delta.snapshotPartitions": "2",
            "spark.driver.memory": "4g",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.log.level": "ERROR",
        }.items():
            builder = builder.config(key, value)
        self.session = builder.getOrCreate()
        jvm = self.session._jvm
        self.delta = jvm.org.apache.spark.sql.delta.DeltaLog
        self.process = Path(f"/proc/{jvm.java.lang.ProcessHandle.current().pid()}")

    def cpu(self) -> float:
        fields = (self.process / "stat").read_text(encoding="utf-8").rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def measure(self, run: Callable[[], object]) -> dict[str, float]:
        self.delta.clearCache()
        # The peak begins anew.
        (self.process / "clear_refs").write_text("5", encoding="utf-8")
        cpu, start = self.cpu(), time.perf_counter()
        run()
        return {"wall": time.perf_counter() - start, "cpu": self.cpu() - cpu, "mib": resident(self.process)}

    def sql(self, query: str) -> dict[str, float]:
        return self.measure(lambda: self.session.sql(query).collect())

    def log(self, path: Path):
        return self.delta.forTable(self.session._jsparkSession, str(path))

    def rows(self, path: Path) -> int:
        self.delta.clearCache()
        return self.session.read.format("delta").load(str(path)).count()


def files_read(path: Path) -> dict[str, float]:
    """The share of a table's files that a look-up of one key opens, keys uniform over the distinct values."""
    script = (
        "import json, sys\nfrom deltalake import DeltaTable\n"
        "actions = DeltaTable(sys.argv[1]).get_add_actions(flatten=True)\n"
        f"names = [side + '.' + key for key in {KEYS} for side in ('min', 'max')]\n"
        "print(json.dumps({name: actions.column(name).to_pylist() for name in names}))"
    )
    bounds = json.loads(subprocess.check_output([WHEEL[0], "-c", script, path]))
    shares = {}
    for key in KEYS:
        values = set()
        for file in (WORK / "copy" / path.name).rglob("*.parquet"):
            values.update(pq.read_table(file, columns=[key])[key].unique().to_pylist())
        low, high = (np.array(bounds[f"{side}.{key}"]) for side in ("min", "max"))
        found = [
            np.mean((low <= value) & (value <= high))
            for value in sorted(values)[:: max(1, len(values) // 500)]
        ]
        shares[key] = float(np.mean(found))
    return shares


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--files", type=int, nargs="+", default=[200, 5000])
    parser.add_argument("--adds", type=int, default=1_000_000)
    arguments = parser.parse_args()
    described = json.loads(subprocess.check_output([ROOT / "scripts/machine.sh"]))
    WORK.mkdir(parents=True, exist_ok=True)
    results: list[dict] = []
    shares: dict[str, dict[str, float]] = {}
    spark = Spark()

    def note(operation: str, kind: str, who: str, figures: dict[str, float]) -> None:
        results.append({"operation": operation, "kind": kind, "contender": who, **figures})
        print(
            f"{operation:<32} {who:<12} {figures['cpu']:8.2f} CPU-s {figures['wall']:8.2f} s "
            f"{figures['mib']:8.0f} MiB",
            flush=True,
        )

    tables = {count: make_table(arguments.rows, count) for count in arguments.files}
    first = tables[arguments.files[0]]
    spark.sql(f"OPTIMIZE delta.`{copy(make_table(10_000, 8), 'warm')}`")
    for count, table in tables.items():
        name = f"compact {count:,} files"
        own, of_wheel, of_spark = (copy(table, who) for who in ("own", "wheel", "spark"))
        note(name, "compact", "FinanceLake", ours("optimize", own, "--target-mb", "256"))
        note(name, "compact", "deltalake", wheel("compact", of_wheel))
        note(name, "compact", "delta-spark", spark.sql(f"OPTIMIZE delta.`{of_spark}`"))
        found = {spark.rows(path) for path in (own, of_wheel, of_spark)}
        if found != {arguments.rows // count * count}:
            raise SystemExit(f"rows were lost or doubled: {found}")
        name = f"vacuum dry run, {count:,} files"
        now = ["--dry-run", "--retain-hours", "0", "--unsafe-retention"]
        note(name, "vacuum dry run", "FinanceLake", ours("vacuum", own, *now))
        note(name, "vacuum dry run", "deltalake", wheel("vacuum", of_wheel))
        query = f"VACUUM delta.`{of_spark}` RETAIN 0 HOURS DRY RUN"
        note(name, "vacuum dry run", "delta-spark", spark.sql(query))
    name = f"order {arguments.files[0]:,} files by two columns"
    own, of_wheel, of_spark = (copy(first, who) for who in ("own", "wheel", "spark"))
    by = ["--order-by", ",".join(KEYS), "--strategy", "hilbert", "--target-mb", "16", "--memory-mb", "512"]
    note(name, "order", "FinanceLake", ours("optimize", own, *by))
    note(name, "order", "deltalake", wheel("order", of_wheel))
    spark.session.conf.set("spark.databricks.delta.optimize.maxFileSize", str(16 << 20))
    note(
        name, "order", "delta-spark", spark.sql(f"OPTIMIZE delta.`{of_spark}` ZORDER BY ({', '.join(KEYS)})")
    )
    for who, path in (("FinanceLake", own), ("deltalake", of_wheel), ("delta-spark", of_spark)):
        shares[who] = files_read(path)
        print(f"files read by {who}: {shares[who]}", flush=True)
    log = make_log(arguments.adds)
    own, of_wheel, of_spark = (copy(log, who) for who in ("own", "wheel", "spark"))
    for what in ("checkpoint", "load"):
        name = f"{what}, {arguments.adds:,} files in the log"
        note(name, what, "FinanceLake", ours("checkpoint" if what == "checkpoint" else "health", own))
        note(name, what, "deltalake", wheel(what, of_wheel))
        run = (
            (lambda: spark.log(of_spark).checkpoint())
            if what == "checkpoint"
            else (lambda: spark.log(of_spark).unsafeVolatileSnapshot().numOfFiles())
        )
        note(name, what, "delta-spark", spark.measure(run))
    version = spark.session.version
    spark.session.stop()
    shutil.rmtree(WORK / "copy")
    report = {
        "benchmark": "table",
        "machine": {**described, "spark": version},
        "peers": {"delta-spark": DELTA.rsplit(":", 1)[1], "deltalake": wheel_version()},
        "rows": arguments.rows,
        "results": results,
        "files_read": shares,
        "ratios": ratios(results, shares),
    }
    target = ROOT / "tests/bench/results/table.json"
    target.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"written to {target.relative_to(ROOT)}")
    return 0


def wheel_version() -> str:
    script = "import deltalake; print(deltalake.__version__)"
    return subprocess.check_output([WHEEL[0], "-c", script], text=True).strip()


def ratios(results: list[dict], shares: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    own = {r["operation"]: r["cpu"] for r in results if r["contender"] == "FinanceLake"}
    found = {
        f"{r['operation']}: CPU of {r['contender']} to ours": {
            "measured": r["cpu"] / own[r["operation"]],
            "wanted": WANTED[r["kind"]][r["contender"]],
        }
        for r in results
        if r["contender"] != "FinanceLake"
    }
    mean = {who: sum(share.values()) / len(share) for who, share in shares.items()}
    for who, wanted in {"deltalake": 0.5, "delta-spark": 0.8}.items():
        found[f"files read by point look-ups, ours to {who}"] = {
            "measured": mean["FinanceLake"] / mean[who],
            "wanted": wanted,
        }
    return found


if __name__ == "__main__":
    sys.exit(main())
