"""One gate of one unit at one step, taken apart: every term of its sum, and where it lands.

    a = sum_k w_k x_k + sum_j u_j h'_j + b;  gate = sigma(a), candidate = tanh(a)

Worked out in float64 from the weights and inputs the run had; the run's own float32 value differs
by rounding alone. In a stack it is that of the layer that is looked at, whose x is what the layer
below shows.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from gate_explorer.engine.activations import TANH, sigmoid
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import STANDARD, LSTMParameters
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.errors import InputError
from gate_explorer.runs.run import Run

Gate = Literal["i", "f", "g", "o"]
ROWS: tuple[Gate, ...] = ("i", "f", "g", "o")


@dataclass(frozen=True, slots=True)
class Term:
    """One product: what it weighs ("x" or "h"), which of them (from 1), weight, value, product."""

    source: Literal["x", "h"]
    index: int
    weight: float
    value: float
    product: float


@dataclass(frozen=True)
class Arithmetic:
    """A gate's whole sum, in the order of the inputs: `terms`, bias b, total a, and its squash."""

    gate: Gate
    terms: tuple[Term, ...]
    bias: float
    total: float
    result: float

    @property
    def by_size(self) -> list[Term]:
        """The terms, largest product first."""
        return sorted(self.terms, key=lambda term: -abs(term.product))

    def of(self, source: Literal["x", "h"]) -> list[Term]:
        """The terms of the input or of the hidden state."""
        return [term for term in self.terms if term.source == source]


def cell_of_gates(run: Run) -> LSTMParameters | None:
    """The cell that is looked at, where its gates are these sums; None for one without gates, or
    of other equations: peepholes, a clip, coupled gates, functions of their own.
    """
    cell = run.cell
    if not isinstance(cell, LSTMParameters) or cell.peephole is not None:
        return None
    return cell if replace(cell.options, cell=STANDARD.cell) == STANDARD else None


def cell_of_mixing(run: Run) -> RNNParameters | None:
    """The cell that is looked at, where its units are sums that a tanh squashes; else None."""
    cell = run.cell
    if not isinstance(cell, RNNParameters):
        return None
    return cell if cell.activation == TANH and cell.clip is None else None


def arithmetic(run: Run, t: int, gate: Gate, unit: int) -> Arithmetic:
    """The sum behind a gate; t and unit count from 1.

    Raises: InputError for a model without weights, or of other equations.
    """
    cell = cell_of_gates(run)
    if cell is None:
        raise InputError(f"{run.card.id} has no gates with weights to take apart.")
    row = ROWS.index(gate) * cell.hidden_size + unit - 1
    terms = (
        *_terms("x", cell.weight_ih[row], run.inputs_of(run.place)[t - 1]),
        *_terms("h", cell.weight_hh[row], run.layer.h_prev[t - 1]),
    )
    bias = float(cell.bias[row])
    total = np.array(sum(term.product for term in terms) + bias)
    result = np.tanh(total) if gate == "g" else sigmoid(total)
    return Arithmetic(gate, terms, bias, float(total), float(result))


@dataclass(frozen=True, slots=True)
class Mixing:
    """What a unit of a vanilla RNN mixes at a step: a = sum_j u_j h'_j + sum_k w_k x_k + b.

    products: each unit's u_j h'_j, (H,); states, inputs: the two sums; total: a; h = tanh(a).
    """

    products: Array
    states: float
    inputs: float
    bias: float
    total: float


def mixing(run: Run, t: int, unit: int) -> Mixing:
    """The sum behind a unit of a cell without gates; t and unit count from 1.

    Raises: InputError for a cell with gates.
    """
    cell = cell_of_mixing(run)
    if cell is None:
        raise InputError(f"{run.card.id} has gates: its units don't mix in one sum.")
    row = unit - 1
    products = cell.weight_hh[row].astype(np.float64) * run.layer.h_prev[t - 1]
    inputs = float(cell.weight_ih[row].astype(np.float64) @ run.inputs_of(run.place)[t - 1])
    bias, states = float(cell.bias[row]), float(products.sum())
    return Mixing(products, states, inputs, bias, states + inputs + bias)


def snippet(sum_of: Arithmetic) -> str:
    """The same sum as a NumPy program that prints the result to six decimals."""
    lines = ["import numpy as np", ""]
    for source in ("x", "h"):
        terms = sum_of.of("x" if source == "x" else "h")
        letter = {"x": "w", "h": "u"}[source]
        lines.append(f"{source} = np.array({[term.value for term in terms]})")
        lines.append(f"{letter} = np.array({[term.weight for term in terms]})")
    squash = "np.tanh(a)" if sum_of.gate == "g" else "1 / (1 + np.exp(-a))"
    lines += [f"b = {sum_of.bias}", "a = w @ x + u @ h + b", f'print(f"{{{squash}:.6f}}")']
    return "\n".join(lines)


def _terms(source: Literal["x", "h"], weights: Array, values: Array) -> list[Term]:
    pairs = zip(weights.tolist(), values.tolist(), strict=True)
    return [Term(source, n, w, v, w * v) for n, (w, v) in enumerate(pairs, 1)]
