"""Writes what PyTorch computes of a small network, for the tests to compare with.

    pip install torch numpy safetensors    # in an environment of your own
    python native/trend/tests/golden/generate.py

`network.safetensors` holds a small network under PyTorch's names, windows `x`, classes `y`, and in double
precision: probabilities `p`, the mean cross entropy `loss`, and its gradient for each parameter under the
parameter's name with `.grad`. The full-sized network is too large for a repository: `full.safetensors` has
its probabilities alone, and the generator below makes its weights again.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

HERE = Path(__file__).parent


class Network(torch.nn.Module):
    def __init__(self, features: int, units: tuple[int, int], dense: int) -> None:
        super().__init__()
        self.l1 = torch.nn.LSTM(features, units[0], batch_first=True)
        self.l2 = torch.nn.LSTM(units[0], units[1], batch_first=True)
        self.fc1 = torch.nn.Linear(units[1], dense)
        self.fc2 = torch.nn.Linear(dense, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden, _ = self.l2(self.l1(x)[0])
        return self.fc2(torch.relu(self.fc1(hidden[:, -1])))


class Numbers:
    """Values from -1 to 1 that any language can make, bit by bit: a linear congruential generator."""

    def __init__(self) -> None:
        self.state = 1

    def take(self, count: int) -> np.ndarray:
        values = np.empty(count, np.float32)
        for i in range(count):
            self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
            values[i] = (self.state >> 40) / 2**23 - 1
        return values


def small() -> None:
    torch.manual_seed(7)
    network = Network(5, (12, 7), 6)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter.mul_(2.5 if name[0] == "l" else 2.0)
    weights = {name: value.numpy().copy() for name, value in network.state_dict().items()}
    x = torch.rand(40, 9, 5)
    y = torch.randint(0, 3, (40,))
    network.double()
    logits = network(x.double())
    loss = torch.nn.functional.cross_entropy(logits, y)
    loss.backward()
    out = {
        **weights,
        **{f"{name}.grad": p.grad.numpy() for name, p in network.named_parameters()},
        "x": x.numpy(),
        "y": y.numpy().astype(np.int32),
        "p": torch.softmax(logits, -1).detach().numpy(),
        "loss": loss.detach().numpy().reshape(1),
    }
    save_file(out, HERE / "network.safetensors")


def full() -> None:
    network = Network(10, (128, 64), 32).double()
    numbers = Numbers()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            values = numbers.take(parameter.numel()) * np.float32(0.25 if name[0] == "l" else 0.5)
            parameter.copy_(torch.from_numpy(values).double().view_as(parameter))
        x = numbers.take(64 * 60 * 10).reshape(64, 60, 10) * np.float32(2)
        p = torch.softmax(network(torch.from_numpy(x).double()), -1).numpy()
    print("full-sized network, range of probabilities:", p.min(0), p.max(0))
    save_file({"p": p}, HERE / "full.safetensors")


if __name__ == "__main__":
    small()
    full()
