"""A long short-term memory that keeps every intermediate value, and its gradients.

    i = sigma(W_i x + U_i h' + b_i)      input gate
    f = sigma(W_f x + U_f h' + b_f)      forget gate
    g =  tanh(W_g x + U_g h' + b_g)      candidate
    o = sigma(W_o x + U_o h' + b_o)      output gate
    c = f * c' + i * g                   cell state
    h = o * tanh(c)                      hidden state

h', c' are the previous step's. Sizes: T steps, N batch, D input width, H units, P width of h: H,
unless it is projected. Weights have torch.nn.LSTM's layout: rows i|f|g|o, `weight_ih` (4H, D),
`weight_hh` (4H, P), and one bias (4H,), the sum of torch's two.

Here arrays are checked, once. The standard cell above is run by `engine.fast`; one with
peepholes, a projection or other options by `engine.plain`, which spells out every equation.

References: Hochreiter & Schmidhuber 1997, Long short-term memory; Gers, Schmidhuber & Cummins
2000, Learning to forget (the forget gate); Graves & Schmidhuber 2005 (full backpropagation
through time).
"""

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
from numpy.typing import ArrayLike

from gate_explorer.engine import fast, plain
from gate_explorer.engine.cells import (
    STANDARD,
    Held,
    LSTMGradients,
    LSTMOptions,
    LSTMParameters,
    LSTMState,
    LSTMTrace,
)
from gate_explorer.engine.checks import Array, as_float_array, refuse_growth, steps_from
from gate_explorer.errors import NonFiniteError, ShapeError

__all__ = (
    "STANDARD",
    "Held",
    "LSTMGradients",
    "LSTMOptions",
    "LSTMParameters",
    "LSTMState",
    "LSTMTrace",
    "backward",
    "forward",
    "step",
    "stream",
)


def forward(
    parameters: LSTMParameters,
    x: ArrayLike,
    state: LSTMState | None = None,
    held: Held | None = None,
) -> LSTMTrace:
    """Run a whole sequence and keep every intermediate value.

    held: gates held at values of one's own, fields (T, H) or (T, N, H), NaN where free. Steps that
    hold nothing are as without it, so that up to the first that does the bits are a free run's.

    Shapes: x (T, N, D), T, N >= 1; state h (N, P), c (N, H), zeros where None -> LSTMTrace
    (T, N, ·). Raises: ShapeError, NonFiniteError, also where activations without a bound let
    the state grow beyond all numbers.
    """
    x = as_float_array("x", x, ("T", "N", parameters.input_size), parameters.dtype)
    state = _checked(state, x.shape[1], parameters)
    if held is not None:
        return _forward_held(parameters, x, state or _zeros(x.shape[1], parameters), held)
    if parameters.is_standard:
        return fast.forward(parameters, x, state)
    before = state or _zeros(x.shape[1], parameters)
    with np.errstate(over="ignore", invalid="ignore"):  # found and named below
        trace = plain.forward(parameters, x, before)
    _refuse_overflow(trace)
    return trace


def step(parameters: LSTMParameters, x: ArrayLike, state: LSTMState | None = None) -> LSTMTrace:
    """Advance by one step and keep every intermediate value; `trace.state` goes into the next.

    Shapes: x (N, D); state h (N, P), c (N, H), zeros where None -> LSTMTrace, fields (N, ·).
    Raises: as `forward`.
    """
    x = as_float_array("x", x, ("N", parameters.input_size), parameters.dtype)
    return forward(parameters, x[None], state).at(0)


def stream(
    parameters: LSTMParameters,
    inputs: Iterable[ArrayLike],
    state: LSTMState | None = None,
    chunk: int = 1,
) -> Iterator[LSTMTrace]:
    """Yield a step's trace for every input and keep nothing: memory doesn't grow with the steps.

    The numbers are those of `forward`, bit for bit. chunk: how many inputs are read before their
    steps are yielded; 1 answers each at once, 64 is several times as fast.
    Shapes: inputs (N, D) each -> LSTMTrace, fields (N, ·). Raises: as `forward`.
    """
    waiting, done = iter(inputs), 0
    while batch := list(islice(waiting, chunk)):
        dims = ("N", parameters.input_size)
        x = np.stack([as_float_array("x", row, dims, parameters.dtype) for row in batch])
        with steps_from(done):
            trace = forward(parameters, x, state)
        state, done = trace.state, done + len(x)
        yield from (trace.at(t) for t in range(len(x)))


