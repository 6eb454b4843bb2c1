"""Small weight files of every kind that is read, made by the packages that make them."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import ml_dtypes
import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from safetensors.numpy import save

from gate_explorer.engine import stack
from gate_explorer.engine.lstm import LSTMOptions, LSTMParameters
from gate_explorer.engine.stack import Pass, Stack
from gate_explorer.weights import onnx, teaching, torch
from gate_explorer.weights.files import Opened

from ..engine.builders import Array, draw, draw_cell

FIXTURES = Path(__file__).parents[1] / "fixtures" / "keras" / "files"
D, H = 3, 2

Arrays = dict[str, Array]


def cell(seed: int, width: int = D, hidden: int = H, biases: int = 1) -> LSTMParameters:
    return draw_cell(np.random.default_rng(seed), width, hidden, np.float32, biases=biases)


def two_layers(seed: int = 0) -> Stack:
    """Two layers read both ways, as torch.nn.LSTM has them."""
    lower = tuple(Pass(cell(seed + k, biases=2), k == 1) for k in range(2))
    return Stack(
        (lower, tuple(Pass(cell(seed + 2 + k, 2 * H, biases=2), k == 1) for k in range(2)))
    )


def npz(arrays: Mapping[str, Any], *, packed: bool = False) -> bytes:
    stream = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(stream, **arrays)
    return stream.getvalue()


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def state_dict() -> Arrays:
    """A whole network: embedding, LSTM under a prefix, head."""
    rng = np.random.default_rng(1)
    written = torch.stack_to_torch(two_layers())
    network = {f"module.encoder.{name}": array for name, array in written.items()}
    network["module.embedding.weight"] = rng.normal(size=(7, D)).astype(np.float32)
    network["module.fc.weight"] = rng.normal(size=(4, 2 * H)).astype(np.float32)
    network["module.fc.bias"] = rng.normal(size=4).astype(np.float32)
    return network


def node(
    name: str, layer: tuple[Pass, ...], x: str, y: str, **more: Any
) -> tuple[NodeProto, list[TensorProto]]:
    """An LSTM node and its initializers; more: attributes, or further inputs by their places."""
    written = onnx.to_onnx(layer)
    given = {"W": written.W, "R": written.R, "B": written.B, "P": written.P}
    inputs = more.pop("inputs", {})
    names = [x] + [f"{name}.{k}" if given[k] is not None else "" for k in ("W", "R", "B")]
    names += ["", *(inputs.get(k, "") for k in ("initial_h", "initial_c"))]
    names += [f"{name}.P"] if written.P is not None else []
    made = helper.make_node("LSTM", names, [y], name=name, **dict(written.attributes) | more)
    arrays = [numpy_helper.from_array(a, f"{name}.{k}") for k, a in given.items() if a is not None]
    return made, arrays


def model(nodes: list[NodeProto], arrays: list[TensorProto], y: str = "y") -> ModelProto:
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, None)],
        [helper.make_tensor_value_info(y, TensorProto.FLOAT, None)],
        arrays,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=9)


def chain_of_nodes() -> tuple[ModelProto, Stack]:
    """Two layers read both ways, the first's Y laid out anew for the second, as torch exports."""
    made = two_layers(20)
    lower, arrays = node("lower", made.layers[0], "x", "a")
    upper, more = node("upper", made.layers[1], "c", "y")
    between = [
        helper.make_node("Transpose", ["a"], ["b"], perm=[0, 2, 1, 3]),
        helper.make_node("Reshape", ["b", "shape"], ["c"]),
    ]
    shape = numpy_helper.from_array(np.array([0, 0, -1]), "shape")
    return model([lower, *between, upper], [*arrays, *more, shape]), made


def in_a_loop() -> tuple[ModelProto, LSTMParameters]:
    """A node in the body of an If, with options and a Constant for its W."""
    options = LSTMOptions(clip=2.0)
    one = draw_cell(np.random.default_rng(30), D, H, np.float32, options=options, biases=2)
    inner, arrays = node("inner", (Pass(one),), "x", "z")
    constant = helper.make_node("Constant", [], ["inner.W"], value=arrays[0])
    body = helper.make_graph(
        [constant, inner], "body", [], [helper.make_tensor_value_info("z", 1, None)], arrays[1:]
    )
    branch = helper.make_node("If", ["yes"], ["y"], then_branch=body, else_branch=body)
    return model([branch], [numpy_helper.from_array(np.array(True), "yes")]), one


def plain_hdf5() -> bytes:
    """Arrays that someone wrote with h5py, compressed."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for name, array in {"W": (4 * H, D), "U": (4 * H, H), "b": (4 * H,)}.items():
            data = np.random.default_rng(len(name)).normal(size=array)
            file.create_dataset(f"lstm/{name}", data=data, compression="gzip", shuffle=True)
        file.attrs["note"] = "by hand"
    return stream.getvalue()


def as_json(arrays: Mapping[str, Array]) -> bytes:
    return json.dumps({name: array.tolist() for name, array in arrays.items()}).encode()


def samples() -> dict[str, bytes]:
    """One file or more of every kind, by a name that says what it is."""
    one = cell(40)
    gates = teaching.to_teaching(one)
    own = {"W_a": one.weight_ih, "U_a": one.weight_hh, "b_a": one.bias[:, None]}
    half = {name: array.astype(ml_dtypes.bfloat16) for name, array in state_dict().items()}
    kept = (path for path in sorted(FIXTURES.iterdir()) if path.suffix != ".npz")
    made = {
        "torch.safetensors": save(state_dict()),
        "torch-bfloat16.safetensors": save(half),
        "gates.npz": npz(gates, packed=True),
        "stacked.npz": npz(own),
        "gates.json": as_json(gates),
        "flat.json": json.dumps({
            "mat1": {"dim": [D, 4 * H], "data": one.weight_ih.T.ravel().tolist()},
            "mat2": {"dim": [H, 4 * H], "data": one.weight_hh.T.ravel().tolist()},
            "mat3": {"dim": [4 * H], "data": one.bias.tolist()},
            "dic": {"a": 0, "b": 1},
        }).encode(),
        "chain.onnx": chain_of_nodes()[0].SerializeToString(),
        "if.onnx": in_a_loop()[0].SerializeToString(),
        "plain.hdf5": plain_hdf5(),
    }  # fmt: skip
    return made | {path.name: path.read_bytes() for path in kept}


X = draw(np.random.default_rng(100), 5, 1, D, dtype=np.float32)


def h_of(opened: Opened, x: Array = X) -> Array:
    """What an opened network gives for one sequence."""
    given = x.astype(opened.stack.dtype)
    return stack.forward(opened.stack, given, None, opened.states).h[:, 0]


def h_expected(made: Stack | LSTMParameters, x: Array = X) -> Array:
    """What a stack, or a cell alone, gives for one sequence."""
    whole = made if isinstance(made, Stack) else Stack(((Pass(made),),))
    return stack.forward(whole, x.astype(whole.dtype)).h[:, 0]


def stacked(one: LSTMParameters, order: str = "ifgo") -> tuple[Array, Array, Array]:
    """A cell's matrices and bias with their gates in another order."""
    w, u, b = (
        np.concatenate([np.split(array, 4)["ifgo".index(gate)] for gate in order])
        for array in (one.weight_ih, one.weight_hh, one.bias)
    )
    return w, u, b
