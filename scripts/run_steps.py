#!/usr/bin/env python3
"""Runs the steps of `make lint`, `make test` or `make soak`, prints how long each took, and sums up.

A step that fails does not stop the ones after it, so that one run shows everything that is wrong. A test
step fails too when it ran no test. The last line is "N passed, N failed" over all suites, or for lint over
all checks.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
CARGO_RESULT = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed", re.MULTILINE)


@dataclass(frozen=True)
class Count:
    """How many tests passed and failed."""

    passed: int = 0
    failed: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.passed + other.passed, self.failed + other.failed)


def cargo_tests(output: str) -> Count:
    """Counts from what `cargo test` printed."""
    return sum((Count(int(p), int(f)) for p, f in CARGO_RESULT.findall(output)), Count())


def junit(*patterns: str) -> Callable[[str], Count]:
    """Counts from the JUnit reports that match the patterns, relative to the repository."""

    def count(_: str) -> Count:
        total = Count()
        for pattern in patterns:
            for report in ROOT.glob(pattern):
                for suite in ElementTree.parse(report).getroot().iter("testsuite"):
                    tests, failed, skipped = (
                        int(suite.get(key) or 0) for key in ("tests", "failures", "skipped")
                    )
                    failed += int(suite.get("errors") or 0)
                    total += Count(tests - failed - skipped, failed)
        return total

    count.patterns = patterns
    return count


@dataclass(frozen=True)
class Step:
    """One command; `count` reads its result, and without one the step itself is the check."""

    name: str
    command: list[str]
    count: Callable[[str], Count] | None = None


PYTEST = [".tools/spark/bin/python", "-m", "pytest", "-q"]
RUFF = ".tools/lint/bin/ruff"

STEPS = {
    "lint": [
        Step("fetch tools", ["scripts/fetch-tools.sh", "lint"]),
        Step("rustfmt", ["cargo", "fmt", "--all", "--check"]),
        Step(
            "clippy",
            ["cargo", "clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"],
        ),
        Step(
            "cargo deny",
            [".tools/lint/bin/cargo-deny", "check", "bans", "licenses", "sources"],
        ),
        Step("scalafmt", ["sbt/sbt", "scalafmtCheckAll", "scalafmtSbtCheck"]),
        Step("ruff format", [RUFF, "format", "--check", "."]),
        Step("ruff", [RUFF, "check", "."]),
        Step("shellcheck", ["scripts/shellcheck.sh"]),
        Step("listed faults", [sys.executable, "scripts/mutants.py", "--list"]),
    ],
    "test": [
        Step("fetch tools", ["scripts/fetch-tools.sh", "spark", "hadoop", "kafka", "connect", "delta"]),
        Step("rust", ["cargo", "test", "--locked", "--workspace", "--no-fail-fast"], cargo_tests),
        Step(
            "jvm",
            ["sbt/sbt", "test"],
            junit("*/target/**/test-reports/*.xml", "tests/sql/target/*/test-reports/*.xml"),
        ),
        Step("dist", ["scripts/dist.sh"]),
        Step(
            "commands and jobs",
            [*PYTEST, "--junitxml", "target/pytest.xml", "tests"],
            junit("target/pytest.xml"),
        ),
    ],
    "soak": [
        Step("fetch tools", ["scripts/fetch-tools.sh", "spark", "hadoop", "kafka", "connect"]),
        Step(
            "kill and rerun",
            [*PYTEST, "--junitxml", "target/soak.xml", "-m", "soak", "tests"],
            junit("target/soak.xml"),
        ),
    ],
}


def run(step: Step) -> tuple[bool, str]:
    """Runs the command, passing its output on while it comes; returns success and the output."""
    for pattern in getattr(step.count, "patterns", ()):
        for stale in ROOT.glob(pattern):
            stale.unlink()
    process = subprocess.Popen(
        step.command,
        cwd=ROOT,
        env={**os.environ, "CARGO_TERM_COLOR": "never", "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    lines = []
    for line in process.stdout:
        sys.stdout.write(line)
        sys.stdout.flush()
        lines.append(line)
    return process.wait() == 0, "".join(lines)


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] not in STEPS:
        print(f"usage: run_steps.py {' | '.join(STEPS)}", file=sys.stderr)
        return 2
    (ROOT / "target").mkdir(exist_ok=True)
    total = Count()
    table = []
    for step in STEPS[sys.argv[1]]:
        print(f"=== {step.name}: {' '.join(step.command)}", flush=True)
        start = time.monotonic()
        succeeded, output = run(step)
        seconds = time.monotonic() - start
        if step.count is None:
            count = Count(int(succeeded), int(not succeeded)) if sys.argv[1] == "lint" else Count()
            if not succeeded:
                count = Count(0, 1)
        else:
            count = step.count(output)
            if count == Count():
                print(f"{step.name}: no test ran", file=sys.stderr)
                succeeded = False
            if not succeeded and count.failed == 0:
                count += Count(0, 1)
        total += count
        verdict = "ok" if succeeded else "FAILED"
        table.append(
            f"{step.name:<20} {seconds:7.1f} s  {count.passed:5} passed {count.failed:4} failed  {verdict}"
        )
        print(f"=== {table[-1]}", flush=True)
    print("\n" + "\n".join(table))
    print(f"{total.passed} passed, {total.failed} failed")
    return 1 if total.failed or total.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
