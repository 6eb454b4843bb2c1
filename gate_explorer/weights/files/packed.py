"""An `Opened` as bytes and back: between processes, or to keep what was once read.

A JSON header, in which each array stands as its place in a list, and the arrays' own bytes, one
after the other, each on a line of the processor's cache, their dtypes and shapes in the header. No
pickle, and nothing that isn't checked on the way back in: parameters check their own shapes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from gate_explorer.engine.activations import Activation
from gate_explorer.engine.cells import LINE
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMOptions, LSTMParameters, LSTMState
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.engine.stack import Parameters, Pass, Stack, State
from gate_explorer.errors import DataError
from gate_explorer.weights.files.opened import Embedding, Head, Interpretation, Opened

_DTYPES = ("float32", "float64")
_MARK, _LENGTH = "gate-explorer-weights-1", 8


class _Packer:
    """The arrays met so far, in order; what stands for one in the header is its place."""

    def __init__(self) -> None:
        self.arrays: list[Array] = []

    def put(self, array: Array | None) -> int | None:
        if array is None:
            return None
        kind = array.dtype.name if array.dtype.name in _DTYPES else "float64"
        self.arrays.append(np.ascontiguousarray(array, kind))
        return len(self.arrays) - 1

    def parameters(self, cell: Parameters) -> dict[str, Any]:
        named: dict[str, Any] = {
            "weight_ih": self.put(cell.weight_ih),
            "weight_hh": self.put(cell.weight_hh),
            "biases": [self.put(bias) for bias in cell.stored_biases],
        }
        if isinstance(cell, RNNParameters):
            return named | {"activation": asdict(cell.activation), "clip": cell.clip}
        return named | {
            "peephole": self.put(cell.peephole),
            "weight_hr": self.put(cell.weight_hr),
            "options": asdict(cell.options),
        }

    def state(self, state: State) -> list[int | None]:
        return [self.put(array) for array in (state if isinstance(state, LSTMState) else (state,))]


def pack(opened: Opened) -> list[bytes | memoryview]:
    """The bytes, in pieces that share the arrays' memory: join them, or write one by one."""
    packer = _Packer()
    embedding, head = opened.embedding, opened.head
    body = {
        "interpretation": opened.interpretation.as_json(),
        "layers": [
            [{"reverse": run.reverse} | packer.parameters(run.parameters) for run in layer]
            for layer in opened.stack.layers
        ],
        "states": None
        if opened.states is None
        else [[packer.state(state) for state in layer] for layer in opened.states],
        "embedding": embedding
        and {
            "name": embedding.name,
            "matrix": packer.put(embedding.matrix),
            "certain": embedding.certain,
        },
        "head": head
        and {
            **{
                k: getattr(head, k)
                for k in ("name", "activation", "certain", "last", "sources", "reads")
            },
            "weight": packer.put(head.weight),
            "bias": packer.put(head.bias),
        },
        "vocabulary": opened.vocabulary,
    }
    places = [(array.dtype.name, array.shape) for array in packer.arrays]
    header = json.dumps({"mark": _MARK, "arrays": places, "opened": body}).encode()
    header += b" " * (-(len(header) + _LENGTH) % LINE)
    pieces: list[bytes | memoryview] = [len(header).to_bytes(_LENGTH, "little"), header]
    for array in packer.arrays:
        pieces += [array.reshape(-1).view(np.uint8).data, bytes(-array.nbytes % LINE)]
    return pieces


def unpack(data: bytes | bytearray | memoryview) -> Opened:
    """What was packed; its arrays share the memory of the bytes. Raises: DataError."""
    view = memoryview(data)
    length = int.from_bytes(view[:_LENGTH], "little")
    try:
        header = json.loads(bytes(view[_LENGTH : _LENGTH + length]))
        if header["mark"] != _MARK:
            raise ValueError("of another version")
        return _opened(header["opened"], _arrays(header["arrays"], view[_LENGTH + length :]))
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, AttributeError) as error:
        raise DataError(f"The packed network is damaged: {error}.") from error


def _arrays(places: Sequence[Any], body: memoryview) -> list[Array]:
    found, at = [], 0
    for name, shape in places:
        if name not in _DTYPES:
            raise ValueError(f"no dtype {name}")
        dtype = np.dtype(name)
        count = int(np.prod(shape, dtype=np.int64))
        found.append(np.frombuffer(body, dtype, count, at).reshape(shape))
        at += -(-count * dtype.itemsize // LINE) * LINE
    if at != len(body):
        raise ValueError(f"{len(body)} bytes of numbers instead of {at}")
    return found


def _opened(body: Mapping[str, Any], arrays: Sequence[Array]) -> Opened:
    told = body["interpretation"]
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in told.items()}
    states, embedding, head = body["states"], body["embedding"], body["head"]
    vocabulary = body["vocabulary"]
    return Opened(
        Interpretation(**fields),
        Stack(tuple(tuple(_pass(run, arrays) for run in layer) for layer in body["layers"])),
        None
        if states is None
        else tuple(tuple(_state([arrays[k] for k in s]) for s in layer) for layer in states),
        embedding
        and Embedding(embedding["name"], arrays[embedding["matrix"]], embedding["certain"]),
        head and _head(head, arrays),
        None if vocabulary is None else tuple(vocabulary),
    )


def _head(head: Mapping[str, Any], arrays: Sequence[Array]) -> Head:
    bias = None if head["bias"] is None else arrays[head["bias"]]
    told = {k: head[k] for k in ("name", "activation", "certain", "last")}
    told["reads"] = head.get("reads")  # what was packed before heads told it has none
    return Head(weight=arrays[head["weight"]], bias=bias, sources=tuple(head["sources"]), **told)


def _state(arrays: Sequence[Array]) -> State:
    return arrays[0] if len(arrays) == 1 else LSTMState(*arrays)


def _pass(run: Mapping[str, Any], arrays: Sequence[Array]) -> Pass:
    on_x, on_h = arrays[run["weight_ih"]], arrays[run["weight_hh"]]
    biases = [arrays[k] for k in run["biases"]]
    cell: Parameters
    if "activation" in run:
        squashed = Activation(**run["activation"])
        cell = RNNParameters.with_biases(on_x, on_h, biases, activation=squashed, clip=run["clip"])
    else:
        told = run["options"]
        gate, candidate, squashed = (Activation(**told[k]) for k in ("gate", "candidate", "cell"))
        options = LSTMOptions(gate, candidate, squashed, told["clip"], told["input_forget"])
        peephole, projection = (
            None if run[name] is None else arrays[run[name]] for name in ("peephole", "weight_hr")
        )
        cell = LSTMParameters.with_biases(
            on_x, on_h, biases, peephole=peephole, weight_hr=projection, options=options
        )
    return Pass(cell, bool(run["reverse"]))
