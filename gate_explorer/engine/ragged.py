"""Sequences of different lengths through one network at once.

The longest lie first. A batch runs until a quarter of it has ended, zeros behind those ends, and
goes on without them: at most a third of the work is for nothing, and no memory is. What a sequence
gives doesn't depend on the others but for rounding; one alone gives, bit for bit, what
`engine.lstm`, `engine.rnn` and `engine.stack` give. A reverse pass turns each about its own end.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from gate_explorer.engine import lstm, rnn
from gate_explorer.engine.checks import Array, steps_from
from gate_explorer.engine.lstm import Held, LSTMParameters, LSTMState, LSTMTrace
from gate_explorer.engine.rnn import RNNParameters, RNNTrace
from gate_explorer.engine.stack import Pass, Stack, StackTrace, State, States, Trace
from gate_explorer.errors import GrowthError, ShapeError

Sequences = Sequence[Array]
S = TypeVar("S", LSTMState, Array)
ENDED = 0.25
T = TypeVar("T", LSTMTrace, RNNTrace)


def through_lstm(
    parameters: LSTMParameters,
    xs: Sequences,
    state: LSTMState | None = None,
    held: Sequence[Held] | None = None,
) -> list[LSTMTrace]:
    """Run each sequence from the same state, and keep every intermediate value.

    Shapes: xs (T, D) each, T >= 1; state h (1, P), c (1, H), zeros where None; held (T, H) each
    -> a trace (T, 1, ·) each. Raises: ShapeError, NonFiniteError; GrowthError by step and sequence.
    """

    def run(x: Array, before: LSTMState | None, who: list[int], part: slice) -> LSTMTrace:
        if len(xs) == 1:
            return lstm.forward(parameters, x, before, held[0] if held else None)
        holds = None if held is None else _held([held[n] for n in who], part)
        return lstm.forward(parameters, x, before, holds)

    return _each(xs, state, run, lambda found, n: LSTMState(found.h[:n], found.c[:n]))


def through_rnn(
    parameters: RNNParameters, xs: Sequences, state: Array | None = None
) -> list[RNNTrace]:
    """The same for an Elman network. Shapes: state h (1, H). Raises: as `through_lstm`."""

    def run(x: Array, before: Array | None, who: list[int], part: slice) -> RNNTrace:
        return rnn.forward(parameters, x, before)

    return _each(xs, state, run, lambda found, n: found[:n])


def through_stack(
    stack: Stack,
    xs: Sequences,
    states: States | None = None,
    held: Sequence[Sequence[Held | None]] | None = None,
) -> list[StackTrace]:
    """The same for all layers of a stack.

    Shapes: states as `engine.stack.forward`, N = 1; held: of each sequence, what each pass holds,
    layer by layer, (T, H) position by position. Raises: as `through_lstm`; the step named is the
    position in the sequence.
    """
    given = states or [[None] * len(layer) for layer in stack.layers]
    below, found = list(xs), []
    of_each_pass = iter([] if held is None else zip(*held, strict=True))
    for layer, before in zip(stack.layers, given, strict=True):
        passes = [
            _pass(run, below, state, next(of_each_pass, None))
            for run, state in zip(layer, before, strict=True)
        ]
        found.append(passes)
        joined = zip(*passes, strict=True)
        below = [np.concatenate([trace.h[:, 0] for trace in runs], axis=1) for runs in joined]
    return [
        StackTrace(
            x=x[:, None],
            lengths=np.array([len(x)]),
            layers=(layers := tuple(tuple(each[n] for each in passes) for passes in found)),
            states=tuple(
                tuple(_end(run, trace) for run, trace in zip(passes, traces, strict=True))
                for passes, traces in zip(stack.layers, layers, strict=True)
            ),
            h=below[n][:, None],
        )
        for n, x in enumerate(xs)
    ]


def _pass(
    run: Pass, xs: Sequences, state: State | None, held: Sequence[Held | None] | None
) -> Sequence[Trace]:
    """One pass over each sequence, its trace position by position."""
    holds = _all_held(held, xs, run.parameters.hidden_size)
    if not run.reverse:
        return _through(run, xs, state, holds)
    if holds is not None:
        holds = [Held(*(array[::-1] for array in each)) for each in holds]
    try:
        traces = _through(run, [np.ascontiguousarray(x[::-1]) for x in xs], state, holds)
    except GrowthError as error:
        raise error.at(len(xs[error.sequence]) - 1 - error.step) from None
    return [type(trace)(*(array[::-1] for array in trace)) for trace in traces]


def _all_held(
    held: Sequence[Held | None] | None, xs: Sequences, units: int
) -> Sequence[Held] | None:
    """What a pass holds in each sequence; None where it holds nothing in any."""
    if held is None or all(each is None for each in held):
        return None
    return [
        Held.nothing((len(x), units)) if each is None else each
        for x, each in zip(xs, held, strict=True)
    ]


def _through(
    run: Pass, xs: Sequences, state: State | None, held: Sequence[Held] | None
) -> Sequence[Trace]:
    if isinstance(run.parameters, RNNParameters):
        if held is not None:
            raise ShapeError("An Elman network has no gates to hold.")
        if isinstance(state, LSTMState):
            raise ShapeError("An Elman network's state is h alone, but an LSTM's came.")
        return through_rnn(run.parameters, xs, state)
    if not (state is None or isinstance(state, LSTMState)):
        raise ShapeError("An LSTM's state is an LSTMState of h and c, but an array came.")
    return through_lstm(run.parameters, xs, state, held)


def _end(run: Pass, trace: Trace) -> State:
    """The state in which a pass ended."""
    return trace.at(0 if run.reverse else -1).state


def _each(
    xs: Sequences,
    state: S | None,
    run: Callable[[Array, S | None, list[int], slice], T],
    first: Callable[[S, int], S],
) -> list[T]:
    """Each sequence's trace, from runs of those that haven't ended.

    run: a batch (T, N, D) from a state, of which sequences, over which of their steps.
    first: a state's first n sequences.
    """
    if len(xs) == 1:
        return [run(np.ascontiguousarray(xs[0])[:, None], state, [0], slice(0, len(xs[0])))]
    try:
        return _together(xs, state, run, first, ENDED)
    except GrowthError:  # perhaps behind an end: without padding, surely not
        return _together(xs, state, run, first, 0)


def _together(
    xs: Sequences,
    state: S | None,
    run: Callable[[Array, S | None, list[int], slice], T],
    first: Callable[[S, int], S],
    ended: float,
) -> list[T]:
    """The same; ended: the share of a batch that may end before it goes on without them."""
    order = sorted(range(len(xs)), key=lambda n: -len(xs[n]))
    before = None if state is None else _repeated(state, len(xs))
    laid = _Laid([len(x) for x in xs])
    for part, count in _parts([len(xs[n]) for n in order], ended):
        who = order[:count]
        x = _side_by_side([xs[n][part] for n in who], part, 0)
        if before is not None:
            before = first(before, count)
        try:
            with steps_from(part.start):
                trace = run(x, before, who, part)
        except GrowthError as error:
            raise GrowthError(error.what, error.step, who[error.sequence]) from None
        before = trace.state  # type: ignore[assignment]
        laid.lay(trace, who, part)
    return [type(trace)(*arrays) for arrays in laid.each()]


class _Laid:
    """The traces of all sequences, one behind the other: every array (T of all + 1, ·).

    The last row takes what was worked out behind an end.
    """

    def __init__(self, lengths: list[int]) -> None:
        self._ends = np.cumsum(lengths)
        self._starts = self._ends - lengths
        self._arrays: list[Array] = []

    def lay(self, trace: Trace, who: list[int], part: slice) -> None:
        """Put a batch's trace (T, N, ·) where the sequences `who` have these steps."""
        last = self._ends[-1]
        if not self._arrays:
            self._arrays = [np.empty((last + 1, a.shape[2]), a.dtype) for a in trace]
        rows = np.arange(part.start, part.stop)[:, None] + self._starts[who]
        rows = np.where(rows < self._ends[who], rows, last)
        for array, values in zip(self._arrays, trace, strict=True):
            array[rows] = values

    def each(self) -> Iterator[list[Array]]:
        """Each sequence's arrays, (T, 1, ·)."""
        for start, end in zip(self._starts, self._ends, strict=True):
            yield [array[start:end, None] for array in self._arrays]


def _parts(lengths: list[int], ended: float) -> Iterator[tuple[slice, int]]:
    """Stretches of steps, and how many of the longest go through each; lengths: falling."""
    start = 0
    while count := sum(length > start for length in lengths):
        end = lengths[count - 1 - int(ended * count)]
        yield slice(start, end), count
        start = end


def _side_by_side(rows: Sequences, part: slice, value: float) -> Array:
    """The sequences' rows of a part as (T, N, ·), one number throughout behind their ends."""
    shape = (part.stop - part.start, len(rows), rows[0].shape[1])
    whole = np.full(shape, value, rows[0].dtype)
    for place, each in enumerate(rows):
        whole[: len(each), place] = each
    return whole


def _repeated(state: S, count: int) -> S:
    if isinstance(state, LSTMState):
        return LSTMState(*(np.repeat(array, count, axis=0) for array in state))
    return np.repeat(state, count, axis=0)


def _held(held: Sequence[Held], part: slice) -> Held:
    """What is held in a batch, (T, N, H)."""
    return Held(
        *(
            _side_by_side([array[part] for array in arrays], part, np.nan)
            for arrays in zip(*held, strict=True)
        )
    )
