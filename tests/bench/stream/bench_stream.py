#!/usr/bin/env python3
"""Measures five indicators on a stream against what Spark's state store costs without them, in one run.

Every variant reads the same Parquet files, one a batch, in local[1], with one partition of state in RocksDB.
Rows go to Spark's noop sink. Seconds are those of whole batches (`triggerExecution`), commits included;
the median of the batches after the first ones counts. CPU seconds are those of the whole JVM over the same
batches, all threads, which a busy machine changes less.

    scripts/bench.sh stream [--series 10000] [--batches 21]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import talib
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.streaming.state import GroupState, GroupStateTimeout

ROOT = Path(__file__).resolve().parents[3]
WORK = ROOT / "tests/bench/work"
WARM_UP = 10
WANTED_ROWS_PER_SECOND = 200_000
WANTED_BYTES = 400
CALLS = {
    "sma": "ta_sma(close, 20)",
    "ema": "ta_ema(close, 20)",
    "rsi": "ta_rsi(close, 14)",
    "macd": "ta_macd(close)",
    "bands": "ta_bbands(close, 20)",
}
OUTPUTS = ["sma", "ema", "rsi", "macd", "signal", "hist", "upper", "middle", "lower"]
KEPT = 250


def make_batches(series: int, rows: int, batches: int) -> Path:
    """Random walks in the order of time: each batch has the next `rows` bars of every series."""
    path = WORK / f"stream-{series}-{rows}-{batches}"
    if path.exists():
        return path
    building = path.with_name(path.name + ".part")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    rng = np.random.default_rng(20_240_101)
    names = np.array([f"S{index:05}" for index in range(series)])
    price = np.full(series, 100.0)
    for batch in range(batches):
        close = price * np.exp(np.cumsum(rng.normal(0, 0.01, (rows, series)), axis=0))
        price = close[-1]
        minutes = np.arange(batch * rows, (batch + 1) * rows, dtype=np.int64)
        table = pa.table(
            {
                "series": np.tile(names, rows),
                "ts": pa.array(np.repeat(minutes * 60_000_000, series), pa.timestamp("us", "UTC")),
                "close": close.ravel(),
                "volume": rng.integers(1, 10_000, rows * series).astype(float),
            }
        )
        pq.write_table(table, building / f"batch-{batch:03}.parquet")
    building.rename(path)
    return path


def session() -> SparkSession:
    builder = SparkSession.builder.master("local[1]").appName("bench")
    for key, value in {
        "spark.jars": str(next((ROOT / "dist").glob("financelake-spark_*.jar"))),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "4g",
        "spark.log.level": "ERROR",
        "spark.financelake.stream.partitions": "1",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.streaming.stateStore.providerClass": (
            "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"
        ),
        "spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled": "true",
        "spark.sql.streaming.numRecentProgressUpdates": "1000",
    }.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def five(stream: DataFrame, delay: str | None = None) -> DataFrame:
    spark = stream.sparkSession
    indicators = spark._jvm.io.financelake.streaming.Indicators.on(stream._jdf)
    indicators = indicators.keyedBy(["series"]).orderedBy(["ts"])
    if delay:
        indicators = indicators.delay(delay)
    for column, call in CALLS.items():
        indicators = indicators.add(column, call)
    return DataFrame(indicators.toDF(), spark)


# What the peer is measured with: it takes fifty times as long for a series.
PEER_SERIES = 500


def with_talib(key: tuple, frames: Iterator[pd.DataFrame], state: GroupState) -> Iterator[pd.DataFrame]:
    """What Python users do: keep the last closes, compute them all again, give out the new rows."""
    frame = pd.concat(frames).sort_values("ts")
    kept = np.frombuffer(state.get[0]) if state.exists else np.empty(0)
    close = np.concatenate([kept, frame["close"].to_numpy()])
    new = len(frame)
    columns = [
        talib.SMA(close, 20),
        talib.EMA(close, 20),
        talib.RSI(close, 14),
        *talib.MACD(close, 12, 26, 9),
        *talib.BBANDS(close, 20, 2.0, 2.0),
    ]
    state.update((close[-KEPT:].tobytes(),))
    result = frame[["series", "ts", "close", "volume"]].copy()
    for name, values in zip(OUTPUTS, columns, strict=True):
        result[name] = values[-new:]
    yield result


def in_python(stream: DataFrame) -> DataFrame:
    schema = "series string, ts timestamp, close double, volume double, "
    schema += ", ".join(f"{name} double" for name in OUTPUTS)
    some = stream.where(f"series < 'S{PEER_SERIES:05}'")
    return some.groupBy("series").applyInPandasWithState(
        with_talib, schema, "closes binary", "append", GroupStateTimeout.NoTimeout
    )


def totals(stream: DataFrame) -> DataFrame:
    return stream.groupBy("series").agg(F.sum("close"), F.max("ts"))


VARIANTS: dict[str, tuple[Callable[[DataFrame], DataFrame], str]] = {
    "FinanceLake, five indicators": (five, "append"),
    "FinanceLake, five indicators, delay of 5 rows": (lambda s: five(s, "5 minutes"), "append"),
    "Spark, two totals": (totals, "update"),
    "applyInPandasWithState with TA-Lib": (in_python, "append"),
}


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(spark: SparkSession, name: str, batches: Path, checkpoint: Path) -> tuple[list[float], float]:
    """Seconds of each batch after the first ones, and CPU seconds per batch."""
    make, mode = VARIANTS[name]
    shutil.rmtree(checkpoint, ignore_errors=True)
    stream = spark.readStream.schema(spark.read.parquet(str(batches)).schema).option("maxFilesPerTrigger", 1)
    query = (
        make(stream.parquet(str(batches)))
        .writeStream.outputMode(mode)
        .format("noop")
        .option("checkpointLocation", str(checkpoint))
        .trigger(availableNow=True)
        .start()
    )
    jvm = spark._jvm.java.lang.ProcessHandle.current().pid()
    while (before := len(query.recentProgress)) < WARM_UP and query.isActive:
        time.sleep(0.02)
    start = cpu_seconds(jvm)
    query.awaitTermination()
    seconds = [p["durationMs"]["triggerExecution"] / 1000 for p in query.recentProgress if p["numInputRows"]]
    return seconds[WARM_UP:], (cpu_seconds(jvm) - start) / (len(seconds) - before)


def state_bytes(spark: SparkSession, checkpoint: Path) -> int:
    """The largest state of a series, as Spark stores its row."""
    state = spark.read.format("statestore").option("path", str(checkpoint)).option("stateVarName", "series")
    size = "64 + length(value.ties) + length(value.indicators) + coalesce(length(value.waiting), 0)"
    return state.load().selectExpr(f"max({size})").head()[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--batches", type=int, default=21)
    arguments = parser.parse_args()
    described = json.loads(subprocess.check_output([ROOT / "scripts/machine.sh"]))
    spark = session()
    results = []
    for rows in (20, 1):
        batches = make_batches(arguments.series, rows, arguments.batches)
        for name in VARIANTS:
            checkpoint = WORK / f"checkpoint-{len(results)}"
            series = PEER_SERIES if "Pandas" in name else arguments.series
            seconds, cpu = run(spark, name, batches, checkpoint)
            median = statistics.median(seconds)
            result = {
                "variant": name,
                "rows_per_series": rows,
                "seconds": seconds,
                "rows_per_second": round(series * rows / median),
                # Of the peer the JVM does the smaller part.
                "rows_per_cpu_second": None if "Pandas" in name else round(series * rows / cpu),
                "microseconds_per_series": round(1e6 * median / series, 1),
            }
            if "FinanceLake" in name:
                result["state_bytes"] = state_bytes(spark, checkpoint)
            shutil.rmtree(checkpoint)
            results.append(result)
            print(
                f"{name:<46} {rows:>3} rows per series: {result['rows_per_second']:>9,} rows/s, "
                f"{result['rows_per_cpu_second'] or 0:>9,} rows/CPU second, "
                f"{result['microseconds_per_series']:>9,} us per series and batch, "
                f"state {result.get('state_bytes', '-')} bytes",
                flush=True,
            )
    version = spark.version
    spark.stop()
    ours = results[0]
    limits = {
        "rows per second and core": (ours["rows_per_second"], WANTED_ROWS_PER_SECOND),
        "bytes of state": (ours["state_bytes"], WANTED_BYTES),
    }
    for name, (measured, wanted) in limits.items():
        print(f"{name}: {measured:,} (wanted {wanted:,})")
    report = {
        "benchmark": "stream",
        "machine": {**described, "spark": version},
        "series": arguments.series,
        "results": results,
        "limits": {name: {"measured": m, "wanted": w} for name, (m, w) in limits.items()},
    }
    target = ROOT / "tests/bench/results/stream.json"
    target.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"written to {target.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
