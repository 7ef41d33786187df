"""An HDFS of one NameNode and one DataNode.

As a program it runs one until its standard input ends, and prints its URL once it can be written to:

    python3 -m tests.servers.hdfs FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.servers.process import LOOPBACK, Server, free_ports, jars, listens

LOG4J = """log4j.rootLogger=INFO,console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d %p %c: %m%n
"""


def configuration(properties: dict[str, object]) -> str:
    lines = [f"<property><name>{k}</name><value>{v}</value></property>" for k, v in properties.items()]
    return "\n".join(["<configuration>", *lines, "</configuration>"])


class Hdfs:
    """Its servers and their data in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.conf = folder / "conf"
        self.conf.mkdir(parents=True)
        self.port, http, data, data_http, data_ipc = free_ports(5)
        self.url = f"hdfs://{LOOPBACK}:{self.port}"
        self.web = f"{LOOPBACK}:{http}"
        (self.conf / "log4j.properties").write_text(LOG4J, encoding="utf-8")
        core = {"fs.defaultFS": self.url, "hadoop.tmp.dir": folder / "data"}
        (self.conf / "core-site.xml").write_text(configuration(core), encoding="utf-8")
        hdfs = {
            "dfs.replication": 1,
            "dfs.namenode.http-address": f"{LOOPBACK}:{http}",
            "dfs.datanode.address": f"{LOOPBACK}:{data}",
            "dfs.datanode.http.address": f"{LOOPBACK}:{data_http}",
            "dfs.datanode.ipc.address": f"{LOOPBACK}:{data_ipc}",
            # After a restart the NameNode is of use at once.
            "dfs.namenode.safemode.extension": 0,
            "dfs.permissions.enabled": "false",
            "dfs.heartbeat.interval": 1,
        }
        (self.conf / "hdfs-site.xml").write_text(configuration(hdfs), encoding="utf-8")
        # The daemons insist on the folders of their web pages, which their jar lacks.
        for name in ("hdfs", "datanode"):
            (folder / "web/webapps" / name).mkdir(parents=True)
        self.namenode = self.server("namenode", "org.apache.hadoop.hdfs.server.namenode.NameNode")
        self.datanode = self.server("datanode", "org.apache.hadoop.hdfs.server.datanode.DataNode")

    def server(self, name: str, *main: str) -> Server:
        server = Server(name, self.folder, [self.conf, self.folder / "web", jars("hadoop") / "*"], *main)
        server.environment["HADOOP_CONF_DIR"] = str(self.conf)
        return server

    def start(self) -> Hdfs:
        self.server("format", "org.apache.hadoop.hdfs.server.namenode.NameNode", "-format", "-force").run()
        self.namenode.start()
        self.datanode.start()
        self.wait()
        return self

    def wait(self) -> None:
        """Waits until files can be written."""
        self.namenode.wait(lambda: listens(self.port))
        probe = self.server("dfsadmin", "org.apache.hadoop.hdfs.tools.DFSAdmin", "-safemode", "wait")
        self.datanode.wait(lambda: "successfully registered with NN" in self.datanode.output())
        probe.run()

    def stop(self) -> None:
        for server in (self.datanode, self.namenode):
            server.kill()


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: python3 -m tests.servers.hdfs FOLDER", file=sys.stderr)
        return 2
    hdfs = Hdfs(Path(sys.argv[1]).resolve())
    try:
        hdfs.start()
        print(hdfs.url, flush=True)
        sys.stdin.read()
    finally:
        hdfs.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
