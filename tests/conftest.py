"""What `make dist` has made, for the tests of every folder."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def wheel() -> Path:
    """The one wheel."""
    (found,) = (ROOT / "dist").glob("financelake-*.whl")
    return found


@pytest.fixture(scope="session")
def package(wheel: Path) -> Path:
    """A folder for PYTHONPATH that has what the wheel installs."""
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()[:16]
    folder = ROOT / "target/wheel" / digest
    if not folder.exists():
        shutil.rmtree(folder.parent, ignore_errors=True)
        unpacked = folder.with_suffix(".new")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked)
        unpacked.rename(folder)
    return folder
