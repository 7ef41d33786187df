"""Compiled programs and executors: the objects of the native library, closed with their Python objects."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from ctypes import byref, c_double, c_size_t, c_void_p, string_at
from dataclasses import dataclass
from functools import lru_cache
from numbers import Real
from weakref import finalize

from financelake._library import REGISTRY, Field, Input, Output, native

# Executors that are kept for the next call: how many of a program, and how many bytes one may have.
IDLE = 4
SMALL = 1 << 18


@dataclass(frozen=True)
class OutputField:
    """An output of a program."""

    name: str
    call: int
    integer: bool


@dataclass(frozen=True)
class IndexedCall:
    """A function over columns of a program, by their numbers."""

    function: str
    inputs: tuple[int, ...]
    params: tuple[float, ...]


class Compiled:
    """Checked calls over a number of columns; for any number of executors and threads."""

    def __init__(self, calls: Sequence[IndexedCall], columns: int) -> None:
        request = {
            "columns": columns,
            "calls": [
                {"function": call.function, "inputs": call.inputs, "params": numbers(call)} for call in calls
            ],
        }
        pointer = c_void_p()
        native.financelake_program_open(json.dumps(request).encode(), byref(pointer))
        finalize(self, native.financelake_program_close, pointer)
        self.pointer = pointer
        self.columns = columns
        self.outputs = [
            self._output(index, calls) for index in range(native.financelake_program_outputs(pointer))
        ]
        # The types of its arrays; making a type costs more than making an array.
        self.inputs_type = Input * columns
        self.outputs_type = Output * len(self.outputs)
        self.small = native.financelake_program_memory(pointer) <= SMALL
        self.idle: list[Executor] = []

    def _output(self, index: int, calls: Sequence[IndexedCall]) -> OutputField:
        field = Field()
        native.financelake_program_output(self.pointer, index, byref(field))
        name = field.name.decode()
        # The registry calls a single output so; the function's name says more.
        if name == "value":
            name = calls[field.call].function
        return OutputField(name, field.call, field.kind == 1)

    def take(self) -> Executor:
        """An executor for batches that begin with a new series; making one costs more than a short batch."""
        try:
            return self.idle.pop()
        except IndexError:
            return Executor(self)

    def keep(self, executor: Executor) -> None:
        """Gives it back, after a call that did not fail."""
        if self.small and len(self.idle) < IDLE:
            self.idle.append(executor)


def numbers(call: IndexedCall) -> list[float]:
    """The parameters, if all are finite numbers; the ranges are the library's business."""
    names = [param["name"] for param in REGISTRY.get(call.function, {}).get("params", ())]
    for index, param in enumerate(call.params):
        name = names[index] if index < len(names) else f"parameter {index}"
        if not isinstance(param, Real) or isinstance(param, bool):
            raise TypeError(f"{call.function}: {name} must be a number, but is {type(param).__name__}")
        if not math.isfinite(param):
            raise ValueError(f"{call.function}: {name} = {param} is not a finite number")
    return [float(param) for param in call.params]


@lru_cache(maxsize=256)
def single(function: str, params: tuple[float, ...]) -> Compiled:
    """The program of one call, whose inputs are columns of their own."""
    inputs = tuple(range(len(REGISTRY[function]["inputs"])))
    return Compiled([IndexedCall(function, inputs, params)], len(inputs))


class Executor:
    """A program with the state of its last series."""

    def __init__(self, compiled: Compiled) -> None:
        pointer = c_void_p()
        native.financelake_executor_open(compiled.pointer, byref(pointer))
        finalize(self, native.financelake_executor_close, pointer)
        self.pointer = pointer
        self.compiled = compiled
        self.row = c_double * compiled.columns
        self.results = c_double * len(compiled.outputs)

    def push(self, row: Sequence[float | None]) -> list[float | int | None]:
        """Takes a row and gives its results."""
        return self._tick(native.financelake_executor_push, row)

    def peek(self, row: Sequence[float | None]) -> list[float | int | None]:
        """The results that the row would have, without taking it."""
        return self._tick(native.financelake_executor_peek, row)

    def _tick(self, call, row: Sequence[float | None]) -> list[float | int | None]:
        values = self.row(*[math.nan if value is None else value for value in row])
        results = self.results()
        call(self.pointer, values, len(values), results, len(results))
        fields = zip(results, self.compiled.outputs, strict=True)
        return [
            None if math.isnan(value) else int(value) if field.integer else value for value, field in fields
        ]

    def save(self) -> bytes:
        """The state, for any executor of an equal program."""
        state, length = c_void_p(), c_size_t()
        native.financelake_executor_save(self.pointer, byref(state), byref(length))
        try:
            return string_at(state, length.value)
        finally:
            native.financelake_state_free(state, length)

    def restore(self, state: bytes) -> None:
        """Continues from a saved state."""
        state = bytes(state)
        native.financelake_executor_restore(self.pointer, state, len(state))

    def reset(self) -> None:
        """Forgets the history."""
        native.financelake_executor_reset(self.pointer)
