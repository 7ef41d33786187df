"""Rows scored in Spark: `ta_trend` over rows, PyTorch in `predict_batch_udf` and `pandas_udf` over windows.

The peers get their windows ready-made, 600 numbers a row, so forming them is not measured. Spark runs in
local[1]; variants take turns, and the shortest run of each counts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from network import FEATURES, WINDOW, seeded, windows
from pyspark.ml.functions import predict_batch_udf
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import col, pandas_udf
from pyspark.sql.types import ArrayType, FloatType

ROOT = Path(__file__).resolve().parents[3]
BATCHES = [64, 256, 1024]
# Series so long that the first windows, which are not full, do not matter.
SERIES = 4


def session() -> SparkSession:
    builder = SparkSession.builder.master("local[1]").appName("bench")
    for key, value in {
        "spark.jars": str(next((ROOT / "dist").glob("financelake-spark_*.jar"))),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "3g",
        "spark.log.level": "ERROR",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "4096",
    }.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def predictor() -> Callable[[np.ndarray], np.ndarray]:
    """What each Python worker makes once."""
    torch.set_num_threads(1)
    network = seeded()

    def predict(features: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            x = torch.from_numpy(features.reshape(-1, WINDOW, FEATURES).astype(np.float32))
            return network(x).numpy()

    return predict


def row_by_row(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
    """A call of the network per row."""
    predict = predictor()
    for batch in batches:
        yield pd.Series([predict(np.asarray(window))[0] for window in batch])


def udf(batch: int):
    return predict_batch_udf(
        predictor,
        return_type=ArrayType(FloatType()),
        batch_size=batch,
        input_tensor_shapes=[[WINDOW * FEATURES]],
    )


def query(model: Path) -> str:
    """The model over the rows of each series."""
    features = ", ".join(f"f{index}" for index in range(FEATURES))
    trend = f"ta_trend('{model}', {features}) OVER (PARTITION BY series ORDER BY ts)"
    return f"SELECT *, {trend} AS t FROM bars"


def probabilities(spark: SparkSession, model: Path) -> np.ndarray:
    """What Spark gives for the windows that all are compared over."""
    frame = spark.createDataFrame(pd.DataFrame({"w": list(windows(256).reshape(256, -1))}))
    frame.createOrReplaceTempView("compared")
    rows = spark.sql(f"SELECT t.* FROM (SELECT ta_trend_score(w, '{model}') AS t FROM compared)").collect()
    return np.array([[row.p_down, row.p_up, row.p_neutral] for row in rows])


def measure(model: Path, tiny: Path, rows: int, rounds: int) -> tuple[dict, np.ndarray]:
    os.environ["OMP_NUM_THREADS"] = "1"
    spark = session()
    values = np.random.default_rng(3).random((rows, FEATURES))
    columns = {f"f{index}": values[:, index] for index in range(FEATURES)}
    keys = {"series": np.arange(rows) % SERIES, "ts": np.arange(rows) // SERIES}
    many = 40 * rows
    repeated = {name: np.tile(column, 40) for name, column in columns.items()}
    frames = {
        "bars": pd.DataFrame({**keys, **columns}),
        "many": pd.DataFrame(
            {"series": np.arange(many) % SERIES, "ts": np.arange(many) // SERIES, **repeated}
        ),
        "windows": pd.DataFrame({"w": list(windows(rows).reshape(rows, -1))}),
    }
    tables: dict[str, DataFrame] = {}
    spark.conf.set("spark.sql.execution.arrow.pyspark.enabled", "true")
    for name, frame in frames.items():
        tables[name] = spark.createDataFrame(frame).coalesce(1).cache()
        tables[name].count()
        tables[name].createOrReplaceTempView(name)

    def sorted_rows() -> DataFrame:
        return tables["many"].repartition(1, "series").sortWithinPartitions("series", "ts")

    variants: dict[str, tuple[int, Callable[[], DataFrame]]] = {
        "shuffle and sort": (many, sorted_rows),
        "FinanceLake, tiny network": (many, lambda: spark.sql(query(tiny).replace("FROM bars", "FROM many"))),
        "FinanceLake": (rows, lambda: spark.sql(query(model))),
        **{
            f"predict_batch_udf, batch {batch}": (
                rows,
                lambda batch=batch: tables["windows"].select(udf(batch)(col("w"))),
            )
            for batch in BATCHES
        },
        "pandas function, row by row": (
            rows,
            lambda: tables["windows"].select(pandas_udf(row_by_row, "array<float>")(col("w"))),
        ),
    }
    shortest = dict.fromkeys(variants, float("inf"))
    for number in range(rounds + 1):
        for name, (_, make) in variants.items():
            start = time.monotonic()
            make().write.format("noop").mode("overwrite").save()
            if number:  # the first round warms up
                shortest[name] = min(shortest[name], time.monotonic() - start)
    found = probabilities(spark, model)
    result = {
        "version": spark.version,
        "rows": {name: count for name, (count, _) in variants.items()},
        "microseconds_per_row": {
            name: round(shortest[name] / count * 1e6, 3) for name, (count, _) in variants.items()
        },
    }
    spark.stop()
    return result, found
