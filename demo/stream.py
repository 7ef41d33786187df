"""Reads the lake's intraday bars as a stream, adds indicators, and compares them with those of SQL.

spark-submit ... demo/stream.py LAKE; scripts/demo.sh runs it after the import. A second run goes on from the
checkpoint and finds nothing new.
"""

from __future__ import annotations

import sys

from financelake.streaming import Indicators
from pyspark.sql import SparkSession

CALLS = {
    "rsi_14": "ta_rsi(close, 14)",
    "macd": "ta_macd(close)",
    "bands": "ta_bbands(close, 20)",
    "atr_14": "ta_atr(high, low, close, 14)",
}
WINDOW = "OVER (PARTITION BY series ORDER BY ts, seq)"


def start(spark: SparkSession, lake: str) -> None:
    bars = (
        spark.readStream.format("delta")
        # All files of the first version in one batch: Delta gives them in any order, and a batch is sorted.
        .option("maxFilesPerTrigger", "100000")
        .load(f"{lake}/silver/stock_data")
        .select("series", "ts", "seq", "high", "low", "close")
        .where("freq <> 'tick'")
    )
    indicators = Indicators.on(bars).keyedBy("series").orderedBy("ts", "seq").delay("1 hour")
    for column, call in CALLS.items():
        indicators = indicators.add(column, call)
    query = (
        indicators.toDF()
        .writeStream.format("delta")
        .option("checkpointLocation", f"{lake}/_checkpoints/stream_indicators")
        .trigger(availableNow=True)
        .start(f"{lake}/gold/stream_indicators")
    )
    query.awaitTermination()
    batches = [progress for progress in query.recentProgress if progress["numInputRows"]]
    rows = sum(progress["numInputRows"] for progress in batches)
    print(f"The stream read {rows:,} new bars.\n")


def compare(spark: SparkSession, lake: str) -> None:
    spark.read.format("delta").load(f"{lake}/gold/stream_indicators").createOrReplaceTempView("stream")
    spark.read.format("delta").load(f"{lake}/silver/stock_data").createOrReplaceTempView("bars")
    calls = ", ".join(f"{call} {WINDOW} AS {column}" for column, call in CALLS.items())
    results = ", ".join(CALLS)
    table = spark.sql(
        f"""
        WITH given AS (SELECT series, ts, seq, rsi_14, struct({results}) AS given FROM stream),
             wanted AS (SELECT series, ts, seq, struct({results}) AS wanted
                        FROM (SELECT series, ts, seq, {calls} FROM bars WHERE freq <> 'tick'))
        SELECT series, count(*), count(given), count_if(given IS DISTINCT FROM wanted AND given IS NOT NULL),
               max_by(rsi_14, ts) FILTER (WHERE given IS NOT NULL)
        FROM wanted LEFT JOIN given USING (series, ts, seq)
        GROUP BY series ORDER BY series
        """
    )
    print(f"{'series':<34}  {'bars':>6}  {'final':>6}  {'differ from SQL':>15}  {'last RSI':>8}")
    print(f"{'-' * 34}  {'-' * 6}  {'-' * 6}  {'-' * 15}  {'-' * 8}")
    for series, bars, final, differing, rsi in table.collect():
        print(f"{series:<34}  {bars:>6,}  {final:>6,}  {differing:>15,}  {rsi:>8.1f}")


def main() -> int:
    lake = sys.argv[1]
    spark = (
        SparkSession.builder.appName("demo stream")
        .config(
            "spark.sql.streaming.stateStore.providerClass",
            "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider",
        )
        .config("spark.financelake.stream.partitions", "2")
        .getOrCreate()
    )
    start(spark, lake)
    compare(spark, lake)
    return 0


if __name__ == "__main__":
    sys.exit(main())
