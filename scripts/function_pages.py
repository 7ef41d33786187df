#!/usr/bin/env python3
"""Writes docs/functions.md and a page per group under docs/functions/ from the native registry.

    .tools/spark/bin/python scripts/function_pages.py [FOLDER]       default: docs

What each function computes comes from `financelake functions --json`, how many rows it needs from
`financelake functions --history`, and the output of the examples from Spark, one query per group, all on the
daily bars of AAPL in data/market.
"""

from __future__ import annotations

import csv
import datetime
import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "dist/financelake"
JAR = ROOT / "dist/financelake-spark.jar"
BARS = ROOT / "data/market/us_equity_daily_long_aapl.csv.gz"
SHOWN = 3

ANCHOR = datetime.date(2026, 1, 2)
# How an example spells an input that is not a column of every table of bars, and what it is in numbers.
SPELLED = {
    "real0": "close",
    "real1": "open",
    "periods": "5 + day(ts) % 3",
    "session": "weekofyear(ts)",
    "anchor": f"if(date(ts) = '{ANCHOR}', 1, 0)",
}

TOP = """\
<!-- Written by `make docs` from the native registry; edits are lost. -->
# Functions

Technical indicators as window functions of Spark SQL. [sql.md](sql.md) explains how to call them; the pages
of the groups say what each one computes. `SELECT * FROM financelake_functions()` and `DESCRIBE FUNCTION
EXTENDED ta_rsi` print the same inside a session.

What holds for all:

* **Order.** Rows are taken in the order of the window, oldest first. A result depends on its own row and
  rows before it.
* **Inputs** are numeric columns, read as DOUBLE. **Parameters** are constants and may be left out from the
  right.
* **NULL.** A row with a NULL, NaN or infinite input gives NULL and is passed over, as if it were not there.
  The first rows of a group, up to the lookback, give NULL. A result that is not a finite number is NULL.
* **Sessions and anchors.** A function with an input `session` begins anew where that number changes: give
  it `unix_date(date)` for days, `weekofyear(ts)` for weeks, `unix_micros(ts)` for single rows. An input
  `anchor` begins anew in each row where it is not 0.
* **Source and closeness.** `make test` holds every function to its source: to TA-Lib 0.8.3 where TA-Lib has
  it, else to the published formula, computed apart from this library. "Same bits" is meant literally;
  otherwise the limit is a share of the largest value so far, because TA-Lib's running sums carry rounding
  errors along and these do not.
* **Rows to bit equality** say how far before a time range a computation has to begin so that its values
  are, in all bits, those of the whole history. Where a value is a function of a window this follows from
  the definition. Elsewhere it was measured: the longest of 24 late beginnings on 45 years of daily bars of
  AAPL. Averages forget at about the same speed on other data; `financelake functions --history` measures it
  on yours.

Notation of the formulas:

* `x` is the input, `x[k]` what was `k` rows before, `value` or an output's name the result, `n` the
  parameter `timeperiod`. Products are written without a sign. Where a clause says "begun with", that is the
  first value.
* `sum(x, n)`, `mean(x, n)`, `highest(x, n)` and `lowest(x, n)` are over the last `n` rows, the row itself
  included; `stdev(x, n)` is the standard deviation of the population.
* `ema(x, n)` is an exponential average, `e = e[1] + 2 / (n + 1) (x - e[1])`, and `rma(x, n)` is Wilder's,
  `r = r[1] + (x - r[1]) / n`, both begun with `mean(x, n)`; `wma(x, n)` is linearly weighted, `n` for the
  newest row; `ma` is the average that a matype chooses.
* `TR = max(high - low, abs(high - close[1]), abs(low - close[1]))`, `TP = (high + low + close) / 3` and
  `HL2 = (high + low) / 2`.
"""

LEAD = """; [functions.md](../functions.md) explains what holds for all and the notation of the formulas. The
examples use a table `bars`; in Scala, after `import io.financelake.functions._`, and in Python `w` is
`Window.partitionBy("series").orderBy("ts", "seq")`. The output is that of Spark on the daily bars of AAPL in
data/market, to 10 digits."""

OF_PATTERNS = """
The candles of a pattern are called a, b, c and so on, the last being the row itself. A white candle closes
where it opened or higher, a black one lower. `body` is the distance from open to close, `top` and `bottom`
are its ends, `upper` and `lower` the lengths of the shadows. A body is above another if its bottom is above
the other's top, and inside if it touches neither end. The thresholds are TA-Lib's settings, means over the
candles before: `long` and `short` are above and below the mean body of 10, a `doji` has at most 0.1 of the
mean range of 10, a shadow is short below half the mean of both shadows of 10 and very short below 0.1 of
the mean range of 10; `near`, `far` and `equal` are 0.2, 0.6 and 0.05 of the mean range of 5.
"""

