"""The tensors and attributes of ONNX's LSTM and RNN operators.

LSTM: W (dirs, 4H, D), R (dirs, 4H, H), B (dirs, 8H), the input half then the recurrent half, rows
i|o|f|c where ours are i|f|g|o; P (dirs, 3H), i|o|f where ours is i|f|o. RNN: one block of H rows,
B (dirs, 2H). The attributes `activations` (f, g, h per direction), `activation_alpha`,
`activation_beta`, `clip`, `input_forget` and `direction` make the options. `layout` concerns the
sequences, not the weights.

i|o|f|c and i|f|g|o can't be told apart by shape. A single bias is written beside zeros, and a
projection can't be written at all: the operators have none.

Reference: the ONNX operators LSTM and RNN, opset 22.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gate_explorer.engine.activations import RULES, SIGMOID, TANH, Activation
from gate_explorer.engine.checks import Array, as_float_array
from gate_explorer.engine.lstm import LSTMOptions, LSTMParameters
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.engine.stack import Pass
from gate_explorer.errors import InputError

DIRECTIONS = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}
# ONNX writes LeakyRelu for leaky_relu.
NAMES = {name: "".join(part.title() for part in name.split("_")) for name in RULES}
OURS = {name.lower(): ours for ours, name in NAMES.items()}
KNOWN = (
    "sigmoid",
    "tanh",
    "relu",
    "affine",
    "leaky_relu",
    "thresholded_relu",
    "scaled_tanh",
    "hard_sigmoid",
    "elu",
    "softsign",
    "softplus",
)


SHARED = frozenset(
    {
        "activation_alpha",
        "activation_beta",
        "activations",
        "clip",
        "direction",
        "hidden_size",
        "layout",
        "output_sequence",  # until opset 7: which outputs are made
    }
)
_LISTS: Mapping[str, type | tuple[type, ...]] = {
    "activations": str,
    "activation_alpha": (int, float),
    "activation_beta": (int, float),
}
_SINGLE: Mapping[str, type | tuple[type, ...]] = {"direction": str, "clip": (int, float)}
ATTRIBUTES = {4: SHARED | {"input_forget"}, 1: SHARED}  # by the number of blocks


@dataclass(frozen=True, eq=False)
class OnnxWeights:
    """A node's weight inputs, None where left out, and its attributes by their names.

    The attributes are as the onnx package gives them, their texts as bytes, or as Python writes
    them.
    """

    W: Array
    R: Array
    B: Array | None = None
    P: Array | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


def from_onnx(weights: OnnxWeights) -> tuple[Pass, ...]:
    """The passes of an LSTM node: a layer of a `Stack`.

    Raises: InputError for an attribute that isn't known or doesn't fit; ShapeError.
    """
    attributes = _read_attributes(weights, 4)
    directions, w, r, b, p = _inputs(weights, attributes, 4)
    given = _activations(attributes, (SIGMOID, TANH, TANH), len(directions))
    passes = []
    for k, reverse in enumerate(directions):
        gate, candidate, cell = given[k]
        coupled = bool(attributes.get("input_forget", 0))
        options = LSTMOptions(gate, candidate, cell, _clip(attributes), coupled)
        parameters = LSTMParameters.with_biases(
            _from_iofc(w[k]),
            _from_iofc(r[k]),
            [] if b is None else [_from_iofc(half) for half in np.split(b[k], 2)],
            peephole=None if p is None else _swapped(p[k], 3, (0, 2, 1)),
            options=options,
        )
        passes.append(Pass(parameters, reverse))
    return tuple(passes)


def to_onnx(layer: Sequence[Pass]) -> OnnxWeights:
    """An LSTM node's inputs and attributes for one layer, forward pass first.

    Raises: InputError naming what the operator can't do.
    """
    cells = [run.parameters for run in layer if isinstance(run.parameters, LSTMParameters)]
    if len(cells) != len(layer) or any(cell.weight_hr is not None for cell in cells):
        raise InputError("ONNX's LSTM operator takes LSTM passes without a projection.")
    first = cells[0].options
    if {(cell.options.clip, cell.options.input_forget) for cell in cells} != {
        (first.clip, first.input_forget)
    }:
        raise InputError("ONNX has one clip and one input_forget for both directions.")
    used = [a for c in cells for a in (c.options.gate, c.options.candidate, c.options.cell)]
    attributes = _attributes(layer, used, first.clip)
    if first.input_forget:
        attributes["input_forget"] = 1
    return OnnxWeights(
        W=np.stack([_to_iofc(cell.weight_ih) for cell in cells]),
        R=np.stack([_to_iofc(cell.weight_hh) for cell in cells]),
        B=_biases([[_to_iofc(part) for part in cell.stored_biases] for cell in cells]),
        P=_peepholes(cells),
        attributes=attributes,
    )


def rnn_from_onnx(weights: OnnxWeights) -> tuple[Pass, ...]:
    """The passes of an RNN node: a layer of a `Stack`. Raises: as `from_onnx`."""
    attributes = _read_attributes(weights, 1)
    directions, w, r, b, _ = _inputs(weights, attributes, 1)
    given = _activations(attributes, (TANH,), len(directions))
    passes = []
    for k, reverse in enumerate(directions):
        biases = [] if b is None else np.split(b[k], 2)
        (activation,), clip = given[k], _clip(attributes)
        parameters = RNNParameters.with_biases(w[k], r[k], biases, activation=activation, clip=clip)
        passes.append(Pass(parameters, reverse))
    return tuple(passes)


def rnn_to_onnx(layer: Sequence[Pass]) -> OnnxWeights:
    """An RNN node's inputs and attributes for one layer. Raises: as `to_onnx`."""
    cells = [run.parameters for run in layer if isinstance(run.parameters, RNNParameters)]
    if len(cells) != len(layer) or len({cell.clip for cell in cells}) > 1:
        raise InputError("ONNX's RNN operator takes Elman passes, and one clip for both.")
    return OnnxWeights(
        W=np.stack([cell.weight_ih for cell in cells]),
        R=np.stack([cell.weight_hh for cell in cells]),
        B=_biases([list(cell.stored_biases) for cell in cells]),
        attributes=_attributes(layer, [cell.activation for cell in cells], cells[0].clip),
    )


