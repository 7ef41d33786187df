#!/usr/bin/env python3
"""Writes the modules whose functions are those of the native registry.

financelake functions --json | python/generate.py FOLDER
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path

TA = '''\
"""The functions of the native registry. Generated: edits are lost."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

from financelake.ta._apply import Starts, apply, results

#: A column of numbers: numpy array, pandas Series, polars Series, pyarrow Array or ChunkedArray.
A = TypeVar("A")
'''

SPARK = '''\
"""Indicators for PySpark, classic and Connect: columns in, columns out.

    from financelake.functions import rsi
    bars.withColumn("rsi", rsi("close", 14).over(Window.partitionBy("series").orderBy("ts", "seq")))

The session needs FinanceLake's jar. Several outputs come as a struct.
Generated from the native registry: edits are lost.
"""

from __future__ import annotations

from typing import TypeAlias

from pyspark.sql import Column
from pyspark.sql.functions import call_function, lit

ColumnOrName: TypeAlias = Column | str
'''


def modules(registry: bytes | str) -> dict[str, str]:
    """The text of each generated module, by its path in the package."""
    functions = json.loads(registry)["functions"]
    return {
        "ta/_functions.py": module(TA, ta_function, functions),
        "functions.py": module(SPARK, spark_function, functions),
    }


def module(head: str, write: Callable[[dict], str], functions: list[dict]) -> str:
    names = "".join(f'    "{function["name"]}",\n' for function in functions)
    return "\n\n\n".join([head.rstrip(), *map(write, functions), f"__all__ = [\n{names}]\n"])


def declared(param: dict) -> str:
    kind = "float" if param["kind"] == "real" else "int"
    return f"{param['name']}: {kind} = {value(param, 'default')}"


def value(param: dict, key: str) -> str:
    number = param[key]
    return repr(float(number)) if param["kind"] == "real" else str(number)


def docstring(function: dict, more: list[str]) -> str:
    lines = [*textwrap.wrap(function["summary"], 100), ""]
    if function["params"]:
        lines.append("Args:")
        for param in function["params"]:
            text = f"{param['name']}: {param['doc']}; {value(param, 'min')} to {value(param, 'max')}"
            lines += textwrap.wrap(text, 100, initial_indent="    ", subsequent_indent="        ")
        lines.append("")
    rows = function["lookback"]
    missing = "no row" if rows == 0 else "the first row" if rows == 1 else f"the first {rows} rows"
    with_defaults = " with the default parameters" if function["params"] else ""
    lines += [*more, f"For {missing} of a series there is no result{with_defaults}."]
    body = textwrap.indent("\n".join(lines), "    ")
    return f'    """{body.lstrip()}\n    """\n'


def ta_function(function: dict) -> str:
    name, outputs = function["name"], function["outputs"]
    inputs = [f"{given}: A" for given in function["inputs"]]
    params = [declared(param) for param in function["params"]]
    given = listed(param["name"] for param in function["params"])
    call = f'apply("{name}", {listed(function["inputs"])}, {given}, starts)'
    kind = "A" if len(outputs) == 1 else class_name(name)
    head = signature(name, [*inputs, *params, "*", "starts: Starts = None"], kind)
    doc = docstring(
        function, ["`starts` are the rows at which a series begins, when several follow one another."]
    )
    if len(outputs) == 1:
        return f"{head}\n{doc}    return {call}[0]"
    fields = "".join(f"    {output['name']}: Any\n" for output in outputs)
    returned = f'@results("{name}")\nclass {kind}(NamedTuple):\n    """Outputs of {name}."""\n\n{fields}'
    return f"{returned}\n\n{head}\n{doc}    return {kind}(*{call})"


def listed(names: Iterable[str]) -> str:
    """A tuple as it is written."""
    names = list(names)
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def signature(name: str, arguments: list[str], kind: str) -> str:
    short = f"def {name}({', '.join(arguments)}) -> {kind}:"
    if len(short) <= 100:
        return short
    return f"def {name}(\n" + "".join(f"    {argument},\n" for argument in arguments) + f") -> {kind}:"


def class_name(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))


def spark_function(function: dict) -> str:
    name = function["name"]
    inputs = [f"{given}: ColumnOrName" for given in function["inputs"]]
    params = [declared(param) for param in function["params"]]
    passed = [*function["inputs"], *(f"lit({param['name']})" for param in function["params"])]
    fields = ", ".join(output["name"] for output in function["outputs"])
    doc = docstring(function, [f"A struct of {fields}."] if len(function["outputs"]) > 1 else [])
    call = f'call_function("ta_{name}", {", ".join(passed)})'
    return f"{signature(name, [*inputs, *params], 'Column')}\n{doc}    return {call}"


def main() -> int:
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        print("usage: financelake functions --json | generate.py FOLDER", file=sys.stderr)
        return 2
    for name, text in modules(sys.stdin.buffer.read()).items():
        file = Path(sys.argv[1], name)
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
