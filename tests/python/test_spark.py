"""financelake.functions in PySpark, classic and Connect; it has the bits that financelake.ta has without."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = 300

CLASSIC = """
import json, struct, sys
from pyspark.sql import SparkSession, Window
import financelake.functions as fl

spark = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    .config("spark.sql.codegen.wholeStage", "false").getOrCreate())
request = json.load(sys.stdin)
rows = [[float.fromhex(value) for value in row] for row in zip(*request["columns"].values())]
bars = spark.createDataFrame([(i, *row) for i, row in enumerate(rows)], ["ts", *request["columns"]])
w = Window.orderBy("ts")
calls = request["calls"]
result = {}
for first in range(0, len(calls), 60):
    chosen = calls[first : first + 60]
    columns = [getattr(fl, name)(*inputs).over(w).alias(name) for name, inputs in chosen]
    for name, _ in chosen:
        result[name] = []
    for row in bars.select("ts", *columns).orderBy("ts").collect():
        for name, _ in chosen:
            value = row[name]
            fields = list(value) if isinstance(value, tuple) else [value]
            result[name].append([None if f is None else float(f).hex() for f in fields])
json.dump(result, sys.stdout)
"""

CONNECT = """
import sys
from pyspark.sql import SparkSession, Window, functions as F
from financelake.functions import bbands, rsi

spark = SparkSession.builder.remote("local[1]").getOrCreate()
assert type(spark).__module__.startswith("pyspark.sql.connect")
bars = spark.range(60).select("id", (100 + F.col("id") % 7).cast("double").alias("close"))
w = Window.orderBy("id")
columns = [rsi("close", timeperiod=5).over(w).alias("r"), bbands("close").over(w).alias("b")]
last = bars.select(*columns).collect()[59]
print(last.r.hex(), last.b.upper.hex())
spark.stop()
"""


@pytest.fixture(scope="module")
def environment(package: Path) -> dict[str, str]:
    home = next((ROOT / ".tools/spark/lib").glob("python3*/site-packages/pyspark"))
    return {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYTHONPATH": str(package),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_SUBMIT_ARGS": f"--jars {ROOT / 'dist/financelake-spark.jar'} pyspark-shell",
    }


def output_of(code: str, environment: dict[str, str], folder: Path, given: str = "") -> str:
    """What a Python of its own prints; Spark in this one would be seen by the other tests."""
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-4000:]
    return result.stdout


def test_every_function_has_the_bits_of_the_sql_function(
    ta, bars: dict[str, np.ndarray], environment: dict[str, str], tmp_path: Path
) -> None:
    columns = {name: values[-ROWS:].copy() for name, values in bars.items()}
    columns["close"][[5, 100]] = np.nan
    request = {
        "columns": {name: [value.hex() for value in values.tolist()] for name, values in columns.items()},
        "calls": [(function["name"], function["inputs"]) for function in ta.functions()],
    }
    spark = json.loads(output_of(CLASSIC, environment, tmp_path, json.dumps(request)))
    for function in ta.functions():
        ours = getattr(ta, function["name"])(*[pl.Series(columns[name]) for name in function["inputs"]])
        ours = [ours] if len(function["outputs"]) == 1 else list(ours)
        wanted = [
            [None if value is None else float(value).hex() for value in row]
            for row in zip(*[output.to_list() for output in ours], strict=True)
        ]
        # A struct of which all fields are NULL is NULL.
        got = [row * len(ours) if row == [None] else row for row in spark[function["name"]]]
        assert got == wanted, function["name"]


def test_connect(ta, environment: dict[str, str], tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", CONNECT],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-4000:]
    close = 100.0 + np.arange(60) % 7
    wanted = [ta.rsi(close, 5)[59], ta.bbands(close).upper[59]]
    assert output_of(CONNECT, environment, tmp_path).split() == [float(value).hex() for value in wanted]


def test_functions_are_those_of_the_registry(ta) -> None:
    import financelake.functions as functions

    assert functions.__all__ == [function["name"] for function in ta.functions()]
    for function in ta.functions():
        parameters = inspect.signature(getattr(functions, function["name"])).parameters
        defaults = {param["name"]: param["default"] for param in function["params"]}
        assert list(parameters) == [*function["inputs"], *defaults]
        assert {name: parameters[name].default for name in defaults} == defaults


STREAMS = """
from pyspark.sql import SparkSession
from financelake.streaming import Indicators

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
scala = spark._jvm.java.lang.Class.forName("io.financelake.streaming.Indicators", True,
    spark._jvm.java.lang.Thread.currentThread().getContextClassLoader())
methods = {m.getName() for m in scala.getDeclaredMethods() if "$" not in m.getName()}
public = {m.getName() for m in scala.getMethods()} & methods
ours = {name for name in vars(Indicators) if not name.startswith("_")}
print(sorted(public ^ ours))
stream = spark.readStream.format("rate").load()
try:
    Indicators.on(stream).keyedBy("value").orderedBy("time").add("x", "ta_sma(value, 3)").toDF()
except Exception as error:
    print(type(error).__name__, error)
"""


def test_streams_have_the_methods_of_scala(environment: dict[str, str], tmp_path: Path) -> None:
    names, refusal = output_of(STREAMS, environment, tmp_path).splitlines()[:2]
    assert names == "[]"
    assert refusal.startswith("IllegalArgumentException")
    assert "the stream has no column 'time'; it has timestamp, value" in refusal


def test_streams_say_what_is_missing(environment: dict[str, str], tmp_path: Path) -> None:
    code = """
from pyspark.sql import SparkSession
from financelake.streaming import Indicators
spark = SparkSession.builder.{}.config("spark.ui.enabled", "false").getOrCreate()
try:
    Indicators.on(spark.readStream.format("rate").load())
except (RuntimeError, TypeError) as error:
    print(error)
"""
    bare = {**environment, "PYSPARK_SUBMIT_ARGS": "pyspark-shell"}
    for session, message in [
        ('master("local[1]")', "start it with --jars financelake-spark_2.13-<version>.jar"),
        ('remote("local[1]")', "Spark Connect has no way to the classes of the JVM"),
    ]:
        assert message in output_of(code.format(session), bare, tmp_path)
