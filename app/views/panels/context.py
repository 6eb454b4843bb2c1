"""What every panel of a page is made from: a model's run at a step, and the page's addresses."""

from dataclasses import dataclass
from functools import cached_property

from gate_explorer.errors import ExplorerError
from gate_explorer.runs.card import Card
from gate_explorer.runs.run import Run
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model

from ..address.framing import Look
from ..address.links import Links
from ..address.state import ExplorerState, Typed
from ..equation.explorer import Explorer, explorer_of
from ..walk import seen, walk


@dataclass(frozen=True)
class Context:
    """A page's model, state and run; `error` comes with a run of the model's first example.

    look: how the page is shown, if it is embedded. lane: its letter, if it is one of two. typed:
    what stands in its forms, where that could not be read.
    """

    card: Card
    state: ExplorerState
    explorer: Explorer
    links: Links
    error: ExplorerError | None = None
    look: Look | None = None
    lane: str = ""
    typed: Typed | None = None

    @property
    def model(self) -> Model:
        """The model itself."""
        return registry.get(self.card.id)

    @property
    def run(self) -> Run:
        """The run at hand."""
        return self.explorer.run

    @cached_property
    def own(self) -> Explorer | None:
        """The same run with nothing held, at the same step; None where nothing is held."""
        return free_of(self.card, self.state)


def free_of(card: Card, state: ExplorerState) -> Explorer | None:
    """The explorer of a state's run with nothing held; None where nothing is held."""
    inputs = state.inputs
    if not state.clamp or inputs is None:
        return None
    free = state.having(clamp=None)
    return explorer_of(seen(walk(registry.get(card.id), inputs, free.options), free), free)
