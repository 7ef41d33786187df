#!/usr/bin/env python3
"""One operation of the deltalake wheel on a table, measured inside its process; prints JSON.

The start of Python and the imports are not counted.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from deltalake import DeltaTable

MIB = 1 << 20


def compact(path: str) -> None:
    DeltaTable(path).optimize.compact(target_size=256 * MIB)


def order(path: str) -> None:
    DeltaTable(path).optimize.z_order(["symbol", "account_id"], target_size=16 * MIB)


def vacuum(path: str) -> None:
    DeltaTable(path).vacuum(retention_hours=0, dry_run=True, enforce_retention_duration=False, full=True)


def checkpoint(path: str) -> None:
    DeltaTable(path).create_checkpoint()


def load(path: str) -> None:
    len(DeltaTable(path).file_uris())


OPERATIONS = {f.__name__: f for f in (compact, order, vacuum, checkpoint, load)}


def main() -> None:
    operation, path = sys.argv[1:]
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    OPERATIONS[operation](path)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    print(json.dumps({"wall": wall, "cpu": cpu, "mib": peak}))


if __name__ == "__main__":
    main()
