"""A server as a process: started, waited for, killed by its id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def jars(group: str) -> Path:
    """The artifacts of a group of scripts/fetch-tools.sh."""
    folder = ROOT / ".tools" / group / "jars"
    if not folder.is_dir():
        raise RuntimeError(f"{folder} is missing: run scripts/fetch-tools.sh {group}")
    return folder


class Server:
    """A JVM that runs one main class. Its output goes to a file beside its data."""

    def __init__(self, name: str, folder: Path, classpath: list[Path | str], *main: str | Path) -> None:
        self.name = name
        self.folder = folder
        self.log = folder / f"{name}.log"
        self.arguments = ["-cp", ":".join(map(str, classpath)), *map(str, main)]
        # Short runs on few cores: quick start-up matters more than the best code.
        self.options(["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"])
        self.environment = dict(os.environ)
        self.process: subprocess.Popen[bytes] | None = None

    def options(self, options: list[str]) -> None:
        """Starts the JVM with other options."""
        self.command = ["java", *options, "-Djava.net.preferIPv4Stack=true", *self.arguments]

    def start(self) -> Server:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self

    def run(self, seconds: float = 120) -> None:
        """Runs a main class that ends by itself."""
        with self.log.open("ab") as log:
            subprocess.run(
                self.command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=True,
                timeout=seconds,
            )

    def wait(self, ready: Callable[[], bool], seconds: float = 120) -> Server:
        """Waits until it is ready; its death or its silence is an error that shows its last lines."""
        end = time.monotonic() + seconds
        while True:
            if self.process is None or self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended:\n{self.tail()}")
            if ready():
                return self
            if time.monotonic() > end:
                raise RuntimeError(f"{self.name} is not ready after {seconds} s:\n{self.tail()}")
            time.sleep(0.1)

    def output(self) -> str:
        """All that it printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def tail(self) -> str:
        return "\n".join(self.output().splitlines()[-40:])

    def send(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ends it and waits for its end."""
        if self.process is not None:
            self.process.send_signal(number)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def kill(self) -> None:
        """kill -9: no chance to say good-bye."""
        self.stop(signal.SIGKILL)
