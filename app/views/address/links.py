"""Where a page leads: the same state at another step, other states, files, other pages.

Every link and form of a page comes from here; what is embedded leads only to what may be framed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from gate_explorer.runs.card import Card
from gate_explorer.zoo import registry

from ..documents.exports import addresses
from .framing import Look
from .lanes import comparisons
from .root import rooted
from .state import INPUT, ExplorerState, as_texts, query_string

# Stands for a step where an address is written once for all of them.
ANY_STEP = 10**9
# The fields that a step's or a panel's buttons change, one each.
PICKED = ("t", "unit", "gate", "checkpoint", "show", "sort", "only", "page", "drawer")
PICKED_BARE = ("t", "unit")


def page_at(card: Card, given: str, t: int, **fields: object) -> str:
    """The address of a step of an input, given as addresses write it."""
    name = "x" if card.input == "vectors" else "text"
    return rooted(f"/models/{card.id}?{query_string({name: given, 't': t, **fields})}")


@dataclass(frozen=True)
class Links:
    """The addresses around a state; look: how the page is shown, if it is embedded."""

    card: Card
    state: ExplorerState
    look: Look | None = None

    @property
    def path(self) -> str:
        """The page's path, without the query."""
        return self._path(self.card.id)

    def _path(self, model_id: str) -> str:
        return rooted(f"/embed/models/{model_id}" if self.look else f"/models/{model_id}")

    @property
    def carried(self) -> dict[str, str]:
        """What every address and form of the page carries beside the state: the look."""
        return self.look.fields() if self.look else {}

    @cached_property
    def canonical(self) -> str:
        """The address of the same state with everything around it."""
        return rooted(self._canonical)

    @property
    def _canonical(self) -> str:
        return f"/models/{self.card.id}?{self._said.query()}"

    @cached_property
    def _said(self) -> ExplorerState:
        """The state as addresses say it: the drawn input that a brought model opens on can be long,
        and needs no saying."""
        examples = self.card.examples if self.card.provenance == "uploaded" else ()
        known = bool(examples) and self.state.x == examples[0].query.get("x")
        return self.state.having(x=None) if known else self.state

    @property
    def address(self) -> str:
        """The canonical address of the state, shown as it is."""
        return self.at()

    def at(self, **changes: object) -> str:
        """The address of the same state with some fields changed."""
        return self.opening(self._said.having(**changes).query())

    def opening(self, query: str, model_id: str | None = None) -> str:
        """The address of another state, of this model or another, shown in the same way."""
        path, look = self._path(model_id or self.card.id), query_string(self.carried)
        return f"{path}?{query}&{look}" if look else f"{path}?{query}"

    @cached_property
    def to(self) -> Callable[[int], str]:
        """The address of the same state at a step."""
        before, after = re.split(rf"(?<=[?&]t=){ANY_STEP}", self.at(t=ANY_STEP), maxsplit=1)
        return lambda t: f"{before}{t}{after}"

    @property
    def pickers(self) -> tuple[str, ...]:
        """The fields that have a form of their own, whose buttons stand anywhere on the page."""
        return PICKED_BARE if self.look and self.look.bare else PICKED

    def fields(self, *left_out: str) -> dict[str, str]:
        """The state's fields as a form's hidden inputs, but for those that it sets itself."""
        return {name: text for name, text in self._fields.items() if name not in left_out}

    @cached_property
    def _fields(self) -> dict[str, str]:
        return {**as_texts(self._said.model_dump(exclude_none=True)), **self.carried}

    @property
    def trace(self) -> str:
        """The JSON twin: the same run as a trace."""
        return rooted(f"/api/v1/models/{self.card.id}/trace?{self.state.run_query()}")

    @property
    def gradients(self) -> str:
        """The gradient's way back as JSON, of the layer that is looked at."""
        layer = {} if self.state.layer is None else {"layer": self.state.layer}
        query = "&".join(part for part in (self.state.run_query(), query_string(layer)) if part)
        return rooted(f"/api/v1/models/{self.card.id}/gradients?{query}")

    def alike(self, first: int, last: int, trait: str) -> str:
        """The units that do the same over a stretch, as JSON."""
        run = self.state.run_query()
        marked = query_string({"layer": self.state.layer} if self.state.layer else {})
        marked += f"&first={first}&last={last}&trait={trait}"
        return rooted(f"/api/v1/models/{self.card.id}/alike?{run}&{marked.lstrip('&')}")

    @property
    def weights(self) -> str:
        """The file of the weights that made this run."""
        how = self.state.model_dump(exclude_none=True, include={"checkpoint", "sharpness"})
        query = f"?{query_string(how)}" if how else ""
        return rooted(f"/api/v1/models/{self.card.id}/weights.safetensors{query}")

    @cached_property
    def exports(self) -> dict[str, str]:
        """The addresses of the state as files: data, pictures, a page of its own."""
        return addresses(self.card.id, self.state)

    @property
    def comparisons(self) -> dict[str, str]:
        """Runs to set beside this one: what they are, and where."""
        return {} if self.look else comparisons(self.card, self.state)

    @property
    def share(self) -> str:
        """Where the state is shared: its frame, with options, and the code."""
        return rooted(f"/share{self._canonical}")

    @property
    def twin(self) -> str | None:
        """The address of the same input in the model with, or without, gates."""
        other = registry.counterpart(self.card)
        kept = self.state.model_dump(exclude_none=True, include={*INPUT, "t"})
        return self.opening(query_string(kept), other) if other else None

    @property
    def free(self) -> str:
        """The same run with nothing held."""
        return self.at(clamp=None)

    @property
    def names(self) -> str:
        """The same with nicknames, or with the field's own words."""
        return self.at(names=None if self.state.names else "symbols")

    @property
    def tables(self) -> str:
        """The same with its plots as tables too, or without."""
        return self.at(tables=None if self.state.tables else "shown")
