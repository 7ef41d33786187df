"""A stream with indicators that is killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import ROOT, Spark

BATCHES = 12

STREAM = """
import sys
from pyspark.sql import DataFrame, SparkSession
work, batches = sys.argv[1], int(sys.argv[2])
spark = (SparkSession.builder.config("spark.ui.enabled", "false").config("spark.log.level", "ERROR")
    .config("spark.financelake.stream.partitions", "2")
    .config("spark.sql.streaming.stateStore.providerClass",
            "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider")
    .getOrCreate())
calls = {"rsi": "ta_rsi(close, 14)", "macd": "ta_macd(close)", "bands": "ta_bbands(close, 20)",
         "atr": "ta_atr(high, low, close, 14)", "engulfing": "ta_cdlengulfing(open, high, low, close)"}

if sys.argv[3] == "write":
    schema = ("symbol STRING, region STRING, asset_class STRING, ts TIMESTAMP, open DOUBLE, high DOUBLE, "
              "low DOUBLE, close DOUBLE, volume DOUBLE, source STRING")
    files = [f"data/market/{name}.csv.gz" for name in ("us_equity_1h_aapl", "crypto_15m_btc")]
    bars = spark.read.schema(schema).option("header", True).csv(files)
    # Each bar arrives up to two hours late.
    arrived = bars.selectExpr("*", f"ntile({batches}) OVER (ORDER BY unix_micros(ts) + 7199e6 * rand(1)) AS batch")
    arrived = arrived.cache()
    for batch in range(1, batches + 1):
        arrived.where(f"batch = {batch}").drop("batch").coalesce(1).write.parquet(f"{work}/in/{batch:03}")
elif sys.argv[3] == "run":
    table = spark.read.parquet(f"{work}/in/001")
    stream = spark.readStream.schema(table.schema).option("maxFilesPerTrigger", 1).parquet(f"{work}/in/*")
    none = spark.sparkContext._gateway.new_array(spark._jvm.java.lang.String, 0)
    indicators = spark._jvm.io.financelake.streaming.Indicators.on(stream._jdf)
    indicators = indicators.keyedBy("symbol", none).orderedBy("ts", none).delay("2 hours")
    for column, call in calls.items():
        indicators = indicators.add(column, call)
    (DataFrame(indicators.toDF(), spark).writeStream.format("parquet").option("path", f"{work}/out")
        .option("checkpointLocation", f"{work}/checkpoint").trigger(availableNow=True).start().awaitTermination())
else:
    window = "OVER (PARTITION BY symbol ORDER BY ts)"
    wanted = spark.read.parquet(f"{work}/in/*").selectExpr(
        "*", *(f"{call} {window} AS {name}" for name, call in calls.items()),
        "max(ts) OVER (PARTITION BY symbol) - INTERVAL 2 HOURS AS until").where("ts <= until").drop("until")
    found = spark.read.parquet(f"{work}/out")
    print("ROWS", found.count(), found.exceptAll(wanted).count(), wanted.exceptAll(found).count())
"""


@pytest.fixture(scope="module")
def work(spark: Spark, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stream")
    (folder / "stream.py").write_text(STREAM, encoding="utf-8")
    finished(start(spark, folder, "write"))
    return folder


def start(spark: Spark, work: Path, step: str) -> subprocess.Popen[str]:
    options = ["--master", "local[2]", "--jars", str(spark.jar)]
    options += ["--driver-java-options", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"]
    script = [str(work / "stream.py"), str(work), str(BATCHES), step]
    return subprocess.Popen(
        [str(spark.home / "bin/spark-submit"), *options, *script],
        env=spark.environment(),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=(work / f"{step}.log").open("w"),
        text=True,
        start_new_session=True,
    )


def finished(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0
    return output


def committed(work: Path) -> int:
    return len(list((work / "checkpoint/commits").glob("[0-9]*")))


def test_a_stream_killed_at_any_time_goes_on_in_bits(spark: Spark, work: Path) -> None:
    for until in (2, 6):
        process = start(spark, work, "run")
        while committed(work) < until:
            assert process.poll() is None, (work / "run.log").read_text()[-4000:]
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert committed(work) < BATCHES
    finished(start(spark, work, "run"))
    rows, too_many, missing = finished(start(spark, work, "compare")).split("ROWS ")[1].split()
    assert int(rows) > 12_000
    assert (too_many, missing) == ("0", "0")
