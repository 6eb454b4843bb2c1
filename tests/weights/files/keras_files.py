"""Keras's files: those frozen from Keras 3.15, and small ones in the layouts of older versions."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from gate_explorer.engine import lstm, stack
from gate_explorer.engine.activations import Activation
from gate_explorer.weights.files import Opened
from gate_explorer.weights.keras import to_keras

from ...engine.builders import Array, draw, draw_cell

FOLDER = Path(__file__).parents[2] / "fixtures" / "keras" / "files"


with np.load(FOLDER / "expected.npz") as archive:
    EXPECTED = {name: archive[name] for name in archive.files}


LAYERS = sorted({name.rsplit("/", 1)[0] for name in EXPECTED})


Arrays = dict[str, Array]


def hdf5(arrays: Arrays, attributes: dict[str, dict[str, Any]]) -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for name, array in arrays.items():
            file[name] = array
        for path, told in attributes.items():
            group = file.require_group(path) if path else file
            for name, value in told.items():
                group.attrs[name] = value
    return stream.getvalue()


def keras_cell(seed: int, width: int = 3, hidden: int = 2) -> lstm.LSTMParameters:
    return draw_cell(np.random.default_rng(seed), width, hidden, np.float32)


def keras_arrays(cell: lstm.LSTMParameters) -> tuple[Array, Array, Array]:
    written = to_keras(cell)
    assert written.bias is not None
    return written.kernel, written.recurrent_kernel, written.bias


def old_layout(name: str, cell: lstm.LSTMParameters, between: str = "") -> Arrays:
    words = ("kernel:0", "recurrent_kernel:0", "bias:0")
    return {
        f"{name}/{name}/{between}{w}": a for w, a in zip(words, keras_arrays(cell), strict=True)
    }


def sequential(*layers: dict[str, Any], as_list: bool) -> str:
    return json.dumps(
        {"class_name": "Sequential", "config": list(layers) if as_list else {"layers": layers}}
    )


def lstm_config(name: str, **options: Any) -> dict[str, Any]:
    told = {"name": name, "return_sequences": True, "units": 2, "activation": "tanh"}
    return {"class_name": "LSTM", "config": told | options}


def run_alone(opened: Opened, width: int = 3) -> Array:
    x = draw(np.random.default_rng(90), 4, 1, width, dtype=np.float32)
    return stack.forward(opened.stack, x).h[:, 0]


def expected_alone(
    cell: lstm.LSTMParameters, gate: Activation | None = None, width: int = 3
) -> Array:
    if gate is not None:
        cell = replace(cell, options=replace(cell.options, gate=gate))
    x = draw(np.random.default_rng(90), 4, 1, width, dtype=np.float32)
    return lstm.forward(cell, x).h[:, 0]
