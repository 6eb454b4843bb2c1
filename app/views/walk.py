"""The one walk from an input to a run: page and JSON both go this way, so they can't disagree."""

from app.errors import LimitError
from app.settings import settings
from app.zoo.base import Inputs, Model, OneToken, Options, Run, RunState, Text, Vectors


def walk(model: Model, inputs: Inputs, options: Options, state: RunState | None = None) -> Run:
    """Run the model within the server's limits.

    Raises: LimitError naming the limit and what came; InputError and its kin.
    """
    _check_size(inputs)
    run = model.run(inputs, state, options)
    _check_steps(len(run), "tokens")
    return run


def _check_size(inputs: Inputs) -> None:
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
            f"The input has {count:,} {what}; at most {most:,} steps are run. Shorten it, or carry"
            " the state on: run the first part, and pass its state with the next."
        )
