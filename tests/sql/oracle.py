#!/usr/bin/env python3
"""Prints the numbers that the SQL files expect, computed by TA-Lib instead of FinanceLake.

    pip install TA-Lib numpy
    python tests/sql/oracle.py

Rows of warm-up, which TA-Lib gives as NaN (patterns: as 0), are NULL in the files.
"""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import talib

COLUMNS = ["open", "high", "low", "close", "volume"]
BARS = Path(__file__).resolve().parents[2] / "data/market/us_equity_daily_wiki.csv.gz"


def bars(symbol: str) -> dict[str, np.ndarray]:
    """The columns of a symbol in time order."""
    with gzip.open(BARS, "rt") as lines:
        rows = sorted(
            (row for row in csv.DictReader(lines) if row["symbol"] == symbol), key=lambda r: r["ts"]
        )
    return {name: np.array([float(row[name]) for row in rows]) for name in COLUMNS}


def series(bar: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every column of the queries in real_data.sql, by name."""
    o, h, lo, c, v = (bar[name] for name in COLUMNS)
    upper, middle, lower = talib.BBANDS(c, 20, 2.0, 2.0, 0)
    upper_ema, middle_ema, lower_ema = talib.BBANDS(c, 10, 1.5, 1.0, 1)
    macd, signal, hist = talib.MACD(c, 12, 26, 9)
    slow_k, slow_d = talib.STOCH(h, lo, c, 5, 3, 0, 3, 0)
    slow_k_ema, slow_d_ema = talib.STOCH(h, lo, c, 14, 3, 1, 5, 1)
    engulfing = talib.CDLENGULFING(o, h, lo, c).astype(float)
    engulfing[:2] = np.nan
    return {
        "sma": talib.SMA(c, 30),
        "sma_200": talib.SMA(c, 200),
        "ema": talib.EMA(c, 30),
        "ema_5": talib.EMA(c, 5),
        "rsi": talib.RSI(c, 14),
        "rsi_2": talib.RSI(c, 2),
        "macd": macd,
        "signal": signal,
        "hist": hist,
        "upper": upper,
        "middle": middle,
        "lower": lower,
        "upper_ema": upper_ema,
        "middle_ema": middle_ema,
        "lower_ema": lower_ema,
        "atr": talib.ATR(h, lo, c, 14),
        "atr_5": talib.ATR(h, lo, c, 5),
        "slow_k": slow_k,
        "slow_d": slow_d,
        "slow_k_ema": slow_k_ema,
        "slow_d_ema": slow_d_ema,
        "obv": talib.OBV(c, v),
        "vwap": talib.VWAP(h, lo, c, v),
        "engulfing": engulfing,
    }


def text(cell: object) -> str:
    if isinstance(cell, float):
        return repr(cell) if np.isfinite(cell) else "NULL"
    return str(cell)


def show(title: str, header: list[str], rows: list[list[object]]) -> None:
    """A table in the form of the files."""
    print(f"\n{title}")
    cells = [header] + [[text(c) for c in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    for row in cells:
        print(
            "--> " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


def real_data() -> None:
    columns = {symbol: series(bars(symbol)) for symbol in ("FB", "IBM")}
    totals = [
        [name, symbol, int(np.isfinite(values).sum()), float(np.nansum(values))]
        for name in sorted(columns["FB"])
        for symbol in ("FB", "IBM")
        for values in [columns[symbol][name]]
        if np.isfinite(values).any()
    ]
    show("real_data.sql, whole columns", ["name", "symbol", "n", "total"], totals)
    last = [[name, float(columns["IBM"][name][-1])] for name in sorted(columns["IBM"])]
    show("real_data.sql, last row of IBM", ["name", "value"], last)


def small_data() -> None:
    a = np.array([10.0, 11.0, 12.5, 11.5, 13.0, 14.0, 13.5, 15.0])
    b = np.array([50.0, 49.0, 51.0, 52.5, 50.5])
    rows = [
        [name, i + 1, *(float(f[i]) for f in (talib.RSI(c, 2), talib.EMA(c, 3)))]
        for name, c in (("A", a), ("B", b))
        for i in range(len(c))
    ]
    show("rsi(close, 2), ema(close, 3) over the small table of prices", ["symbol", "ts", "rsi", "ema"], rows)
    descending = talib.RSI(a[::-1].copy(), 2)[::-1]
    show(
        "rsi(close, 2), newest first, A", ["ts", "rsi"], [[i + 1, float(x)] for i, x in enumerate(descending)]
    )
    inner = talib.RSI(a, 2)
    nested = np.full(len(a), np.nan)
    nested[2:] = talib.SMA(inner[2:], 3)
    show("sma(rsi(close, 2), 3), A", ["ts", "value"], [[i + 1, float(x)] for i, x in enumerate(nested)])


if __name__ == "__main__":
    print(f"TA-Lib {talib.__version__} ({talib.__ta_version__.decode()})")
    real_data()
    small_data()
