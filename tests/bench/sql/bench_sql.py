#!/usr/bin/env python3
"""Measures six and fifty indicators in one Spark query against the usual ways to have them, in one run.

Every variant reads the same Parquet files, shuffles by symbol and sorts by time, in local[2]; rows go to
Spark's noop sink. The variants take turns, so that a slow minute of the machine hits all alike, and the
median of the rounds counts. `added` is what a variant takes beyond the shuffle and sort alone.

    scripts/bench.sh sql [--rows 4000000] [--symbols 500] [--rounds 7]
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
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import talib
from pyspark.sql import DataFrame, SparkSession

ROOT = Path(__file__).resolve().parents[3]
WORK = ROOT / "tests/bench/work"
OUTPUTS = ["sma", "ema", "rsi", "macd", "signal", "hist", "upper", "middle", "lower", "atr"]
SCHEMA = "symbol string, ts bigint, close double, " + ", ".join(f"{name} double" for name in OUTPUTS)


def indicators(high: np.ndarray, low: np.ndarray, close: np.ndarray) -> list[np.ndarray]:
    """The ten columns by TA-Lib."""
    return [
        talib.SMA(close, 20),
        talib.EMA(close, 20),
        talib.RSI(close, 14),
        *talib.MACD(close, 12, 26, 9),
        *talib.BBANDS(close, 20, 2.0, 2.0),
        talib.ATR(high, low, close, 14),
    ]


def one_symbol_arrow(table: pa.Table) -> pa.Table:
    table = table.sort_by("ts")
    high, low, close = (table[c].combine_chunks().to_numpy() for c in ("high", "low", "close"))
    results = indicators(high, low, close)
    columns = [table["symbol"], table["ts"], table["close"], *(pa.array(r) for r in results)]
    return pa.table(columns, names=["symbol", "ts", "close", *OUTPUTS])


def one_symbol_pandas(frame):
    frame = frame.sort_values("ts")
    high, low, close = (frame[c].to_numpy() for c in ("high", "low", "close"))
    result = frame[["symbol", "ts", "close"]].copy()
    for name, values in zip(OUTPUTS, indicators(high, low, close), strict=True):
        result[name] = values
    return result


OURS = """
SELECT *,
  ta_sma(close, 20) OVER w AS sma, ta_ema(close, 20) OVER w AS ema, ta_rsi(close, 14) OVER w AS rsi,
  ta_macd(close) OVER w AS macd, ta_bbands(close, 20) OVER w AS bbands,
  ta_atr(high, low, close, 14) OVER w AS atr
