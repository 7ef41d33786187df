"""The scripts where something is wrong: one line that says what, and nothing left running."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from tests.pipeline.services import Services


@pytest.fixture
def here(tmp_path: Path) -> Services:
    return Services(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (["--fast"], {}, "unknown argument '--fast'; --help says what there is"),
        (["--only", "spark"], {}, "--only spark: there are kafka hdfs yarn connect producer consumer"),
        (["--ingest", "nifi"], {}, "--ingest nifi: write spark or connect"),
        ([], {"JAVA_HOME": "/none"}, "JAVA_HOME is /none, which has no bin/java"),
        ([], {"HADOOP_HOME": "/tmp"}, "HADOOP_HOME is /tmp, which holds no Hadoop"),
        ([], {"KAFKA_HOME": "/tmp"}, "KAFKA_HOME is /tmp, which holds no Kafka"),
        ([], {"LOG_DIR": "/proc/none"}, "the folders /proc/none and "),
    ],
)
def test_what_cannot_start_says_why(
    here: Services, arguments: list[str], environment: dict[str, str], says: str
) -> None:
    refused = here.script("start_services.sh", *arguments, check=False, **environment)
    assert refused.returncode == 2
    assert says in refused.stdout
    assert len(refused.stdout.splitlines()) == 1


def test_a_taken_port_is_named_with_the_variable_that_moves_it(here: Services) -> None:
    with socket.create_server(("127.0.0.1", here.ports["KAFKA_PORT"])):
        refused = here.script("start_services.sh", check=False)
    assert refused.returncode == 2
    port = here.ports["KAFKA_PORT"]
    assert f"port {port} is taken by a process that is not ours: end it, or set KAFKA_PORT" in refused.stdout


def test_a_part_that_dies_while_it_starts_ends_what_was_started(here: Services, tmp_path: Path) -> None:
    (tmp_path / "var/hdfs/dfs/name/current").mkdir(parents=True)
    refused = here.script("start_services.sh", "--only", "kafka,hdfs", check=False)
    assert refused.returncode == 1
    assert "start_services.sh: hdfs ended while it started; " in refused.stdout
    assert "  kafka: broker " in refused.stdout.split("stopping what was started")[1]
    assert not list((tmp_path / "log").glob("*.pid"))


def test_a_process_of_somebody_else_is_left_alone(here: Services, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    other = subprocess.Popen(["sleep", "600"])
    try:
        here.pid_file("kafka").write_text(f"{other.pid} 17 broker\n")
        assert "is another process now and is left alone" in here.stop()
        assert other.poll() is None
        assert not here.pid_file("kafka").exists()
    finally:
        other.kill()
        other.wait()


def test_nothing_runs_where_nothing_was_started(here: Services) -> None:
    assert here.stop().strip() == "nothing runs"
    assert "stopped" in here.start("--status")
