"""The wheel as it is given away: what it holds, and that it needs no more than it says."""

from __future__ import annotations

import inspect
import json
import os
import platform
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_what_the_wheel_holds(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = archive.read(next(name for name in names if name.endswith("/METADATA"))).decode()
        library = archive.read("financelake/libfinancelake.so")
    assert {"financelake/py.typed", "financelake/LICENSE", "financelake/functions.py"} <= names
    assert "financelake/ta/_functions.py" in names
    assert wheel.name.endswith(f"-py3-none-manylinux_2_17_{platform.machine()}.whl")
    assert "Requires-Dist: numpy>=1.23\n" in metadata
    assert library == (ROOT / "dist/libfinancelake.so").read_bytes()


def test_the_library_runs_on_old_systems() -> None:
    result = subprocess.run(
        ["scripts/check-native-library.sh", "dist/libfinancelake.so"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr


@pytest.fixture(scope="module")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the wheel and numpy."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True)
    install = [
        folder / "bin/pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--prefer-binary",
        wheel,
    ]
    subprocess.run(install, check=True, timeout=300)
    return folder / "bin/python"


def test_it_works_with_numpy_alone(clean: Path, wheel: Path, tmp_path: Path) -> None:
    code = """
import sys
import numpy as np
from financelake import __version__, ta
assert {"pandas", "polars", "pyarrow", "pyspark"}.isdisjoint(sys.modules)
print(__version__, ta.sma(np.array([1.0, 2.0, 4.0]), 2).tolist(), ta.Stream("rsi").push(1.0))
try:
    import financelake.functions
except ModuleNotFoundError as missing:
    print(missing)
"""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(
        [clean, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    version = wheel.name.split("-")[1]
    assert result.stdout == f"{version} [nan, 1.5, 3.0] None\nNo module named 'pyspark'\n"


def test_nothing_else_is_imported(package: Path) -> None:
    """Here everything is installed, and still only numpy is loaded."""
    code = "import sys; from financelake import ta; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in result.stdout.split()}
    assert "numpy" in loaded
    assert loaded.isdisjoint({"pandas", "polars", "pyarrow", "pyspark"})


def test_functions_are_those_of_the_registry(ta) -> None:
    command = [ROOT / "dist/financelake", "functions", "--json"]
    registry = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["functions"]
    assert ta.functions() == registry
    for function in registry:
        parameters = inspect.signature(getattr(ta, function["name"])).parameters
        defaults = {param["name"]: param["default"] for param in function["params"]}
        assert list(parameters) == [*function["inputs"], *defaults, "starts"]
        for name, default in defaults.items():
            assert parameters[name].default == default, (function["name"], name)
        assert function["summary"].split()[0] in getattr(ta, function["name"]).__doc__
    assert {function["name"] for function in registry} <= set(ta.__all__)
