#!/usr/bin/env python3
"""Writes the tables of measurements into README.md from tests/bench/results/*.json.

    scripts/bench_table.py [FILE]       default: README.md

Replaces what stands between `<!-- bench:begin -->` and `<!-- bench:end -->`, so no number is typed by hand.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "tests/bench/results"
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


def table(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "| --- |" + " ---: |" * (len(head) - 1)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def machine(result: dict) -> str:
    known = result["machine"]
    memory = f", {known['memory_gib']} GiB" if "memory_gib" in known else ""
    return f"{known['cpu']}, {known['cores']} cores{memory}, {known['date']}"


def kernels(result: dict) -> Iterator[str]:
    yield f"**Kernels** in the cache: {result['method']}; {machine(result)}."
    yield ""
    yield from functions(result)


def memory(result: dict) -> Iterator[str]:
    yield f"**From memory**: {result['method']}; {machine(result)}."
    yield ""
    yield from functions(result)


def catalogue(result: dict) -> Iterator[str]:
    below = [f"`{name}`" for name in result["below"]["functions"]]
    slow = result["below"]["ratio"]
    count, where = len(result["functions"]), machine(result)
    yield (
        f"**Catalogue** in the cache: {count} functions that a peer has, with their defaults; {where}. "
        f"Below {slow:g}x: {', '.join(below) or 'none'}."
    )
    yield ""
    faster = sum(function["ratio"] >= 1 for function in result["functions"])
    rows = [
        ["geometric mean of the ratios to the fastest peer", f"{result['geometric_mean']:.2f}x", "2x"],
        ["functions at least as fast as the fastest peer", f"{faster} of {count}", ""],
        [f"functions below {slow:g}x", str(len(below)), "0"],
        ["all functions in one pass, ns per row", f"{result['one_pass_ns_per_row']:.0f}", "600"],
    ]
    yield from table(["", "measured", "wanted"], rows)


def functions(result: dict) -> Iterator[str]:
    levels = [name for name in result["functions"][0]["ns_per_row"] if name.startswith("own ")]
    rows = []
    for function in result["functions"]:
        times, peer = function["ns_per_row"], function["fastest_peer"]
        rows.append(
            [
                f"`{function['function']}`",
                *(f"{times[level]:.2f}" for level in levels),
                f"{times[peer]:.2f} ({peer})",
                f"{function['ratio']:.1f}x",
                f"{function['target']:g}x",
            ]
        )
    head = [f"ns per row, {level.removeprefix('own ')}" for level in levels]
    yield from table(["function", *head, "fastest peer", "faster by", "wanted"], rows)


def python(result: dict) -> Iterator[str]:
    yield f"**Python**, against {result['peers']['TA-Lib']}: {result['method']}; {machine(result)}."
    yield ""
    functions = len(result["functions"])
    rows = [
        [
            load,
            f"{figures['geometric_mean']:.1f}x",
            f"{figures['wanted']:g}x",
            f"{figures['reached']} of {functions}",
            ", ".join(f"`{name}` {ratio:.2f}" for name, ratio in slowest(figures["missed"])) or "none",
        ]
        for load, figures in result["summary"].items()
    ]
    yield from table(
        ["load", "faster by, on average", "wanted of each", "reached by", "slowest below it"], rows
    )


def slowest(missed: dict[str, float]) -> list[tuple[str, float]]:
    """The five with the smallest ratio; the results have all."""
    return sorted(missed.items(), key=lambda entry: entry[1])[:5]


def sql(result: dict) -> Iterator[str]:
    yield (
        f"**SQL**: {result['rows']:,} rows, {result['symbols']} symbols, Spark {result['machine']['spark']} "
        f"with two cores, median of interleaved runs; {machine(result)}."
    )
    yield ""
    base = result["medians"]["shuffle and sort"]
    rows = [[name, f"{s:.2f}", f"{s - base:.2f}"] for name, s in result["medians"].items()]
    yield from table(["query", "seconds", "beyond shuffle and sort"], rows)
    yield from ratios(result)


def storage(result: dict) -> Iterator[str]:
    yield f"**Storage**: bytes of the Silver tables against the same rows as text; {machine(result)}."
    yield ""
    forms = list(next(iter(result["bytes"].values())))
    rows = [[name, *(f"{sizes[form]:,}" for form in forms)] for name, sizes in result["bytes"].items()]
    yield from table(["table", *(form.replace("_", " ") for form in forms)], rows)
    yield from ratios(result)


def stream(result: dict) -> Iterator[str]:
    yield (
        f"**Streams**: {result['series']:,} series, Spark {result['machine']['spark']} with one core and "
        f"RocksDB, median batch; {machine(result)}."
    )
    yield ""
    rows = [
        [
            r["variant"],
            str(r["rows_per_series"]),
            f"{r['rows_per_second']:,}",
            f"{r['rows_per_cpu_second']:,}" if r["rows_per_cpu_second"] else "",
            f"{r['microseconds_per_series']:,}",
            str(r.get("state_bytes", "")),
        ]
        for r in result["results"]
    ]
    head = [
        "stream",
        "rows per series and batch",
        "rows per second",
        "rows per CPU second",
        "us per series",
        "bytes of state",
    ]
    yield from table(head, rows)
    limits = [[name, f"{x['measured']:,}", f"{x['wanted']:,}"] for name, x in result["limits"].items()]
    yield from table(["limit", "measured", "wanted"], limits)


def trend(result: dict) -> Iterator[str]:
    peers = ", ".join(f"{name} {version}" for name, version in result["peers"].items())
    peak = max(result["peak_gflops"].values())
    yield f"**Trend models**, against {peers}: {result['method']}; {machine(result)}."
    yield ""
    scored = result["scored_per_second"]
    names = list(next(iter(scored.values())))
    rows = [
        [batch, *(f"{rates[name]:,}" for name in names), f"{result['peak_fraction'][batch]:.0%}"]
        for batch, rates in scored.items()
    ]
    yield from table(
        ["windows scored per second, by batch", *names, f"share of the peak, {peak:.0f} GFLOP/s"], rows
    )
    trained = result["trained_per_second"]
    rows = [[name, f"{rate:,}"] for name, rate in trained.items()]
    yield from table(["training, batch 64", "windows per second"], rows)
    rows = [[name, f"{value:.2f}"] for name, value in result["spark"]["microseconds_per_row"].items()]
    yield from table(["Spark, one core", "us per row"], rows)
    yield from ratios(result)


def pipeline(result: dict) -> Iterator[str]:
    produced = result["producer"]
    yield (
        f"**Pipeline**: {result['records']:,} records from a topic to Gold on one broker and one HDFS, Spark "
        f"{result['machine']['spark']} with two cores; CPU seconds per layer; {machine(result)}. "
        f"The producer sends {produced['records_per_second']:,} records of "
        f"{produced['bytes_per_record']} bytes a second."
    )
    yield ""
    head = [
        "job",
        "topic to Bronze",
        "Bronze to Silver",
        "Silver to Gold",
        "together",
        "seconds by the clock",
    ]
    rows = [
        [
            job["name"],
            *(f"{layer['cpu']:.1f}" for layer in job["layers"].values()),
            f"{job['total']['cpu']:.1f}",
            f"{job['total']['wall']:.1f}",
        ]
        for job in result["jobs"].values()
    ]
    for times, layers in enumerate(result["jobs"]["ours"]["grown"], start=1):
        whole = {kind: sum(layer[kind] for layer in layers.values()) for kind in ("cpu", "wall")}
        rows.append(
            [
                f"FinanceLake, with {times * result['records']:,} records there",
                *(f"{layer['cpu']:.1f}" for layer in layers.values()),
                f"{whole['cpu']:.1f}",
                f"{whole['wall']:.1f}",
            ]
        )
    yield from table(head, rows)
    limits = [[name, f"{x['measured']:,}", f"{x['wanted']:,}"] for name, x in result["limits"].items()]
    yield from table(["limit", "measured", "wanted"], limits)


def maintenance(result: dict) -> Iterator[str]:
    peers = " and ".join(f"{name} {version}" for name, version in result["peers"].items())
    yield (
        f"**Table maintenance** against {peers}, Spark {result['machine']['spark']} with two cores: "
        f"{result['rows']:,} rows, one run, all on copies of one table; {machine(result)}."
    )
    yield ""
    rows = [
        [r["operation"], r["contender"], f"{r['cpu']:.2f}", f"{r['wall']:.2f}", f"{r['mib']:,.0f}"]
        for r in result["results"]
    ]
    yield from table(["operation", "by", "CPU seconds", "seconds", "peak MiB"], rows)


def connect(result: dict) -> Iterator[str]:
    yield (
        f"**Kafka Connect**: {result['records']:,} records in {result['partitions']} partitions, two tasks, "
        f"a commit every {result['commit_interval_ms'] // 1000} s, all rows read back; {machine(result)}."
    )
    yield ""
    rows = [
        [
            name,
            f"{sink['cpu_s_per_million']:.1f}",
            f"{sink['wall_s']:.1f}",
            f"{sink['peak_mib']:,}",
            str(sink["files"] or ""),
        ]
        for name, sink in result["sinks"].items()
    ]
    yield from table(["sink", "CPU s per million records", "seconds", "resident MiB", "files"], rows)
    yield from ratios(result)


def ratios(result: dict) -> Iterator[str]:
    def shown(value: float) -> str:
        return f"{value:.2g}" if value < 1 else f"{value:.1f}"

    rows = [
        [name, shown(ratio["measured"]), shown(ratio["wanted"])]
        for name, ratio in result.get("ratios", {}).items()
    ]
    yield from table(["ratio", "measured", "wanted"], rows)


SECTIONS = {
    "kernels": kernels,
    "catalogue": catalogue,
    "memory": memory,
    "python": python,
    "sql": sql,
    "stream": stream,
    "storage": storage,
    "trend": trend,
    "pipeline": pipeline,
    "table": maintenance,
    "connect": connect,
}


def section() -> str:
    """What stands between the marks."""
    lines: list[str] = []
    for name, render in SECTIONS.items():
        file = RESULTS / f"{name}.json"
        if file.is_file():
            lines += render(json.loads(file.read_text(encoding="utf-8")))
    return "\n".join(lines or ["`make bench` measures; no result is kept yet.", ""])


def main() -> int:
    page = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "README.md"
    text = page.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        print(f"bench_table.py: {page.name} needs one {BEGIN} and one {END}", file=sys.stderr)
        return 2
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n{section()}{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
