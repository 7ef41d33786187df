"""All functions of TA-Lib over numpy, pandas, polars and pyarrow.

    from financelake import ta
    ta.rsi(close, timeperiod=14)

A result is of the kind that was given. A row whose input is NaN, NULL or infinite has no result and is passed
over; the first rows of a series, up to the function's lookback, have none; nor has a row whose result is not
a finite number. Such rows are NaN, or NULL where there is one; in numpy's integers they are 0. Several
series, one after the other, are computed in one call: `ta.rsi(close, starts=ta.starts(symbols))`.
"""

from financelake._library import REGISTRY, StateError
from financelake.ta import _functions
from financelake.ta._apply import starts
from financelake.ta._functions import *  # noqa: F403
from financelake.ta._program import Call, Program
from financelake.ta._stream import Stream


def functions() -> list[dict]:
    """Every function: name, group, summary, inputs, params with defaults and ranges, outputs, lookback."""
    return list(REGISTRY.values())


__all__ = ["Call", "Program", "StateError", "Stream", "functions", "starts"]
__all__ += _functions.__all__
