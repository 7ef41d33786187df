"""Writes references.csv beside this file: what other libraries compute on real bars.

    python3 -m venv /tmp/references
    /tmp/references/bin/pip install wickra==2.0.0 pandas-ta-classic==0.8.32 empyrical-reloaded==0.7.1 \\
        nolds==0.5.2 ta==0.11.0
    /tmp/references/bin/python native/indicators/tests/references/generate.py

The bars are 400 days of AAPL from data/market; `week` numbers calendar weeks, `row` the rows, and `first` is
1 in the first row only. Each further column is one output of one function, spelled
`function[session](parameters).output` with the column that is its session input and the parameters where they
are not the defaults. The first 300 rows are history: there an average still shows how the library began it.
Run it again only to add a function: the values are kept because these libraries change.
"""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import empyrical
import nolds
import numpy as np
import pandas as pd
import pandas_ta_classic as ta
import wickra
from ta.volatility import KeltnerChannel

HERE = Path(__file__).resolve().parent
MARKET = HERE.parents[3] / "data/market"
ROWS = slice(800, 1200)
HISTORY = 300


def bars() -> pd.DataFrame:
    with gzip.open(MARKET / "us_equity_daily_wiki.csv.gz", "rt") as file:
        rows = [row for row in csv.DictReader(file) if row["symbol"] == "AAPL"][ROWS]
    frame = pd.DataFrame(rows).set_index("ts")[["open", "high", "low", "close", "volume"]].astype(float)
    frame.index = pd.to_datetime(frame.index)
    return frame


def fed(indicator, rows) -> np.ndarray:
    """Outputs of a wickra indicator that is fed row by row, NaN where it has none."""
    results = [indicator.update(row) for row in rows]
    width = max(np.atleast_1d(result).size for result in results if result is not None)
    return np.array([np.full(width, np.nan) if r is None else np.atleast_1d(r) for r in results])


def levels(indicator, rows) -> np.ndarray:
    """The levels for a bar are those that its predecessor gave."""
    found = fed(indicator, rows)
    return np.vstack([np.full(found.shape[1], np.nan), found[:-1]])


def hurst(changes: np.ndarray) -> float:
    lengths = [128, 64, 32, 16, 8]
    return nolds.hurst_rs(changes, nvals=lengths, fit="poly", corrected=False, unbiased=False)


def references(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    high, low, close, volume = (frame[name] for name in ("high", "low", "close", "volume"))
    rows = [(*values, index) for index, values in enumerate(frame.to_numpy().tolist())]
    found: dict[str, np.ndarray] = {}

    def put(call: str, outputs: str, values) -> None:
        columns = np.array(values, dtype=float).reshape(len(frame), -1).T
        for output, column in zip(outputs.split(), columns, strict=True):
            found[f"{call}.{output}"] = column

    put("svwap[week]", "vwap", ta.vwap(high, low, close, volume, anchor="W"))
    put("avwap", "upper vwap lower", fed(wickra.VwapStdDevBands(multiplier=1.0), rows)[:, :3])
    put("chandelier(5)", "long short", ta.ce(high, low, close, length=5, mamode="rma"))
    put("keltner", "upper middle lower", keltner(high, low, close))

    three, four = "pivot r1 r2 r3 s1 s2 s3", "pivot r1 r2 r3 r4 s1 s2 s3 s4"
    put("pivot_classic[row]", three, levels(wickra.ClassicPivots(), rows))
    put("pivot_fibonacci[row]", three, levels(wickra.FibonacciPivots(), rows))
    put("pivot_camarilla[row]", four, levels(wickra.Camarilla(), rows))
    put("pivot_demark[row]", "pivot r1 s1", levels(wickra.DemarkPivots(), rows))
    # Woodie's pivot has the open of the new session where wickra has the close of the old one.
    opens = frame["open"].shift(-1, fill_value=0).clip(low, high)
    exchanged = [(*row[:3], open_, *row[4:]) for row, open_ in zip(rows, opens, strict=True)]
    woodie = levels(wickra.WoodiePivots(), exchanged)
    woodie[1:][opens.to_numpy()[:-1] != frame["open"].to_numpy()[1:]] = np.nan
    put("pivot_woodie[row]", "pivot r1 r2 s1 s2", woodie)

    qqe = ta.qqe(close)
    put("qqe", "rsi line", qqe.iloc[:, [1, 0]])
    squeeze = ta.squeeze_pro(high, low, close)
    put("squeezepro", "momentum squeeze", np.column_stack([squeeze.iloc[:, 0], depth(squeeze)]))

    put("parkinson(20)", "value", fed(wickra.ParkinsonVolatility(20), rows) / 100)
    put("garmanklass(20)", "value", fed(wickra.GarmanKlassVolatility(20), rows) / 100)
    put("yangzhang(20)", "value", fed(wickra.YangZhangVolatility(20), rows) / 100)

    returns = close.pct_change()
    of_returns = returns.rolling(126)
    put("sharpe", "value", of_returns.apply(empyrical.sharpe_ratio, raw=True))
    put("sortino", "value", of_returns.apply(empyrical.sortino_ratio, raw=True))
    put("maxdrawdown", "value", -close.rolling(252).apply(drawdown, raw=True))
    put("ulcer", "value", ta.ui(close))
    # The deviation of the sample is larger than that of the population.
    put("zscore", "value", ta.zscore(close) * np.sqrt(30 / 29))
    put("hurst", "value", np.log(close).diff().rolling(128).apply(hurst, raw=True))
    return found


def keltner(high: pd.Series, low: pd.Series, close: pd.Series) -> pd.DataFrame:
    channel = KeltnerChannel(high, low, close, 20, 10, original_version=False, multiplier=2)
    bands = [
        channel.keltner_channel_hband(),
        channel.keltner_channel_mband(),
        channel.keltner_channel_lband(),
    ]
    return pd.concat(bands, axis=1)


def depth(squeeze: pd.DataFrame) -> np.ndarray:
    """The narrowest channel that the bands are inside of, -1 when they are outside."""
    on = {name.split("_")[-1]: squeeze[name] == 1 for name in squeeze.columns if "_ON_" in name}
    off = squeeze[next(name for name in squeeze.columns if name.endswith("OFF"))] == 1
    found = np.select([on["NARROW"], on["NORMAL"], on["WIDE"], off], [3, 2, 1, -1], 0).astype(float)
    return found


def drawdown(closes: np.ndarray) -> float:
    return empyrical.max_drawdown(pd.Series(closes).pct_change().dropna())


def main() -> None:
    frame = bars()
    found = {
        name: np.where(np.arange(len(frame)) < HISTORY, np.nan, v) for name, v in references(frame).items()
    }
    week = frame.index.to_period("W").start_time.to_series().factorize()[0]
    keys = {"week": week, "row": np.arange(len(frame)), "first": (np.arange(len(frame)) == 0).astype(int)}
    table = frame.assign(**keys, **found).reset_index(drop=True)
    table.to_csv(HERE / "references.csv", index=False, float_format="%.15g", lineterminator="\n")
    print(f"{len(found)} outputs of {len(table)} rows")


if __name__ == "__main__":
    main()
