"""What the tests of the jobs share: Spark, the jar of `make dist`, and a small source folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Spark:
    """A Spark installation with the jars of Delta, and ours."""

    home: Path
    delta: list[Path]
    jar: Path

    def command(self, job: str, *arguments: str | Path) -> list[str]:
        """What runs a job. Compiling less makes short runs shorter."""
        options = ["--jars", ",".join(map(str, self.delta))]
        options += [
            "--driver-java-options",
            "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC",
        ]
        submit = str(self.home / "bin/spark-submit")
        name = ["--class", f"io.financelake.jobs.{job}", str(self.jar)]
        return [submit, "--master", "local[2]", *options, *name, *map(str, arguments)]

    def environment(self) -> dict[str, str]:
        return {**os.environ, "SPARK_HOME": str(self.home), "PYSPARK_PYTHON": sys.executable}

    def run(self, job: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(job, *arguments),
            env=self.environment(),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )


def newest_jar() -> Path:
    jars = sorted((ROOT / "dist").glob("financelake-spark_2.13-*.jar"))
    if not jars:
        pytest.fail("dist/ has no jar: run `make dist` first")
    return jars[-1]


def delta_jars(spark_home: Path) -> list[Path]:
    """Delta for this Spark with what it needs, fetched once through Maven into the cache folder."""
    core = next(spark_home.glob("jars/spark-core_2.13-*.jar")).name
    minor = ".".join(core.removesuffix(".jar").rsplit("-", 1)[1].split(".")[:2])
    text = (ROOT / "sbt/project/Versions.scala").read_text(encoding="utf-8")
    version = text.split('val delta = "', 1)[1].split('"', 1)[0]
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    folder = cache / f"financelake/delta-{minor}-{version}"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        project = folder / "pom.xml"
        project.write_text(
            f"""<project><modelVersion>4.0.0</modelVersion>
            <groupId>io.financelake</groupId><artifactId>delta-jars</artifactId><version>1</version>
            <dependencies><dependency><groupId>io.delta</groupId>
            <artifactId>delta-spark_{minor}_2.13</artifactId><version>{version}</version>
            <exclusions><exclusion><groupId>org.apache.spark</groupId><artifactId>*</artifactId></exclusion>
            <exclusion><groupId>org.scala-lang</groupId><artifactId>*</artifactId></exclusion></exclusions>
            </dependency></dependencies></project>""",
            encoding="utf-8",
        )
        goal = "dependency:copy-dependencies"
        arguments = ["-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
        subprocess.run(
            ["mvn", "--quiet", "--batch-mode", "-f", project, goal, *arguments], check=True, timeout=600
        )
        (folder / "complete").touch()
    ours = {jar.name.rsplit("-", 1)[0] for jar in spark_home.glob("jars/*.jar")}
    return [jar for jar in sorted(folder.glob("*.jar")) if jar.name.rsplit("-", 1)[0] not in ours]


@pytest.fixture(scope="session")
def spark() -> Spark:
    bundled = next((ROOT / ".tools/spark/lib").glob("python3*/site-packages/pyspark"))
    home = Path(os.environ.get("SPARK_HOME") or bundled)
    return Spark(home, delta_jars(home), newest_jar())
