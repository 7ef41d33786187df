"""The package as the wheel has it, and bars of real data."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", autouse=True)
def installed(package: Path) -> None:
    sys.path.insert(0, str(package))


@pytest.fixture(scope="session")
def ta(installed: None):
    from financelake import ta

    return ta


@pytest.fixture(scope="session")
def bars() -> dict[str, np.ndarray]:
    """Every column that a function reads, of Apple's days."""
    table = pd.read_csv(ROOT / "data/market/us_equity_daily_long_aapl.csv.gz")
    prices = table[["open", "high", "low", "close", "volume"]].dropna()
    columns = {name: prices[name].to_numpy(np.float64).copy() for name in prices}
    row = np.arange(len(prices))
    periods = 2 + row % 29
    return {
        **columns,
        "periods": periods.astype(np.float64),
        "real0": columns["high"],
        "real1": columns["low"],
        "session": (row // 21).astype(np.float64),
        "anchor": (row % 40 == 0).astype(np.float64),
    }


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether the arrays hold the same bits."""
    return a.dtype == b.dtype and a.tobytes() == b.tobytes()