def _read_attributes(weights: OnnxWeights, blocks: int) -> dict[str, Any]:
    """The attributes with their texts as such.

    Raises: InputError naming what the operator doesn't know, or what it knows and isn't so.
    """
    attributes = {str(_text(name)): _text(value) for name, value in weights.attributes.items()}
    unknown = sorted(set(attributes) - ATTRIBUTES[blocks])
    if unknown:
        raise InputError(
            f"ONNX's operator has no attribute {', '.join(unknown)}; it has"
            f" {', '.join(sorted(ATTRIBUTES[blocks]))}."
        )
    for name, value in attributes.items():
        each = value if name in _LISTS and isinstance(value, list) else [value]
        kind = _LISTS.get(name) or _SINGLE.get(name, int)
        if not all(isinstance(one, kind) for one in each):
            raise InputError(
                f"{name} is {str(value)[:80]!r}, which is of another kind than it takes."
            )
    hidden, told = (np.shape(weights.R) or (0,))[-1], attributes.get("hidden_size")
    if told is not None and told != hidden:
        raise InputError(
            f"hidden_size is {told}, but R, of the shape {np.shape(weights.R)}, has {hidden} units."
        )
    for name, allowed in (("layout", (0, 1)), ("input_forget", (0, 1))):
        if attributes.get(name, 0) not in allowed:
            raise InputError(f"{name} is {attributes[name]!r}; it should be 0 or 1.")
    return attributes


def _text(value: Any) -> Any:
    """Bytes as text, in a list too."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return [_text(one) for one in value] if isinstance(value, (list, tuple)) else value


def _inputs(
    weights: OnnxWeights, attributes: Mapping[str, Any], blocks: int
) -> tuple[tuple[bool, ...], Array, Array, Array | None, Array | None]:
    """Directions, W, R, B and P, their shapes checked; `blocks` of H rows: an LSTM's 4 gates."""
    direction = attributes.get("direction", "forward")
    if direction not in DIRECTIONS:
        raise InputError(
            f"direction is {direction!r}; it should be one of {', '.join(DIRECTIONS)}."
        )
    directions = DIRECTIONS[direction]
    count = len(directions)
    r = as_float_array("R", weights.R, (count, f"{blocks}H", "H"))
    hidden = r.shape[2]
    r = as_float_array("R", r, (count, blocks * hidden, hidden))
    w = as_float_array("W", weights.W, (count, blocks * hidden, "D"), r.dtype)
    b, p = weights.B, weights.P
    b = None if b is None else as_float_array("B", b, (count, 2 * blocks * hidden), r.dtype)
    p = None if p is None else as_float_array("P", p, (count, 3 * hidden), r.dtype)
    return directions, w, r, b, p


