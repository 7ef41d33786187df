"""libfinancelake through ctypes: its structures, its functions, and its errors as exceptions.

The declarations follow financelake.h. ctypes releases the interpreter's lock around every call.
"""

from __future__ import annotations

import ctypes
import json
import sys
from ctypes import POINTER, Structure, c_char_p, c_double, c_int, c_int64, c_size_t, c_uint32, c_void_p
from pathlib import Path

ABI = 1


class StateError(ValueError):
    """A saved state that is damaged, or that another program wrote."""


class Input(Structure):
    """Column of doubles, and its validity bitmap or NULL."""

    _fields_ = (("values", c_void_p), ("validity", c_void_p))


class Output(Structure):
    """Where values and validity bits of an output go."""

    _fields_ = (("values", c_void_p), ("validity", c_void_p))


class Field(Structure):
    """An output of a program."""

    _fields_ = (("name", c_char_p), ("call", c_size_t), ("kind", c_int))


class ArrowSchema(Structure):
    """Of the Arrow C Data Interface."""

    _fields_ = (
        ("format", c_char_p),
        ("name", c_char_p),
        ("metadata", c_char_p),
        ("flags", c_int64),
        ("n_children", c_int64),
        ("children", c_void_p),
        ("dictionary", c_void_p),
        ("release", c_void_p),
        ("private_data", c_void_p),
    )


class ArrowArray(Structure):
    """Of the Arrow C Data Interface."""

    _fields_ = (
        ("length", c_int64),
        ("null_count", c_int64),
        ("offset", c_int64),
        ("n_buffers", c_int64),
        ("n_children", c_int64),
        ("buffers", c_void_p),
        ("children", c_void_p),
        ("dictionary", c_void_p),
        ("release", c_void_p),
        ("private_data", c_void_p),
    )


# By the numbers of enum financelake_status.
EXCEPTIONS = {1: ValueError, 2: ValueError, 3: StateError}


def _check(status: int, *_: object) -> int:
    if status:
        raise EXCEPTIONS.get(status, RuntimeError)(native.financelake_last_error().decode())
    return status


STATUS = object()
_ROW = (c_void_p, POINTER(c_double), c_size_t, POINTER(c_double), c_size_t)
# What each function returns, and its arguments.
PROTOTYPES = {
    "abi": (c_uint32,),
    "last_error": (c_char_p,),
    "functions": (c_char_p,),
    "program_open": (STATUS, c_char_p, POINTER(c_void_p)),
    "program_close": (None, c_void_p),
    "program_outputs": (c_size_t, c_void_p),
    "program_output": (STATUS, c_void_p, c_size_t, POINTER(Field)),
    "program_memory": (c_size_t, c_void_p),
    "executor_open": (STATUS, c_void_p, POINTER(c_void_p)),
    "executor_close": (None, c_void_p),
    "executor_push": (STATUS, *_ROW),
    "executor_peek": (STATUS, *_ROW),
    "executor_reset": (STATUS, c_void_p),
    "executor_save": (STATUS, c_void_p, POINTER(c_void_p), POINTER(c_size_t)),
    "executor_restore": (STATUS, c_void_p, c_char_p, c_size_t),
    "state_free": (None, c_void_p, c_size_t),
    "executor_run": (
        *(STATUS, c_void_p, c_size_t, POINTER(Input), c_size_t),
        *(c_void_p, c_size_t, POINTER(Output), c_size_t),
    ),
    "executor_run_arrow": (
        *(STATUS, c_void_p, POINTER(POINTER(ArrowArray)), POINTER(POINTER(ArrowSchema)), c_size_t),
        *(c_void_p, c_size_t, POINTER(ArrowArray), POINTER(ArrowSchema), c_size_t),
    ),
}


def _load() -> ctypes.CDLL:
    suffix = ".dylib" if sys.platform == "darwin" else ".so"
    library = ctypes.CDLL(str(Path(__file__).with_name("libfinancelake" + suffix)))
    for name, (result, *arguments) in PROTOTYPES.items():
        function = getattr(library, "financelake_" + name)
        function.argtypes = arguments
        if result is STATUS:
            function.restype, function.errcheck = c_int, _check
        else:
            function.restype = result
    found = library.financelake_abi()
    if found != ABI:
        raise ImportError(
            f"the native library has interface {found}, this package needs {ABI}; install financelake anew"
        )
    return library


native = _load()

#: The functions by name, with group, summary, inputs, params, outputs and lookback.
REGISTRY: dict[str, dict] = {
    function["name"]: function for function in json.loads(native.financelake_functions())["functions"]
}
