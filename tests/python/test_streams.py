"""Row by row: the bits of a call over all rows, states that travel, and programs."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest


def pushed(stream, columns: list[np.ndarray]) -> list:
    return [stream.push(*row) for row in zip(*columns, strict=True)]


def test_every_function_gives_the_same_row_by_row(ta, bars: dict[str, np.ndarray]) -> None:
    for function in ta.functions():
        columns = [bars[name][:150] for name in function["inputs"]]
        whole = getattr(ta, function["name"])(*[pa.array(column) for column in columns])
        whole = [whole] if len(function["outputs"]) == 1 else list(whole)
        rows = pushed(ta.Stream(function["name"]), columns)
        wanted = list(zip(*[output.to_pylist() for output in whole], strict=True))
        assert [row if isinstance(row, tuple) else (row,) for row in rows] == wanted, function["name"]


def test_a_forming_bar_does_not_count(ta, bars: dict[str, np.ndarray]) -> None:
    stream = ta.Stream("macd")
    stream.extend(bars["close"][:100])
    before = stream.save()
    forming = stream.peek(bars["close"][100] * 1.5)
    assert stream.peek(bars["close"][100] * 1.5) == forming
    assert stream.save() == before
    assert stream.push(bars["close"][100]) != forming
    assert stream.push(bars["close"][101]) == tuple(output[101] for output in ta.macd(bars["close"][:102]))


def test_history_in_columns_and_rows_by_name(ta, bars: dict[str, np.ndarray]) -> None:
    names = ["high", "low", "close"]
    whole = ta.atr(*[bars[name][:200] for name in names])
    stream = ta.Stream("atr", timeperiod=14)
    assert stream.columns == names
    first = stream.extend(*[pl.Series(bars[name][:120]) for name in names])
    assert isinstance(first, pl.Series)
    assert first.to_numpy()[14:].tobytes() == whole[14:120].tobytes()
    second = stream.extend(close=bars["close"][120:199], high=bars["high"][120:199], low=bars["low"][120:199])
    assert second.tobytes() == whole[120:199].tobytes()
    assert stream.push(close=bars["close"][199], low=bars["low"][199], high=bars["high"][199]) == whole[199]
    stream.reset()
    assert stream.push(1, 1, 1) is None


def test_a_row_without_a_value_is_passed_over(ta) -> None:
    stream = ta.Stream("sma", timeperiod=2)
    assert [stream.push(value) for value in (1, None, 3, float("nan"), 5)] == [None, None, 2.0, None, 4.0]
    index = ta.Stream("maxindex", timeperiod=2)
    assert [repr(index.push(value)) for value in (5, 7, 6)] == ["None", "1", "1"]


def test_another_process_goes_on(ta, bars: dict[str, np.ndarray], package: Path) -> None:
    close = bars["close"][:300]
    stream = ta.Stream("rsi", timeperiod=14)
    stream.extend(close[:200])
    code = (
        "import sys; from financelake import ta; stream = ta.Stream('rsi', timeperiod=14)\n"
        "stream.restore(bytes.fromhex(sys.argv[1]))\n"
        "print(*[stream.push(float.fromhex(value)).hex() for value in sys.argv[2:]])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, stream.save().hex(), *[float(value).hex() for value in close[200:]]],
        env={"PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert [float.fromhex(value) for value in result.stdout.split()] == ta.rsi(close)[200:].tolist()


def test_a_foreign_or_damaged_state_is_refused(ta) -> None:
    rsi = ta.Stream("rsi")
    rsi.extend(np.arange(30.0))
    state = rsi.save()
    for other, says in [
        (ta.Stream("sma"), r"saved by rsi.*this program is sma"),
        (ta.Stream("rsi", timeperiod=15), r"saved by rsi.*\(14\).*this program is rsi.*\(15\)"),
    ]:
        with pytest.raises(ta.StateError, match=says):
            other.restore(state)
    before = rsi.push(5.0)
    rsi.restore(state)
    for damaged in (b"", b"FLIS", state[:-1], state[:-9] + b"\0" + state[-8:]):
        with pytest.raises(ta.StateError, match="state refused"):
            rsi.restore(damaged)
    assert rsi.push(5.0) == before
    with pytest.raises(TypeError):
        rsi.restore("text")


def test_threads_take_turns_on_one_stream(ta) -> None:
    stream = ta.Stream("cumsum")
    threads = [threading.Thread(target=lambda: [stream.push(1.0) for _ in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stream.push(0.0) == 2000.0


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda ta: ta.Stream("rsj"), ValueError, 'unknown indicator "rsj"; did you mean rsi?'),
        (
            lambda ta: ta.Stream("rsi", period=3),
            TypeError,
            "rsi has no parameter 'period'; there are: timeperiod",
        ),
        (lambda ta: ta.Stream("rsi", timeperiod=0), ValueError, "timeperiod = 0 is out of range"),
        (lambda ta: ta.Stream("rsi").push(1, 2), TypeError, "a row is close; given 2 values"),
        (lambda ta: ta.Stream("atr").push(1, low=2), TypeError, "a row is high, low, close; given 1, low"),
        (lambda ta: ta.Stream("rsi").push("1"), TypeError, "must be real number, not str"),
        (lambda ta: ta.Stream(ta.Call("rsi"), timeperiod=3), TypeError, "parameters belong to the call"),
        (lambda ta: ta.Stream(ta.Call("rsi", "a", "b")), ValueError, "2 given"),
        (lambda ta: ta.Program([]), ValueError, "a program needs a call"),
        (
            lambda ta: ta.Program([ta.Call("rsi"), ta.Call("rsi")]),
            ValueError,
            "two calls of rsi; give them",
        ),
        (
            lambda ta: ta.Program({"macd_hist": ta.Call("rsi"), "macd": ta.Call("macd")}),
            ValueError,
            "two outputs have one name",
        ),
        (
            lambda ta: ta.Program([ta.Call("atr")]).run({"close": np.arange(3.0)}),
            ValueError,
            "the program reads a column 'high'; there are: close",
        ),
    ],
)
def test_refusals(ta, call, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind) as refusal:
        call(ta)
    assert says in str(refusal.value)


def test_a_program_over_tables(ta, bars: dict[str, np.ndarray]) -> None:
    columns = {name: bars[name][:300] for name in ("high", "low", "close")}
    symbols = np.repeat(["a", "b"], 150)
    program = ta.Program(
        {
            "fast": ta.Call("sma", timeperiod=10),
            "macd": ta.Call("macd"),
            "range": ta.Call("atr", timeperiod=7),
        }
    )
    assert program.columns == ["close", "high", "low"]
    assert program.outputs == ["fast", "macd", "macd_signal", "macd_hist", "range"]
    starts = ta.starts(symbols)
    wanted = program.run(columns, starts)
    assert wanted["fast"].tobytes() == ta.sma(columns["close"], 10, starts=starts).tobytes()
    assert wanted["macd_hist"].tobytes() == ta.macd(columns["close"], starts=starts).hist.tobytes()
    index = pd.date_range("2020", periods=300)
    for table, kind in [
        (pd.DataFrame(columns, index=index), pd.DataFrame),
        (pl.DataFrame(columns), pl.DataFrame),
        (pa.table(columns), pa.Table),
        (pa.record_batch(columns), pa.Table),
    ]:
        result = program.run(table, starts)
        assert type(result) is kind
        got = result["range"].to_numpy()
        assert np.array_equal(got, wanted["range"], equal_nan=True)
    assert program.run(pd.DataFrame(columns, index=index)).index.equals(index)


def test_a_stream_of_a_program(ta, bars: dict[str, np.ndarray]) -> None:
    program = ta.Program([ta.Call("sma", timeperiod=3), ta.Call("obv")])
    stream = ta.Stream(program)
    rows = [
        stream.push(close, volume)
        for close, volume in zip(bars["close"][:9], bars["volume"][:9], strict=True)
    ]
    assert rows[0] == {"sma": None, "obv": bars["volume"][0]}
    assert rows[8]["sma"] == ta.sma(bars["close"][:9], 3)[8]
