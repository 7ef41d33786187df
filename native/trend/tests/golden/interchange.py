"""A network of Keras, what Keras computes with it, and the same network as the ONNX graph that we export.

    scripts/fetch-tools.sh trend
    cargo build -p financelake-cli
    .tools/trend/bin/python native/trend/tests/golden/interchange.py target/debug/financelake

`keras.safetensors` holds the weights as docs/trend-model.md shows how to save them, `keras.json` the card,
`keras_results.safetensors` windows `x` in the units of the bars and probabilities `p` by Keras. `keras.onnx`
is what `financelake model import` and `export` make of it; it is written only if ONNX Runtime gives Keras'
results.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import onnxruntime
from safetensors.numpy import save_file

HERE = Path(__file__).parent
WINDOW, FEATURES, UNITS, DENSE = 7, 3, (6, 5), 4
LOW, HIGH = -1.0, 3.0


def main() -> None:
    program = Path(sys.argv[1]).resolve()
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((WINDOW, FEATURES)),
            keras.layers.LSTM(UNITS[0], return_sequences=True),
            keras.layers.Dropout(0.2),
            keras.layers.LSTM(UNITS[1]),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(DENSE, activation="relu"),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    for layer in model.layers:
        layer.set_weights([3 * w + 0.1 * np.random.randn(*w.shape) for w in layer.get_weights()])
    layers = [layer for layer in model.layers if layer.weights]
    weights = {
        f"{name}.{w.name}": keras.ops.convert_to_numpy(w.value)
        for name, layer in zip(["l1", "l2", "fc1", "fc2"], layers, strict=True)
        for w in layer.weights
    }
    save_file(weights, HERE / "keras.safetensors")
    card = {
        "format": 1,
        "window": WINDOW,
        "sizes": {"units": UNITS, "dense": DENSE},
        "features": [{"name": name, "min": LOW, "max": HIGH} for name in "abc"],
        "labels": {"horizon": 5, "threshold": {"fixed": 0.01}},
    }
    (HERE / "keras.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    x = np.random.default_rng(4).uniform(LOW - 1, HIGH + 1, (20, WINDOW, FEATURES))
    scaled = ((x - LOW) / (HIGH - LOW)).astype(np.float32)
    p = np.asarray(model.predict(scaled, verbose=0), np.float64)
    save_file({"x": x, "p": p}, HERE / "keras_results.safetensors")
    print("range of probabilities:", p.min(0), p.max(0))

    with tempfile.TemporaryDirectory() as lake:
        add = ["import", "--lake", lake, "m", "--card", HERE / "keras.json", HERE / "keras.safetensors"]
        subprocess.run([program, "model", *add], check=True)
        graph = Path(lake) / "m.onnx"
        subprocess.run(
            [program, "model", "export", "--lake", lake, "--format", "onnx", "m@1", graph], check=True
        )
        session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
        found, classes = session.run(["probabilities", "prediction"], {"x": x.astype(np.float32)})
        distance = np.abs(found - p).max()
        print("largest distance of ONNX Runtime to Keras:", distance)
        assert distance < 2e-6
        assert (classes == p.argmax(1)).all()
        (HERE / "keras.onnx").write_bytes(graph.read_bytes())


if __name__ == "__main__":
    main()
