"""The stream of test_stream.py: `spark-submit stream.py FOLDER BATCHES write|run|compare`."""

from __future__ import annotations

import sys

from pyspark.sql import DataFrame, SparkSession

CALLS = {
    "rsi": "ta_rsi(close, 14)",
    "macd": "ta_macd(close)",
    "bands": "ta_bbands(close, 20)",
    "atr": "ta_atr(high, low, close, 14)",
    "engulfing": "ta_cdlengulfing(open, high, low, close)",
}
COLUMNS = (
    "symbol STRING, region STRING, asset_class STRING, ts TIMESTAMP, open DOUBLE, high DOUBLE, "
    "low DOUBLE, close DOUBLE, volume DOUBLE, source STRING"
)
FILES = ["us_equity_1h_aapl", "crypto_15m_btc"]


def session() -> SparkSession:
    builder = SparkSession.builder
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
        "spark.financelake.stream.partitions": "2",
        "spark.sql.streaming.stateStore.providerClass": (
            "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"
        ),
    }.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def write(spark: SparkSession, folder: str, batches: int) -> None:
    """Real bars as so many batches; each bar arrives up to two hours late."""
    files = [f"data/market/{name}.csv.gz" for name in FILES]
    bars = spark.read.schema(COLUMNS).option("header", True).csv(files)
    arrival = "unix_micros(ts) + 7199e6 * rand(1)"
    arrived = bars.selectExpr("*", f"ntile({batches}) OVER (ORDER BY {arrival}) AS batch").cache()
    for batch in range(1, batches + 1):
        rows = arrived.where(f"batch = {batch}").drop("batch")
        rows.coalesce(1).write.parquet(f"{folder}/in/{batch:03}")


def run(spark: SparkSession, folder: str) -> None:
    schema = spark.read.parquet(f"{folder}/in/001").schema
    stream = spark.readStream.schema(schema).option("maxFilesPerTrigger", 1).parquet(f"{folder}/in/*")
    indicators = spark._jvm.io.financelake.streaming.Indicators.on(stream._jdf)
    indicators = indicators.keyedBy(["symbol"]).orderedBy(["ts"]).delay("2 hours")
    for column, call in CALLS.items():
        indicators = indicators.add(column, call)
    writer = DataFrame(indicators.toDF(), spark).writeStream.format("parquet")
    writer = writer.option("path", f"{folder}/out").option("checkpointLocation", f"{folder}/checkpoint")
    writer.trigger(availableNow=True).start().awaitTermination()


def compare(spark: SparkSession, folder: str) -> None:
    """Prints how many rows came out, and how many of them or of SQL's the other does not have."""
    window = "OVER (PARTITION BY symbol ORDER BY ts)"
    until = "max(ts) OVER (PARTITION BY symbol) - INTERVAL 2 HOURS AS until"
    results = [f"{call} {window} AS {name}" for name, call in CALLS.items()]
    wanted = spark.read.parquet(f"{folder}/in/*").selectExpr("*", *results, until)
    wanted = wanted.where("ts <= until").drop("until")
    found = spark.read.parquet(f"{folder}/out")
    print("ROWS", found.count(), found.exceptAll(wanted).count(), wanted.exceptAll(found).count())


def main() -> int:
    folder, batches, step = sys.argv[1:]
    spark = session()
    if step == "write":
        write(spark, folder, int(batches))
    elif step == "run":
        run(spark, folder)
    else:
        compare(spark, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
