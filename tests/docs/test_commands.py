"""Runs the commands that the README and the pages under docs/ show.

Every line of a fenced block marked `sh` is run in the repository root, after `make dist`. What cannot be run
here stands in NOT_RUN with the reason. Blocks marked otherwise (`text`, `sql`, `console`) are output and
examples, which other tests cover.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What a run's own time or clock decides.
TIMES = re.compile(r"\d+\.\d s\b|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
OUTPUT = re.compile(r"^```text\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)

NOT_RUN = {
    r"git clone .*|cd financelake": "the test runs in a clone already",
    r"make (test|lint)\b.*": "this is what runs the test",
    r"make (bench|soak|mutants|fmt|docs|ide|clean)\b.*": "takes long or changes the working tree",
    r"make dist\b.*": "the step before this one ran it",
    r"sbt/sbt .*|cargo .*": "the steps before this one ran the builds",
    r"scripts/.*": "steps and targets run the scripts",
    r"pip install .*": "changes the environment; tests/python installs the wheel into a clean one",
}


def commands() -> list[tuple[str, str]]:
    """Every (page, command), a command being a line with its continuations."""
    found = []
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in block.replace("\\\n", " ").splitlines():
                command = re.sub(r"\s+#\s.*", "", line).strip()
                if command and not command.startswith("#"):
                    found.append((str(page.relative_to(ROOT)), command))
    return list(dict.fromkeys(found))


def runnable() -> list[tuple[str, str]]:
    return [pair for pair in commands() if not any(re.fullmatch(p, pair[1]) for p in NOT_RUN)]


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """The environment of a user who has Spark installed."""
    spark = next((ROOT / ".tools/spark/lib").glob("python3*/site-packages/pyspark"))
    home = Path(os.environ.get("SPARK_HOME", spark))
    return {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PATH": f"{ROOT}/.tools/spark/bin:{home}/bin:{ROOT}/dist:{os.environ['PATH']}",
    }


def test_the_two_commands_of_the_readme_are_shown() -> None:
    shown = [command for page, command in commands() if page == "README.md"]
    assert "make demo" in shown
    assert "make test" in shown


@pytest.mark.parametrize(("page", "command"), runnable())
def test_command(page: str, command: str, environment: dict[str, str]) -> None:
    lake_was_there = (ROOT / "demo/lake").exists()
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert result.returncode == 0, f"{page}: {command}\n{result.stdout[-4000:]}\n{result.stderr[-4000:]}"
    if command == "make demo":
        printed = {comparable(line) for line in result.stdout.splitlines()}
        for line in shown_by_the_readme(imported=not lake_was_there):
            assert comparable(line) in printed, f"README.md shows what the demo does not print: {line}"


def shown_by_the_readme(imported: bool) -> list[str]:
    """The lines of the outputs in the README, those of the import only if there was one."""
    of_import, of_queries = OUTPUT.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    shown = (of_import if imported else "") + of_queries
    return [line for line in shown.splitlines() if line.strip() and line.strip() != "..."]


def comparable(line: str) -> str:
    return " ".join(TIMES.sub("TIME", line).split())
