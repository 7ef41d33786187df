"""The import as users start it: exit codes, messages, killed runs, second runs."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import ROOT, Spark

MARKET = ROOT / "data/market"
MANIFEST = json.loads((MARKET / "MANIFEST.json").read_text(encoding="utf-8"))["files"]
TABLES = [
    "bronze/stock_data",
    "bronze/bond_data",
    "silver/stock_data",
    "silver/stock_daily",
    "silver/bond_data",
    "gold/daily_summary",
    "gold/technical_indicators",
    "gold/market_windows",
]
# Depends on when a run took place.
TIMES = {"timestamp", "ingested_at", "known_at"}

PRINT_DIGESTS = """
import json, sys
from pyspark.sql import SparkSession, functions as F
spark = (SparkSession.builder.config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "4")
    .config("spark.databricks.delta.snapshotPartitions", "2")
    .config("spark.sql.codegen.wholeStage", "false").getOrCreate())
tables, left_out = json.loads(sys.argv[1])
for name in tables:
    rows = spark.read.format("delta").load(name)
    dropped = left_out + (["date"] if "/bronze/" in name else [])
    columns = sorted(set(rows.columns) - set(dropped))
    digest = F.xxhash64(F.to_json(F.struct(*columns)))
    total = rows.agg(F.count("*"), F.sum(digest.cast("decimal(38, 0)")), F.bit_xor(digest)).head()
    version = spark.sql(f"DESCRIBE HISTORY delta.`{name}` LIMIT 1").head()["version"]
    print("DIGEST", json.dumps([name, str(total), version]))
