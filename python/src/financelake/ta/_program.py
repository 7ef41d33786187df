"""Several calls in one pass over the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from financelake import _containers
from financelake._engine import Compiled, IndexedCall
from financelake._library import REGISTRY
from financelake.ta._apply import Starts, beginnings


@dataclass(frozen=True, init=False)
class Call:
    """A function over columns by their names: `Call("rsi", "close", timeperiod=14)`.

    Without columns it reads those that are called like the function's inputs.
    """

    function: str
    columns: tuple[str, ...]
    params: tuple[float, ...]

    def __init__(self, function: str, *columns: str, **params: float) -> None:
        if function not in REGISTRY:
            # The library knows what it could have been.
            Compiled([IndexedCall(function, (), ())], 0)
        definition = REGISTRY[function]
        object.__setattr__(self, "function", function)
        object.__setattr__(self, "columns", columns or tuple(definition["inputs"]))
        object.__setattr__(self, "params", in_order(definition, params))


def in_order(definition: dict, params: dict[str, float]) -> tuple[float, ...]:
    """All parameters in the function's order."""
    names = [param["name"] for param in definition["params"]]
    for name in params:
        if name not in names:
            known = ", ".join(names) or "none"
            raise TypeError(f"{definition['name']} has no parameter {name!r}; there are: {known}")
    return tuple(params.get(param["name"], param["default"]) for param in definition["params"])


class Program:
    """Calls that are computed in one pass and share what they have in common.

    `Program([Call("rsi"), Call("macd")])`, or with names `Program({"fast": Call("sma", timeperiod=10)})`.
    A single output is called like its call, several `<call>_<output>`.
    """

    def __init__(self, calls: Mapping[str, Call] | Iterable[Call]) -> None:
        if not isinstance(calls, Mapping):
            named: dict[str, Call] = {}
            for call in calls:
                if call.function in named:
                    raise ValueError(
                        f"two calls of {call.function}; give them names: {{'name': Call(...), ...}}"
                    )
                named[call.function] = call
            calls = named
        if not calls:
            raise ValueError("a program needs a call")
        self.calls = dict(calls)
        #: The columns that it reads, in the order of its rows.
        self.columns = list(dict.fromkeys(column for call in self.calls.values() for column in call.columns))
        place = {column: index for index, column in enumerate(self.columns)}
        self.compiled = Compiled(
            [
                IndexedCall(call.function, tuple(place[column] for column in call.columns), call.params)
                for call in self.calls.values()
            ],
            len(self.columns),
        )
        names = list(self.calls)
        counts = Counter(field.call for field in self.compiled.outputs)
        #: The names of its outputs.
        self.outputs = [
            call if counts[field.call] == 1 or field.name == call else f"{call}_{field.name}"
            for field, call in ((field, names[field.call]) for field in self.compiled.outputs)
        ]
        if len(set(self.outputs)) < len(self.outputs):
            raise ValueError(
                f"two outputs have one name: {', '.join(self.outputs)}; name the calls otherwise"
            )

    def run(self, data: Any, starts: Starts = None) -> Any:
        """All outputs: of a DataFrame or Table one of its kind, of a mapping from names to columns a dict."""
        columns = [column_of(data, name) for name in self.columns]
        executor = self.compiled.take()
        outputs = _containers.run(executor, self.columns, columns, beginnings(starts))
        self.compiled.keep(executor)
        return collected(data, dict(zip(self.outputs, outputs, strict=True)))


def column_of(data: Any, name: str) -> Any:
    names = getattr(data, "column_names", None) or getattr(data, "columns", None)
    names = list(data) if isinstance(data, Mapping) or names is None else list(names)
    if name not in names:
        raise ValueError(f"the program reads a column {name!r}; there are: {', '.join(map(str, names))}")
    return data[name]


def collected(data: Any, outputs: dict[str, Any]) -> Any:
    kind = "numpy" if isinstance(data, Mapping) else _containers.library_of(data)
    if kind == "pandas":
        import pandas as pd

        return pd.DataFrame(outputs)
    if kind == "polars":
        import polars as pl

        return pl.DataFrame(outputs)
    if kind == "pyarrow":
        import pyarrow as pa

        return pa.table(outputs)
    return outputs
