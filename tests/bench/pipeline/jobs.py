"""Ways to bring records from a topic through three tables, each a function per layer over one Spark session.

`floor` passes rows through untouched: what Kafka's source and Delta's sink cost by themselves. `built_ins` is
what SQL alone gives: JSON, duplicates within a watermark, windows; no indicators. `python` is the usual job:
a merge per batch, and indicators in pandas over the history of each symbol. `ours` is MedallionBatch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import talib
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.streaming import DataStreamWriter

BATCH = 100_000
RECORD = """symbol STRING, ts TIMESTAMP, freq STRING, source STRING, open DOUBLE, high DOUBLE, low DOUBLE,
    close DOUBLE, volume DOUBLE, region STRING, asset_class STRING"""
KEY = ["symbol", "freq", "source", "ts"]
# The rules that a filter can say; the native ones have some forty, each with its reason.
GOOD = """symbol IS NOT NULL AND ts IS NOT NULL AND close > 0 AND low <= least(open, close)
    AND high >= greatest(open, close) AND volume >= 0"""


@dataclass(frozen=True)
class Place:
    """Where a run reads and writes."""

    spark: SparkSession
    brokers: str
    topic: str
    lake: str

    def table(self, layer: str) -> str:
        return f"{self.lake}/{layer}"

    def kafka(self) -> DataFrame:
        options = {"kafka.bootstrap.servers": self.brokers, "subscribe": self.topic}
        stream = self.spark.readStream.format("kafka").options(**options)
        return stream.option("startingOffsets", "earliest").option("maxOffsetsPerTrigger", BATCH).load()

    def stream(self, layer: str) -> DataFrame:
        return self.spark.readStream.format("delta").load(self.table(layer))

    def end(self, name: str, writer: DataStreamWriter) -> None:
        """Runs a query until it has all there is."""
        checkpoint = f"{self.lake}/_checkpoints/{name}"
        query = writer.option("checkpointLocation", checkpoint).trigger(availableNow=True)
        query.start().awaitTermination()

    def append(self, name: str, rows: DataFrame) -> None:
        """A query into a table."""
        self.end(name, rows.writeStream.format("delta").option("path", self.table(name)))

    def exists(self, name: str) -> bool:
        path = self.spark._jvm.org.apache.hadoop.fs.Path(f"{self.table(name)}/_delta_log")
        return path.getFileSystem(self.spark._jsc.hadoopConfiguration()).exists(path)

    def merge(self, name: str, rows: DataFrame, key: list[str]) -> None:
        """Rows replace those with their key."""
        target = self.table(name)
        if self.exists(name):
            rows.createOrReplaceTempView("fresh")
            on = " AND ".join(f"t.{column} <=> s.{column}" for column in key)
            rows.sparkSession.sql(
                f"MERGE INTO delta.`{target}` t USING fresh s ON {on} "
                "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
            )
        else:
            rows.write.format("delta").save(target)


def parsed(rows: DataFrame) -> DataFrame:
    record = F.from_json(F.col("value").cast("string"), RECORD)
    return rows.select(record.alias("r")).select("r.*").where(GOOD)


def windows(rows: DataFrame, length: str) -> DataFrame:
    time = F.col("ts")
    volume = F.sum("volume")
    typical = (F.col("high") + F.col("low") + F.col("close")) / 3
    return (
        rows.groupBy("symbol", F.window(time, length).alias("window"))
        .agg(
            F.min_by("open", time).alias("open"),
            F.max_by("close", time).alias("close"),
            F.avg("close").alias("avg_price"),
            F.min("low").alias("min_price"),
            F.max("high").alias("max_price"),
            volume.alias("total_volume"),
            F.count(F.lit(1)).alias("record_count"),
            F.when(volume > 0, F.sum(typical * F.col("volume")) / volume).alias("vwap"),
            F.stddev_samp("close").alias("price_volatility"),
        )
        .select("window.start", "window.end", "*")
        .drop("window")
    )


LENGTHS = {"gold_5m": "5 minutes", "gold_1h": "1 hour", "gold_1d": "1 day"}


# --- rows untouched


def floor_ingest(place: Place) -> None:
    place.append("bronze", place.kafka())


def floor_process(place: Place) -> None:
    place.append("silver", place.stream("bronze"))


def floor_store(place: Place) -> None:
    place.append("gold", place.stream("silver"))


# --- what SQL has


def built_ins_process(place: Place) -> None:
    rows = parsed(place.stream("bronze")).withWatermark("ts", "10 minutes")
    place.append("silver", rows.dropDuplicatesWithinWatermark(KEY))


def built_ins_store(place: Place) -> None:
    for name, length in LENGTHS.items():
        place.append(name, windows(place.stream("silver").withWatermark("ts", "10 minutes"), length))


# --- the usual job in Python


def python_process(place: Place) -> None:
    def take(batch: DataFrame, _: int) -> None:
        place.merge("silver", parsed(batch).dropDuplicates(KEY), KEY)

    place.end("silver", place.stream("bronze").writeStream.foreachBatch(take))


INDICATORS = ["sma", "ema", "rsi", "macd", "signal", "hist", "upper", "middle", "lower", "atr", "slow_k"]
INDICATORS += ["slow_d", "obv", "cdlengulfing"]
COLUMNS = "symbol STRING, ts TIMESTAMP, close DOUBLE, " + ", ".join(f"{name} DOUBLE" for name in INDICATORS)


def indicators(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.sort_values("ts")
    open_, high, low, close, volume = (
        rows[name].to_numpy(float) for name in ["open", "high", "low", "close", "volume"]
    )
    result = rows[["symbol", "ts", "close"]].copy()
    columns = [
        talib.SMA(close, 20),
        talib.EMA(close, 20),
        talib.RSI(close, 14),
        *talib.MACD(close, 12, 26, 9),
        *talib.BBANDS(close, 20, 2.0, 2.0),
        talib.ATR(high, low, close, 14),
        *talib.STOCH(high, low, close, 5, 3, 0, 3, 0),
        talib.OBV(close, volume),
        talib.CDLENGULFING(open_, high, low, close).astype(float),
    ]
    for name, values in zip(INDICATORS, columns, strict=True):
        result[name] = values
    return result


def python_store(place: Place) -> None:
    """Of the symbols in a batch, everything is computed again, and merged."""

    def take(batch: DataFrame, _: int) -> None:
        touched = batch.select("symbol").distinct()
        history = place.spark.read.format("delta").load(place.table("silver")).join(touched, "symbol")
        computed = history.groupBy("symbol").applyInPandas(indicators, COLUMNS)
        place.merge("gold_indicators", computed, ["symbol", "ts"])
        for name, length in LENGTHS.items():
            place.merge(name, windows(history, length), ["symbol", "start"])

    silver = place.spark.readStream.format("delta").option("ignoreChanges", "true")
    place.end("gold", silver.load(place.table("silver")).writeStream.foreachBatch(take))


# --- MedallionBatch, one layer after the other


def ours(*options: str) -> Callable[[Place], None]:
    def run(place: Place) -> None:
        arguments = ["--lake", place.lake, "--bootstrap-servers", place.brokers, "--topic", place.topic]
        arguments += ["--bond-topic", "data_bond", "--max-offsets", str(BATCH), *options]
        gateway = place.spark.sparkContext._gateway
        array = gateway.new_array(gateway.jvm.java.lang.String, len(arguments))
        for index, argument in enumerate(arguments):
            array[index] = argument
        gateway.jvm.io.financelake.jobs.MedallionBatch.main(array)

    return run


Step = Callable[[Place], None]
JOBS: dict[str, dict[str, Step]] = {
    "floor": {"ingest": floor_ingest, "process": floor_process, "store": floor_store},
    "ours": {
        "ingest": ours("--to", "bronze"),
        "process": ours("--ingest", "connect", "--to", "silver"),
        "store": ours("--ingest", "connect"),
    },
    "built_ins": {"ingest": floor_ingest, "process": built_ins_process, "store": built_ins_store},
    "python": {"ingest": floor_ingest, "process": python_process, "store": python_store},
}
# The tables that tell how many rows came through.
TABLES = {
    "floor": ["bronze", "silver", "gold"],
    "ours": ["bronze/stock_data", "silver/stock_data", "gold/technical_indicators", "gold/market_windows"],
    "built_ins": ["bronze", "silver", "gold_5m"],
    "python": ["bronze", "silver", "gold_indicators", "gold_5m"],
}
