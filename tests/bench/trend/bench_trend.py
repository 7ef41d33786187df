#!/usr/bin/env python3
"""Windows scored and trained per second on one core, and rows in Spark, against PyTorch and ONNX Runtime.

    scripts/bench.sh trend [--rounds 5] [--seconds 0.4]

Scoring: the default network over ten features, windows in and probabilities out. The peers are taken as
their users have them: PyTorch eager and as frozen TorchScript, ONNX Runtime with the graph that
`financelake model export` writes; one thread each. All take turns; the shortest CPU time of a call counts,
which a busy machine changes least.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# One thread, before anything asks: a pool that spins would take the core from the others.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import onnxruntime
import spark_trend
import torch
from network import FEATURES, WINDOW, Network, seeded, windows, write

ROOT = Path(__file__).resolve().parents[3]
BATCHES = [1, 6, 32, 64, 256, 1024]
# Multiplications and additions of a window: two LSTM layers over 60 rows, two dense ones.
OPERATIONS = 2 * (60 * 4 * (128 * (10 + 128) + 64 * (128 + 64)) + 64 * 32 + 32 * 3)
TRAINED = 64


class Native:
    """The native library, which answers a question a line."""

    def __init__(self, program: Path, model: Path) -> None:
        self.process = subprocess.Popen(
            [program, model], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, *question: object) -> float | dict[str, float]:
        self.process.stdin.write(" ".join(map(str, question)) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def best(seconds: float, run: Callable[[], object]) -> float:
    """CPU seconds of the shortest call of those that fit, at least three."""
    run()
    shortest, runs, start = float("inf"), 0, time.perf_counter()
    while runs < 3 or time.perf_counter() - start < seconds:
        begun = time.thread_time()
        run()
        shortest = min(shortest, time.thread_time() - begun)
        runs += 1
    return shortest


def session(graph: bytes | str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def training_step(network: Network) -> Callable[[], None]:
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    x, y = torch.from_numpy(windows(TRAINED)), torch.arange(TRAINED) % 3

    def step() -> None:
        network.train()
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network.logits(x), y).backward()
        optimizer.step()

    return step


def agree(exported: onnxruntime.InferenceSession, network: Network, probabilities: np.ndarray) -> float:
    """All score the same, or the benchmark would be worthless; the largest distance to double precision."""
    x = windows(256)
    with torch.no_grad():
        exact = seeded().double()(torch.from_numpy(x).double()).numpy()
        eager = network(torch.from_numpy(x)).numpy()
    of_graph, classes = exported.run(["probabilities", "prediction"], {"x": x})
    assert (classes == of_graph.argmax(1)).all()
    assert np.abs(eager - exact).max() < 1e-5
    assert np.abs(of_graph - exact).max() < 1e-5
    worst = float(np.abs(probabilities - exact).max())
    assert worst < 1e-5, worst
    return worst


def scoring(native: Native, network: Network, exported, rounds: int, seconds: float) -> dict:
    """Per batch size and contender, windows per second."""
    frozen = torch.jit.freeze(torch.jit.trace(network, torch.rand(4, WINDOW, FEATURES)))
    found: dict[int, dict[str, float]] = {batch: {} for batch in BATCHES}
    for number in range(rounds):
        for batch in BATCHES:
            array = windows(batch)
            x = torch.from_numpy(array)
            contenders: dict[str, Callable[[], float]] = {
                "FinanceLake": lambda batch=batch: native.ask("score", batch, seconds) * batch,
                "PyTorch eager": lambda x=x: best(seconds, lambda: network(x)),
                "frozen TorchScript": lambda x=x: best(seconds, lambda: frozen(x)),
                "ONNX Runtime": lambda a=array: best(
                    seconds, lambda: exported.run(["probabilities"], {"x": a})
                ),
            }
            for name, measure in contenders.items():
                found[batch][name] = max(found[batch].get(name, 0), batch / measure())
        print(f"scoring, round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    return {str(batch): {name: round(rate) for name, rate in rates.items()} for batch, rates in found.items()}


def training(native: Native, rounds: int, seconds: float) -> dict[str, int]:
    step = training_step(seeded())
    own, peer = 0.0, 0.0
    for _ in range(rounds):
        own = max(own, 1 / native.ask("train", 3 * seconds))
        with torch.enable_grad():
            peer = max(peer, TRAINED / best(3 * seconds, step))
    return {"FinanceLake": round(own), "PyTorch": round(peer)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path, help="financelake-bench-trend")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.4, help="of one measurement")
    parser.add_argument("--rows", type=int, default=24_000, help="rows that Spark scores")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    torch.set_grad_enabled(False)
    described = json.loads(subprocess.check_output([ROOT / "scripts/machine.sh"]))

    with tempfile.TemporaryDirectory() as folder:
        model, tiny, graph = (Path(folder) / name for name in ("full.fl", "tiny.fl", "full.onnx"))
        network = seeded()
        write(network, model)
        write(seeded((1, 1), 1), tiny)
        command = [ROOT / "dist/financelake", "model", "export", "--format", "onnx", model, graph]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        exported = session(str(graph))
        native = Native(arguments.program, model)
        peak = max((native.ask("peak", arguments.seconds) for _ in range(3)), key=lambda p: max(p.values()))
        scored = scoring(native, network, exported, arguments.rounds, arguments.seconds)
        trained = training(native, arguments.rounds, arguments.seconds)
        native.close()
        small = Native(arguments.program, tiny)
        kernel = min(small.ask("rows", 100_000, arguments.seconds) for _ in range(arguments.rounds))
        small.close()
        spark, probabilities = spark_trend.measure(model, tiny, arguments.rows, arguments.rounds)
        distance = agree(exported, network, probabilities)

    top = max(peak.values())
    result = {
        "benchmark": "trend",
        "machine": {**described, "spark": spark.pop("version")},
        "peers": {"PyTorch": torch.__version__, "ONNX Runtime": onnxruntime.__version__},
        "method": "one thread, windows of 60 rows of 10 features, LSTM 128 and 64, shortest CPU time",
        "peak_gflops": {level: round(rate / 1e9, 1) for level, rate in peak.items()},
        "scored_per_second": scored,
        "peak_fraction": {
            batch: round(rates["FinanceLake"] * OPERATIONS / top, 3) for batch, rates in scored.items()
        },
        "trained_per_second": trained,
        "largest_distance_to_double_precision": distance,
        "spark": {**spark, "kernel_microseconds_per_row_of_the_tiny_network": round(kernel * 1e6, 3)},
    }
    result["ratios"] = ratios(result)
    target = ROOT / "tests/bench/results/trend.json"
    target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for name, ratio in result["ratios"].items():
        print(f"{name}: {ratio['measured']:.3g} (wanted {ratio['wanted']:g})")
    print(f"written to {target.relative_to(ROOT)}")
    return 0


def ratios(result: dict) -> dict[str, dict[str, float]]:
    scored = result["scored_per_second"]

    def top(name: str) -> float:
        return max(rates[name] for rates in scored.values())

    spark, single = result["spark"], scored["1"]
    libtorch = max(top("PyTorch eager"), top("frozen TorchScript"))
    overhead = (
        spark["microseconds_per_row"]["FinanceLake, tiny network"]
        - spark["microseconds_per_row"]["shuffle and sort"]
        - spark["kernel_microseconds_per_row_of_the_tiny_network"]
    )
    fractions = [share for batch, share in result["peak_fraction"].items() if int(batch) >= 6]
    udfs = [
        rate for name, rate in spark["microseconds_per_row"].items() if name.startswith("predict_batch_udf")
    ]
    of_spark = min(udfs) / spark["microseconds_per_row"]["FinanceLake"]
    found = {
        "share of the peak of fused multiply-adds, from batch 6 on": (min(fractions), 0.8),
        "best batch / libtorch's best": (top("FinanceLake") / libtorch, 1.15),
        "best batch / ONNX Runtime's best": (top("FinanceLake") / top("ONNX Runtime"), 1.15),
        "batch 1 / PyTorch eager": (single["FinanceLake"] / single["PyTorch eager"], 2),
        "batch 1 / ONNX Runtime": (single["FinanceLake"] / single["ONNX Runtime"], 1.2),
        "microseconds per row that Spark adds to the kernel, at most": (overhead, 1),
        "Spark, ta_trend / predict_batch_udf at its best batch": (of_spark, 1.2),
        "windows trained per second": (result["trained_per_second"]["FinanceLake"], 2000),
    }
    return {name: {"measured": float(m), "wanted": w} for name, (m, w) in found.items()}


if __name__ == "__main__":
    sys.exit(main())
