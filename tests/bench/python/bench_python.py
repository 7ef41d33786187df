"""financelake.ta against TA-Lib's wheel, numpy in and out, every function that both have, one thread.

    bench_python.py MACHINE_JSON RESULT_JSON

Two loads: 200 symbols of 1,250 rows, which is one call here and 200 there, and one series of 1,000,000 rows.
Samples are interleaved and in CPU time of the thread; the median counts.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import talib
from financelake import ta

SYMBOLS, ROWS, LONG, SAMPLES = 200, 1_250, 1_000_000, 7
WANTED = {"bulk": 1.0, "long": 0.9}


def bars(rows: int, seed: int) -> dict[str, np.ndarray]:
    """A random walk with the columns that the functions read."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.01, rows)) % 2)
    opened = close * np.exp(random.normal(0, 0.004, rows))
    spread = np.abs(random.normal(0, 0.004, (2, rows)))
    columns = {
        "open": opened,
        "high": np.maximum(opened, close) * (1 + spread[0]),
        "low": np.minimum(opened, close) * (1 - spread[1]),
        "close": close,
        "volume": np.floor(random.lognormal(12, 1, rows)),
        "periods": random.integers(2, 31, rows).astype(float),
    }
    return {**columns, "real0": columns["high"], "real1": columns["low"]}


def compared() -> list[dict]:
    """The functions of both, with the same parameters."""
    peers = set(talib.get_functions())
    return [function for function in ta.functions() if function["name"].upper() in peers]


def measured(calls: list[Callable[[], object]]) -> list[float]:
    """Median nanoseconds of each."""
    samples: list[list[int]] = [[] for _ in calls]
    for number in range(SAMPLES + 1):
        for call, own in zip(calls, samples, strict=True):
            start = time.thread_time_ns()
            kept = call()
            elapsed = time.thread_time_ns() - start
            del kept
            if number:
                own.append(elapsed)
    return [statistics.median(own) for own in samples]


def main() -> None:
    machine, result = sys.argv[1:]
    many, long = bars(SYMBOLS * ROWS, 1), bars(LONG, 2)
    starts = np.arange(0, SYMBOLS * ROWS, ROWS)
    functions = []
    for function in compared():
        name = function["name"]
        own, peer = getattr(ta, name), getattr(talib, name.upper())
        params = {param["name"]: param["default"] for param in function["params"]}
        columns = [many[column] for column in function["inputs"]]
        symbols = [[column[start : start + ROWS] for column in columns] for start in starts]
        whole = [long[column] for column in function["inputs"]]
        bulk = measured(
            [
                lambda own=own, columns=columns, params=params: own(*columns, **params, starts=starts),
                lambda peer=peer, symbols=symbols, params=params: [peer(*s, **params) for s in symbols],
            ]
        )
        one = measured(
            [
                lambda own=own, whole=whole, params=params: own(*whole, **params),
                lambda peer=peer, whole=whole, params=params: peer(*whole, **params),
            ]
        )
        loads = {"bulk": (bulk, SYMBOLS * ROWS), "long": (one, LONG)}
        entry = {"function": name}
        for load, ((ours, theirs), rows) in loads.items():
            entry[load] = {
                "ns_per_row": {"financelake": round(ours / rows, 3), "TA-Lib": round(theirs / rows, 3)},
                "ratio": round(theirs / ours, 3),
            }
        functions.append(entry)
        print(
            f"{name:<22} bulk {entry['bulk']['ratio']:6.2f}x   long {entry['long']['ratio']:6.2f}x",
            flush=True,
        )
    summary = {
        load: {
            "wanted": wanted,
            "geometric_mean": round(statistics.geometric_mean(f[load]["ratio"] for f in functions), 3),
            "reached": sum(f[load]["ratio"] >= wanted for f in functions),
            "missed": {f["function"]: f[load]["ratio"] for f in functions if f[load]["ratio"] < wanted},
        }
        for load, wanted in WANTED.items()
    }
    head = {
        "benchmark": "python",
        "method": f"bulk: {SYMBOLS} series of {ROWS:,} rows; long: one of {LONG:,}; numpy in and out, one "
        f"thread, median CPU time of {SAMPLES} interleaved samples",
        "peers": {"TA-Lib": f"TA-Lib wheel {version('TA-Lib')}"},
        "machine": json.loads(machine),
        "summary": summary,
    }
    # A line per key and per function.
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    rows = ",\n".join(json.dumps(function) for function in functions)
    text = "{\n" + ",\n".join([*lines, f'"functions": [\n{rows}\n]']) + "\n}\n"
    Path(result).write_text(text, encoding="utf-8")
    for load, figures in summary.items():
        missed = ", ".join(f"{name} {ratio}" for name, ratio in figures["missed"].items()) or "none"
        print(
            f"{load}: {figures['geometric_mean']}x on average, wanted {figures['wanted']} reached by "
            f"{figures['reached']} of {len(functions)}; missed: {missed}"
        )


if __name__ == "__main__":
    main()
