"""Every kind of column in, the same kind out, with the same values; and what is refused."""

from __future__ import annotations

import sys
import threading
import time

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute
import pytest

KINDS = ["numpy", "pandas", "polars", "pyarrow", "chunked"]


def given(kind: str, values: np.ndarray) -> object:
    """The values as a column of this kind."""
    third = len(values) // 3
    return {
        "numpy": lambda: values,
        "pandas": lambda: pd.Series(values, index=np.arange(len(values)) * 2, name="price"),
        "polars": lambda: pl.Series("price", values),
        "pyarrow": lambda: pa.array(values),
        "chunked": lambda: pa.chunked_array([values[:third], values[third:]]),
    }[kind]()


def as_numpy(column: object) -> np.ndarray:
    if isinstance(column, pd.Series):
        return column.to_numpy(np.float64, na_value=np.nan)
    if isinstance(column, np.ndarray):
        return column.astype(np.float64)
    values = column.to_list() if isinstance(column, pl.Series) else column.to_pylist()
    return np.array([np.nan if value is None else value for value in values], np.float64)


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_comes_back_as_it_was_given(ta, bars: dict[str, np.ndarray], kind: str) -> None:
    close = bars["close"][:500]
    column = given(kind, close)
    rsi = ta.rsi(column, 14)
    assert type(rsi) is type(column)
    assert as_numpy(rsi).tobytes() == ta.rsi(close, 14).tobytes()
    macd = ta.macd(column)
    assert macd._fields == ("macd", "signal", "hist")
    assert all(type(output) is type(column) for output in macd)
    assert as_numpy(macd.hist).tobytes() == ta.macd(close).hist.tobytes()
    if kind == "pandas":
        assert rsi.index.equals(column.index)
    if kind in ("pandas", "polars"):
        assert rsi.name == "rsi"
        assert [output.name for output in macd] == ["macd", "signal", "hist"]


