"""What an LSTM is made of, and what a run of it leaves: parameters, state, trace, gradients.

One set of types for every LSTM that PyTorch, Keras or ONNX can express, whichever of the two
implementations (`engine.plain`, `engine.fast`) runs it. Sizes: T steps, N batch, D input
width, H units, P width of the hidden state: H, unless it is projected.
"""

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, fields
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from gate_explorer.engine.activations import SIGMOID, TANH, Activation, check_clip
from gate_explorer.engine.checks import Array, as_float_array
from gate_explorer.errors import ShapeError


@dataclass(frozen=True)
class LSTMOptions:
    """How a cell differs from the standard one, in ONNX's terms.

    gate squashes i, f and o; candidate g; cell the cell state on its way to h (ONNX's f, g, h).
    clip > 0: the sums that i, f, g and o are made of are limited to [-clip, clip] first.
    input_forget: the two gates are coupled, f = 1 - i.
    Raises: InputError for a clip that isn't above 0 and finite.
    """

    gate: Activation = SIGMOID
    candidate: Activation = TANH
    cell: Activation = TANH
    clip: float | None = None
    input_forget: bool = False

    def __post_init__(self) -> None:
        check_clip(self.clip)


STANDARD = LSTMOptions()
LINE = 64


def on_lines(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Zeros that begin on a line of the processor's cache, of LINE bytes."""
    size = math.prod(shape) * dtype.itemsize
    raw = np.zeros(size + LINE, np.uint8)
    start = -raw.ctypes.data % LINE
    return raw[start : start + size].view(dtype).reshape(shape)


def without_kept(parameters: Any) -> dict[str, Any]:
    """A dataclass's fields by name, for its copies: nothing that was kept from its runs."""
    return {each.name: getattr(parameters, each.name) for each in fields(parameters)}


@dataclass(frozen=True, eq=False)
class LSTMParameters:
    """The weights of one LSTM layer in torch.nn.LSTM's layout; don't write into the arrays.

    Shapes: weight_ih (4H, D), weight_hh (4H, P), bias (4H,), rows i|f|g|o; peephole (3H,), i|f|o;
    weight_hr (P, H), the projection; all of one dtype. P = H without a projection.
    biases: what `bias` is the sum of, where a file keeps none, or torch's two; see `with_biases`.
    Raises: ShapeError, NonFiniteError.
    """

    weight_ih: Array
    weight_hh: Array
    bias: Array
    _: KW_ONLY
    peephole: Array | None = None
    weight_hr: Array | None = None
    options: LSTMOptions = STANDARD
    biases: tuple[Array, ...] | None = None

    def __post_init__(self) -> None:
        weight_hh = as_float_array("weight_hh", self.weight_hh, ("4H", "H"))
        rows, width = weight_hh.shape
        if rows % 4 or (self.weight_hr is None and rows != 4 * width):
            raise ShapeError(f"weight_hh should have the shape (4H, H), but has {weight_hh.shape}.")
        object.__setattr__(self, "weight_hh", weight_hh)
        dims: dict[str, tuple[int | str, ...]] = {"weight_ih": (rows, "D"), "bias": (rows,)}
        if self.peephole is not None:
            dims["peephole"] = (3 * rows // 4,)
        if self.weight_hr is not None:
            dims["weight_hr"] = (width, rows // 4)
        for name, shape in dims.items():
            checked = as_float_array(name, getattr(self, name), shape, weight_hh.dtype)
            object.__setattr__(self, name, checked)

    @classmethod
    def with_biases(
        cls,
        weight_ih: ArrayLike,
        weight_hh: ArrayLike,
        biases: Sequence[ArrayLike],
        *,
        peephole: Array | None = None,
        weight_hr: Array | None = None,
        options: LSTMOptions = STANDARD,
    ) -> Self:
        """A layer with no bias, with one, or with two that are added, each (4H,) and remembered."""
        weight_ih, weight_hh = np.asarray(weight_ih), np.asarray(weight_hh)
        bias, kept = sum_of_biases(biases, weight_hh)
        return cls(
            weight_ih,
            weight_hh,
            bias,
            peephole=peephole,
            weight_hr=weight_hr,
            options=options,
            biases=kept,
        )

    @cached_property
    def input_size(self) -> int:
        """D, the width of one input."""
        return int(self.weight_ih.shape[1])

    @cached_property
    def hidden_size(self) -> int:
        """H, the number of units."""
        return len(self.weight_hh) // 4

    @cached_property
    def output_size(self) -> int:
        """P, the width of the hidden state: H, unless it is projected."""
        return int(self.weight_hh.shape[1])

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64; traces are computed in it."""
        return self.weight_hh.dtype

    @cached_property
    def is_standard(self) -> bool:
        """Whether these are the six equations of `engine.lstm` and nothing else."""
        return self.options == STANDARD and self.peephole is None and self.weight_hr is None

    @property
    def stored_biases(self) -> tuple[Array, ...]:
        """The biases as they are to be written: none, one or two."""
        return (self.bias,) if self.biases is None else self.biases

    @cached_property
    def stacked(self) -> Array:
        """[W | b | U], (4H, D + 1 + H), rows i|f|g|o."""
        return np.concatenate((self.weight_ih, self.bias[:, None], self.weight_hh), axis=1)

    @cached_property
    def packed(self) -> Array:
        """[W | b | U / 2], rows i|f|g|o with those of i, f, o halved; column-major.

        BLAS multiplies that order with one vector fastest.
        """
        columns = on_lines(self.stacked.shape[::-1], self.dtype)
        columns[...] = self.stacked.T
        half, i_and_f, o = self.dtype.type(0.5), 2 * self.hidden_size, 3 * self.hidden_size
        columns[:, :i_and_f] *= half
        columns[:, o:] *= half
        columns[self.input_size + 1 :] *= half
        return columns.T

    @cached_property
    def benches(self) -> list[Any]:
        """What `engine.fast` works on, kept from run to run."""
        return []

    def __getstate__(self) -> dict[str, Any]:
        """The weights alone: a bench holds views of arrays, which a copy would tear apart."""
        return without_kept(self)


class LSTMState(NamedTuple):
    """What an LSTM carries from step to step: hidden state h (N, P) and cell state c (N, H)."""

    h: Array
    c: Array

    @classmethod
    def zeros(
        cls,
        batch: int,
        hidden_size: int,
        dtype: DTypeLike = np.float32,
        output_size: int | None = None,
    ) -> Self:
        """The state before anything was read; output_size: P, where it isn't H."""
        width = hidden_size if output_size is None else output_size
        return cls(np.zeros((batch, width), dtype), np.zeros((batch, hidden_size), dtype))


class Held(NamedTuple):
    """What gates and candidate are held at, whatever their sums say: (…, H), NaN where free."""

    i: Array
    f: Array
    g: Array
    o: Array

    @classmethod
    def nothing(cls, shape: tuple[int, ...]) -> Self:
        """Everything free."""
        return cls(*(np.full(shape, np.nan) for _ in range(4)))

    def at(self, t: int) -> "Held":
        """Step t of a run, 0-based."""
        return Held(*(array[t] for array in self))

    @property
    def steps(self) -> Array:
        """Which steps of a run hold anything: (T,) of booleans."""
        holds: Array = ~np.isnan(np.stack(self)).all(axis=(0, *range(2, self.i.ndim + 1)))
        return holds


def hold(gate: Array, held: Held | None, letter: str) -> Array:
    """The gate of that letter, or what it is held at where that is a number."""
    if held is None:
        return gate
    value = getattr(held, letter)
    return np.where(np.isnan(value), gate, value).astype(gate.dtype)


class LSTMTrace(NamedTuple):
    """Every value of a run, (T, N, ·), or of one step, (N, ·).

    Shapes: x (…, N, D); a (…, N, 4H), the pre-activations, rows i|f|g|o, peepholes included and
    not yet clipped; h_prev, h (…, N, P); the rest (…, N, H). tanh_c is the cell's activation.
    Ranges with the standard activations: i, f, o in [0, 1]; g, tanh_c in [-1, 1], and h unless it
    is projected. Dimensionless.
    """

    x: Array
    a: Array
    i: Array
    f: Array
    g: Array
    o: Array
    c_prev: Array
    c: Array
    tanh_c: Array
    h_prev: Array
    h: Array

    @property
    def state(self) -> LSTMState:
        """The state after the last step: h (N, P), c (N, H)."""
        last = (-1,) if self.h.ndim == 3 else ()
        return LSTMState(self.h[last].copy(), self.c[last].copy())

    def at(self, t: int) -> "LSTMTrace":
        """Step t of a run, 0-based, as a trace of (N, ·) arrays."""
        return LSTMTrace(*(array[t] for array in self))


@dataclass(frozen=True, eq=False)
class LSTMGradients:
    """The loss's gradients, each in the shape of what it belongs to; None where there is none."""

    d_weight_ih: Array
    d_weight_hh: Array
    d_bias: Array
    d_x: Array
    d_h0: Array
    d_c0: Array
    d_peephole: Array | None = None
    d_weight_hr: Array | None = None


def sum_of_biases(
    biases: Sequence[ArrayLike], weight_hh: Array
) -> tuple[Array, tuple[Array, ...] | None]:
    """The bias that the mathematics reads, and the parts to remember; None for a single one.

    Raises: ShapeError for more than two, or for one that doesn't fit.
    """
    if len(biases) > 2:
        raise ShapeError(f"A layer has no bias, one, or two that are added; {len(biases)} came.")
    dtype = as_float_array("weight_hh", weight_hh, ("rows", "columns")).dtype
    parts = tuple(as_float_array("bias", part, (len(weight_hh),), dtype) for part in biases)
    total = sum(parts[1:], parts[0]) if parts else np.zeros(len(weight_hh), dtype)
    return total, None if len(parts) == 1 else parts
