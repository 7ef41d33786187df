"""The examples on the pages run, as they stand there.

`sql` and `python` blocks go through one PySpark session, `scala` blocks through one spark-shell, all over a
small table `bars`. What they give is checked elsewhere; here they must be accepted.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GROUPS = sorted((ROOT / "docs/functions").glob("*.md"))
PAGES = ["README.md", "docs/sql.md", "docs/streaming.md", "docs/python.md"]
PAGES += [str(page.relative_to(ROOT)) for page in GROUPS]
JAR = ROOT / "dist/financelake-spark.jar"

BARS = """
SELECT 'AAPL/1d/test/raw' AS series, timestamp_seconds(id * 86400) AS ts, 0 AS seq,
       10 + id AS open, 12 + id AS high, 9 + id AS low, 11 + id AS close, 100.0D AS volume,
       -- What functions of any two columns, and of a period for each row, call their inputs.
       10 + id AS real0, 11 + id AS real1, 5 + id % 3 AS periods,
       -- What begins a session where it changes, and an anchor where it is not 0.
       id DIV 5 AS session, if(id % 50 = 0, 1, 0) AS anchor
FROM range(300)
"""

PYTHON = """
import json, sys
from pyspark.sql import SparkSession, Window, functions as F

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
bars = spark.sql(sys.argv[1])
bars.createOrReplaceTempView("bars")
w = Window.partitionBy("series").orderBy("ts", "seq")
for kind, page, code in json.load(sys.stdin):
    try:
        if kind == "sql":
            spark.sql(code.strip().rstrip(";")).collect()
        else:
            exec(code)
    except Exception as failure:
        print(f"{page}: {code}{str(failure).splitlines()[0]}")
print("all examples were run")
"""


def blocks(*kinds: str) -> list[tuple[str, str, str]]:
    """Every (kind, page, text) of fenced blocks of these kinds."""
    found = []
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        for kind, code in re.findall(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            if kind in kinds:
                found.append((kind, page, code))
    return found


@pytest.fixture(scope="module")
def environment(package: Path) -> dict[str, str]:
    home = next((ROOT / ".tools/spark/lib").glob("python3*/site-packages/pyspark"))
    return {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYTHONPATH": str(package),
        "PYSPARK_SUBMIT_ARGS": f"--jars {JAR} pyspark-shell",
    }


def test_sql_and_python(environment: dict[str, str]) -> None:
    examples = blocks("sql", "python")
    assert len(examples) > 20
    result = subprocess.run(
        [sys.executable, "-c", PYTHON, BARS],
        cwd=ROOT,
        env=environment,
        input=json.dumps(examples),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-4000:]
    assert result.stdout.strip() == "all examples were run"


def test_scala(environment: dict[str, str], tmp_path: Path) -> None:
    examples = blocks("scala")
    assert len(examples) > 10
    script = [
        f'val bars = spark.sql("""{BARS}""")',
        "import org.apache.spark.sql.expressions.Window",
        "import org.apache.spark.sql.functions.col",
        "import io.financelake.functions._",
        'val w = Window.partitionBy("series").orderBy("ts", "seq")',
        # Each in a block of its own, since examples define the same names.
        *(f"locally {{\n{code}}}" for _, _, code in examples),
        'println("all examples " + "were run")',
        ":quit",
    ]
    result = subprocess.run(
        [
            f"{environment['SPARK_HOME']}/bin/spark-shell",
            "--master=local[1]",
            "--conf=spark.ui.enabled=false",
            "--conf=spark.sql.catalogImplementation=in-memory",
            f"--jars={JAR}",
        ],
        cwd=tmp_path,
        env=environment,
        input="\n".join(script),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "all examples were run" in result.stdout, result.stdout[-4000:] + result.stderr[-4000:]
    assert not re.search(r"error:|Exception", result.stdout), result.stdout[-4000:]
