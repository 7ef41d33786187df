"""The C library as it is given away: the example, and what docs/c.md promises, shared and as an archive."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"
STRICT = ["-Wall", "-Wextra", "-Werror"]
SHARED = [DIST / "libfinancelake.so", f"-Wl,-rpath,{DIST}", "-lm"]
ARCHIVE = [DIST / "libfinancelake.a", "-lm", "-lpthread", "-ldl"]
SANITIZE = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


def run(*command: str | Path) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def compiled(source: str, program: Path, *options: str | Path) -> Path:
    result = run(
        "cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-o", program, f"-I{DIST}", source, *options
    )
    assert result.returncode == 0, result.stderr
    return program


def contract(program: Path, *options: str | Path) -> Path:
    return compiled("tests/c/contract.c", program, *options)


@pytest.mark.parametrize("library", [SHARED, ARCHIVE], ids=["shared", "archive"])
def test_the_promises_hold(tmp_path: Path, library: list[str | Path]) -> None:
    result = run(contract(tmp_path / "contract", *library))
    assert (result.returncode, result.stdout) == (0, "ok\n"), result.stderr


def test_no_fault_of_memory(tmp_path: Path) -> None:
    """With valgrind where it is installed, else with the compiler's checks, which see less of the library."""
    if shutil.which("valgrind"):
        program = contract(tmp_path / "contract", "-g", *SHARED)
        result = run("valgrind", "--quiet", "--error-exitcode=9", "--leak-check=full", program)
    else:
        result = run(contract(tmp_path / "contract", *SANITIZE, *SHARED))
    assert (result.returncode, result.stdout, result.stderr) == (0, "ok\n", "")


def test_the_example_prints_what_python_computes(tmp_path: Path, package: Path) -> None:
    example = compiled("native/capi/examples/indicators.c", tmp_path / "indicators", *SHARED)
    result = run(example)
    assert result.returncode == 0, result.stderr
    assert f"```text\n{result.stdout}```" in (ROOT / "docs/c.md").read_text(encoding="utf-8")
    shown = [line.split()[1:] for line in result.stdout.splitlines()[:4]]
    code = (
        "import math, sys, numpy as np; sys.path.insert(0, sys.argv[1]); from financelake import ta\n"
        "close = np.array([100 + 10 * math.sin(row * 0.2) + row % 7 * 0.3 for row in range(240)])\n"
        "for output in (ta.rsi(close, starts=[0, 120]), *ta.macd(close, starts=[0, 120])):\n"
        "    print(f'{output[119]:.4f} {output[239]:.4f}')"
    )
    wanted = run(ROOT / ".tools/spark/bin/python", "-c", code, package)
    assert shown == [line.split() for line in wanted.stdout.splitlines()], wanted.stderr


def test_the_header_is_one_for_cpp_too(tmp_path: Path) -> None:
    if not shutil.which("c++"):
        pytest.skip("no C++ compiler")
    source = tmp_path / "main.cpp"
    source.write_text(
        "#include <financelake.h>\nint main() { return financelake_abi() != FINANCELAKE_ABI; }\n"
    )
    program = tmp_path / "main"
    result = run("c++", *STRICT, "-o", program, f"-I{DIST}", source, *SHARED)
    assert result.returncode == 0, result.stderr
    assert run(program).returncode == 0
