"""The network of the trend models in PyTorch, and the same as a model file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

FEATURES, WINDOW = 10, 60
UNITS, DENSE = (128, 64), 32


class Network(torch.nn.Module):
    """As a user of PyTorch writes it; `forward` gives probabilities."""

    def __init__(self, units: tuple[int, int] = UNITS, dense: int = DENSE) -> None:
        super().__init__()
        self.l1 = torch.nn.LSTM(FEATURES, units[0], batch_first=True)
        self.l2 = torch.nn.LSTM(units[0], units[1], batch_first=True)
        self.fc1 = torch.nn.Linear(units[1], dense)
        self.fc2 = torch.nn.Linear(dense, 3)
        self.drop = torch.nn.Dropout(0.2)

    def logits(self, x: torch.Tensor) -> torch.Tensor:
        hidden, _ = self.l2(self.drop(self.l1(x)[0]))
        return self.fc2(torch.relu(self.fc1(self.drop(hidden[:, -1]))))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.logits(x), -1)


def seeded(units: tuple[int, int] = UNITS, dense: int = DENSE) -> Network:
    """The same weights each time, somewhat larger than PyTorch's first ones, so that classes differ."""
    torch.manual_seed(7)
    network = Network(units, dense).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(2.5)
    return network


def write(network: Network, path: Path) -> None:
    """A model file of these weights; features are from 0 to 1, so scaling changes nothing."""
    card = {
        "format": 1,
        "window": WINDOW,
        "sizes": {
            "units": [network.l1.hidden_size, network.l2.hidden_size],
            "dense": network.fc1.out_features,
        },
        "features": [{"name": f"f{index}", "min": 0.0, "max": 1.0} for index in range(FEATURES)],
        "labels": {"horizon": 5, "threshold": {"fixed": 0.01}},
    }
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    save_file(weights, path, metadata={"financelake.trend": json.dumps(card)})


def windows(count: int) -> np.ndarray:
    return np.random.default_rng(5).random((count, WINDOW, FEATURES), np.float32)
