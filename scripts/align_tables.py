#!/usr/bin/env python3
"""Aligns what `spark-sql` prints, tables of tab-separated cells with a header line, for reading.

    spark-sql ... | scripts/align_tables.py

A table whose only column is called `title` is a title: it stands above the tables that follow it. Columns of
numbers are aligned to the right, and NULL is shown as a dash.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator

NUMBER = re.compile(r"[-+]?[\d,]+(\.\d+)?([eE][-+]?\d+)?%?")
MISSING = "-"


def aligned(rows: list[list[str]]) -> Iterator[str]:
    """The lines of one table; its first row is the header."""
    width = max(len(row) for row in rows)
    cells = [
        [MISSING if cell == "NULL" else cell for cell in row] + [""] * (width - len(row)) for row in rows
    ]
    columns = list(zip(*cells, strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [all(cell == MISSING or NUMBER.fullmatch(cell) for cell in column[1:]) for column in columns]
    lines = [row.copy() for row in cells]
    lines.insert(1, ["-" * size for size in widths])
    for line in lines:
        padded = (
            cell.rjust(size) if to_right else cell.ljust(size)
            for cell, size, to_right in zip(line, widths, right, strict=True)
        )
        yield "  ".join(padded).rstrip()


def pages(lines: Iterable[str]) -> Iterator[str]:
    """The lines to print, a table as soon as the title after it has come."""
    table: list[list[str]] = []
    title_follows = False
    for line in lines:
        line = line.rstrip("\n")
        if title_follows:
            yield f"\n{line}\n"
            title_follows = False
        elif line == "title":
            if table:
                yield from aligned(table)
            table = []
            title_follows = True
        else:
            table.append(line.split("\t"))
    if table:
        yield from aligned(table)


if __name__ == "__main__":
    for line in pages(sys.stdin):
        print(line, flush=True)
    sys.stdout.flush()
