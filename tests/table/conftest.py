"""What the tests of table maintenance share: one HDFS, one Spark, and the command line of `make dist`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))

from tests.connect.lake import Lake  # noqa: E402
from tests.servers.hdfs import Hdfs  # noqa: E402

COMMAND = ROOT / "dist/financelake"


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    reader = Lake(tmp_path_factory.mktemp("spark"))
    # Small tables: the files of an append stay as many as the data frame's partitions.
    reader.spark.conf.set("spark.databricks.delta.autoCompact.enabled", "false")
    try:
        yield reader
    finally:
        reader.stop()


@pytest.fixture(scope="session")
def hdfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hdfs]:
    servers = Hdfs(tmp_path_factory.mktemp("hdfs"))
    try:
        yield servers.start()
    finally:
        servers.stop()


@pytest.fixture(params=["local", "hdfs"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder for tables on each storage."""
    if request.param == "local":
        return str(tmp_path)
    return f"{request.getfixturevalue('hdfs').url}/{tmp_path.name}"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "table", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="session")
def command() -> Callable[..., Any]:
    """Runs `financelake table` and gives its JSON."""

    def call(*arguments: str | Path) -> Any:
        result = run(*arguments, "--json")
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    return call