@pytest.mark.parametrize("kind", KINDS)
def test_integers_are_null_before_the_first_result(ta, bars: dict[str, np.ndarray], kind: str) -> None:
    columns = [given(kind, bars[name][:300]) for name in ("open", "high", "low", "close")]
    doji = ta.cdldoji(*columns)
    lookback = next(f["lookback"] for f in ta.functions() if f["name"] == "cdldoji")
    assert lookback == 10
    values = ta.cdldoji(*[bars[name][:300] for name in ("open", "high", "low", "close")])
    assert values.dtype == np.int32
    assert set(values.tolist()) == {0, 100}
    if kind == "numpy":
        assert not doji[:lookback].any()
        return
    assert np.isnan(as_numpy(doji)[:lookback]).all()
    assert as_numpy(doji)[lookback:].tolist() == values[lookback:].tolist()
    kinds = {"pandas": "Int32", "polars": pl.Int32, "pyarrow": pa.int32(), "chunked": pa.int32()}
    assert (doji.type if kind in ("pyarrow", "chunked") else doji.dtype) == kinds[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_without_a_value_is_passed_over(ta, bars: dict[str, np.ndarray], kind: str) -> None:
    close = bars["close"][:200].copy()
    holes = [0, 7, 50, 51, 199]
    whole = ta.rsi(np.delete(close, holes))
    close[holes] = [np.nan, np.inf, np.nan, -np.inf, np.nan]
    rsi = as_numpy(ta.rsi(given(kind, close)))
    assert np.isnan(rsi[holes]).all()
    assert np.delete(rsi, holes).tobytes() == whole.tobytes()


def test_null_and_nan_are_the_same(ta) -> None:
    values = [1.0, None, 2.0, 4.0, None, 8.0]
    expected = [None, None, 1.5, 3.0, None, 6.0]
    assert ta.sma(pl.Series(values), 2).to_list() == expected
    assert ta.sma(pa.array(values), 2).to_pylist() == expected
    # A bitmap that begins inside a byte.
    assert ta.sma(pa.array([None, *values])[1:], 2).to_pylist() == expected
    assert ta.sma(pl.Series([None, *values]).slice(1), 2).to_list() == expected
    nullable = pd.Series(values, dtype="Float64")
    assert as_numpy(ta.sma(nullable, 2)).tobytes() == as_numpy(ta.sma(pl.Series(values), 2)).tobytes()
    arrow = pd.Series(values, dtype="double[pyarrow]")
    assert as_numpy(ta.sma(arrow, 2)).tobytes() == as_numpy(ta.sma(nullable, 2)).tobytes()
    masked = np.ma.MaskedArray([1.0, 99.0, 2.0], [False, True, False])
    np.testing.assert_array_equal(ta.sma(masked, 2), [np.nan, np.nan, 1.5])


def test_a_result_that_is_not_finite_is_null(ta) -> None:
    assert np.isnan(ta.ln(np.array([-1.0]))).all()
    assert ta.div(pa.array([1.0]), pa.array([0.0])).to_pylist() == [None]


@pytest.mark.parametrize("kind", KINDS)
def test_no_rows_give_no_rows(ta, kind: str) -> None:
    column = given(kind, np.empty(0))
    assert len(ta.rsi(column)) == 0
    assert type(ta.rsi(column)) is type(column)


def test_other_numbers_are_converted(ta) -> None:
    wanted = ta.sma(np.arange(1.0, 9), 3)
    for dtype in ("int8", "uint16", "int32", "int64", "float16", "float32", ">f8", "longdouble"):
        assert ta.sma(np.arange(1, 9).astype(dtype), 3).tobytes() == wanted.tobytes(), dtype
    assert ta.sma([1, 2, 3, 4, 5, 6, 7, 8], 3).tobytes() == wanted.tobytes()
    for column in (
        pl.Series(range(1, 9), dtype=pl.Float32),
        pl.Series(range(1, 9), dtype=pl.UInt8),
        pa.array(range(1, 9), pa.int16()),
        pa.array(range(1, 9), pa.decimal128(9, 2)),
        pd.Series(range(1, 9), dtype="Int64"),
    ):
        assert as_numpy(ta.sma(column, 3)).tobytes() == wanted.tobytes()


def test_strided_and_misaligned_arrays(ta, bars: dict[str, np.ndarray]) -> None:
    close = bars["close"][:400]
    wanted = ta.rsi(close[::2].copy())
    assert ta.rsi(close[::2]).tobytes() == wanted.tobytes()
    assert ta.rsi(np.stack([close, close], axis=1)[::2, 1]).tobytes() == wanted.tobytes()
    assert ta.rsi(close[::-1]).tobytes() == ta.rsi(close[::-1].copy()).tobytes()
    shifted = np.frombuffer(b"x" + close.tobytes(), np.float64, offset=1)
    assert not shifted.flags.aligned
    assert ta.rsi(shifted).tobytes() == ta.rsi(close).tobytes()
    frozen = close.copy()
    frozen.flags.writeable = False
    assert ta.rsi(frozen).tobytes() == ta.rsi(close).tobytes()


def test_doubles_are_read_where_they_are(ta, monkeypatch: pytest.MonkeyPatch) -> None:
    """The addresses that the library gets are those of the caller's memory."""
    from financelake import _arrow, _containers

    close = np.arange(100.0)
    seen: list[int] = []
    native = _containers.native

    class Spy:
        def __getattr__(self, name: str):
            return getattr(native, name)

        def financelake_executor_run(self, *arguments):
            seen.append(arguments[2][0].values)
            return native.financelake_executor_run(*arguments)

        def financelake_executor_run_arrow(self, *arguments):
            from ctypes import POINTER, c_void_p, cast

            buffers = cast(arguments[1][0].contents.buffers, POINTER(c_void_p))
            seen.append(buffers[1])
            return native.financelake_executor_run_arrow(*arguments)

    monkeypatch.setattr(_containers, "native", Spy())
    monkeypatch.setattr(_arrow, "native", Spy())
    here = close.ctypes.data
    column = pa.array(close)
    ta.sma(close)
    ta.sma(pd.Series(close, copy=False))
    ta.sma(column)
    ta.sma(pl.from_arrow(column))
    assert seen[:2] == [here, here]
    assert seen[2:] == [column.buffers()[1].address] * 2


def test_integers_beside_doubles_in_pandas(ta, bars: dict[str, np.ndarray]) -> None:
    columns = [bars[name][:100] for name in ("high", "low", "close")]
    found = ta.supertrend(*[pd.Series(column) for column in columns])
    wanted = ta.supertrend(*[pl.Series(column) for column in columns])
    for ours, theirs in zip(found, wanted, strict=True):
        assert as_numpy(ours).tobytes() == as_numpy(theirs).tobytes()
        assert np.isnan(as_numpy(ours)[:5]).all()
    assert (found.supertrend.dtype, found.trend.dtype) == ("float64", "Int32")


def test_chunks_are_joined(ta) -> None:
    joined = pl.Series([1.0, 2.0]).append(pl.Series([3.0, 4.0, 5.0]))
    assert joined.n_chunks() == 2
    assert ta.sma(joined, 2).to_list() == [None, 1.5, 2.5, 3.5, 4.5]
    assert ta.add(joined, pl.Series(range(5))).to_list() == [1.0, 3.0, 5.0, 7.0, 9.0]


def test_arrow_memory_is_given_back(ta) -> None:
    empty = pa.total_allocated_bytes()
    column = pa.array(np.arange(100_000.0)).cast(pa.float64())
    column = pa.compute.add(column, 1.0)
    before = pa.total_allocated_bytes()
    assert before > empty
    for _ in range(50):
        kept = ta.macd(column)
        with pytest.raises(ValueError):
            ta.add(column, column, starts=[0, 10**6])
        with pytest.raises(TypeError):
            ta.add(column, pa.array(["text"] * len(column)))
    del kept
    assert pa.total_allocated_bytes() == before
    del column
    assert pa.total_allocated_bytes() == empty


@pytest.mark.parametrize("kind", KINDS)
def test_many_series_in_one_call(ta, bars: dict[str, np.ndarray], kind: str) -> None:
    lengths = [40, 1, 300, 159]
    starts = np.cumsum([0, *lengths[:-1]])
    columns = [bars[name][: sum(lengths)] for name in ("high", "low", "close")]
    together = as_numpy(ta.adx(*[given(kind, column) for column in columns], 5, starts=starts))
    apart = [ta.adx(*[c[s : s + n] for c in columns], 5) for s, n in zip(starts, lengths, strict=True)]
    assert together.tobytes() == np.concatenate(apart).tobytes()


def test_starts_from_symbols(ta) -> None:
    symbols = ["a", "a", "b", "c", "c"]
    for column in (symbols, np.array(symbols), pd.Series(symbols), pl.Series(symbols), pa.array(symbols)):
        assert ta.starts(column).tolist() == [0, 2, 3]
    assert ta.starts([]).tolist() == []
    with pytest.raises(ValueError, match=r"rows of 'a' are not together; sort by symbol and time first"):
        ta.starts(["a", "b", "a"])
    close = np.arange(5.0)
    assert ta.sma(close, 2, starts=[2, 3]).tobytes() == ta.sma(close, 2, starts=ta.starts(symbols)).tobytes()


ONE = np.arange(50.0)


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda ta: ta.rsi(ONE, 0), ValueError, "rsi: timeperiod = 0 is out of range; write 2 to 100000"),
        (lambda ta: ta.rsi(ONE, 2.5), ValueError, "rsi: timeperiod = 2.5 is not a whole number"),
        (lambda ta: ta.rsi(ONE, float("nan")), ValueError, "rsi: timeperiod = nan is not a finite number"),
        (lambda ta: ta.rsi(ONE, "14"), TypeError, "rsi: timeperiod must be a number, but is str"),
        (lambda ta: ta.rsi(ONE, True), TypeError, "rsi: timeperiod must be a number, but is bool"),
        (lambda ta: ta.rsi(ONE, period=14), TypeError, "period"),
        (lambda ta: ta.rsi(), TypeError, "close"),
        (lambda ta: ta.rsi(5.0), TypeError, "close must be a column of numbers, but is builtins.float"),
        (lambda ta: ta.rsi(ONE.reshape(5, 10)), ValueError, "close must have one dimension, but has 2"),
        (lambda ta: ta.rsi(np.array(["1"])), TypeError, "close must be numbers, but is <U1"),
        (lambda ta: ta.rsi(ONE > 3), TypeError, "close must be numbers, but is bool"),
        (lambda ta: ta.rsi(ONE + 1j), TypeError, "close must be numbers, but is complex128"),
        (lambda ta: ta.rsi(pl.Series(["1"])), TypeError, "close must be numbers, but is String"),
        (lambda ta: ta.rsi(pa.array(["1"])), TypeError, "close must be numbers, but is string"),
        (lambda ta: ta.rsi(pd.Series(["1"])), TypeError, "close must be numbers, but is object"),
        (lambda ta: ta.rsi(pl.LazyFrame({"a": [1.0]})), TypeError, "close must be a polars Series"),
        (lambda ta: ta.rsi(pd.DataFrame({"a": [1.0]})), TypeError, "close must be a pandas Series"),
        (lambda ta: ta.rsi(pa.table({"a": [1.0]})), TypeError, "close must be a pyarrow Array"),
        (lambda ta: ta.add(ONE, ONE[1:]), ValueError, "same number of rows: real0 has 50, real1 has 49"),
        (
            lambda ta: ta.add(ONE, pl.Series(ONE)),
            TypeError,
            "inputs must be of one kind: real0 is numpy.ndarray, real1 is polars.Series",
        ),
        (
            lambda ta: ta.add(pd.Series(ONE), pd.Series(ONE, index=ONE + 1)),
            ValueError,
            "real1 has another index than real0; align them first",
        ),
        (lambda ta: ta.rsi(ONE, starts=[0, 50]), ValueError, "group start 50 is outside the 50 rows"),
        (lambda ta: ta.rsi(ONE, starts=[0, 9, 9]), ValueError, "group starts 9 and 9 are not ascending"),
        (lambda ta: ta.rsi(ONE, starts=[-1]), ValueError, "starts must be row numbers, but are from -1"),
        (lambda ta: ta.rsi(ONE, starts=["AAPL"]), TypeError, "financelake.ta.starts(symbols) makes them"),
    ],
)
def test_refusals(ta, call, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind) as refusal:
        call(ta)
    assert says in str(refusal.value)


def test_threads_do_not_disturb_each_other(ta, bars: dict[str, np.ndarray]) -> None:
    close = bars["close"]
    pieces = [close[start : start + 3000] for start in range(0, 8000, 1000)]
    wanted = [ta.bbands(piece, 20).upper.tobytes() for piece in pieces]
    wrong: list[int] = []

    def work(number: int) -> None:
        for _ in range(50):
            if ta.bbands(pieces[number], 20).upper.tobytes() != wanted[number]:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(pieces))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_interpreter_goes_on_during_a_call(ta) -> None:
    """Another thread counts while one calls, because the interpreter's lock is free."""
    close = 100 + np.sin(np.arange(300_000.0))
    counted, during, finished = 0, 0, threading.Event()

    def work() -> None:
        nonlocal during
        for _ in range(20):
            before = counted
            ta.ht_sine(close)
            during += counted - before
        finished.set()

    interval = sys.getswitchinterval()
    # Nobody is made to give way: the lock is free only when a thread gives it up.
    sys.setswitchinterval(60)
    thread = threading.Thread(target=work)
    thread.start()
    while not finished.is_set():
        counted += 1
        time.sleep(0)
    thread.join()
    sys.setswitchinterval(interval)
    assert during > 0
