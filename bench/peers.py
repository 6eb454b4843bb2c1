"""The contestants of the forward pass: the engine, and what one would use in its place.

Each peer runs under the best conditions it has: inference mode, contiguous float32 arrays, one
thread, weights converted beforehand, no copies of its results. "gate loop" and "cell loop" keep
i, f, g, o, c and h of every step, as the engine does (which keeps the pre-activations, tanh c, h'
and c' as well); nn.LSTM and ONNX Runtime keep only h.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper
from torch.nn.functional import linear

from gate_explorer.engine import lstm

Array = NDArray[Any]
Call = Callable[[], object]

KEPT = ("i", "f", "g", "o", "c", "h")
TOLERANCE = 1e-5

torch.set_num_threads(1)


@dataclass(frozen=True)
class Size:
    """T steps, N sequences, D inputs, H units."""

    steps: int
    batch: int
    width: int
    hidden: int


def contestants(rng: np.random.Generator, size: Size) -> dict[str, Call]:
    """A call of each, on one network and one input; they were seen to give the same numbers."""
    bound = size.hidden**-0.5  # as torch initialises them
    shapes = ((4 * size.hidden, size.width), (4 * size.hidden, size.hidden), (4 * size.hidden,))
    weights = [rng.uniform(-bound, bound, shape).astype(np.float32) for shape in shapes]
    x = rng.normal(size=(size.steps, size.batch, size.width)).astype(np.float32)
    parameters = lstm.LSTMParameters(*weights)
    calls: dict[str, Call] = {
        "engine": lambda: lstm.forward(parameters, x),
        "gate loop": _gate_loop(weights, x),
        "cell loop": _cell_loop(weights, x),
        "nn.LSTM": _torch_lstm(weights, x),
        "ONNX Runtime": _onnxruntime(weights, x),
    }
    _check(lstm.forward(parameters, x), calls)
    return calls


def _inferring(run: Call) -> Call:
    inferring: Call = torch.inference_mode()(run)
    return inferring


def _gate_loop(weights: list[Array], x: Array) -> Call:
    """The loop written for speed: one product projects the whole input, one addmm a step."""
    weight_ih, weight_hh, bias, xs = (torch.from_numpy(array) for array in (*weights, x))
    zeros = torch.zeros(x.shape[1], weight_hh.shape[1])
    from_h = weight_hh.t()

    def run() -> list[torch.Tensor]:
        h = c = zeros
        steps = []
        for from_x in linear(xs, weight_ih, bias).unbind():
            i, f, g, o = torch.addmm(from_x, h, from_h).chunk(4, 1)
            i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
            c = f * c + i * g
            h = o * torch.tanh(c)
            steps.append((i, f, g, o, c, h))
        return [torch.stack(values) for values in zip(*steps, strict=True)]

    return _inferring(run)


def _cell_loop(weights: list[Array], x: Array) -> Call:
    """The loop as it is usually written: the equations of nn.LSTMCell, a step at a time."""
    weight_ih, weight_hh, bias, xs = (torch.from_numpy(array) for array in (*weights, x))
    zeros = torch.zeros(x.shape[1], weight_hh.shape[1])

    def run() -> list[torch.Tensor]:
        h = c = zeros
        steps = []
        for x_t in xs:
            i, f, g, o = (linear(x_t, weight_ih, bias) + linear(h, weight_hh)).chunk(4, 1)
            i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
            c = f * c + i * g
            h = o * torch.tanh(c)
            steps.append((i, f, g, o, c, h))
        return [torch.stack(values) for values in zip(*steps, strict=True)]

    return _inferring(run)


def _torch_lstm(weights: list[Array], x: Array) -> Call:
    module = torch.nn.LSTM(x.shape[2], weights[1].shape[1]).eval()
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    values = (*weights, np.zeros_like(weights[2]))
    tensors = {name: torch.from_numpy(v) for name, v in zip(names, values, strict=True)}
    module.load_state_dict(tensors)
    xs = torch.from_numpy(x)

    def run() -> torch.Tensor:
        h: torch.Tensor = module(xs)[0]
        return h

    return _inferring(run)


def _onnxruntime(weights: list[Array], x: Array) -> Call:
    i_f_g_o = [np.split(array, 4) for array in weights]
    w, r, b = (np.concatenate((i, o, f, g))[None] for i, f, g, o in i_f_g_o)
    constants = {"W": w, "R": r, "B": np.concatenate((b, np.zeros_like(b)), axis=1)}
    node = helper.make_node("LSTM", ["X", *constants], ["Y"], hidden_size=r.shape[2])
    tensors = [
        helper.make_tensor(k, TensorProto.FLOAT, v.shape, v.ravel()) for k, v in constants.items()
    ]
    x_info = helper.make_tensor_value_info("X", TensorProto.FLOAT, x.shape)
    y_info = helper.make_tensor_value_info("Y", TensorProto.FLOAT, None)
    graph = helper.make_graph([node], "lstm", [x_info], [y_info], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return lambda: session.run(["Y"], {"X": x})[0][:, 0]


def _check(trace: lstm.LSTMTrace, calls: dict[str, Call]) -> None:
    """Raises: SystemExit naming the peer and the array that differ."""
    for name, call in calls.items():
        found = call()
        if isinstance(found, lstm.LSTMTrace):
            continue
        arrays = dict(zip(KEPT, found, strict=True)) if isinstance(found, list) else {"h": found}
        for field, values in arrays.items():
            apart = np.abs(getattr(trace, field) - np.asarray(values)).max()
            if not apart <= TOLERANCE:
                raise SystemExit(f"{name} and the engine differ by {apart:.2e} in {field}.")
