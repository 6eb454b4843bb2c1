"""The LSTM as one reads it: an equation a line, over every option, forward and backward.

sigma, gamma and phi stand for the options' gate, candidate and cell activations, p for the
peepholes, V for the projection. A clip limits the sums a before they are squashed, and not c, as
ONNX Runtime has it:

    a_i = W_i x + U_i h' + b_i + p_i * c'      i = sigma(a_i)
    a_f = W_f x + U_f h' + b_f + p_f * c'      f = sigma(a_f), or 1 - i where the two are coupled
    a_g = W_g x + U_g h' + b_g                 g = gamma(a_g)
    c   = f * c' + i * g
    a_o = W_o x + U_o h' + b_o + p_o * c       o = sigma(a_o)
    m   = o * phi(c)                           h = m, or V m where it is projected

docs/equations.md derives the gradients in the same letters. `engine.fast` does the same for
the standard cell, several times as fast; tests hold the two equal. Arrays are trusted here:
`engine.lstm` checks them.

References: Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000 (forget gate); Gers,
Schraudolph & Schmidhuber 2002 (peepholes); Sak, Senior & Beaufays 2014 (projection); the ONNX
operator LSTM (clip, coupling).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gate_explorer.engine.activations import Activation
from gate_explorer.engine.cells import (
    Held,
    LSTMGradients,
    LSTMParameters,
    LSTMState,
    LSTMTrace,
    hold,
)
from gate_explorer.engine.checks import Array


def forward(parameters: LSTMParameters, x: Array, state: LSTMState) -> LSTMTrace:
    """Run a sequence (T, N, D) from a state, step by step -> LSTMTrace (T, N, ·)."""
    steps: list[LSTMTrace] = []
    for x_t in x:
        steps.append(step(parameters, x_t, state))
        state = LSTMState(steps[-1].h, steps[-1].c)
    return stacked(steps)


def step(
    parameters: LSTMParameters, x: Array, before: LSTMState, held: Held | None = None
) -> LSTMTrace:
    """One step, from x (N, D) and the state before it -> LSTMTrace (N, ·).

    held: gates that are not what their sums say, (N, H) or (H,).
    """
    options = parameters.options
    p_i, p_f, p_o = _peepholes(parameters)
    h_prev, c_prev = before.h, before.c

    a = x @ parameters.weight_ih.T + h_prev @ parameters.weight_hh.T + parameters.bias
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)  # views: what is added to them is added to a
    a_i += p_i * c_prev
    a_f += p_f * c_prev
    i = hold(squash(options.gate, a_i, options.clip), held, "i")
    f = 1 - i if options.input_forget else squash(options.gate, a_f, options.clip)
    f = hold(f, held, "f")
    g = hold(squash(options.candidate, a_g, options.clip), held, "g")
    c = f * c_prev + i * g
    a_o += p_o * c
    o = hold(squash(options.gate, a_o, options.clip), held, "o")
    phi_c = options.cell(c)
    m = o * phi_c
    h = m if parameters.weight_hr is None else m @ parameters.weight_hr.T
    return LSTMTrace(x, a, i, f, g, o, c_prev, c, phi_c, h_prev, h)


def backward(
    parameters: LSTMParameters, trace: LSTMTrace, d_h: Array, d_c: Array, after: LSTMState
) -> LSTMGradients:
    """Backpropagate through time.

    Shapes: gradients from above on every hidden state, d_h (T, N, P), and on every cell state,
    d_c (T, N, H); after: those on the final state, (N, P) and (N, H).
    """
    d_a, d_h = np.empty_like(trace.a), d_h.copy()
    reaching = after
    for t in reversed(range(len(d_h))):
        d_h[t] += reaching.h
        d_a[t], reaching = step_backward(parameters, trace.at(t), d_h[t], d_c[t] + reaching.c)
    gradients = LSTMGradients(
        d_weight_ih=_summed(d_a, trace.x),
        d_weight_hh=_summed(d_a, trace.h_prev),
        d_bias=d_a.sum(axis=(0, 1)),
        d_x=d_a @ parameters.weight_ih,
        d_h0=reaching.h,
        d_c0=reaching.c,
    )
    if parameters.peephole is not None:
        gradients = replace(gradients, d_peephole=_d_peephole(d_a, trace))
    if parameters.weight_hr is not None:
        gradients = replace(gradients, d_weight_hr=_summed(d_h, trace.o * trace.tanh_c))
    return gradients


def step_backward(
    parameters: LSTMParameters, s: LSTMTrace, d_h: Array, d_c: Array
) -> tuple[Array, LSTMState]:
    """From what reaches a step's h and c to its da (N, 4H), and to what reaches h' and c'."""
    options = parameters.options
    p_i, p_f, p_o = _peepholes(parameters)
    a_i, a_f, a_g, a_o = np.split(s.a, 4, axis=1)

    d_m = d_h if parameters.weight_hr is None else d_h @ parameters.weight_hr
    d_a_o = d_m * s.tanh_c * slope(options.gate, a_o, s.o, options.clip)
    d_c = d_c + d_m * s.o * options.cell.slope(s.c, s.tanh_c) + d_a_o * p_o
    d_i, d_f, d_g = d_c * s.g, d_c * s.c_prev, d_c * s.i
    if options.input_forget:
        d_i, d_f = d_i - d_f, np.zeros_like(d_f)
    d_a_i = d_i * slope(options.gate, a_i, s.i, options.clip)
    d_a_f = d_f * slope(options.gate, a_f, s.f, options.clip)
    d_a_g = d_g * slope(options.candidate, a_g, s.g, options.clip)
    d_a = np.concatenate((d_a_i, d_a_f, d_a_g, d_a_o), axis=1)
    d_c_prev = d_c * s.f + d_a_i * p_i + d_a_f * p_f
    return d_a, LSTMState(d_a @ parameters.weight_hh, d_c_prev)


def squash(activation: Activation, a: Array, clip: float | None) -> Array:
    """The activation of a, limited to [-clip, clip] first."""
    return activation(a if clip is None else np.clip(a, -clip, clip))


def slope(activation: Activation, a: Array, y: Array, clip: float | None) -> Array:
    """The slope of `squash` at a, where its value is y: 0 where a is clipped."""
    if clip is None:
        return activation.slope(a, y)
    result: Array = activation.slope(np.clip(a, -clip, clip), y) * (np.abs(a) <= clip)
    return result


def stacked(steps: Sequence[LSTMTrace]) -> LSTMTrace:
    """Traces of single steps, (N, ·), as one of a run, (T, N, ·)."""
    return LSTMTrace(*(np.stack(arrays) for arrays in zip(*steps, strict=True)))


def _peepholes(parameters: LSTMParameters) -> Sequence[Array]:
    """p_i, p_f, p_o, (H,); zeros where there are none."""
    if parameters.peephole is None:
        return [np.zeros(parameters.hidden_size, parameters.dtype)] * 3
    return np.split(parameters.peephole, 3)


def _summed(d_rows: Array, columns: Array) -> Array:
    """The sum over all steps and sequences of d_row column^T."""
    result: Array = np.einsum("tnr,tnc->rc", d_rows, columns)
    return result


def _d_peephole(d_a: Array, trace: LSTMTrace) -> Array:
    d_a_i, d_a_f, _, d_a_o = np.split(d_a, 4, axis=2)
    sums = [(d_a_i * trace.c_prev), (d_a_f * trace.c_prev), (d_a_o * trace.c)]
    return np.concatenate([s.sum(axis=(0, 1)) for s in sums])
