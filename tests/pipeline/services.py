"""The lake of start_services.sh in a folder of its own, on ports that nobody uses."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.servers.process import LOOPBACK, ROOT

PARTS = {
    "kafka": "kafka",
    "hdfs": "hdfs",
    "yarn": "yarn",
    "connect": "kafka_connect",
    "producer": "kafka_producer",
    "consumer": "structured_spark_consumer_v6",
}
PORTS = [
    "KAFKA_PORT",
    "KAFKA_CONTROLLER_PORT",
    "HDFS_PORT",
    "HDFS_WEB_PORT",
    "YARN_PORT",
    "YARN_WEB_PORT",
    "CONNECT_PORT",
    "METRICS_PORT",
    "PRODUCER_METRICS_PORT",
]


def lasting_ports(count: int) -> list[int]:
    """Ports that stay free while their server is away: none that the system gives to clients."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(15_000, 32_000)
        with socket.socket() as probe:
            if port not in found and probe.connect_ex((LOOPBACK, port)) != 0:
                found.append(port)
    return found


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended may wait for its parent to notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except FileNotFoundError:
        return False


class Services:
    """Calls of the two scripts with one environment."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.folder = folder
        self.ports = dict(zip(PORTS, lasting_ports(len(PORTS)), strict=True))
        self.environment = {
            **os.environ,
            **{name: str(port) for name, port in self.ports.items()},
            "LOG_DIR": str(folder / "log"),
            "VAR_DIR": str(folder / "var"),
            # Short runs on few cores: quick start-up matters more than the best code.
            "SPARK_SUBMIT_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=128m",
            "SPARK_MASTER": "local[2]",
            "PYSPARK_PYTHON": sys.executable,
            **more,
        }
        self.brokers = f"{LOOPBACK}:{self.ports['KAFKA_PORT']}"
        self.lake = f"hdfs://{LOOPBACK}:{self.ports['HDFS_PORT']}/financelake-data"

    def script(
        self, name: str, *arguments: str, check: bool = True, **more: str
    ) -> subprocess.CompletedProcess[str]:
        # Into a file: a pipe would stay open in what the script starts.
        output = self.folder / "script.txt"
        with output.open("w", encoding="utf-8") as file:
            code = subprocess.run(
                [str(ROOT / name), *arguments],
                env={**self.environment, **more},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                timeout=600,
                check=False,
            ).returncode
        text = output.read_text(encoding="utf-8")
        if check and code != 0:
            raise AssertionError(f"{name} {' '.join(arguments)}: exit code {code}\n{text}")
        return subprocess.CompletedProcess([name], code, text)

    def start(self, *arguments: str, **more: str) -> str:
        return self.script("start_services.sh", *arguments, **more).stdout

    def stop(self, *arguments: str) -> str:
        return self.script("stop_services.sh", *arguments).stdout

    def status(self) -> str:
        """What `financelake status` prints."""
        command = [ROOT / "dist/financelake", "status"]
        return subprocess.check_output(list(map(str, command)), env=self.environment, cwd=ROOT, text=True)

    def produce(self, *arguments: str | Path) -> subprocess.Popen[str]:
        command = [ROOT / "dist/financelake", "produce", *arguments, "--bootstrap-servers", self.brokers]
        return subprocess.Popen(
            list(map(str, command)), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def pid_file(self, part: str) -> Path:
        return self.folder / "log" / f"{PARTS[part]}.pid"

    def pids(self, part: str) -> list[int]:
        return [int(line.split()[0]) for line in self.pid_file(part).read_text().splitlines()]

    def kill(self, part: str) -> None:
        """kill -9: no chance to say good-bye."""
        for pid in self.pids(part):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            while alive(pid):
                time.sleep(0.05)

    def log(self, part: str) -> str:
        return (self.folder / "log" / f"{PARTS[part]}.log").read_text(encoding="utf-8", errors="replace")

    def wait(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"{what}: not within {seconds} s\n{self.log('consumer')[-3000:]}")
            time.sleep(0.2)
