"""Weight files as each kind's own packages write them: an LSTM layer, and a head right on it.

Each takes a cell, and the head's weight (K, H) and bias (K,).
"""

import io
import json
import zipfile
from collections.abc import Mapping

import numpy as np
import safetensors.numpy

from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters
from gate_explorer.engine.stack import Pass
from gate_explorer.weights import keras, onnx, teaching, torch

_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"
_DATE = (2026, 1, 1, 0, 0, 0)  # of the members of an archive, so that it is always the same


def write_safetensors(cell: LSTMParameters, weight: Array, bias: Array) -> bytes:
    """PyTorch's names, the layer as `lstm`, the head as `head`."""
    tensors = {f"lstm.{name}": array for name, array in torch.to_torch(cell).items()}
    tensors |= {"head.weight": weight, "head.bias": bias}
    return safetensors.numpy.save({name: np.ascontiguousarray(a) for name, a in tensors.items()})


def write_npz(cell: LSTMParameters, weight: Array, bias: Array) -> bytes:
    """A matrix a gate on [h, x], as NumPy courses have them, without the head."""
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **teaching.to_teaching(cell))
    return stream.getvalue()


def write_json(cell: LSTMParameters, weight: Array, bias: Array) -> bytes:
    """The same as lists."""
    arrays = teaching.to_teaching(cell)
    return json.dumps({name: array.tolist() for name, array in arrays.items()}).encode()


def write_onnx(cell: LSTMParameters, weight: Array, bias: Array) -> bytes:
    """A graph of one LSTM node, as torch.onnx names its parts."""
    from onnx import TensorProto, helper, numpy_helper  # an extra of the library

    written = onnx.to_onnx((Pass(cell),))
    named = {"lstm.W": written.W, "lstm.R": written.R, "lstm.B": written.B}
    arrays = {name: array for name, array in named.items() if array is not None}
    node = helper.make_node("LSTM", ["x", *arrays], ["h"], name="lstm", **dict(written.attributes))
    graph = helper.make_graph(
        [node],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["steps", 1, cell.input_size])],
        [helper.make_tensor_value_info("h", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    opset = [helper.make_opsetid("", 14)]
    found: bytes = helper.make_model(graph, opset_imports=opset, ir_version=9).SerializeToString()
    return found


def write_weights_h5(cell: LSTMParameters, weight: Array, bias: Array) -> bytes:
    """The weights of a Keras 3 model of an LSTM and a Dense layer."""
    import h5py  # an extra of the library

    lstm = keras.to_keras(cell)
    parts: dict[str, list[Array]] = {
        "layers/lstm/cell/vars": [lstm.kernel, lstm.recurrent_kernel, np.asarray(lstm.bias)],
        "layers/dense/vars": [weight.T, bias],
    }
    stream = io.BytesIO()
    with h5py.File(stream, "w", track_order=True) as file:
        for group, arrays in parts.items():
            for n, array in enumerate(arrays):
                file.create_dataset(f"{group}/{n}", data=np.ascontiguousarray(array))
    return stream.getvalue()


def write_keras(cell: LSTMParameters, weight: Array, bias: Array) -> bytes:
    """The same with the model's configuration, as `model.save` writes it."""
    layers: list[tuple[str, Mapping[str, object]]] = [
        ("InputLayer", {"batch_shape": [None, None, cell.input_size], "name": "input"}),
        (
            "LSTM",
            {
                "name": "lstm",
                "units": cell.hidden_size,
                "activation": "tanh",
                "recurrent_activation": "sigmoid",
                "return_sequences": True,
            },
        ),
        ("Dense", {"name": "dense", "units": len(bias), "activation": "softmax"}),
    ]
    config = {
        "module": "keras",
        "class_name": "Sequential",
        "config": {
            "name": "sample",
            "layers": [
                {"module": "keras.layers", "class_name": name, "config": each}
                for name, each in layers
            ],
        },
    }
    members: dict[str, bytes] = {
        "metadata.json": json.dumps({"keras_version": "3.9.2"}).encode(),
        _CONFIG: json.dumps(config).encode(),
        _WEIGHTS: write_weights_h5(cell, weight, bias),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, _DATE), data)
    return stream.getvalue()
