#!/usr/bin/env bash
# Prints as JSON what a measurement depends on: the processor, the tools, the commit and the date.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cpu=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
[ -n "$cpu" ] || cpu=$(sysctl -n machdep.cpu.brand_string 2>/dev/null || uname -m)
commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
git diff --quiet HEAD -- native 2>/dev/null || commit+=" with changes"
CPU=$cpu COMMIT=$commit RUSTC=$(rustc --version) LOAD=$(cut -d' ' -f1 /proc/loadavg 2>/dev/null || true) \
  python3 - <<'PYTHON'
import datetime
import json
import os
import platform

load = os.environ["LOAD"]
print(
    json.dumps(
        {
            "cpu": os.environ["CPU"],
            "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.machine()}",
            "compiler": os.environ["RUSTC"],
            "commit": os.environ["COMMIT"],
            "load_before": float(load) if load else None,
            "date": datetime.date.today().isoformat(),
        }
    )
)
PYTHON
