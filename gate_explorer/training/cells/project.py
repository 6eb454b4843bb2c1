"""A model to be learned: its task, how it is trained, and what its card says.

Notes and limits claim things about the weights that are kept; the tests hold every claim against
them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gate_explorer.runs.card import (
    Example,
    Figure,
    InputKind,
    Limit,
    OutputKind,
    SeriesInput,
    Source,
)
from gate_explorer.training.cells.model import Recipe
from gate_explorer.training.cells.task import Task


@dataclass(frozen=True)
class Project:
    """A model to be learned; figures: the first is what seeds and rates are chosen by, on dev.

    twin_of_the_seed: the twin that is kept is not the best run but that of the LSTM's own seed and
    rate, where the best would hide what becomes of most runs; `twin_rates` has to hold that rate.
    """

    name: str
    title: str
    description: str
    task: str
    input: InputKind
    output: OutputKind
    make: Callable[[Path], Task]
    recipe: Recipe
    figures: tuple[Figure, ...]
    examples: tuple[Example, ...]
    order: int
    seeds: tuple[int, ...] = (1, 2, 3)
    twin_rates: tuple[float, ...] = ()
    twin_of_the_seed: bool = False
    labels: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    range: tuple[float, float] | None = None
    string_end: str | None = None
    series: SeriesInput | None = None
    limits: tuple[Limit, ...] = ()
    data: tuple[Source, ...] = ()

    @property
    def twin_recipes(self) -> tuple[Recipe, ...]:
        """The same recipe for a vanilla RNN, once with each learning rate it is tried at."""
        rates = self.twin_rates
        return tuple(replace(self.recipe, cell="rnn", learning_rate=rate) for rate in rates)

    def rank(self, dev: Mapping[str, float]) -> tuple[float, ...]:
        """What a better run has more of."""
        return tuple(dev[one.name] * (1 if one.more else -1) for one in self.figures)


def example(title: str, note: str, **query: str) -> Example:
    """An example as the card has it."""
    return Example(query, title, note)