"""


def source_folder(folder: Path, *names: str) -> Path:
    """A folder with some of the market files."""
    folder.mkdir()
    entries = [entry for entry in MANIFEST if entry["file"] in names]
    (folder / "MANIFEST.json").write_text(json.dumps({"files": entries}), encoding="utf-8")
    for name in names:
        (folder / name).write_bytes((MARKET / name).read_bytes())
    return folder


def digests(spark: Spark, work: Path, *lakes: Path) -> list[dict[str, tuple[str, int]]]:
    """Per lake and table a digest of all rows, and the version."""
    script = work / "digests.py"
    script.write_text(PRINT_DIGESTS, encoding="utf-8")
    names = [str(lake / table) for lake in lakes for table in TABLES]
    command = spark.command("ImportBars")
    command = command[: command.index("--class")]
    output = subprocess.run(
        [*command, str(script), json.dumps([names, sorted(TIMES)])],
        env=spark.environment(),
        cwd=work,
        capture_output=True,
        text=True,
        timeout=900,
        check=True,
    ).stdout
    lines = [json.loads(line[7:]) for line in output.splitlines() if line.startswith("DIGEST ")]
    found = {name: (digest, version) for name, digest, version in lines}
    return [{table: found[str(lake / table)] for table in TABLES} for lake in lakes]


def files(lake: Path) -> dict[str, str]:
    """Every file of a lake with its digest."""
    return {
        str(path.relative_to(lake)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(lake.rglob("*"))
        if path.is_file()
    }


def test_a_full_import_and_a_second_one(spark: Spark, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    start = time.monotonic()
    first = spark.run("ImportBars", "--source", MARKET, "--lake", lake)
    seconds = time.monotonic() - start
    assert first.returncode == 0, first.stderr
    rows = sum(entry["rows"] for entry in MANIFEST)
    refused = sum(sum(entry["refused"].values()) for entry in MANIFEST)
    last = first.stdout.splitlines()[-1]
    assert f"imported {len(MANIFEST)} of {len(MANIFEST)} files: {rows:,} records" in last
    assert f"{rows - refused:,} accepted, {refused:,} refused" in last
    for entry in MANIFEST:
        bad = sum(entry["refused"].values())
        line = next(line for line in first.stdout.splitlines() if line.strip().startswith(entry["file"]))
        assert f"{entry['rows']:,} records, {entry['rows'] - bad:,} accepted, {bad:,} refused" in line

    before = files(lake)
    start = time.monotonic()
    second = spark.run("ImportBars", "--source", MARKET, "--lake", lake)
    again = time.monotonic() - start
    assert second.returncode == 0, second.stderr
    assert "0 tables changed" in second.stdout.splitlines()[-1]
    assert files(lake) == before
    print(f"first {seconds:.1f} s, second {again:.1f} s")
    assert again < seconds / 4


def test_failures_are_one_line_and_an_exit_code(spark: Spark, tmp_path: Path) -> None:
    missing = spark.run("ImportBars", "--source", tmp_path / "none", "--lake", tmp_path / "lake")
    assert missing.returncode == 2
    own = [line for line in missing.stderr.splitlines() if line.startswith("ImportBars: ")]
    assert len(own) == 1
    assert "--source" in own[0]
    assert "\tat " not in missing.stderr

    source = source_folder(tmp_path / "source", "crypto_daily_btc.csv.gz")
    whole = (source / "crypto_daily_btc.csv.gz").read_bytes()
    (source / "crypto_daily_btc.csv.gz").write_bytes(whole[:-50])
    broken = spark.run("ImportBars", "--source", source, "--lake", tmp_path / "lake")
    assert broken.returncode == 1
    own = [line for line in broken.stderr.splitlines() if line.startswith("ImportBars: ")]
    assert len(own) == 1
    assert "crypto_daily_btc.csv.gz: " in own[0]
    assert "\tat " not in broken.stderr


def kill_after(spark: Spark, source: Path, lake: Path, sign: str, delay: float) -> bool:
    """Starts an import and kills it with all its children `delay` seconds after it has printed `sign`.

    Returns whether it was still running.
    """
    command = spark.command("ImportBars", "--source", source, "--lake", lake)
    process = subprocess.Popen(
        command,
        env=spark.environment(),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(sign):
            break
    time.sleep(delay)
    running = process.poll() is None
    if running:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return running


SMALL = ["us_equity_1m_aapl.csv.gz", "crypto_daily_btc.csv.gz", "commodity_daily_wti.csv.gz"]


def check_killed_runs(spark: Spark, work: Path, moments: list[tuple[str, float]]) -> None:
    source = source_folder(work / "source", *SMALL)
    undisturbed = work / "undisturbed"
    assert spark.run("ImportBars", "--source", source, "--lake", undisturbed).returncode == 0
    lakes = []
    for number, (sign, delay) in enumerate(moments):
        lake = work / f"killed-{number}"
        kill_after(spark, source, lake, sign, delay)
        rerun = spark.run("ImportBars", "--source", source, "--lake", lake)
        assert rerun.returncode == 0, (sign, delay, rerun.stderr)
        lakes.append(lake)
    wanted, *found = digests(spark, work, undisturbed, *lakes)
    for moment, tables in zip(moments, found, strict=True):
        assert tables == wanted, moment


def test_a_killed_run_is_completed_by_the_next_one(spark: Spark, tmp_path: Path) -> None:
    check_killed_runs(spark, tmp_path, [("  ", 0.5), ("bronze/bond_data", 0.3)])


@pytest.mark.soak
def test_runs_killed_at_many_moments(spark: Spark, tmp_path: Path) -> None:
    signs = ["Spark", "  ", *TABLES[:-1]]
    check_killed_runs(spark, tmp_path, [(sign, delay) for sign in signs for delay in (0.0, 0.2, 0.6, 1.2)])


def test_the_command_line_shows_the_quarantine(spark: Spark, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    dirty = ROOT / "native/market/tests/dirty/stock_ticks.jsonl"
    assert spark.run("ImportBars", "--source", dirty, "--lake", lake).returncode == 0
    program = ROOT / "dist/financelake"
    jars = ["--", "--jars", ",".join(map(str, spark.delta))]
    listed = subprocess.run(
        [program, "quarantine", "list", "--lake", lake, "--json", *jars],
        env=spark.environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert listed.returncode == 0, listed.stderr
    reasons = {group["reason"]: group["records"] for group in json.loads(listed.stdout)["reasons"]}
    assert reasons["malformed_json"] == 15
    assert reasons["duplicate_conflict"] == 1

    without = subprocess.run(
        [program, "quarantine", "list", "--lake", lake],
        env={"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert without.returncode == 2
    assert without.stderr.startswith("financelake: this command needs Spark")
    assert len(without.stderr.splitlines()) == 1
