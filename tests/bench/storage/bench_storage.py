#!/usr/bin/env python3
"""Compares the bytes of the Silver tables with the same rows as CSV and as JSON lines, in one run.

The rows come from a lake that the import of data/market made; made here if it is not there. The text files
are written by Spark from the same tables, with the same columns, plain and gzipped.

    scripts/bench.sh storage
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

ROOT = Path(__file__).resolve().parents[3]
WORK = ROOT / "tests/bench/work"
LAKE = WORK / "lake"
TABLES = ["silver/stock_data", "silver/stock_daily", "silver/bond_data"]
DELTA = "io.delta:delta-spark_4.2_2.13:4.4.0"


def import_market_data(jar: Path) -> None:
    spark_home = Path(next(iter(sys.modules["pyspark"].__path__)))
    submit = [spark_home / "bin/spark-submit", "--packages", DELTA]
    job = ["--class", "io.financelake.jobs.ImportBars", jar]
    subprocess.run([*submit, *job, "--source", ROOT / "data/market", "--lake", LAKE], check=True)


def session(jar: Path) -> SparkSession:
    builder = SparkSession.builder.master("local[2]").appName("storage")
    for key, value in {
        "spark.jars": str(jar),
        "spark.jars.packages": DELTA,
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
    }.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def text_bytes(rows: DataFrame, form: str, compression: str) -> int:
    """Size of the rows as text files, which are deleted again."""
    target = WORK / f"rows-{form}-{compression}"
    shutil.rmtree(target, ignore_errors=True)
    rows.write.format(form).option("compression", compression).save(str(target))
    size = sum(file.stat().st_size for file in target.glob("part-*"))
    shutil.rmtree(target)
    return size


def main() -> int:
    described = json.loads(subprocess.check_output([ROOT / "scripts/machine.sh"]))
    jar = next((ROOT / "dist").glob("financelake-spark_*.jar"))
    WORK.mkdir(parents=True, exist_ok=True)
    import_market_data(jar)
    spark = session(jar)
    sizes: dict[str, dict[str, float]] = {}
    for table in TABLES:
        location = f"delta.`{LAKE / table}`"
        detail = spark.sql(f"DESCRIBE DETAIL {location}").first()
        rows = spark.table(location)
        # A map has no CSV form; its JSON text has the same information.
        flat = rows.selectExpr("* except (extra)", "to_json(extra) AS extra")
        sizes[table] = {
            "rows": rows.count(),
            "files": detail["numFiles"],
            "silver": detail["sizeInBytes"],
            "csv": text_bytes(flat, "csv", "none"),
            "csv_gzip": text_bytes(flat, "csv", "gzip"),
            "json": text_bytes(rows, "json", "none"),
            "json_gzip": text_bytes(rows, "json", "gzip"),
        }
    total = {key: sum(size[key] for size in sizes.values()) for key in next(iter(sizes.values()))}
    sizes["all"] = total
    print(
        f"{'table':<20} {'rows':>8} {'files':>6} {'Silver':>11} {'CSV':>11} {'JSON':>11}  saved on CSV, JSON"
    )
    for table, size in sizes.items():
        saved = ", ".join(f"{1 - size['silver'] / size[form]:.0%}" for form in ("csv", "json"))
        print(
            f"{table:<20} {size['rows']:8,} {size['files']:6,} {size['silver']:11,} {size['csv']:11,} "
            f"{size['json']:11,}  {saved}"
        )
    result = {
        "benchmark": "storage",
        "machine": {**described, "spark": spark.version},
        "bytes": sizes,
        "ratios": {
            "share of the CSV's bytes saved by Silver": {
                "measured": 1 - total["silver"] / total["csv"],
                "wanted": 0.3,
            },
            "share of the JSON's bytes saved by Silver": {
                "measured": 1 - total["silver"] / total["json"],
                "wanted": 0.3,
            },
        },
    }
    spark.stop()
    target = ROOT / "tests/bench/results/storage.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"written to {target.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
