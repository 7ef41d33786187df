"""From the producer to Gold on real servers, with parts that are killed on the way."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import pytest
from kafka import KafkaConsumer

from tests.connect.lake import Lake
from tests.pipeline import gold
from tests.pipeline.services import PARTS, Services
from tests.servers.process import ROOT, listens

DIRTY = ROOT / "native/market/tests/dirty"
FILES = ["us_equity_1m_aapl.csv.gz", "crypto_daily_btc.csv.gz", "etf_close_daily.csv.gz"]
SILVER = ["stock_data", "stock_daily", "bond_data"]


def batch(services: Services, lake: str) -> str:
    """Runs MedallionBatch, as the consumer is started but until there is no more."""
    consumer = (ROOT / "scripts/services/lake.sh").read_text(encoding="utf-8")
    assert "io.financelake.jobs.MedallionStream" in consumer
    from tests.jobs.conftest import delta_jars

    home = Path(next((ROOT / ".tools/spark/lib").glob("python3*/site-packages/pyspark")))
    release = next(home.glob("jars/spark-core_2.13-*.jar")).stem.rsplit("-", 1)[1]
    command = [home / "bin/spark-submit", "--master", "local[2]"]
    command += ["--jars", ",".join(map(str, delta_jars(home)))]
    command += ["--packages", f"org.apache.spark:spark-sql-kafka-0-10_2.13:{release}"]
    command += ["--conf", "spark.hadoop.dfs.replication=1"]
    command += ["--class", "io.financelake.jobs.MedallionBatch", ROOT / "dist/financelake-spark.jar"]
    command += ["--lake", lake, "--bootstrap-servers", services.brokers]
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


def bronze_rows(lake: Lake, root: str) -> list:
    tables = [lake.read(f"{root}/bronze/{name}") for name in ("stock_data", "bond_data")]
    columns = ["topic", "partition", "offset", "value", "reason", "region"]
    return [row for table in tables for row in table.select(*columns).collect()]


def silver(lake: Lake, root: str):
    """All of Silver as pandas, without what depends on the time of the run."""
    tables = [lake.read(f"{root}/silver/{name}").drop("known_at", "extra") for name in SILVER]
    found = tables[0].unionByName(tables[1]).unionByName(tables[2]).toPandas()
    assert not found.duplicated(["series", "ts", "seq"]).any()
    return found


@pytest.fixture(scope="module")
def filled(services: Services) -> Services:
    """A lake that was filled while the consumer and the broker were killed."""
    services.start("--only", "kafka,hdfs,consumer")
    dirty = services.produce("jsonl", DIRTY / "stock_ticks.jsonl")
    assert dirty.wait(60) == 0, dirty.stderr.read()
    replay = services.produce("replay", "--files", ",".join(FILES), "--rate", "1500", "--timeout", "120")
    services.wait(lambda: "bronze/stock_data" in services.log("consumer"), 120, "the first commit")
    services.kill("consumer")
    services.kill("kafka")
    again = services.start("--only", "kafka,hdfs,consumer")
    assert "hdfs runs already" in again
    assert "kafka is ready" in again
    assert replay.wait(180) == 0, replay.stderr.read()
    bonds = services.produce("replay", "--files", "bond_yield_daily_us.csv.gz", "--records", "2000")
    assert bonds.wait(60) == 0, bonds.stderr.read()
    services.wait(lambda: "bronze/bond_data" in services.log("consumer"), 120, "the bonds")
    services.stop("--only", "consumer")
    return services


def test_every_record_passes_once_through_all_layers(filled: Services, lake: Lake) -> None:
    # What the stream had not done when it was stopped.
    batch(filled, filled.lake)
    sent = records_of(filled)
    rows = bronze_rows(lake, filled.lake)
    found = {(r["topic"], r["partition"], r["offset"]): r for r in rows}
    assert len(found) == len(rows)
    assert {place: bytes(row["value"]) for place, row in found.items()} == sent
    check_reasons(rows)

    kept = silver(lake, filled.lake)
    accepted = sum(row["reason"] is None for row in rows)
    assert 0 < len(kept) <= accepted
    wanted = gold.windows(kept)
    windows = lake.read(f"{filled.lake}/gold/market_windows").toPandas()
    gold.assert_same(windows, wanted, ["series", "window_start", "window_end"])
    summary = lake.read(f"{filled.lake}/gold/daily_summary").toPandas()
    gold.assert_same(summary, gold.daily(kept), ["series", "date"])
    indicators = lake.read(f"{filled.lake}/gold/technical_indicators").toPandas()
    wanted = gold.indicators(kept).drop(columns="seq")
    gold.assert_same(indicators, wanted, ["series", "ts", "close"])


def check_reasons(rows: list) -> None:
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


def test_the_batch_job_gives_what_the_stream_gives(filled: Services, lake: Lake, tmp_path: Path) -> None:
    other = f"file://{tmp_path}/lake"
    batch(filled, other)
    assert "0 tables of Silver and Gold changed" in batch(filled, other).splitlines()[-1]
    keys = ["series", "ts", "seq"]
    gold.assert_same(silver(lake, filled.lake), silver(lake, other), keys)
    for table, keys in (
        ("market_windows", ["series", "window_start", "window_end"]),
        ("daily_summary", ["series", "date"]),
    ):
        streamed = lake.read(f"{filled.lake}/gold/{table}").toPandas()
        gold.assert_same(streamed, lake.read(f"{other}/gold/{table}").toPandas(), keys)


def test_stop_leaves_nothing_running_and_all_data(filled: Services, lake: Lake) -> None:
    before = records_of(filled)
    pids = [pid for part in ("kafka", "hdfs") for pid in filled.pids(part)]
    filled.stop()
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert not any(filled.pid_file(part).exists() for part in PARTS)
    assert not any(listens(port) for port in filled.ports.values())
    assert filled.stop().strip() == "nothing runs"
    filled.start("--only", "kafka,hdfs")
    assert records_of(filled) == before
    assert lake.read(f"{filled.lake}/silver/stock_data").count() > 0
    filled.stop()
