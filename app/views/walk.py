"""The one walk from an input to a run: page and JSON both go this way, so they can't disagree."""

from collections.abc import Sequence

from gate_explorer.errors import InputError, LimitError
from gate_explorer.runs.cache import Cache
from gate_explorer.runs.inputs import (
    Inputs,
    OneToken,
    Options,
    Text,
    Vectors,
)
from gate_explorer.runs.run import Run, RunState
from gate_explorer.zoo.base import Model

from ..settings import settings
from .address.state import ExplorerState, read_query

# In numbers: 500 runs of ten words in the sentence model, or 5 of 512 steps and 128 units.
MOST_NUMBERS = 4_000_000
ARRAYS = 9


def size(run: Run) -> int:
    """About how many numbers a run holds: its gates, its input, and a model's whole vocabulary."""
    gates = ARRAYS * sum(layer.h.size for layer in run.layers)
    return gates + run.x.size + len(run) * len(getattr(run.outputs[0], "tokens", ()))


# Who walks through a text asks for its run at each step; pages, JSON and exports share it.
recent: Cache[tuple[Model, Text, Options], Run] = Cache(MOST_NUMBERS, size)


def walk_state(model: Model, state: ExplorerState) -> tuple[ExplorerState, Run]:
    """The run of a state; one that names no input takes the model's first example.

    Raises: InputError and its kin.
    """
    sharpness = model.card.sharpness
    if sharpness and state.sharpness == sharpness.usual:
        state = state.having(sharpness=None)
    inputs = state.inputs
    if inputs is None:
        state = _at_the_first_example(model, state)
        inputs = state.inputs
    if inputs is None:
        raise InputError(f"{model.card.id} has no example to show; give it an input.")
    return state, seen(walk(model, inputs, state.options), state)


def seen(run: Run, state: ExplorerState) -> Run:
    """The run, with the layer looked at that the state names, or the last.

    Raises: InputError for one that it doesn't have.
    """
    if state.layer is None:
        return run.looking_at(-1)
    return run.looking_at(run.place_of(state.layer))


def _at_the_first_example(model: Model, state: ExplorerState) -> ExplorerState:
    """The state with the example's input, and its step where the state names none."""
    query = model.card.examples[0].query
    example = read_query(list(query.items())).model_dump()
    return state.having(**{n: example[n] for n in query if getattr(state, n) is None})


def walk(model: Model, inputs: Inputs, options: Options, state: RunState | None = None) -> Run:
    """Run the model within the server's limits.

    Raises: LimitError naming the limit and what came; InputError and its kin.
    """
    check_size(inputs)
    run = _run(model, inputs, options, state)
    _check_steps(len(run), "tokens")
    return run


def walk_all(
    model: Model, inputs: Sequence[Inputs], options: Options, state: RunState | None = None
) -> list[Run]:
    """Run the model over several inputs at once, each within the server's limits.

    Raises: as `walk`, for any of them.
    """
    for each in inputs:
        check_size(each)
    runs = model.runs(inputs, state, options)
    for run in runs:
        _check_steps(len(run), "tokens")
    return runs


def _run(model: Model, inputs: Inputs, options: Options, state: RunState | None) -> Run:
    """The model's run; one of a whole text may be in the cache."""
    if not isinstance(inputs, Text) or state is not None:
        return model.run(inputs, state, options)
    key = (model, inputs, options)
    run = recent.get(key)
    if run is None:
        run = model.run(inputs, None, options)
        recent.put(key, run)
    return run


def check_size(inputs: Inputs) -> None:
    """Raise LimitError for more rows or characters than are read."""
    match inputs:
        case Vectors(rows):
            _check_steps(len(rows), "rows")
        case Text(text) | OneToken(text):
            most = settings().max_text
            if len(text) > most:
                raise LimitError(
                    f"The text has {len(text):,} characters; at most {most:,} are read. Shorten it."
                )


def _check_steps(count: int, what: str) -> None:
    most = settings().max_steps
    if count > most:
        raise LimitError(
            f"The input has {count:,} {what}; at most {most:,} steps are run. Shorten it to its"
            f" last {most:,}, or open it in parts; a program can start each from the state of the"
            " one before."
        )
