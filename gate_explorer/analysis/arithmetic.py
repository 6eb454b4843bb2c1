"""One gate of one unit at one step, taken apart: every term of its sum, and where it lands.

    a = sum_k w_k x_k + sum_j u_j h'_j + b;  gate = sigma(a), candidate = tanh(a)

Worked out in float64 from the weights and inputs the run had; the run's own float32 value differs
by rounding alone.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from gate_explorer.engine.activations import sigmoid
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters
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


def arithmetic(run: Run, t: int, gate: Gate, unit: int) -> Arithmetic:
    """The sum behind a gate; t and unit count from 1.

    Raises: InputError for a model without weights.
    """
    if not isinstance(run.cell, LSTMParameters):
        raise InputError(f"{run.card.id} has no gates with weights to take apart.")
    row = ROWS.index(gate) * run.cell.hidden_size + unit - 1
    terms = (
        *_terms("x", run.cell.weight_ih[row], run.x[t - 1]),
        *_terms("h", run.cell.weight_hh[row], run.layer.h_prev[t - 1]),
    )
    bias = float(run.cell.bias[row])
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
    if not isinstance(run.cell, RNNParameters):
        raise InputError(f"{run.card.id} has gates: its units don't mix in one sum.")
    row = unit - 1
    products = run.cell.weight_hh[row].astype(np.float64) * run.layer.h_prev[t - 1]
    inputs = float(run.cell.weight_ih[row].astype(np.float64) @ run.x[t - 1])
    bias, states = float(run.cell.bias[row]), float(products.sum())
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
