"""Gold computed from Silver once more, without Spark and without our code: pandas and TA-Lib."""

from __future__ import annotations

import numpy as np
import pandas as pd
import talib

# How long windows are, and of which rows.
LENGTHS = {"5min": ["tick", "1m", "5m"], "1h": ["tick", "1m", "5m", "15m", "30m", "1h"]}
FINAL_AFTER = pd.Timedelta(minutes=10)


def windows(silver: pd.DataFrame) -> pd.DataFrame:
    """`market_windows`."""
    found = []
    for length, freqs in LENGTHS.items():
        for series, rows in silver[silver.freq.isin(freqs)].groupby("series"):
            rows = rows.sort_values(["ts", "seq"])
            starts = rows.ts.dt.floor(length)
            groups = rows.groupby(starts, sort=True)
            table = pd.DataFrame(
                {
                    "open": groups.open.first(),
                    "close": groups.close.last(),
                    "avg_price": groups.close.mean(),
                    "min_price": groups.low.min(),
                    "max_price": groups.high.max(),
                    "total_volume": groups.volume.sum(min_count=1),
                    "record_count": groups.size(),
                    "price_volatility": groups.close.std(ddof=1),
                }
            )
            weighed = ((rows.high + rows.low + rows.close) / 3 * rows.volume).groupby(starts).sum()
            table["vwap"] = (weighed / table.total_volume).where(table.total_volume > 0)
            table["price_momentum"] = table.avg_price.diff()
            upper, _, lower = talib.BBANDS(padded(table.avg_price, 20), 20, 2, 2)
            upper, lower = upper[-len(table) :], lower[-len(table) :]
            with np.errstate(invalid="ignore", divide="ignore"):
                position = (table.avg_price - lower) / (upper - lower)
            table["bb_position"] = position.where(upper > lower)
            table["series"] = series
            table["window_start"] = table.index
            table["window_end"] = table.index + pd.Timedelta(length)
            table["final"] = table.window_end + FINAL_AFTER <= rows.ts.max()
            found.append(table)
    return pd.concat(found, ignore_index=True)


def padded(values: pd.Series, least: int) -> np.ndarray:
    """TA-Lib refuses columns shorter than its warm-up; unknown values before them change nothing."""
    missing = max(0, least - len(values))
    return np.concatenate([np.full(missing, np.nan), values.to_numpy(dtype=float)])


def daily(silver: pd.DataFrame) -> pd.DataFrame:
    """`daily_summary`."""
    rows = silver.sort_values(["series", "ts", "seq"])
    groups = rows.groupby(["series", "date"], sort=True)
    table = pd.DataFrame(
        {
            "open": groups.open.first(),
            "high": groups.high.max(),
            "low": groups.low.min(),
            "close": groups.close.last(),
            "volume": groups.volume.sum(min_count=1),
            "record_count": groups.size(),
        }
    ).reset_index()
    table["prev_close"] = table.groupby("series").close.shift(1)
    table["return"] = (table.close / table.prev_close - 1).where(table.prev_close > 0)
    return table


def indicators(silver: pd.DataFrame) -> pd.DataFrame:
    """Some columns of `technical_indicators`."""
    found = []
    for _, rows in silver.groupby("series"):
        rows = rows.sort_values(["ts", "seq"])
        close = rows.close.to_numpy(dtype=float)
        table = rows[["series", "ts", "seq", "close"]].copy()
        table["sma_20"] = talib.SMA(close, 20) if len(close) >= 20 else np.nan
        table["rsi_14"] = talib.RSI(close, 14) if len(close) >= 15 else np.nan
        found.append(table)
    return pd.concat(found, ignore_index=True)


def assert_same(found: pd.DataFrame, wanted: pd.DataFrame, keys: list[str]) -> None:
    """Both have the same rows, up to the last digits."""
    names = list(wanted.columns)
    left = found[names].sort_values(keys).reset_index(drop=True)
    right = wanted.sort_values(keys).reset_index(drop=True)
    for table in (left, right):
        for name in names:
            if pd.api.types.is_datetime64_any_dtype(table[name]):
                table[name] = table[name].astype("datetime64[us]")
    pd.testing.assert_frame_equal(left, right, check_dtype=False, rtol=1e-9, atol=1e-12)
