#!/usr/bin/env python3
"""Check a market data folder against its MANIFEST.json and print a summary.

Usage: python3 verify.py [FOLDER]   (default: the folder of this script)
Needs only the standard library. Exits 1 if anything is wrong.
"""

import csv
import gzip
import hashlib
import io
import json
import pathlib
import re
import sys

BAR = ["symbol", "region", "asset_class", "ts", "open", "high", "low", "close", "volume", "source"]
TICK = ["symbol", "region", "asset_class", "ts", "seq", "price", "volume", "source"]
ADJ = ["symbol", "ts", "adj_close", "source"]
REGIONS = {"US", "EU", "ASIA", "GLOBAL"}
DAY = re.compile(r"\d{4}-\d\d-\d\d$")
SEC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
MS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


def check(folder, entry, errors):
    name = entry["file"]

    def bad(msg):
        errors.append(f"{name}: {msg}")

    data = (folder / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        bad("sha256 differs from the manifest")
    reader = csv.reader(io.StringIO(gzip.decompress(data).decode("utf-8")))
    head = next(reader)
    tick, adj = entry["freq"] == "tick", "adj_close" in head
    if head != entry["columns"] or head != (TICK if tick else ADJ if adj else BAR):
        bad(f"unexpected header {head}")
        return
    col = {c: i for i, c in enumerate(head)}
    form = MS if tick else DAY if entry["freq"] == "1d" else SEC
    numeric = [c for c in ("open", "high", "low", "close", "volume", "price", "adj_close") if c in col]
    seen, symbols, seen_sources, last, rows = set(), set(), set(), None, 0
    lo = hi = None
    for r in reader:
        rows += 1
        if len(r) != len(head):
            bad(f"row {rows}: {len(r)} fields")
            continue
        sym, ts = r[col["symbol"]], r[col["ts"]]
        symbols.add(sym)
        seen_sources.add(r[col["source"]])
        if not form.match(ts):
            bad(f"row {rows}: ts {ts!r}")
        if not adj and r[col["region"]] not in REGIONS:
            bad(f"row {rows}: region {r[col['region']]!r}")
        for c in numeric:
            v = r[col[c]]
            if v:
                x = float(v)
                if x != x or x in (float("inf"), float("-inf")):
                    bad(f"row {rows}: {c}={v}")
                if x < 0:
                    bad(f"row {rows}: negative {c}={v}")
        key = (sym, ts, r[col["seq"]]) if tick else (sym, ts)
        if key in seen:
            bad(f"row {rows}: duplicate {key}")
        seen.add(key)
        order = (sym, ts, int(r[col["seq"]])) if tick else key
        if last is not None and order < last:
            bad(f"row {rows}: not sorted at {key}")
        last = order
        lo = ts if lo is None or ts < lo else lo
        hi = ts if hi is None or ts > hi else hi
    if rows != entry["rows"]:
        bad(f"{rows} rows, manifest says {entry['rows']}")
    if sorted(symbols) != entry["symbols"]:
        bad("symbols differ from the manifest")
    if (lo, hi) != (entry["first_ts"], entry["last_ts"]):
        bad(f"range {lo}..{hi} differs from the manifest")
    sources = {s for s in seen_sources if s}
    if sources - {entry["source"]}:
        bad(f"source column holds {sorted(sources)}, manifest says {entry['source']!r}")
    print(f"{name:44s} {entry['freq']:5s}{rows:>8d} {len(symbols):>4d}  {lo[:16]:16s}  {hi[:16]}")


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__)
    folder = folder if folder.is_dir() else folder.resolve().parent
    manifest = json.loads((folder / "MANIFEST.json").read_text(encoding="utf-8"))
    errors = []
    print(f"{'file':44s} {'freq':5s}{'rows':>8s} {'sym':>4s}  {'first':16s}  last")
    for entry in manifest["files"]:
        check(folder, entry, errors)
    listed = {e["file"] for e in manifest["files"]}
    for p in sorted(folder.glob("*.csv.gz")):
        if p.name not in listed:
            errors.append(f"{p.name}: not in the manifest")
    for e in errors[:50]:
        print("ERROR", e)
    rows = sum(entry["rows"] for entry in manifest["files"])
    print(f"{len(manifest['files'])} files, {rows} rows, {len(errors)} errors")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
