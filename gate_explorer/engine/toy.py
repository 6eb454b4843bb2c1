"""The toy memory: three rules on a vector [x1, x2, x3], and the gates that they imply.

    x2 =  1   add x1 to the memory        i = 1, f = 1
    x2 =  0   leave the memory alone      i = 0, f = 1
    x2 = -1   reset the memory to 0       i = 0, f = 0
    x3 =  1   output the memory           o = 1

    c = f * c' + i * x1;  y = o * c       (no tanh; the memory changes before it is shown)

It is the idea of an LSTM with the mathematics left out: the candidate g is x1 itself, and the
gates are read off the input instead of being computed from it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gate_explorer.engine.cells import Held, hold
from gate_explorer.engine.checks import Array, as_float_array
from gate_explorer.errors import FieldError, InputError

FIELDS = ("x1", "x2", "x3")
ALLOWED = {"x2": (-1, 0, 1), "x3": (0, 1)}
MEANING = {"x2": "1 (add), 0 (leave alone) or -1 (reset)", "x3": "1 (output) or 0 (stay silent)"}
LARGEST = 1e9


@dataclass(frozen=True, eq=False)
class ToyTrace:
    """Every value of a run of T steps: x (T, 3), the rest (T,); i, f, o in {0, 1}; g is x1.

    c_prev and c are the memory before and after the step, y what is shown (0 while silent).
    """

    x: Array
    i: Array
    f: Array
    g: Array
    o: Array
    c_prev: Array
    c: Array
    y: Array


def run(
    vectors: Sequence[Sequence[float]], memory: float = 0.0, held: Held | None = None
) -> ToyTrace:
    """Follow the three rules over a sequence of vectors, float64.

    Shapes: vectors (T, 3), T >= 1; memory: the one before the first step -> ToyTrace.
    held: gates that are not what the rules say, (T, 1).
    Raises: InputError naming each row, field and value at fault, and what is allowed there.
    """
    check(vectors)
    x = as_float_array("vectors", vectors, ("T", 3), np.float64)
    i, f = (x[:, 1] == 1).astype(float), (x[:, 1] != -1).astype(float)
    o, g = x[:, 2].copy(), x[:, 0].copy()
    if held is not None:
        only = Held(*(array[:, 0] for array in held))
        i, f, g, o = hold(i, only, "i"), hold(f, only, "f"), hold(g, only, "g"), hold(o, only, "o")
    c = np.empty(len(x) + 1)
    c[0] = memory
    for t in range(len(x)):
        c[t + 1] = f[t] * c[t] + i[t] * g[t]
    return ToyTrace(x=x, i=i, f=f, g=g, o=o, c_prev=c[:-1], c=c[1:], y=o * c[1:])


def check(vectors: Sequence[Sequence[float]]) -> None:
    """Raise InputError unless every row is three numbers that the rules can read."""
    if not len(vectors):
        raise InputError(
            "The rules need at least one vector of three numbers, such as 3,1,0.",
            [FieldError(("vectors",), "Add a row: x1, x2, x3.")],
        )
    errors = [error for n, row in enumerate(vectors) for error in _faults(n, row)]
    if errors:
        raise InputError.telling(errors)


def _faults(n: int, row: Sequence[float]) -> list[FieldError]:
    if len(row) != len(FIELDS):
        numbers = f"{len(row)} number" + ("" if len(row) == 1 else "s")
        words = f"Row {n + 1} has {numbers}; the rules need three: x1, x2, x3."
        return [FieldError(("vectors", n), words)]
    faults = []
    for name, value in zip(FIELDS, row, strict=True):
        if not math.isfinite(value):
            words = f"Row {n + 1}: {name} is {value}; it should be a finite number."
        elif name == "x1" and abs(value) > LARGEST:
            words = f"Row {n + 1}: x1 is {value:g}; its size should be at most {LARGEST:g}."
        elif name in ALLOWED and value not in ALLOWED[name]:
            words = f"Row {n + 1}: {name} is {value:g}; it should be {MEANING[name]}."
        else:
            continue
        faults.append(FieldError(("vectors", n, name), words))
    return faults