def backward(
    parameters: LSTMParameters,
    trace: LSTMTrace,
    d_h: ArrayLike,
    d_state: LSTMState | None = None,
    d_c: ArrayLike | None = None,
) -> LSTMGradients:
    """Backpropagate through time, from gradients on the states to everything before them.

    With dh, dc what reaches step t from its output and from step t + 1:
        dc += dh * o * (1 - tanh(c)^2)
        da = [dc g i(1 - i) | dc c' f(1 - f) | dc i (1 - g^2) | dh tanh(c) o(1 - o)]
        dc' = dc * f;  dh' = U^T da;  dx = W^T da;  dW = sum da x^T;  dU = sum da h'^T
    and as in `engine.plain.step_backward` for other cells.
    Shapes: d_h (T, N, P) and d_c (T, N, H): gradients on every hidden and cell state; d_state:
    those on the final h and c. Zeros where None.
    Right-padded batches need no mask: give d_h = 0 on the padding.
    Raises: ShapeError, NonFiniteError.
    """
    dtype = parameters.dtype
    dims = ("T", "N", parameters.input_size)
    steps, batch, _ = as_float_array("trace.x", trace.x, dims, dtype).shape
    d_h = as_float_array("d_h", d_h, (steps, batch, parameters.output_size), dtype)
    after = _checked(d_state, batch, parameters, "d_state") or _zeros(batch, parameters)
    if d_c is not None:
        d_c = as_float_array("d_c", d_c, (steps, batch, parameters.hidden_size), dtype)
    if parameters.is_standard:
        return fast.backward(parameters, trace, d_h, d_c, after)
    d_c = np.zeros_like(trace.c) if d_c is None else d_c
    return plain.backward(parameters, trace, d_h, d_c, after)


def _checked(
    state: LSTMState | None, batch: int, parameters: LSTMParameters, name: str = "state"
) -> LSTMState | None:
    if state is None:
        return None
    if not isinstance(state, LSTMState):
        raise ShapeError(f"{name} should be an LSTMState of h (N, P) and c (N, H).")
    hidden, width, dtype = parameters.hidden_size, parameters.output_size, parameters.dtype
    return LSTMState(
        as_float_array(f"{name}.h", state.h, (batch, width), dtype),
        as_float_array(f"{name}.c", state.c, (batch, hidden), dtype),
    )


def _forward_held(parameters: LSTMParameters, x: Array, before: LSTMState, held: Held) -> LSTMTrace:
    """Steps that hold something one by one, by `plain`; those between as `forward` does."""
    _check_held(held, len(x), x.shape[1], parameters.hidden_size)
    holds, parts = held.steps, []
    starts = [t for t in range(1, len(x)) if holds[t - 1] or holds[t]]
    for part in np.split(np.arange(len(x)), starts):
        with steps_from(int(part[0])), np.errstate(over="ignore", invalid="ignore"):
            if holds[part[0]]:
                one = plain.step(parameters, x[part[0]], before, held.at(part[0]))
                parts.append(plain.stacked([one]))
                _refuse_overflow(parts[-1])
            else:
                parts.append(forward(parameters, x[part], before))
        before = parts[-1].state
    return LSTMTrace(*map(np.concatenate, zip(*parts, strict=True)))


def _check_held(held: Held, steps: int, batch: int, hidden: int) -> None:
    for name, array in held._asdict().items():
        if array.shape not in ((steps, hidden), (steps, batch, hidden)):
            raise ShapeError(
                f"held.{name} should have the shape {(steps, hidden)}, or {(steps, batch, hidden)}"
                f" for a batch, but has {array.shape}."
            )
        if np.isinf(array).any():
            raise NonFiniteError(f"held.{name} holds an infinite value; NaN leaves a gate free.")


def _zeros(batch: int, parameters: LSTMParameters) -> LSTMState:
    hidden, width, dtype = parameters.hidden_size, parameters.output_size, parameters.dtype
    return LSTMState.zeros(batch, hidden, dtype, width)


def _refuse_overflow(trace: LSTMTrace) -> None:
    """Activations such as relu have no bound: what they let grow for long enough overflows."""
    values = np.concatenate((trace.h, trace.c), axis=-1)
    refuse_growth(f"The state grows beyond the range of {trace.c.dtype}", values)
