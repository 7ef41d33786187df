"""The independent reader: Spark with delta-spark."""

from __future__ import annotations

import os
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from tests.jobs.conftest import delta_jars


class Lake:
    """A Spark session that reads tables."""

    def __init__(self, folder: Path) -> None:
        import pyspark

        home = Path(os.environ.get("SPARK_HOME") or Path(pyspark.__file__).parent)
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        self.spark = (
            SparkSession.builder.master("local[2]")
            .config("spark.jars", ",".join(map(str, delta_jars(home))))
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .config(
                "spark.driver.extraJavaOptions",
                "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC",
            )
            .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.databricks.delta.snapshotPartitions", "1")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.ui.enabled", "false")
            .getOrCreate()
        )
        self.spark.sparkContext.setLogLevel("ERROR")

    def stop(self) -> None:
        self.spark.stop()

    def read(self, table: str) -> DataFrame:
        return self.spark.read.format("delta").load(table)

    def sql(self, query: str) -> DataFrame:
        return self.spark.sql(query)

    def count(self, table: str) -> int:
        """Rows of a table, 0 while there is none."""
        try:
            return self.read(table).count()
        except Exception as error:
            if (
                "PATH_NOT_FOUND" in str(error)
                or "DELTA_" in str(error)
                or "is not a Delta table" in str(error)
            ):
                return 0
            raise

    def _path(self, path: str) -> tuple[object, object]:
        """A path, and its file system."""
        found = self.spark.sparkContext._jvm.org.apache.hadoop.fs.Path(path)
        return found, found.getFileSystem(self.spark.sparkContext._jsc.hadoopConfiguration())

    def names(self, folder: str) -> list[str]:
        path, files = self._path(folder)
        return [status.getPath().getName() for status in files.listStatus(path)]

    def content(self, file: str) -> bytes:
        path, files = self._path(file)
        stream = files.open(path)
        try:
            return bytes(stream.readNBytes(files.getFileStatus(path).getLen()))
        finally:
            stream.close()

    def overwrite(self, file: str, content: bytes) -> None:
        path, files = self._path(file)
        stream = files.create(path, True)
        stream.write(bytearray(content))
        stream.close()

    def delete_commits_before_checkpoint(self, table: str) -> int:
        """Does what Delta's clean-up does after the retention: commits that a checkpoint contains go."""
        jvm = self.spark.sparkContext._jvm
        path = jvm.org.apache.hadoop.fs.Path(f"{table}/_delta_log")
        files = path.getFileSystem(self.spark.sparkContext._jsc.hadoopConfiguration())
        names = sorted(status.getPath().getName() for status in files.listStatus(path))
        newest = max(name.split(".")[0] for name in names if ".checkpoint." in name)
        old = [name for name in names if name.endswith((".json", ".crc")) and name.split(".")[0] < newest]
        for name in old:
            files.delete(jvm.org.apache.hadoop.fs.Path(path, name), False)
        return len(old)
