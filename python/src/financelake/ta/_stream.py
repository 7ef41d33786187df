"""Indicators that are fed row by row."""

from __future__ import annotations

from typing import Any

import numpy as np

from financelake import _containers
from financelake._engine import Executor
from financelake.ta._apply import RESULTS, Data
from financelake.ta._program import Call, Program

CONTINUES = np.empty(0, np.uint32)


class Stream:
    """One series, row by row, with the bits that a call over all rows gives.

    `Stream("rsi", timeperiod=14)`, `Stream(Call(...))` or `Stream(Program(...))`. A result is a number, or
    None where there is none; of several outputs a named tuple; of a program a dict. Calls of several threads
    take turns.
    """

    def __init__(self, of: str | Call | Program, **params: float) -> None:
        if isinstance(of, str):
            of = Call(of, **params)
        elif params:
            raise TypeError(f"parameters belong to the call: Call({', '.join(params)}...)")
        self.program = of if isinstance(of, Program) else Program([of])
        self._call = None if isinstance(of, Program) else of
        self._executor = Executor(self.program.compiled)

    @property
    def columns(self) -> list[str]:
        """The values of a row, in this order."""
        return self.program.columns

    def push(self, *row: float | None, **named: float | None) -> Any:
        """Takes the next row and gives its results: `push(101.5)`, `push(high=3, low=1, close=2)`."""
        return self._shaped(self._executor.push(self._row(row, named)))

    def peek(self, *row: float | None, **named: float | None) -> Any:
        """What push would give, without taking the row: for a bar that is still forming."""
        return self._shaped(self._executor.peek(self._row(row, named)))

    def extend(self, *columns: Data, **named: Data) -> Any:
        """Takes many rows, given and returned as columns."""
        outputs = _containers.run(self._executor, self.columns, self._row(columns, named), CONTINUES)
        return self._shaped(outputs)

    def save(self) -> bytes:
        """The state, for a stream of the same function and parameters, in this process or another."""
        return self._executor.save()

    def restore(self, state: bytes) -> None:
        """Goes on from a saved state. One of another stream is a StateError and changes nothing."""
        self._executor.restore(state)

    def reset(self) -> None:
        """Forgets the history."""
        self._executor.reset()

    def _row(self, row: tuple, named: dict[str, Any]) -> list[Any]:
        if named:
            unknown = [name for name in named if name not in self.columns]
            missing = [name for name in self.columns if name not in named]
            if row or unknown or missing:
                given = ", ".join([*map(str, row), *named])
                raise TypeError(f"a row is {', '.join(self.columns)}; given {given}")
            return [named[name] for name in self.columns]
        if len(row) != len(self.columns):
            raise TypeError(f"a row is {', '.join(self.columns)}; given {len(row)} values")
        return list(row)

    def _shaped(self, outputs: list[Any]) -> Any:
        if self._call is None:
            return dict(zip(self.program.outputs, outputs, strict=True))
        return outputs[0] if len(outputs) == 1 else RESULTS[self._call.function](*outputs)
