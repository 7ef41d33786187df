#!/usr/bin/env python3
"""Applies the faults of tests/mutants/faults.json one at a time and checks that a test catches each.

A fault replaces one piece of text, which must occur exactly once in its file. The tree with the fault must
still build: only a failing test counts as caught. Work happens in a git worktree of HEAD, so the files being
edited are never touched.

    scripts/mutants.py [--only SUBSTRING] [--list]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TREE = ROOT / "target" / "mutants" / "tree"
LOGS = ROOT / "target" / "mutants" / "logs"
BUILT = ROOT / "target" / "mutants" / "built"
TIMEOUT_SECONDS = 900

# How each kind of suite is built and run; {0} is the fault's "test". What builds makes the file $BUILT.
SBT_BUILT = "'eval new java.io.File(sys.env(\"BUILT\")).createNewFile()'"
SUITES = {
    "rust": 'cargo test --quiet --locked --no-run {0} && touch "$BUILT" && cargo test --quiet --locked {0}',
    "jvm": f"sbt/sbt --error spark-tests/Test/compile {SBT_BUILT} 'spark-tests/testOnly {{0}}'",
    "bindings": f"sbt/sbt --error jvm-bindings/Test/compile {SBT_BUILT} 'jvm-bindings/testOnly {{0}}'",
}


def run(command: str, log: Path) -> bool:
    """Whether the command succeeds, and in time: some faults make a test wait for ever."""
    with log.open("ab") as output:
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
        except subprocess.TimeoutExpired:
            output.write(f"stopped after {TIMEOUT_SECONDS} s\n".encode())
            return False
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


def verdict_of(number: int, fault: dict[str, str]) -> str:
    """Applies one fault, runs its tests, and puts the file back."""
    file = TREE / fault["file"]
    original = file.read_text(encoding="utf-8")
    if original.count(fault["find"]) != 1:
        return f"NOT APPLIED: {fault['find']!r} occurs {original.count(fault['find'])} times"
    log = LOGS / f"{number:02}.log"
    log.unlink(missing_ok=True)
    BUILT.unlink(missing_ok=True)
    file.write_text(original.replace(fault["find"], fault["replace"]), encoding="utf-8")
    try:
        if run(SUITES[fault["suite"]].format(fault["test"]), log):
            return "SURVIVED"
        return "caught" if BUILT.exists() else f"DOES NOT BUILD, see {log.relative_to(ROOT)}"
    finally:
        file.write_text(original, encoding="utf-8")


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
        for number, fault in chosen:
            print(f"{number:2}  {fault['file']}: {fault['name']}")
        return 0

    os.environ["BUILT"] = str(BUILT)
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