def _activations(
    attributes: Mapping[str, Any], default: tuple[Activation, ...], count: int
) -> list[tuple[Activation, ...]]:
    """The activations of each direction.

    alphas and betas are consumed in the order of the activations that take one.
    """
    names = attributes.get("activations")
    if names is None:
        names = [NAMES[activation.name] for activation in default] * count
    if len(names) != count * len(default):
        raise InputError(f"There should be {count * len(default)} activations, not {len(names)}.")
    alphas = iter(attributes.get("activation_alpha") or ())
    betas = iter(attributes.get("activation_beta") or ())
    made = [_activation(name, alphas, betas) for name in names]
    for name, rest in (("activation_alpha", list(alphas)), ("activation_beta", list(betas))):
        if rest:
            raise InputError(f"{name} has {len(rest)} more values than these activations take.")
    width = len(default)
    return [tuple(made[k * width : (k + 1) * width]) for k in range(count)]


def _activation(name: str, alphas: Iterator[float], betas: Iterator[float]) -> Activation:
    ours = OURS.get(name.lower(), name)
    if ours not in KNOWN:
        raise InputError(
            f"ONNX has no activation {name!r}; it has {', '.join(NAMES[k] for k in KNOWN)}."
        )
    rule = RULES[ours]
    alpha = None if rule.alpha is None else next(alphas, None)
    beta = None if rule.beta is None else next(betas, None)
    return Activation(ours, alpha, beta)


def _attributes(
    layer: Sequence[Pass], activations: Sequence[Activation], clip: float | None
) -> dict[str, Any]:
    directions = tuple(run.reverse for run in layer)
    kinds = {taken: name for name, taken in DIRECTIONS.items()}
    if directions not in kinds:
        raise InputError("ONNX reads forwards, backwards, or both ways with the forward first.")
    unknown = sorted({a.name for a in activations} - set(KNOWN))
    if unknown:
        raise InputError(f"ONNX has no activation {', '.join(unknown)}.")
    attributes: dict[str, Any] = {
        "hidden_size": layer[0].parameters.hidden_size,
        "direction": kinds[directions],
        "activations": [NAMES[a.name] for a in activations],
    }
    alphas = [a.alpha for a in activations if a.alpha is not None]
    betas = [a.beta for a in activations if a.beta is not None]
    named = {"activation_alpha": alphas, "activation_beta": betas, "clip": clip}
    return attributes | {name: value for name, value in named.items() if value}


def _clip(attributes: Mapping[str, Any]) -> float | None:
    """Exporters write 0 for none."""
    clip = attributes.get("clip")
    return float(clip) if clip else None


def _biases(parts: Sequence[Sequence[Array]]) -> Array | None:
    """B: each direction's two biases, zeros for the one that is missing; None without any."""
    if not any(parts):
        return None
    if not all(parts):
        raise InputError("ONNX has biases in both directions or in none.")
    pairs = [(p[0], p[1] if len(p) == 2 else np.zeros_like(p[0])) for p in parts]
    return np.stack([np.concatenate(pair) for pair in pairs])


def _peepholes(cells: Sequence[LSTMParameters]) -> Array | None:
    found = [cell.peephole for cell in cells if cell.peephole is not None]
    if not found:
        return None
    if len(found) != len(cells):
        raise InputError("ONNX has peepholes in both directions or in none.")
    return np.stack([_swapped(peephole, 3, (0, 2, 1)) for peephole in found])


def _from_iofc(rows: Array) -> Array:
    return _swapped(rows, 4, (0, 2, 3, 1))


def _to_iofc(rows: Array) -> Array:
    return _swapped(rows, 4, (0, 3, 1, 2))


def _swapped(rows: Array, count: int, order: Sequence[int]) -> Array:
    """The blocks of rows in another order."""
    blocks = np.split(rows, count)
    return np.concatenate([blocks[k] for k in order])
