"""A stream with indicators that is killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import ROOT, Spark

BATCHES = 12

SCRIPT = ROOT / "tests/jobs/stream.py"


@pytest.fixture(scope="module")
def work(spark: Spark, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stream")
    finished(start(spark, folder, "write"))
    return folder


def start(spark: Spark, work: Path, step: str) -> subprocess.Popen[str]:
    options = ["--master", "local[2]", "--jars", str(spark.jar)]
    options += [
        "--driver-java-options",
        "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC",
    ]
    script = [str(SCRIPT), str(work), str(BATCHES), step]
    return subprocess.Popen(
        [str(spark.home / "bin/spark-submit"), *options, *script],
        env=spark.environment(),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=(work / f"{step}.log").open("w"),
        text=True,
        start_new_session=True,
    )


def finished(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0
    return output


def committed(work: Path) -> int:
    return len(list((work / "checkpoint/commits").glob("[0-9]*")))


def test_a_stream_killed_at_any_time_goes_on_in_bits(spark: Spark, work: Path) -> None:
    for until in (2, 6):
        process = start(spark, work, "run")
        while committed(work) < until:
            assert process.poll() is None, (work / "run.log").read_text()[-4000:]
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert committed(work) < BATCHES
    finished(start(spark, work, "run"))
    rows, too_many, missing = finished(start(spark, work, "compare")).split("ROWS ")[1].split()
    assert int(rows) > 12_000
    assert (too_many, missing) == ("0", "0")
