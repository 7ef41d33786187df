"""What the tests of the pipeline share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT))
sys.path.extend(map(str, (ROOT / ".tools/connect/lib").glob("python3*/site-packages")))

from tests.connect.lake import Lake  # noqa: E402
from tests.pipeline.services import Services  # noqa: E402


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A lake without anything running yet."""
    here = Services(tmp_path_factory.mktemp("pipeline"))
    try:
        yield here
    finally:
        here.script("stop_services.sh", check=False)


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    reader = Lake(tmp_path_factory.mktemp("reader"))
    try:
        yield reader
    finally:
        reader.stop()
