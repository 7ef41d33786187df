"""Pages are as their generators print them, links lead somewhere, and scripts refuse what they cannot use."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def run(*command: str | Path, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **options
    )


def test_generated_pages_are_up_to_date(tmp_path: Path) -> None:
    result = run("scripts/generate-docs.sh", tmp_path)
    assert result.returncode == 0, result.stderr
    written = {str(page.relative_to(tmp_path)) for page in tmp_path.rglob("*.md")}
    groups = {f"functions/{page.name}" for page in (ROOT / "docs/functions").iterdir()}
    pages = {"configuration.md", "functions.md", "kafka-connect-keys.md", "table-features.md"}
    assert written == pages | groups
    for page in sorted(written):
        kept = (ROOT / "docs" / page).read_text(encoding="utf-8")
        assert (tmp_path / page).read_text(encoding="utf-8") == kept, f"docs/{page} is stale: run make docs"


@pytest.mark.parametrize(
    ("bars", "says"),
    [
        (None, "there is no file '"),
        ("open,close\n1,x\n", "line 2: close is 'x', which is not a number; give numbers between commas"),
        ("open,close\n1,2\n", "no column is called high, an input of a function; add it"),
    ],
)
def test_histories_are_measured_on_complete_bars_only(tmp_path: Path, bars: str | None, says: str) -> None:
    file = tmp_path / "bars.csv"
    if bars is not None:
        file.write_text(bars, encoding="utf-8")
    result = run("dist/financelake", "functions", "--history", file)
    assert result.returncode == 2
    assert says in result.stderr


def test_the_measured_tables_are_those_of_the_results(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    shutil.copy(ROOT / "README.md", page)
    assert run("scripts/bench_table.py", page).returncode == 0
    kept = (ROOT / "README.md").read_text(encoding="utf-8")
    assert page.read_text(encoding="utf-8") == kept, "README.md is stale: run make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    for target in LINK.findall(text):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), f"{page.name}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}
            assert anchor in anchors, f"{page.name}: {target}"


def test_missing_tools_are_named_all_at_once(tmp_path: Path) -> None:
    for tool in ("bash", "awk", "sort", "head"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    for name, script in {"java": "echo 'openjdk version \"11.0.2\"' >&2", "python3": "exit 1"}.items():
        (tmp_path / name).write_text(f"#!{shutil.which('bash')}\n{script}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    result = run("bash", "scripts/check-prerequisites.sh", env={**os.environ, "PATH": str(tmp_path)})
    assert result.returncode == 2
    missing = [line.removeprefix("Missing: ") for line in result.stderr.splitlines()]
    assert [line.split(":")[0] for line in missing] == [
        *("git", "cargo", "rustfmt", "cc", "c++", "make", "javac", "mvn", "flock"),
        *("java", "python3"),
    ]
    assert "mvn: install Maven 3.6 or newer (Debian: maven)" in missing
    assert "java: found 11.0.2, need 17 or newer" in missing
    assert "python3: is there but does not run; 'python3 --version' shows why" in missing


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--help"], 0, "usage: scripts/demo.sh"),
        (["--fast"], 2, "demo.sh: unknown argument '--fast'; --help says what there is"),
    ],
)
def test_demo_arguments(arguments: list[str], code: int, says: str) -> None:
    result = run("scripts/demo.sh", *arguments)
    assert result.returncode == code
    assert says in result.stdout + result.stderr


def test_demo_refuses_a_spark_home_without_spark(tmp_path: Path) -> None:
    result = run("scripts/demo.sh", env={**os.environ, "SPARK_HOME": str(tmp_path)})
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert f"SPARK_HOME={tmp_path} holds no Spark" in result.stderr


def test_tables_are_aligned() -> None:
    printed = "\n".join(
        ["title", "Two bars", "symbol\tclose", "A\t9.50", "BB\tNULL", "title", "No bars", "symbol\tclose", ""]
    )
    result = subprocess.run(
        ["python3", "scripts/align_tables.py"],
        cwd=ROOT,
        input=printed,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.splitlines() == [
        "",
        "Two bars",
        "",
        "symbol  close",
        "------  -----",
        "A        9.50",
        "BB          -",
        "",
        "No bars",
        "",
        "symbol  close",
        "------  -----",
    ]
