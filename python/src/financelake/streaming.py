"""Indicators on PySpark streams: `io.financelake.streaming.Indicators`, with its names, for Python.

    Indicators.on(bars).keyedBy("series").orderedBy("ts", "seq").add("rsi_14", "ta_rsi(close, 14)").toDF()

The jar of FinanceLake must be on Spark's class path (`--jars`). Spark Connect has no way to the classes of
the JVM.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["Indicators"]

_CLASS = "io.financelake.streaming.Indicators"


class Indicators:
    """Indicators on a stream, with the state of each series kept durably by Spark.

    The result has the columns of the stream and one for each indicator, of the type that the call has in SQL.
    The final rows of a stream have the bits that the calls `OVER (PARTITION BY series ORDER BY ts, seq)` give
    over the same rows in a table. Each call of a method gives a new object; nothing happens before `toDF`.
    Options that do not fit the stream raise `IllegalArgumentException`, calls that SQL would refuse
    `AnalysisException`, both from `pyspark.errors`.
    """

    def __init__(self, spark: SparkSession, options: Any) -> None:
        self._spark = spark
        self._options = options

    @classmethod
    def on(cls, stream: DataFrame) -> Indicators:
        """Indicators on this streaming DataFrame."""
        spark = stream.sparkSession
        if not hasattr(stream, "_jdf"):
            raise TypeError(
                "indicators on streams need a classic Spark session: "
                "Spark Connect has no way to the classes of the JVM"
            )
        found: Any = spark._jvm
        for name in _CLASS.split("."):
            found = getattr(found, name)
        if type(found).__name__ == "JavaPackage":
            raise RuntimeError(
                f"Spark does not know {_CLASS}; start it with --jars financelake-spark_2.13-<version>.jar"
            )
        return cls(spark, found.on(stream._jdf))

    def keyedBy(self, *columns: str) -> Indicators:
        """The columns that name a series."""
        return self._with(self._options.keyedBy(list(columns)))

    def orderedBy(self, time: str, *ties: str) -> Indicators:
        """The event time (TIMESTAMP, TIMESTAMP_NTZ or DATE), then whole numbers for rows of one time."""
        return self._with(self._options.orderedBy([time, *ties]))

    def add(self, column: str, call: str) -> Indicators:
        """Adds a column with the results of a call: `add("rsi_14", "ta_rsi(close, 14)")`."""
        return self._with(self._options.add(column, call))

    def delay(self, interval: str) -> Indicators:
        """How long a row waits for others of its series, in event time, so that each can take its place."""
        return self._with(self._options.delay(interval))

    def mode(self, name: str) -> Indicators:
        """`final`: each row once, when its delay is over; `update`: each at once, and corrected again."""
        return self._with(self._options.mode(name))

    def flushAfter(self, interval: str) -> Indicators:
        """Ends the delay of a series that was silent for so long by the clock."""
        return self._with(self._options.flushAfter(interval))

    def expireAfter(self, interval: str) -> Indicators:
        """Forgets a series that was silent for so long by the clock."""
        return self._with(self._options.expireAfter(interval))

    def startFrom(self, history: DataFrame) -> Indicators:
        """Begins with the state after the rows of a table, which must have the columns of the stream."""
        return self._with(self._options.startFrom(history._jdf))

    def withStatus(self, column: str) -> Indicators:
        """Adds a column that says what became of a row, and keeps the rows that are left out otherwise."""
        return self._with(self._options.withStatus(column))

    def named(self, name: str) -> Indicators:
        """The name under which `observedMetrics` counts the rows of each status; each query needs its own."""
        return self._with(self._options.named(name))

    def toDF(self) -> DataFrame:
        """The stream with its indicators."""
        from pyspark.sql import DataFrame

        return DataFrame(self._options.toDF(), self._spark)

    def _with(self, options: Any) -> Indicators:
        return type(self)(self._spark, options)