OF_PIVOTS = """
H, L, C and O are high, low, close and open of the session before. A session begins where the session input
changes: the date for levels of the day before, the week for those of the week before, the time of the bar
for levels from the bar before.
"""

LEADS = {"Pattern Recognition": OF_PATTERNS, "Pivot Points": OF_PIVOTS}


def financelake(*arguments: str, given: str | None = None) -> dict:
    command = [PROGRAM, "functions", *arguments]
    return json.loads(
        subprocess.run(command, input=given, stdout=subprocess.PIPE, text=True, check=True).stdout
    )


def bars() -> list[dict]:
    with gzip.open(BARS, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def numbers(rows: list[dict]) -> str:
    """The bars as `financelake functions --history` reads them, with the inputs as SPELLED has them."""
    prices = ["open", "high", "low", "close", "volume"]
    lines = [",".join([*prices, *SPELLED])]
    for row in rows:
        day = datetime.date.fromisoformat(row["ts"][:10])
        spelled = [row["close"], row["open"], 5 + day.day % 3, day.isocalendar().week, int(day == ANCHOR)]
        lines.append(",".join(str(field) for field in [*(row[price] for price in prices), *spelled]))
    return "\n".join(lines)


def arguments(function: dict, spell=lambda name: name) -> list[str]:
    return [spell(name) for name in function["inputs"]]


def constants(function: dict) -> list[str]:
    return [number(param["default"]) for param in function["params"]]


def call(function: dict) -> str:
    inputs = arguments(function, lambda name: SPELLED.get(name, name))
    return f"ta_{function['name']}({', '.join(inputs + constants(function))})"


def outputs_of(groups: dict[str, list[dict]]) -> dict[str, list[tuple]]:
    """For each function its rows (date, outputs...) on the bars: one query per group."""
    os.environ["PYSPARK_SUBMIT_ARGS"] = f"--jars {JAR} pyspark-shell"
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    columns = "open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE"
    names = f"symbol STRING, region STRING, asset_class STRING, ts TIMESTAMP, {columns}, source STRING"
    read = session.read.csv(str(BARS), header=True, schema=names)
    read.selectExpr("*", "concat(symbol, '/1d') AS series", "0 AS seq").createOrReplaceTempView("bars")
    found = {}
    for functions in groups.values():
        calls = ", ".join(f"{call(function)} OVER w AS {function['name']}" for function in functions)
        window = "WINDOW w AS (PARTITION BY series ORDER BY ts, seq)"
        rows = session.sql(f"SELECT date(ts) AS date, {calls} FROM bars {window} ORDER BY ts").collect()
        for function in functions:
            values = [(row["date"], row[function["name"]]) for row in rows]
            if len(function["outputs"]) > 1:
                # A struct without any value is NULL itself.
                nothing = [None] * len(function["outputs"])
                found[function["name"]] = [(date, *(value or nothing)) for date, value in values]
            else:
                found[function["name"]] = values
    session.stop()
    return found


def number(value: float) -> str:
    """`14`, `0.5`, `3e37`."""
    if value == 0 or 1e-4 <= abs(value) < 1e15:
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    digits, exponent = f"{value:e}".split("e")
    return f"{digits.rstrip('0').rstrip('.')}e{int(exponent)}"


def shown(value: object) -> str:
    if value is None:
        return "NULL"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def table(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "| " + " | ".join("---" for _ in head) + " |"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def subject(summary: str) -> str:
    """The summary up to its first colon or semicolon."""
    return re.split("[:;]", summary, maxsplit=1)[0].rstrip(".")


def page_of(group: str) -> str:
    return group.lower().replace(" ", "-") + ".md"


def signature(function: dict) -> str:
    optional = [f"{p['name']} = {number(p['default'])}" for p in function["params"]]
    return f"ta_{function['name']}({', '.join(function['inputs'] + optional)})"


def returned(function: dict) -> str:
    kinds = {"real": "DOUBLE", "integer": "INT"}
    outputs = [(output["name"], kinds[output["kind"]]) for output in function["outputs"]]
    if len(outputs) == 1:
        return outputs[0][1]
    return "`STRUCT<" + ", ".join(f"{name}: {kind}" for name, kind in outputs) + ">`"


def counted(count: int, what: str = "row") -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def warm_up(function: dict) -> str:
    if function["group"] == "Pivot Points":
        return "the rows of the first session of a group are NULL"
    defaults = " with the default parameters" if function["params"] else ""
    lookback = function["lookback"]
    if lookback == 0:
        return f"none{defaults}"
    return f"the first {'row' if lookback == 1 else counted(lookback)} of a group" + (
        f" {'is' if lookback == 1 else 'are'} NULL{defaults}"
    )


def equality(function: dict, entry: dict) -> str:
    if "anchor" in function["inputs"]:
        return "those since the last anchor"
    if "session" in function["inputs"]:
        before = " before its own" if function["group"] == "Pivot Points" else ""
        return f"those since the session{before} began"
    if entry["rows"] is None:
        return "never: a value depends on all rows of its group"
    if entry["window"]:
        rows = entry["rows"]
        return (
            f"{counted(rows)} before, by definition" if rows else "none: a value depends on its own row only"
        )
    return f"{counted(entry['rows'])} before, measured"


def section(function: dict, entry: dict, rows: list[tuple]) -> Iterator[str]:
    yield f"\n## ta_{function['name']}\n\n{function['summary']}\n\n    {signature(function)}\n"
    yield "Formula:\n"
    for clause in function["formula"].split("; "):
        yield f"    {clause}"
    yield ""
    if function["params"]:
        yield from table(
            ["parameter", "default", "range", "what it is"],
            [
                [
                    f"`{param['name']}`",
                    number(param["default"]),
                    f"{number(param['min'])} to {number(param['max'])}"
                    + ("" if param["kind"] == "real" else ", whole"),
                    param["doc"],
                ]
                for param in function["params"]
            ],
        )
        yield ""
    yield f"* Gives {returned(function)}."
    yield f"* Source: {function['source']}; {function['closeness']}."
    yield f"* Warm-up: {warm_up(function)}. Rows to bit equality: {equality(function, entry)}."
    yield (
        "* NULL: in warm-up rows, where the result is not a finite number, and where an input is NULL, NaN "
        "or infinite; such a row is passed over.\n"
    )
    yield from examples(function, rows)


def examples(function: dict, rows: list[tuple]) -> Iterator[str]:
    name, inputs = function["name"], function["inputs"]
    single = len(function["outputs"]) == 1
    names = [name] if single else [output["name"] for output in function["outputs"]]
    pattern = function["group"] == "Pattern Recognition"
    window = "WINDOW w AS (PARTITION BY series ORDER BY ts, seq)"
    result = name if single else f"{name}.*"
    found = f"WHERE {name} <> 0 " if pattern else ""
    yield f"```sql\nSELECT date(ts) AS date, {result}\nFROM (SELECT *, {call(function)} OVER w AS {name}"
    yield f"      FROM bars {window})\n{found}ORDER BY ts DESC LIMIT {SHOWN};\n```\n"
    if pattern:
        rows = [row for row in rows if row[1]]
    table = [["date", *names], *([shown(value) for value in row] for row in reversed(rows[-SHOWN:]))]
    widths = [max(len(row[column]) for row in table) for column in range(len(names) + 1)]
    lines = ["  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)) for row in table]
    yield "```text\n" + "\n".join(line.rstrip() for line in lines) + "\n```\n"
    columns = [f'col("{name}")' for name in inputs]
    # A word of Scala's, which needs quotes as a method.
    method = "`var`" if name == "var" else name
    scala = f"{method}({', '.join(columns + constants(function))})"
    yield f'```scala\nbars.withColumn("{name}", {scala}.over(w))\n```\n'
    given = [f'"{name}"' for name in inputs] + [f"F.lit({value})" for value in constants(function)]
    python = f'F.call_function("ta_{name}", {", ".join(given)})'
    yield f'```python\nbars.withColumn("{name}", {python}.over(w))\n```'


def index(functions: list[dict]) -> Iterator[str]:
    yield TOP
    rows = []
    for function in functions:
        name, group = function["name"], function["group"]
        page = f"functions/{page_of(group)}"
        rows.append([f"[`ta_{name}`]({page}#ta_{name})", f"[{group}]({page})", subject(function["summary"])])
    yield from table(["function", "group", "what it is"], rows)


def group_page(group: str, functions: list[dict], history: dict, outputs: dict) -> Iterator[str]:
    yield "<!-- Written by `make docs` from the native registry; edits are lost. -->"
    yield f"# {group}\n"
    yield counted(len(functions), "function") + LEAD
    if group in LEADS:
        yield LEADS[group].rstrip("\n")
    for function in functions:
        yield from section(function, history[function["name"]], outputs[function["name"]])


def write(page: Path, lines: Iterator[str]) -> None:
    page.parent.mkdir(exist_ok=True)
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs"
    functions = financelake("--json")["functions"]
    history = financelake("--history", "-", given=numbers(bars()))
    groups: dict[str, list[dict]] = {}
    for function in functions:
        groups.setdefault(function["group"], []).append(function)
    outputs = outputs_of(groups)
    write(folder / "functions.md", index(functions))
    for group, members in groups.items():
        write(folder / "functions" / page_of(group), group_page(group, members, history, outputs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
