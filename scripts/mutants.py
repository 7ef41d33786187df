#!/usr/bin/env python3
"""Applies the faults of tests/mutants/faults.json one at a time and checks that a test catches each.

A fault replaces one piece of text, which must occur exactly once in its file. The tree with the fault must
still build: only a failing test counts as caught. Work happens in a git worktree of HEAD, so the files being
edited are never touched.

    scripts/mutants.py [--only SUBSTRING] [--list]

`--list` changes nothing, and fails when a fault has no place any more.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TREE = ROOT / "target" / "mutants" / "tree"
LOGS = ROOT / "target" / "mutants" / "logs"
TIMEOUT_SECONDS = 900


@dataclass(frozen=True)
class Suite:
    """How tests are run, and what a failed run prints only if tests ran, so the fault was built."""

    command: str  # {0} is the fault's "test"
    tests_ran: re.Pattern[str]


SBT_TESTS_RAN = re.compile(r"\(\S+ / Test / testOnly\)")
SUITES = {
    "rust": Suite("cargo test --locked {0}", re.compile(r"^running \d+ tests?$", re.MULTILINE)),
    "jvm": Suite("sbt/sbt --error 'spark-tests/testOnly {0}'", SBT_TESTS_RAN),
    "bindings": Suite("sbt/sbt --error 'jvm-bindings/testOnly {0}'", SBT_TESTS_RAN),
}


def run(command: str, log: Path) -> bool:
    """Whether the command succeeds."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["bash", "-c", command],
            cwd=TREE,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return process.wait(TIMEOUT_SECONDS) == 0
        finally:
            # Whatever it started ends with it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def check_out_head() -> None:
    """Makes the worktree, or brings the one of an earlier run to HEAD, with what it has built."""

    def git(*arguments: str, at: Path = ROOT) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=at, check=True, capture_output=True, text=True
        ).stdout.strip()

    LOGS.mkdir(parents=True, exist_ok=True)
    if (TREE / ".git").exists():
        git("checkout", "--quiet", "--force", "--detach", git("rev-parse", "HEAD"), at=TREE)
        git("clean", "-dfq", at=TREE)
    else:
        git("worktree", "prune")
        git("worktree", "add", "--detach", str(TREE), "HEAD")
    tools = TREE / ".tools"
    if not tools.is_symlink():
        tools.symlink_to(ROOT / ".tools")


def no_place(tree: Path, fault: dict[str, str]) -> str | None:
    """Why the fault cannot be applied, if it cannot."""
    file = tree / fault["file"]
    if not file.is_file():
        return f"there is no {fault['file']}"
    times = file.read_text(encoding="utf-8").count(fault["find"])
    return None if times == 1 else f"{fault['find']!r} occurs {times} times in {fault['file']}"


def verdict_of(number: int, fault: dict[str, str]) -> str:
    """Applies one fault, runs its tests, and puts the file back."""
    file = TREE / fault["file"]
    if lost := no_place(TREE, fault):
        return f"NOT APPLIED: {lost}"
    original = file.read_text(encoding="utf-8")
    suite = SUITES[fault["suite"]]
    log = LOGS / f"{number:02}.log"
    file.write_text(original.replace(fault["find"], fault["replace"]), encoding="utf-8")
    try:
        if run(suite.command.format(fault["test"]), log):
            return "SURVIVED"
    except subprocess.TimeoutExpired:
        # Some faults make a test wait for ever.
        return "caught"
    finally:
        file.write_text(original, encoding="utf-8")
    if suite.tests_ran.search(log.read_text(encoding="utf-8", errors="replace")):
        return "caught"
    return f"DOES NOT BUILD, see {log.relative_to(ROOT)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="only faults whose name or file contains this text")
    parser.add_argument("--list", action="store_true", help="list the faults and stop")
    arguments = parser.parse_args()

    faults = json.loads((ROOT / "tests/mutants/faults.json").read_text(encoding="utf-8"))
    chosen = [
        (number, fault)
        for number, fault in enumerate(faults, 1)
        if arguments.only in fault["name"] or arguments.only in fault["file"]
    ]
    if arguments.list:
        lost = 0
        for number, fault in chosen:
            reason = no_place(ROOT, fault)
            lost += reason is not None
            print(f"{number:2}  {fault['file']}: {fault['name']}" + (f": {reason}" if reason else ""))
        return 1 if lost else 0

    os.environ.setdefault("CARGO_TARGET_DIR", str(ROOT / "target" / "mutants" / "cargo"))
    check_out_head()
    survivors = 0
    for number, fault in chosen:
        start = time.monotonic()
        verdict = verdict_of(number, fault)
        survivors += verdict != "caught"
        print(f"{number:2}  {verdict:9} {time.monotonic() - start:6.1f} s  {fault['name']}", flush=True)
    print(f"{len(chosen) - survivors} caught, {survivors} not caught")
    return 1 if survivors or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
