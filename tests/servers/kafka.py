"""A Kafka broker, and Connect workers with their REST interface."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tests.servers.process import LOOPBACK, Server, free_ports, jars, listens

LOG4J = """log4j.rootLogger=INFO,console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d %p %c: %m%n
"""


def properties(entries: dict[str, object]) -> str:
    return "".join(f"{key}={value}\n" for key, value in entries.items())


class Broker:
    """One broker that is its own controller."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.port, controller = free_ports(2)
        self.address = f"{LOOPBACK}:{self.port}"
        (folder / "log4j.properties").write_text(LOG4J, encoding="utf-8")
        (folder / "server.properties").write_text(
            properties(
                {
                    "process.roles": "broker,controller",
                    "node.id": 1,
                    "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
                    "listeners": f"PLAINTEXT://{self.address},CONTROLLER://{LOOPBACK}:{controller}",
                    "advertised.listeners": f"PLAINTEXT://{self.address}",
                    "controller.listener.names": "CONTROLLER",
                    "log.dirs": folder / "data",
                    "offsets.topic.replication.factor": 1,
                    "offsets.topic.num.partitions": 1,
                    "transaction.state.log.replication.factor": 1,
                    "transaction.state.log.min.isr": 1,
                    "transaction.state.log.num.partitions": 1,
                    "group.initial.rebalance.delay.ms": 0,
                    "share.coordinator.state.topic.replication.factor": 1,
                    "share.coordinator.state.topic.min.isr": 1,
                    "auto.create.topics.enable": "false",
                    # Records of tests carry times of long ago.
                    "log.retention.ms": -1,
                }
            ),
            encoding="utf-8",
        )
        self.server = self.jvm("kafka", "kafka.Kafka", "server.properties")

    def jvm(self, name: str, *main: str) -> Server:
        return Server(name, self.folder, [self.folder, jars("kafka") / "*"], *main)

    def start(self) -> Broker:
        if not (self.folder / "data").exists():
            cluster = "MkU3OEVBNTcwNTJENDM2Qg"
            self.jvm(
                "format", "kafka.tools.StorageTool", "format", "-t", cluster, "-c", "server.properties"
            ).run()
        self.server.start().wait(lambda: listens(self.port))
        return self

    def stop(self) -> None:
        self.server.kill()


class Worker:
    """A Connect worker of a cluster named `group`."""

    def __init__(self, folder: Path, broker: Broker, plugins: Path, group: str = "connect") -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        (self.port,) = free_ports(1)
        self.url = f"http://{LOOPBACK}:{self.port}"
        (folder / "log4j.properties").write_text(LOG4J, encoding="utf-8")
        entries: dict[str, object] = {
            "bootstrap.servers": broker.address,
            "group.id": group,
            "key.converter": "org.apache.kafka.connect.storage.StringConverter",
            "value.converter": "org.apache.kafka.connect.json.JsonConverter",
            "value.converter.schemas.enable": "false",
            "listeners": self.url,
            "plugin.path": plugins,
            "plugin.discovery": "service_load",
            # Deaths are noticed soon, which keeps tests short.
            "session.timeout.ms": 6000,
            "heartbeat.interval.ms": 1000,
            "rebalance.timeout.ms": 10000,
            "scheduled.rebalance.max.delay.ms": 0,
            "consumer.session.timeout.ms": 6000,
            "consumer.heartbeat.interval.ms": 1000,
            "consumer.metadata.max.age.ms": 5000,
            "offset.flush.interval.ms": 1000,
            "connector.client.config.override.policy": "All",
        }
        for kind in ("offset", "config", "status"):
            entries[f"{kind}.storage.topic"] = f"{group}-{kind}s"
            entries[f"{kind}.storage.replication.factor"] = 1
        entries["offset.storage.partitions"] = entries["status.storage.partitions"] = 1
        (folder / "worker.properties").write_text(properties(entries), encoding="utf-8")
        main = "org.apache.kafka.connect.cli.ConnectDistributed"
        self.server = Server(folder.name, folder, [folder, jars("kafka") / "*"], main, "worker.properties")

    def start(self) -> Worker:
        self.server.start().wait(self.answers)
        return self

    def answers(self) -> bool:
        try:
            self.get("/connectors")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        return True

    def stop(self) -> None:
        self.server.stop()

    def request(self, method: str, path: str, body: object = None) -> object:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=90) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def get(self, path: str) -> object:
        return self.request("GET", path)

    def put_connector(self, name: str, config: dict[str, object]) -> None:
        """Makes or changes a connector; a worker that is in the middle of a rebalance is asked again."""

        def accepted() -> bool:
            try:
                self.request("PUT", f"/connectors/{name}/config", texts(config))
            except urllib.error.HTTPError as error:
                if error.code not in (409, 500):
                    raise RuntimeError(error.read().decode()) from error
                return False
            return True

        until(accepted, 60, f"{name} is not accepted")

    def states(self, name: str) -> list[str]:
        """The states of the connector's tasks."""
        try:
            return [task["state"] for task in self.get(f"/connectors/{name}/status")["tasks"]]
        except urllib.error.HTTPError:
            return []

    def failure(self, name: str) -> str:
        """The stack trace of its first failed task; none while the worker does not know the connector yet."""
        try:
            tasks = self.get(f"/connectors/{name}/status")["tasks"]
        except urllib.error.HTTPError:
            return ""
        return next((task["trace"] for task in tasks if task["state"] == "FAILED"), "")


def texts(config: dict[str, object]) -> dict[str, str]:
    """A configuration as Connect wants it."""
    return {key: str(value) for key, value in config.items()}


def until(condition: Callable[[], object], seconds: float, otherwise: str | Callable[[], str]) -> None:
    """Waits for a condition; its absence is an error."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(otherwise if isinstance(otherwise, str) else otherwise())
        time.sleep(0.2)
