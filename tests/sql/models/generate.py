"""Makes the small model of the SQL files and prints what PyTorch predicts with it.

pip install torch numpy safetensors    # in an environment of your own
python tests/sql/models/generate.py
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import torch
from safetensors.numpy import save_file

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "native/trend/tests/golden"))
from generate import Network  # noqa: E402

WINDOW = 3
# Name, the values that become 0 and 1.
FEATURES = [("close", 10.0, 20.0), ("volume", 0.0, 500.0)]
NAN = math.nan
# The rows of trend.sql.
GROUPS = {
    "A": [
        (11.0, 100),
        (12.0, 90),
        (13.0, 150),
        (12.5, None),
        (12.5, 300),
        (NAN, 200),
        (16.0, 480),
        (9.0, 20),
    ],
    "B": [(18.0, 400), (17.0, 410), (15.0, 350), (14.0, 30)],
}


def main() -> None:
    torch.manual_seed(2)
    network = Network(len(FEATURES), (4, 3), 3)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(3)
    card = {
        "format": 1,
        "window": WINDOW,
        "sizes": {"units": [4, 3], "dense": 3},
        "features": [{"name": name, "min": low, "max": high} for name, low, high in FEATURES],
        "labels": {"horizon": 5, "threshold": {"fixed": 0.01}},
    }
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    path = Path(__file__).with_name("tiny.safetensors")
    save_file(weights, path, metadata={"financelake.trend": json.dumps(card)})
    path.chmod(0o644)
    network.double()
    for group, rows in GROUPS.items():
        complete = []
        for ts, row in enumerate(rows, 1):
            if any(value is None or math.isnan(value) for value in row):
                print(group, ts, "NULL")
                continue
            complete.append(
                [(v - low) / (high - low) for v, (_, low, high) in zip(row, FEATURES, strict=True)]
            )
            if len(complete) < WINDOW:
                print(group, ts, "NULL")
                continue
            window = torch.tensor([complete[-WINDOW:]], dtype=torch.float64)
            p = torch.softmax(network(window), -1)[0].tolist()
            print(group, ts, p.index(max(p)), *p)


if __name__ == "__main__":
    main()
