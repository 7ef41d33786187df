"""Columns through the Arrow C Data Interface, by the PyCapsule protocol that pyarrow and polars speak."""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, Structure, addressof, byref, c_char_p, c_int, c_void_p, py_object
from typing import Any, TypeVar

import numpy as np

from financelake._engine import Executor
from financelake._library import ArrowArray, ArrowSchema, native

_get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_get_pointer.restype, _get_pointer.argtypes = c_void_p, [py_object, c_char_p]
_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype, _new_capsule.argtypes = py_object, [c_void_p, c_char_p, c_void_p]
S = TypeVar("S", bound=Structure)
_RELEASE = CFUNCTYPE(None, c_void_p)


class _Stream(Structure):
    _fields_ = (
        ("get_schema", CFUNCTYPE(c_int, c_void_p, POINTER(ArrowSchema))),
        ("get_next", CFUNCTYPE(c_int, c_void_p, POINTER(ArrowArray))),
        ("get_last_error", CFUNCTYPE(c_char_p, c_void_p)),
        ("release", c_void_p),
        ("private_data", c_void_p),
    )


class Column:
    """A column of one chunk in the interface's two structures. What nobody took is released at the end."""

    def __init__(self, array: ArrowArray, schema: ArrowSchema) -> None:
        self.array = array
        self.schema = schema

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        # Without a destructor of their own: this object outlives them.
        return (
            _new_capsule(addressof(self.schema), b"arrow_schema", None),
            _new_capsule(addressof(self.array), b"arrow_array", None),
        )

    def __del__(self) -> None:
        for structure in (self.array, self.schema):
            if structure.release:
                _RELEASE(structure.release)(addressof(structure))


def exported(column: Any) -> Column:
    """A column of one chunk: an array, or a stream that has only one."""
    if hasattr(column, "__arrow_c_array__"):
        schema, array = column.__arrow_c_array__()
        return Column(
            _moved(ArrowArray, _get_pointer(array, b"arrow_array")),
            _moved(ArrowSchema, _get_pointer(schema, b"arrow_schema")),
        )
    capsule = column.__arrow_c_stream__()
    address = _get_pointer(capsule, b"arrow_array_stream")
    stream = _Stream.from_address(address)
    taken = Column(ArrowArray(), ArrowSchema())
    for get, place in ((stream.get_schema, taken.schema), (stream.get_next, taken.array)):
        if get(address, byref(place)):
            raise ValueError((stream.get_last_error(address) or b"the Arrow stream failed").decode())
    return taken


def _moved(structure: type[S], address: int) -> S:
    """The structure at the address, which is released there from now on."""
    there = structure.from_address(address)
    here = structure.from_buffer_copy(there)
    there.release = None
    return here


def run(executor: Executor, columns: list[Column], starts: np.ndarray) -> list[Column]:
    """Runs the next rows; the columns are used up."""
    count, outputs = len(columns), len(executor.compiled.outputs)
    arrays = (POINTER(ArrowArray) * count)(*[ctypes.pointer(column.array) for column in columns])
    schemas = (POINTER(ArrowSchema) * count)(*[ctypes.pointer(column.schema) for column in columns])
    out_arrays, out_schemas = (ArrowArray * outputs)(), (ArrowSchema * outputs)()
    native.financelake_executor_run_arrow(
        *(executor.pointer, arrays, schemas, count),
        *(starts.ctypes.data, len(starts), out_arrays, out_schemas, outputs),
    )
    return [Column(*pair) for pair in zip(out_arrays, out_schemas, strict=True)]
