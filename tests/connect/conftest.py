"""What the tests of the sink share: one HDFS, one broker, one Spark, and a topic and a table per test."""

from __future__ import annotations

import itertools
import json
import shutil
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))
sys.path.extend(map(str, (ROOT / ".tools/connect/lib").glob("python3*/site-packages")))

from tests.connect.lake import Lake  # noqa: E402
from tests.servers.hdfs import Hdfs  # noqa: E402
from tests.servers.kafka import Broker, Worker  # noqa: E402


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("connect")


@pytest.fixture(scope="session")
def hdfs(folder: Path) -> Iterator[Hdfs]:
    servers = Hdfs(folder / "hdfs")
    try:
        yield servers.start()
    finally:
        servers.stop()


@pytest.fixture(scope="session")
def broker(folder: Path) -> Iterator[Broker]:
    server = Broker(folder / "kafka")
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def plugins(folder: Path) -> Path:
    """A plug-in path with what `make dist` made, as a user unpacks it."""
    packed = sorted((ROOT / "dist").glob("financelake-kafka-connect-*.zip"))
    if not packed:
        pytest.fail("dist/ has no plug-in: run `make dist` first")
    with zipfile.ZipFile(packed[-1]) as archive:
        archive.extractall(folder / "plugins")
    return folder / "plugins"


@pytest.fixture(scope="session")
def lake(folder: Path) -> Iterator[Lake]:
    reader = Lake(folder / "spark")
    try:
        yield reader
    finally:
        reader.stop()


@dataclass
class Cluster:
    """Connect workers of one group, one topic and one table."""

    folder: Path
    broker: Broker
    plugins: Path
    name: str
    table: str
    partitions: int = 4
    workers: list[Worker] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def worker(self) -> Worker:
        """One more worker, not started."""
        worker = Worker(
            self.folder / f"worker-{next(self.numbers)}", self.broker, self.plugins, group=self.name
        )
        self.workers.append(worker)
        return worker

    def config(self, **more: object) -> dict[str, object]:
        """The configuration that users start from, for this topic and table, with short times."""
        template = json.loads((ROOT / "kafka-connect/hdfs-sink.json").read_text(encoding="utf-8"))
        del template["name"]
        here = {
            "topics": self.name,
            "delta.table.url": self.table,
            "delta.table.routes": "",
            "hdfs.user": "lake",
            "flush.max.age.ms": 1000,
            "retry.backoff.ms": 500,
        }
        return template | here | {key.replace("_", "."): value for key, value in more.items()}

    def stop(self) -> None:
        for worker in self.workers:
            worker.server.kill()


@pytest.fixture
def cluster(
    request: pytest.FixtureRequest, folder: Path, hdfs: Hdfs, broker: Broker, plugins: Path
) -> Iterator[Cluster]:
    name = request.node.name.replace("_", "-").replace("[", "-").rstrip("]")
    home = folder / name
    made = Cluster(home, broker, plugins, name, f"{hdfs.url}/lake/bronze/{name}")
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(home / "data", ignore_errors=True)
