"""A call of one function over whole columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np

from financelake import _containers
from financelake._engine import single
from financelake._library import REGISTRY

#: A column of numbers: numpy array, pandas Series, polars Series, pyarrow Array or ChunkedArray.
Data: TypeAlias = Any
#: Ascending numbers of the rows at which a series begins; None: all rows are one series.
Starts: TypeAlias = Sequence[int] | np.ndarray | None

#: What functions of several outputs return, by their names.
RESULTS: dict[str, type] = {}
T = TypeVar("T", bound=type)


def results(function: str):
    """Keeps the class for what the function returns."""

    def keep(kind: T) -> T:
        RESULTS[function] = kind
        return kind

    return keep


def apply(function: str, columns: Sequence[Data], params: tuple[float, ...], starts: Starts) -> list[Data]:
    """The outputs, each of the kind that the columns are of."""
    compiled = single(function, params)
    executor = compiled.take()
    outputs = _containers.run(executor, REGISTRY[function]["inputs"], columns, beginnings(starts))
    compiled.keep(executor)
    return outputs


def beginnings(starts: Starts) -> np.ndarray:
    """The starts as the library takes them; the first row always begins a series."""
    if starts is None:
        return np.zeros(1, np.uint32)
    array = np.asarray(starts)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise TypeError(
            f"starts must be whole numbers in one dimension, but are {array.dtype} in {array.ndim}; "
            "financelake.ta.starts(symbols) makes them"
        )
    if len(array) and not 0 <= array.min() <= array.max() < 2**32:
        raise ValueError(f"starts must be row numbers, but are from {array.min()} to {array.max()}")
    array = array.astype(np.uint32)
    return array if len(array) and array[0] == 0 else np.concatenate([np.zeros(1, np.uint32), array])


def starts(symbols: Data) -> np.ndarray:
    """The rows at which a series begins, from a column with each row's series; its rows must be together."""
    labels = np.asarray(symbols)
    if labels.ndim != 1:
        raise ValueError(f"symbols must have one dimension, but have {labels.ndim}")
    found = np.flatnonzero(labels[1:] != labels[:-1]) + 1
    found = np.concatenate([np.zeros(min(len(labels), 1), np.uint32), found.astype(np.uint32)])
    seen = set()
    for label in labels[found].tolist():
        if label in seen:
            raise ValueError(f"the rows of {label!r} are not together; sort by symbol and time first")
        seen.add(label)
    return found
