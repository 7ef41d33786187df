"""Columns of numpy, pandas, polars and pyarrow: in without a copy if they are doubles, out as what came in.

The libraries are found by what is given; a program that does not use one need not have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from financelake import _arrow
from financelake._engine import Executor
from financelake._library import native

Names = Sequence[str]
Columns = Sequence[Any]


def run(executor: Executor, names: Names, columns: Columns, starts: np.ndarray) -> list[Any]:
    """Runs the next rows; each output is of the kind that the columns are of."""
    kinds = {kind_of(name, column) for name, column in zip(names, columns, strict=True)}
    if len(kinds) > 1:
        given = [f"{name} is {described(column)}" for name, column in zip(names, columns, strict=True)]
        raise TypeError(f"the inputs must be of one kind: {', '.join(given)}")
    lengths = {len(column) for column in columns}
    if len(lengths) > 1:
        given = [f"{name} has {len(column)}" for name, column in zip(names, columns, strict=True)]
        raise ValueError(f"the inputs must have the same number of rows: {', '.join(given)}")
    if 0 in lengths:
        starts = starts[:0]
    return RUN[kinds.pop()](executor, names, columns, starts)


def library_of(data: object) -> str:
    """The library that has this kind of data; what is of none is read by numpy."""
    for base in type(data).__mro__:
        root = base.__module__.partition(".")[0]
        if root in RUN:
            return root
    return "numpy"


def kind_of(name: str, column: object) -> str:
    """The library of a column."""
    if type(column) is np.ndarray:
        return "numpy"
    library = library_of(column)
    wanted = COLUMNS.get(library)
    if wanted and not any(base.__name__ in wanted for base in type(column).__mro__):
        raise TypeError(f"{name} must be a {library} {' or '.join(wanted)}, but is {described(column)}")
    if not hasattr(column, "__len__"):
        raise TypeError(f"{name} must be a column of numbers, but is {described(column)}")
    return library


def described(column: object) -> str:
    """`pandas.Series`."""
    return f"{type(column).__module__.partition('.')[0]}.{type(column).__name__}"


def not_numbers(name: str, kind: object) -> TypeError:
    return TypeError(f"{name} must be numbers, but is {kind}; convert it first")


def of_numpy(executor: Executor, names: Names, columns: Columns, starts: np.ndarray) -> list[Any]:
    arrays = [doubles(name, column) for name, column in zip(names, columns, strict=True)]
    return values(executor, arrays, starts, with_bitmaps=False)[0]


def doubles(name: str, column: Any) -> np.ndarray:
    """Contiguous doubles; masked values become NaN."""
    array = np.asanyarray(column)
    if array.ndim != 1:
        raise ValueError(
            f"{name} must have one dimension, but has {array.ndim}; `starts` takes many series in one"
        )
    if array.dtype.kind not in "fiu":
        raise not_numbers(name, array.dtype)
    if isinstance(array, np.ma.MaskedArray):
        array = array.astype(np.float64).filled(np.nan)
    array = np.ascontiguousarray(array, np.float64)
    return array if array.flags.aligned else array.copy()


def values(
    executor: Executor, arrays: list[np.ndarray], starts: np.ndarray, with_bitmaps: bool
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Runs doubles. Without bitmaps, a row without result is NaN, in integers 0."""
    rows, fields = len(arrays[0]), executor.compiled.outputs
    outputs = [np.empty(rows, np.int32 if field.integer else np.float64) for field in fields]
    bitmaps = [np.empty((rows + 7) // 8, np.uint8) for _ in fields] if with_bitmaps else []
    places: list[int | None] = [bitmap.ctypes.data for bitmap in bitmaps] or [None] * len(fields)
    inputs = executor.compiled.inputs_type(*[(array.ctypes.data, None) for array in arrays])
    results = executor.compiled.outputs_type(
        *[(output.ctypes.data, place) for output, place in zip(outputs, places, strict=True)]
    )
    native.financelake_executor_run(
        *(executor.pointer, rows, inputs, len(inputs), starts.ctypes.data, len(starts)),
        *(results, len(results)),
    )
    return outputs, bitmaps


def of_pandas(executor: Executor, names: Names, columns: Columns, starts: np.ndarray) -> list[Any]:
    import pandas as pd

    index = columns[0].index
    arrays = []
    for name, column in zip(names, columns, strict=True):
        if column.dtype.kind not in "fiu":
            raise not_numbers(name, column.dtype)
        if not column.index.equals(index):
            raise ValueError(f"{name} has another index than {names[0]}; align them first")
        ordinary = isinstance(column.dtype, np.dtype)
        array = column.to_numpy() if ordinary else column.to_numpy(np.float64, na_value=np.nan)
        arrays.append(doubles(name, array))
    outputs, bitmaps = values(executor, arrays, starts, with_bitmaps=any_integer(executor))
    series = []
    for number, (field, output) in enumerate(zip(executor.compiled.outputs, outputs, strict=True)):
        if bitmaps:
            valid = np.unpackbits(bitmaps[number], count=len(output), bitorder="little").view(bool)
            if field.integer:
                output = pd.arrays.IntegerArray(output, ~valid)
            else:
                output[~valid] = np.nan
        series.append(pd.Series(output, index=index, name=field.name))
    return series


def any_integer(executor: Executor) -> bool:
    return any(field.integer for field in executor.compiled.outputs)


def of_polars(executor: Executor, names: Names, columns: Columns, starts: np.ndarray) -> list[Any]:
    import polars as pl

    exported = []
    for name, column in zip(names, columns, strict=True):
        if not column.dtype.is_numeric():
            raise not_numbers(name, column.dtype)
        exported.append(_arrow.exported(column.cast(pl.Float64).rechunk()))
    outputs = _arrow.run(executor, exported, starts)
    fields = executor.compiled.outputs
    return [pl.Series(output).alias(field.name) for field, output in zip(fields, outputs, strict=True)]


def of_pyarrow(executor: Executor, names: Names, columns: Columns, starts: np.ndarray) -> list[Any]:
    import pyarrow as pa

    exported = []
    for name, column in zip(names, columns, strict=True):
        kind = column.type
        if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
            raise not_numbers(name, kind)
        if not pa.types.is_float64(kind):
            column = column.cast(pa.float64(), safe=False)
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        exported.append(_arrow.exported(column))
    outputs = [pa.array(output) for output in _arrow.run(executor, exported, starts)]
    chunked = isinstance(columns[0], pa.ChunkedArray)
    return [pa.chunked_array([output]) for output in outputs] if chunked else outputs


COLUMNS = {"pandas": ["Series"], "polars": ["Series"], "pyarrow": ["Array", "ChunkedArray"]}
RUN = {"numpy": of_numpy, "pandas": of_pandas, "polars": of_polars, "pyarrow": of_pyarrow}
