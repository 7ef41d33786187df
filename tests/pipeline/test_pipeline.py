"""From the producer to Gold on real servers, with parts that are killed on the way."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from tests.connect.lake import Lake
from tests.pipeline import gold
from tests.pipeline.checks import (
    DIRTY,
    batch,
    check_every_layer,
    check_reasons,
    forget_checkpoints,
    records_of,
    silver,
)
from tests.pipeline.services import PARTS, Services, alive
from tests.servers.process import ROOT, listens

FILES = ["us_equity_1m_aapl.csv.gz", "crypto_daily_btc.csv.gz", "etf_close_daily.csv.gz"]


def oil(folder: Path) -> Path:
    """A Parquet file of real bars, written by pandas."""
    rows = pd.read_csv(ROOT / "data/market/commodity_daily_wti.csv.gz", nrows=500)
    # Closes only, and without a volume: such columns are left out.
    rows = rows.dropna(axis="columns", how="all")
    rows["ts"] = pd.to_datetime(rows["ts"], utc=True).astype("datetime64[us, UTC]")
    path = folder / "oil.parquet"
    rows.to_parquet(path)
    return path


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
    columns = services.produce("parquet", oil(services.folder), "--freq", "1d")
    assert columns.wait(60) == 0, columns.stderr.read()
    services.wait(lambda: "bronze/bond_data" in services.log("consumer"), 120, "the bonds")
    services.stop("--only", "consumer")
    # What it measured is there without it.
    status = services.status()
    assert "the consumer does not answer" in status
    assert "bronze/bond_data" in status.split("_metrics had last")[1]
    return services


def test_every_record_passes_once_through_all_layers(filled: Services, lake: Lake) -> None:
    # What the stream had not done when it was stopped, and all of Kafka once more.
    forget_checkpoints(lake, filled.lake)
    batch(filled, filled.lake)
    rows = check_every_layer(filled, lake)
    check_reasons(rows)
    # Of the rows of Parquet, those on holidays have no close.
    oil_reasons = Counter(row["reason"] for row in rows if b'"source":"eia"' in row["value"])
    assert oil_reasons == {None: 485, "null_field": 15}


def test_the_batch_job_gives_what_the_stream_gives(filled: Services, lake: Lake, tmp_path: Path) -> None:
    other = f"file://{tmp_path}/lake"
    batch(filled, other)
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
    assert not any(alive(pid) for pid in pids)
    assert not any(filled.pid_file(part).exists() for part in PARTS)
    assert not any(listens(port) for port in filled.ports.values())
    assert filled.stop().strip() == "nothing runs"
    filled.start("--only", "kafka,hdfs")
    assert records_of(filled) == before
    assert lake.read(f"{filled.lake}/silver/stock_data").count() > 0
    filled.stop()
