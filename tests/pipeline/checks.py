"""What must hold of a lake, whatever happened on the way."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import pandas as pd
from kafka import KafkaConsumer
from pyspark.sql import Row

from tests.connect.lake import Lake
from tests.jobs.conftest import delta_jars
from tests.pipeline import gold
from tests.pipeline.services import Services
from tests.servers.process import ROOT

DIRTY = ROOT / "native/market/tests/dirty"
SILVER = ["stock_data", "stock_daily", "bond_data"]


def batch(services: Services, lake: str, ingest: str = "spark") -> str:
    """Runs MedallionBatch, as the consumer is started but until there is no more."""
    home = Path(next((ROOT / ".tools/spark/lib").glob("python3*/site-packages/pyspark")))
    release = next(home.glob("jars/spark-core_2.13-*.jar")).stem.rsplit("-", 1)[1]
    command = [home / "bin/spark-submit", "--master", "local[2]"]
    command += ["--jars", ",".join(map(str, delta_jars(home)))]
    command += ["--packages", f"org.apache.spark:spark-sql-kafka-0-10_2.13:{release}"]
    command += ["--exclude-packages", "org.slf4j:slf4j-api"]
    command += ["--conf", "spark.hadoop.dfs.replication=1"]
    command += ["--class", "io.financelake.jobs.MedallionBatch", ROOT / "dist/financelake-spark.jar"]
    command += ["--lake", lake, "--ingest", ingest, "--bootstrap-servers", services.brokers]
    command += ["--reference", ROOT / "data/reference/instruments.csv"]
    command += ["--manifest", ROOT / "data/market/MANIFEST.json"]
    done = subprocess.run(
        list(map(str, command)),
        env={**services.environment, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def records_of(services: Services) -> dict[tuple[str, int, int], bytes]:
    """Everything that the broker has, by topic, partition and offset."""
    consumer = KafkaConsumer(
        "data_stock",
        "data_bond",
        bootstrap_servers=services.brokers,
        auto_offset_reset="earliest",
        consumer_timeout_ms=3000,
    )
    found = {(r.topic, r.partition, r.offset): r.value for r in consumer}
    consumer.close()
    return found


def bronze_rows(lake: Lake, root: str) -> list[Row]:
    tables = [lake.read(f"{root}/bronze/{name}") for name in ("stock_data", "bond_data")]
    columns = ["topic", "partition", "offset", "value", "reason", "region"]
    return [row for table in tables for row in table.select(*columns).collect()]


def silver(lake: Lake, root: str) -> pd.DataFrame:
    """All of Silver as pandas, without what depends on the time of the run."""
    tables = [lake.read(f"{root}/silver/{name}").drop("known_at", "extra") for name in SILVER]
    found = tables[0].unionByName(tables[1]).unionByName(tables[2]).toPandas()
    assert not found.duplicated(["series", "ts", "seq"]).any()
    return found


def forget_checkpoints(lake: Lake, root: str) -> None:
    context = lake.spark.sparkContext
    path = context._jvm.org.apache.hadoop.fs.Path(f"{root}/_checkpoints")
    assert path.getFileSystem(context._jsc.hadoopConfiguration()).delete(path, True)


def check_reasons(rows: list[Row]) -> None:
    """Each line of the faulty set has the verdict and the reason that the set expects."""
    reasons = {bytes(row["value"]): row["reason"] for row in rows}
    lines = (DIRTY / "stock_ticks.jsonl").read_bytes().split(b"\n")
    with (DIRTY / "EXPECTED.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            reason = reasons[lines[int(row["line"]) - 1]]
            if row["verdict"] == "reject":
                assert reason == row["fault"], f"line {row['line']}"
            elif row["verdict"] in ("ok", "late"):
                assert reason is None, f"line {row['line']}"
            elif row["verdict"] == "skip":
                assert reason == "empty_line", f"line {row['line']}"


def check_every_layer(services: Services, lake: Lake) -> list[Row]:
    """Bronze has each record of the broker once, Silver each key once, and Gold is what Silver gives.

    Returns the rows of Bronze.
    """
    root = services.lake
    sent = records_of(services)
    rows = bronze_rows(lake, root)
    found = {(r["topic"], r["partition"], r["offset"]): r for r in rows}
    assert len(found) == len(rows)
    assert {place: bytes(row["value"]) for place, row in found.items()} == sent
    assert all((row["region"] == "__invalid") == (row["reason"] is not None) for row in rows)

    kept = silver(lake, root)
    accepted = sum(row["reason"] is None for row in rows)
    assert 0 < len(kept) <= accepted
    windows = lake.read(f"{root}/gold/market_windows").toPandas()
    gold.assert_same(windows, gold.windows(kept), ["series", "window_start", "window_end"])
    summary = lake.read(f"{root}/gold/daily_summary").toPandas()
    gold.assert_same(summary, gold.daily(kept), ["series", "date"])
    indicators = lake.read(f"{root}/gold/technical_indicators").toPandas()
    wanted = gold.indicators(kept).drop(columns="seq")
    gold.assert_same(indicators, wanted, ["series", "ts", "close"])
    return rows
