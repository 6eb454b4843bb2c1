"""Stacks: layers, directions, lengths and states compose as the parts say, padding never counts,
and the gradients hold through all of it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate_explorer.engine import lstm, rnn, stack
from gate_explorer.engine.gradcheck import numerical_gradient
from gate_explorer.engine.stack import Pass, Stack, State
from gate_explorer.errors import ShapeError

from .builders import DTYPES, Array, arrays_of, assert_close, draw, draw_cell, draw_rnn, draw_state

KINDS = ("lstm", "projected", "rnn")
ONE_WAY, BACKWARDS, BOTH = (False,), (True,), (False, True)


def _draw_stack(
    rng: np.random.Generator,
    kind: str,
    width: int,
    hidden: int,
    layers: tuple[tuple[bool, ...], ...],
    dtype: Any = np.float64,
) -> Stack:
    made = []
    for directions in layers:
        passes = []
        for reverse in directions:
            parameters: stack.Parameters
            if kind == "rnn":
                parameters = draw_rnn(rng, width, hidden, dtype)
            else:
                projection = 2 if kind == "projected" else None
                parameters = draw_cell(rng, width, hidden, dtype, projection=projection)
            passes.append(Pass(parameters, reverse))
        made.append(tuple(passes))
        width = sum(run.parameters.output_size for run in passes)
    return Stack(tuple(made))


def _draw_states(rng: np.random.Generator, of: Stack, batch: int) -> list[list[State]]:
    states: list[list[State]] = []
    for layer in of.layers:
        states.append([])
        for run in layer:
            p = run.parameters
            if isinstance(p, rnn.RNNParameters):
                states[-1].append(draw(rng, batch, p.hidden_size, dtype=p.dtype))
            else:
                states[-1].append(draw_state(rng, batch, p.hidden_size, p.dtype, p.output_size))
    return states


def _parts(state: State) -> list[Array]:
    return [state.h, state.c] if isinstance(state, lstm.LSTMState) else [state]


def test_two_layers_both_ways_are_their_passes_composed() -> None:
    rng = np.random.default_rng(31)
    cells = [draw_cell(rng, width, 3) for width in (2, 2, 6)]
    made = Stack(((Pass(cells[0]), Pass(cells[1], True)), (Pass(cells[2]),)))
    x = draw(rng, 5, 2, 2)

    trace = stack.forward(made, x)

    there, back = lstm.forward(cells[0], x), lstm.forward(cells[1], x[::-1])
    joined = np.concatenate((there.h, back.h[::-1]), axis=2)
    assert_close(trace.h, lstm.forward(cells[2], joined).h, 1e-15)
    reverse = trace.layers[0][1]
    assert_close(reverse.h, back.h[::-1], 0)
    assert_close(reverse.h_prev[:-1], reverse.h[1:], 0)
    assert_close(_parts(trace.states[0][1])[0], reverse.h[0], 0)
    assert_close(_parts(trace.states[0][1])[1], back.c[-1], 0)
    assert (made.input_size, made.output_size, made.is_one_way) == (2, 3, False)


@given(
    kind=st.sampled_from(KINDS),
    layers=st.lists(st.sampled_from((ONE_WAY, BACKWARDS, BOTH)), min_size=1, max_size=3),
    lengths=st.lists(st.integers(1, 7), min_size=1, max_size=4),
    more=st.integers(0, 5),
    dtype=st.sampled_from(DTYPES),
    seed=st.integers(0, 2**32),
)
def test_padding_changes_no_bit_whatever_it_holds_and_however_long_it_is(
    kind: str,
    layers: list[tuple[bool, ...]],
    lengths: list[int],
    more: int,
    dtype: Any,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    made = _draw_stack(rng, kind, 3, 4, tuple(layers), dtype)
    steps, batch = max(lengths), len(lengths)
    states = _draw_states(rng, made, batch)
    x = draw(rng, steps, batch, 3, dtype=dtype)
    longer = draw(rng, steps + more, batch, 3, scale=9, dtype=dtype)
    for n, length in enumerate(lengths):
        longer[:length, n] = x[:length, n]

    short, long = (stack.forward(made, given_x, lengths, states) for given_x in (x, longer))

    for few, many in zip(short.layers, long.layers, strict=True):
        for one, other in zip(few, many, strict=True):
            for name, array in one._asdict().items():
                assert getattr(other, name)[:steps].tobytes() == array.tobytes(), name
                assert not getattr(other, name)[steps:].any(), name
    for one_layer, other_layer in zip(short.states, long.states, strict=True):
        for a, b in zip(one_layer, other_layer, strict=True):
            assert [v.tobytes() for v in _parts(a)] == [v.tobytes() for v in _parts(b)]
    for n, length in enumerate(lengths):
        assert not short.h[length:, n].any()


@pytest.mark.parametrize("kind", KINDS)
def test_sequence_in_a_padded_batch_equals_the_sequence_alone(kind: str) -> None:
    rng = np.random.default_rng(32)
    made = _draw_stack(rng, kind, 3, 4, (BOTH, BOTH))
    lengths, x = [5, 2, 3], draw(rng, 5, 3, 3)

    together = stack.forward(made, x, lengths)

    for n, length in enumerate(lengths):
        alone = stack.forward(made, x[:length, n : n + 1])
        assert_close(together.h[:length, n : n + 1], alone.h, 1e-14)
        for layer, own in zip(together.states, alone.states, strict=True):
            for state, own_state in zip(layer, own, strict=True):
                for array, own_array in zip(_parts(state), _parts(own_state), strict=True):
                    assert_close(array[n : n + 1], own_array, 1e-14)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layers", [(ONE_WAY, ONE_WAY), (BOTH, BOTH), (BACKWARDS, BOTH)])
@pytest.mark.parametrize("lengths", [None, (4, 1, 3)])
def test_gradients_through_a_stack_match_central_differences(
    kind: str, layers: tuple[tuple[bool, ...], ...], lengths: tuple[int, ...] | None
) -> None:
    rng = np.random.default_rng(33)
    made = _draw_stack(rng, kind, 2, 3, layers)
    x, states, d_states = draw(rng, 4, 3, 2), *(_draw_states(rng, made, 3) for _ in range(2))
    d_h = draw(rng, 4, 3, made.output_size)

    def loss() -> float:
        fresh = Stack(tuple(tuple(_anew(run) for run in layer) for layer in made.layers))
        trace = stack.forward(fresh, x, lengths, states)
        total = float((trace.h * d_h).sum())
        for ends, above in zip(trace.states, d_states, strict=True):
            for end, d_end in zip(ends, above, strict=True):
                pairs = zip(_parts(end), _parts(d_end), strict=True)
                total += sum(float((e * d).sum()) for e, d in pairs)
        return total

    found = stack.backward(made, stack.forward(made, x, lengths, states), d_h, d_states)

    assert_close(found.d_x, numerical_gradient(loss, x), 1e-8)
    for layer, of_layer, before in zip(made.layers, found.layers, states, strict=True):
        for run, gradients, state in zip(layer, of_layer, before, strict=True):
            initial = dict(zip(("h0", "c0"), _parts(state), strict=False))
            for name, array in (arrays_of(run.parameters) | initial).items():
                gradient = getattr(gradients, f"d_{name}")
                assert_close(gradient, numerical_gradient(loss, array), 1e-8, name)


def _anew(run: Pass) -> Pass:
    """The same arrays without what was derived from them before they changed."""
    p = run.parameters
    if isinstance(p, rnn.RNNParameters):
        return Pass(rnn.RNNParameters(p.weight_ih, p.weight_hh, p.bias), run.reverse)
    cell = lstm.LSTMParameters(p.weight_ih, p.weight_hh, p.bias, weight_hr=p.weight_hr)
    return Pass(cell, run.reverse)


@given(
    kind=st.sampled_from(KINDS),
    depth=st.integers(1, 3),
    steps=st.integers(1, 9),
    batch=st.integers(1, 4),
    width=st.integers(1, 20),
    hidden=st.integers(1, 20),
    chunk=st.integers(1, 5),
    dtype=st.sampled_from(DTYPES),
    seed=st.integers(0, 2**32),
)
def test_steps_and_stream_of_a_one_way_stack_equal_forward_bit_for_bit(
    kind: str,
    depth: int,
    steps: int,
    batch: int,
    width: int,
    hidden: int,
    chunk: int,
    dtype: Any,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    made = _draw_stack(rng, kind, width, hidden, (ONE_WAY,) * depth, dtype)
    x = draw(rng, steps, batch, width, dtype=dtype)
    whole = stack.forward(made, x)

    states = None
    streamed = list(stack.stream(made, iter(x), chunk=chunk))
    assert len(streamed) == steps
    for t, x_t in enumerate(x):
        trace = stack.step(made, x_t, states)
        states = trace.states
        for (run,), (stepped,), yielded in zip(
            whole.layers, trace.layers, streamed[t], strict=True
        ):
            for name, array in run._asdict().items():
                assert getattr(stepped, name)[0].tobytes() == array[t].tobytes(), name
                assert getattr(yielded, name).tobytes() == array[t].tobytes(), name


def test_stack_that_reads_backwards_cant_be_stepped_or_streamed() -> None:
    made = _draw_stack(np.random.default_rng(34), "lstm", 2, 3, (BOTH,))

    with pytest.raises(ShapeError, match="step by step: it reads from ahead"):
        stack.step(made, np.ones((1, 2)))
    with pytest.raises(ShapeError, match="can't be streamed"):
        next(stack.stream(made, [np.ones((1, 2))]))


@pytest.mark.parametrize(
    ("lengths", "words"),
    [
        ([3, 0], r"Every length should be 1 to 3, but they are \[3, 0\]"),
        ([4, 1], r"Every length should be 1 to 3, but they are \[4, 1\]"),
        ([3], r"lengths should hold 2 whole numbers, .* \(1,\)"),
        ([3.0, 1.0], r"lengths should hold 2 whole numbers, .* float64"),
    ],
)
def test_lengths_that_dont_fit_say_what_was_expected(lengths: Any, words: str) -> None:
    made = _draw_stack(np.random.default_rng(35), "rnn", 2, 3, (ONE_WAY,))

    with pytest.raises(ShapeError, match=words):
        stack.forward(made, np.ones((3, 2, 2)), lengths)


def test_states_that_dont_fit_say_what_was_expected() -> None:
    rng = np.random.default_rng(36)
    gated, simple = (_draw_stack(rng, kind, 2, 3, (ONE_WAY,)) for kind in ("lstm", "rnn"))
    x, h = np.ones((3, 2, 2)), np.ones((2, 3))

    with pytest.raises(ShapeError, match="one state a pass"):
        stack.forward(gated, x, None, [[None, None]])
    with pytest.raises(ShapeError, match="LSTMState of h and c, but an array came"):
        stack.forward(gated, x, None, [[h]])
    with pytest.raises(ShapeError, match="h alone, but an LSTM's came"):
        stack.forward(simple, x, None, [[lstm.LSTMState(h, h)]])


def test_layers_that_dont_fit_are_named() -> None:
    rng = np.random.default_rng(37)
    cell, narrow, simple = draw_cell(rng, 2, 3), draw_cell(rng, 2, 3), draw_rnn(rng, 3, 3)
    single = draw_cell(rng, 3, 3, np.float32)
    for layers, words in (
        ((), "at least one layer"),
        (((),), "a layer at least one pass"),
        (((Pass(cell), Pass(narrow)),), "Layer 0 should be one pass, or two in opposite"),
        (((Pass(cell),), (Pass(narrow),)), "Layer 1 should read inputs of the width 3, but reads"),
        (((Pass(cell),), (Pass(simple),)), "Layer 1 is of another kind or dtype"),
        (((Pass(cell),), (Pass(single),)), "Layer 1 is of another kind or dtype"),
    ):
        with pytest.raises(ShapeError, match=words):
            Stack(layers)