FROM narrow WINDOW w AS (PARTITION BY symbol ORDER BY ts)
"""

# The forty functions that users name most, and ten candles.
FIFTY = [
    "sma",
    "ema",
    "wma",
    "dema",
    "tema",
    "hma",
    "rma",
    "kama",
    "vwma",
    "rsi",
    "macd",
    "stoch",
    "stochrsi",
    "cci",
    "mfi",
    "willr",
    "roc",
    "mom",
    "adx",
    "plus_di",
    "minus_di",
    "aroon",
    "aroonosc",
    "bbands",
    "atr",
    "natr",
    "kc",
    "donchian",
    "stddev",
    "linearreg",
    "obv",
    "ad",
    "cmf",
    "vwap",
    "supertrend",
    "ichimoku",
    "sar",
    "sqzmom",
    "zigzag",
    "ha",
    "cdlengulfing",
    "cdldoji",
    "cdlhammer",
    "cdlshootingstar",
    "cdlmorningstar",
    "cdleveningstar",
    "cdlharami",
    "cdlpiercing",
    "cdl3whitesoldiers",
    "cdl3blackcrows",
]


def fifty() -> str:
    """One window query of all of them, with their defaults, over the inputs that the registry names."""
    listed = subprocess.check_output([ROOT / "dist/financelake", "functions", "--json"])
    inputs = {each["name"]: each["inputs"] for each in json.loads(listed)["functions"]}
    calls = (f"ta_{name}({', '.join(inputs[name])}) OVER w AS {name}" for name in FIFTY)
    return f"SELECT *, {', '.join(calls)} FROM wide WINDOW w AS (PARTITION BY symbol ORDER BY ts)"


BUILT_IN = """
SELECT symbol, ts, close, avg(close) OVER (PARTITION BY symbol ORDER BY ts ROWS 199 PRECEDING) AS sma
FROM bars
"""


def make_bars(rows: int, symbols: int) -> Path:
    """Random walks, written once: 500 series side by side in time, as an import would leave them."""
    path = WORK / f"ohlcv-{rows}-{symbols}"
    if path.exists():
        return path
    building = path.with_name(path.name + ".part")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    import pyarrow.parquet as pq

    rng = np.random.default_rng(20_240_101)
    per_symbol = rows // symbols
    steps = rng.normal(0, 0.01, (per_symbol, symbols))
    close = 100 * np.exp(np.cumsum(steps, axis=0))
    spread = close * np.abs(rng.normal(0, 0.004, close.shape))
    names = np.array([f"S{index:04}" for index in range(symbols)])
    table = pa.table(
        {
            "symbol": np.tile(names, per_symbol),
            "ts": np.repeat(np.arange(per_symbol, dtype=np.int64) * 60_000_000, symbols),
            "open": (close + spread * rng.uniform(-1, 1, close.shape)).ravel(),
            "high": (close + spread).ravel(),
            "low": (close - spread).ravel(),
            "close": close.ravel(),
            "volume": rng.integers(1, 10_000, rows).astype(float),
        }
    )
    part = pc.divide(pa.scalar(rows), 4).as_py()
    for index in range(4):
        pq.write_table(table.slice(index * part, part), building / f"part-{index}.parquet")
    building.rename(path)
    return path


def session() -> SparkSession:
    jars = ",".join(
        [str(next((ROOT / "dist").glob("financelake-spark_*.jar"))), os.environ["FINANCELAKE_BENCH_JAR"]]
    )
    builder = SparkSession.builder.master("local[2]").appName("bench")
    for key, value in {
        "spark.jars": jars,
        "spark.ui.enabled": "false",
        "spark.driver.memory": "6g",
        "spark.log.level": "ERROR",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.adaptive.enabled": "true",
        "spark.sql.adaptive.coalescePartitions.enabled": "false",
    }.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def variants(spark: SparkSession) -> dict[str, Callable[[], DataFrame]]:
    bars = spark.table("bars")
    narrow = bars.select("symbol", "ts", "high", "low", "close")
    narrow.createOrReplaceTempView("narrow")
    wide = bars.select("symbol", "ts", "open", "high", "low", "close", "volume")
    wide.createOrReplaceTempView("wide")
    fifty_query = fifty()
    scala = spark._jvm.io.financelake.bench.ScalaIndicators

    def with_setting(key: str, value: str, query: str) -> Callable[[], DataFrame]:
        def make() -> DataFrame:
            spark.conf.set(key, value)
            return spark.sql(query)

        return make

    tree = "spark.sql.window.segmentTree.enabled"
    return {
        "shuffle and sort": lambda: narrow.repartition("symbol").sortWithinPartitions("symbol", "ts"),
        "FinanceLake, six indicators": lambda: spark.sql(OURS),
        "shuffle and sort, all columns": lambda: wide.repartition("symbol").sortWithinPartitions(
            "symbol", "ts"
        ),
        "FinanceLake, fifty functions": lambda: spark.sql(fifty_query),
        "Scala over sorted partitions": lambda: DataFrame(scala.add(narrow._jdf).toDF(), spark),
        "applyInArrow with TA-Lib": lambda: narrow.groupBy("symbol").applyInArrow(one_symbol_arrow, SCHEMA),
        "applyInPandas with TA-Lib": lambda: narrow.groupBy("symbol").applyInPandas(
            one_symbol_pandas, SCHEMA
        ),
        "Spark avg over 200 rows": with_setting(tree, "false", BUILT_IN),
        "Spark avg over 200 rows, segment tree": with_setting(tree, "true", BUILT_IN),
    }


def agree(spark: SparkSession) -> None:
    """The variants compute the same: a benchmark of different results would be worthless."""
    one = spark.table("bars").where("symbol = 'S0007'")
    one.createOrReplaceTempView("one")
    ours = spark.sql(OURS.replace("FROM narrow", "FROM one")).orderBy("ts")
    ours = ours.select("ts", "sma", "ema", "rsi", "macd.*", "bbands.*", "atr").toPandas()
    talibs = one.groupBy("symbol").applyInArrow(one_symbol_arrow, SCHEMA).orderBy("ts").toPandas()
    scala = spark._jvm.io.financelake.bench.ScalaIndicators.add(one._jdf)
    scalas = DataFrame(scala.toDF(), spark).orderBy("ts").toPandas()
    for name in OUTPUTS:
        for other in (talibs, scalas):
            a, b = ours[name].to_numpy(float), other[name].to_numpy(float)
            both = ~np.isnan(a) & ~np.isnan(b)
            assert both.sum() > len(a) - 40, name
            assert np.allclose(a[both], b[both], rtol=1e-6, atol=1e-6), name


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=4_000_000)
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()

    described = json.loads(subprocess.check_output([ROOT / "scripts/machine.sh"]))
    path = make_bars(arguments.rows, arguments.symbols)
    spark = session()
    spark.read.parquet(str(path)).createOrReplaceTempView("bars")
    makers = variants(spark)
    agree(spark)
    seconds: dict[str, list[float]] = {name: [] for name in makers}
    for round_number in range(arguments.rounds + 1):
        for name, make in makers.items():
            start = time.monotonic()
            make().write.format("noop").mode("overwrite").save()
            if round_number > 0:  # the first round warms up
                seconds[name].append(time.monotonic() - start)
        print(f"round {round_number} of {arguments.rounds} done", file=sys.stderr, flush=True)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    base = medians["shuffle and sort"]
    added = medians["FinanceLake, six indicators"] - base

    print(f"{arguments.rows:,} rows, {arguments.symbols} symbols, local[2], median of {arguments.rounds}")
    print(f"{'variant':<40} {'seconds':>8} {'added':>8} {'added / ours':>13}")
    for name, median in medians.items():
        ratio = "" if name == "shuffle and sort" else f"{(median - base) / added:13.1f}"
        print(f"{name:<40} {median:8.2f} {median - base:8.2f} {ratio:>13}")
    whole = medians["FinanceLake, six indicators"]
    checks = {
        "added by applyInArrow / added by FinanceLake": (
            (medians["applyInArrow with TA-Lib"] - base) / added,
            5,
        ),
        "added by applyInPandas / added by FinanceLake": (
            (medians["applyInPandas with TA-Lib"] - base) / added,
            10,
        ),
        "Spark avg over 200 rows / FinanceLake, whole query": (
            medians["Spark avg over 200 rows"] / whole,
            3,
        ),
        "fifty functions / shuffle and sort of all columns, at most": (
            medians["FinanceLake, fifty functions"] / medians["shuffle and sort, all columns"],
            1.5,
        ),
    }
    for name, (measured, wanted) in checks.items():
        print(f"{name}: {measured:.1f} (wanted {wanted})")
    result = {
        "benchmark": "sql",
        "machine": {**described, "spark": spark.version},
        "rows": arguments.rows,
        "symbols": arguments.symbols,
        "seconds": seconds,
        "medians": medians,
        "ratios": {name: {"measured": m, "wanted": w} for name, (m, w) in checks.items()},
    }
    spark.stop()
    target = ROOT / "tests/bench/results/sql.json"
    target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"written to {target.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
