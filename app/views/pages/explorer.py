"""A whole explorer page: the run at its step and unit, the form, and the addresses around it."""

import re
from dataclasses import dataclass
from functools import cached_property

from gate_explorer.analysis.roles import roles
from gate_explorer.analysis.words import number
from gate_explorer.errors import ExplorerError
from gate_explorer.runs.card import Card, UnitFact
from gate_explorer.runs.inputs import Options, Vectors
from gate_explorer.runs.run import Run
from gate_explorer.zoo import registry

from ..address.framing import Look
from ..address.lanes import comparisons
from ..address.state import (
    ExplorerState,
    Typed,
    as_texts,
    as_typed,
    parse_vectors,
    query_string,
)
from ..documents.exports import addresses
from ..equation.explorer import (
    FOUNDING_TEXT,
    FOUNDING_VECTORS,
    Explorer,
    RoleView,
    explorer_of,
    role_views,
)
from ..equation.units import COUNTS, ORDERS
from ..panels.arithmetic import Door, Opened, doors, opened
from ..panels.attribution import WordEffect, can_weigh, word_effects
from ..panels.card import (
    Curve,
    FigureRow,
    figures,
    learning_curve,
    limits,
    twin_figures,
    unit_facts,
)
from ..panels.clamps import Hold, gate_choices, holds
from ..panels.gradients import Flow, can_flow, flow
from ..panels.input import Form, make_form
from ..panels.overview import Overview, overview
from ..panels.tables import Table, curve_table, run_table, step_table
from ..panels.tour import STOPS, Stop

PROVENANCE = {
    "rules": ("rules", "No network: the three rules themselves."),
    "hand-set": ("hand-set", "A real network; its weights were set by hand, not trained."),
    "trained": ("trained", "A real network; its weights were learned in training."),
    "uploaded": ("uploaded", "A real network; its weights came from a visitor’s file."),
}


FEW_UNITS = 8
# Stands for a step where an address is written once for all of them.
SEAM = 10**9
BARE_PICKERS = (("step", "t"), ("unit", "unit"))
PICKERS = (
    *BARE_PICKERS,
    ("gate", "gate"),
    ("checkpoint", "checkpoint"),
    ("map", "show"),
    ("sort", "sort"),
    ("only", "only"),
)


@dataclass(frozen=True)
class UnitChoice:
    """A choice of units to draw: its value in the address, its words, what it does."""

    value: str
    words: str
    why: str
    current: bool


@dataclass(frozen=True)
class Rule:
    """One of the three rules, whether it fired at this step, and what it did."""

    when: str
    then: str
    fired: bool
    did: str


@dataclass(frozen=True)
class Beside:
    """A word of the founding text: the toy's vector, the toy's reading, the real network's."""

    word: str
    vector: str
    toy: tuple[RoleView, ...]
    real: tuple[RoleView, ...]


@dataclass(frozen=True)
class Page:
    """What a page of the explorer shows; `error` comes with a run of the model's first example.

    look: how it is shown, if it is embedded. lane: its letter, if it is one of two in a comparison.
    """

    card: Card
    state: ExplorerState
    explorer: Explorer
    form: Form
    error: ExplorerError | None = None
    look: Look | None = None
    lane: str = ""

    @property
    def embedded(self) -> bool:
        """Whether the page is without chrome, to be framed."""
        return self.look is not None

    @property
    def prefix(self) -> str:
        """What the page's ids start with, so that two lanes have none in common."""
        return f"{self.lane.lower()}-" if self.lane else ""

    @property
    def bare(self) -> bool:
        """Whether the steps, the equation and the story stand alone."""
        return self.look is not None and self.look.bare

    @property
    def title(self) -> str:
        """The document's title."""
        step = f"step {self.explorer.t} of {self.explorer.steps}"
        return f"{self.explorer.token} · {step} · {self.explorer.run.title}"

    @cached_property
    def menu(self) -> list[Card]:
        """Every model's card, for the menu."""
        return registry.menu()

    @property
    def provenance(self) -> tuple[str, str]:
        """The badge that says where the numbers come from, and a sentence about it."""
        return PROVENANCE[self.card.provenance]

    @property
    def path(self) -> str:
        """The page's path, without the query."""
        return self._path(self.card.id)

    def _path(self, model_id: str) -> str:
        # No other page may be framed, so what is embedded leads to what may be.
        return f"/embed/models/{model_id}" if self.embedded else f"/models/{model_id}"

    @property
    def address(self) -> str:
        """The canonical address of the state."""
        return self.at()

    @cached_property
    def canonical(self) -> str:
        """The address of the same state with everything around it."""
        return f"/models/{self.card.id}?{self.state.query()}"

    def at(self, **changes: object) -> str:
        """The address of the same state with some fields changed."""
        return self.opening(self.state.having(**changes).query())

    def to(self, t: int) -> str:
        """The address of the same state at a step."""
        around = self.explorer.once(f"address {self.path} {self.carried}", self._around_step)
        return f"{around[0]}{t}{around[1]}"

    def _around_step(self) -> tuple[str, str]:
        before, after = re.split(rf"(?<=[?&]t=){SEAM}", self.at(t=SEAM), maxsplit=1)
        return before, after

    def opening(self, query: str, model_id: str | None = None) -> str:
        """The address of another state, of this model or another, shown in the same way."""
        path, look = self._path(model_id or self.card.id), query_string(self.carried)
        return f"{path}?{query}&{look}" if look else f"{path}?{query}"

    @property
    def carried(self) -> dict[str, str]:
        """What every address and form of the page carries beside the state: the look."""
        return self.look.fields() if self.look else {}

    @cached_property
    def trace_address(self) -> str:
        """The JSON twin: the same run as a trace."""
        return f"/api/v1/models/{self.card.id}/trace?{self.state.run_query()}"

    @property
    def weights_address(self) -> str:
        """The file of the weights that made this run."""
        how = self.state.model_dump(exclude_none=True, include={"checkpoint", "sharpness"})
        query = f"?{query_string(how)}" if how else ""
        return f"/api/v1/models/{self.card.id}/weights.safetensors{query}"

    @property
    def pickers(self) -> tuple[tuple[str, str], ...]:
        """The forms whose buttons change one field each: what they pick, and the field."""
        return BARE_PICKERS if self.bare else PICKERS

    def fields(self, *left_out: str) -> dict[str, str]:
        """The state's fields as a form's hidden inputs, but for those that its buttons set."""
        return {name: text for name, text in self._fields.items() if name not in left_out}

    @cached_property
    def _fields(self) -> dict[str, str]:
        return {**as_texts(self.state.model_dump(exclude_none=True)), **self.carried}

    @cached_property
    def overview(self) -> Overview:
        """The run at a glance."""
        return overview(self.explorer, self.state.show)

    @property
    def step_table(self) -> Table | None:
        """The equation's bars as a table, where the state asks for tables."""
        return step_table(self.explorer) if self.state.tables else None

    @property
    def run_table(self) -> Table | None:
        """The map as a table, where the state asks for tables."""
        return run_table(self.explorer, self.overview) if self.state.tables else None

    @property
    def curve_table(self) -> Table | None:
        """The learning curve as a table, where the state asks for tables."""
        return curve_table(self.card) if self.state.tables else None

    @property
    def orders(self) -> tuple[UnitChoice, ...]:
        """The orders that the units can be put in; none where there are few."""
        if self.explorer.units < FEW_UNITS:
            return ()
        return tuple(
            UnitChoice(name or "", words, why, name == self.state.sort)
            for name, (words, why) in ORDERS.items()
        )

    @property
    def counts(self) -> tuple[UnitChoice, ...]:
        """How many units can be drawn: all, or some of the most important."""
        units = self.explorer.units
        some = tuple(
            UnitChoice(str(n), str(n), f"the {n} most important", n == self.state.only)
            for n in COUNTS
            if n < units
        )
        everything = UnitChoice("", "all", f"all {units} units", self.state.only is None)
        return (everything, *some) if self.orders else ()

    @property
    def checkpoint(self) -> str | None:
        """The checkpoint shown: the chosen one, or the last."""
        return self.state.checkpoint or (
            self.card.checkpoints[-1] if self.card.checkpoints else None
        )

    @cached_property
    def curve(self) -> Curve | None:
        """The learning curve, where the card has one."""
        return learning_curve(self.card)

    @property
    def twin(self) -> str | None:
        """The address of the same input in the model with, or without, gates."""
        other = registry.counterpart(self.card)
        query = query_string(self.state.model_dump(exclude_none=True, include={"x", "text", "t"}))
        return self.opening(query, other) if other else None

    @property
    def twin_words(self) -> str:
        """What the twin is."""
        gated = self.card.cell == "rnn"
        return "The same input in the LSTM" if gated else "The same input in an RNN without gates"

    @cached_property
    def can_weigh(self) -> bool:
        """Whether each word's effect can be shown."""
        return can_weigh(registry.get(self.card.id), self.explorer)

    @cached_property
    def word_effects(self) -> tuple[WordEffect, ...]:
        """Each word's effect on the verdict, where the state asks for it."""
        return word_effects(registry.get(self.card.id), self.explorer)

    @cached_property
    def holds(self) -> tuple[Hold, ...]:
        """What the run holds."""
        return holds(self.state)

    @property
    def gate_choices(self) -> tuple[tuple[str, str], ...]:
        """What can be held: names in an address, and words."""
        return gate_choices(self.state)

    @property
    def can_flow(self) -> bool:
        """Whether the gradient's way back can be shown."""
        return can_flow(self.explorer)

    @cached_property
    def flow(self) -> Flow | None:
        """The gradient's way back, where the state asks for it."""
        return flow(registry.get(self.card.id), self.explorer)

    @property
    def gradients_address(self) -> str:
        """The gradient's way back as JSON."""
        return f"/api/v1/models/{self.card.id}/gradients?{self.state.run_query()}"

    @property
    def stops(self) -> tuple[Stop, ...]:
        """The tour's stops."""
        return STOPS

    @property
    def stop(self) -> Stop | None:
        """The stop of the tour that the page stands at."""
        # The tour leads over whole pages, which may not be framed.
        if self.state.tour is None or self.embedded:
            return None
        return STOPS[self.state.tour - 1]

    @cached_property
    def exports(self) -> dict[str, str]:
        """The addresses of the state as files: data, pictures, a page of its own."""
        return addresses(self.card.id, self.state)

    @property
    def comparisons(self) -> dict[str, str]:
        """Runs to set beside this one: what they are, and where."""
        return {} if self.embedded else comparisons(self.card, self.state)

    @cached_property
    def share_address(self) -> str:
        """Where the state is shared: its frame, with options, and the code."""
        return f"/share{self.canonical}"

    @cached_property
    def doors(self) -> tuple[Door, ...]:
        """The gates whose arithmetic can be opened."""
        return doors(self.explorer)

    @cached_property
    def opened(self) -> Opened | None:
        """The arithmetic that is open."""
        return opened(self.explorer)

    @property
    def previous_t(self) -> int:
        """The step before, or the first."""
        return max(1, self.explorer.t - 1)

    @property
    def next_t(self) -> int:
        """The step after, or the last."""
        return min(self.explorer.steps, self.explorer.t + 1)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The three rules, on the toy's own page."""
        if self.card.cell != "toy":
            return ()
        x1, x2, x3 = self.explorer.run.x[self.explorer.t - 1]
        memory = number(self.explorer.layer.memory[self.explorer.t - 1, 0])
        before = number(self.explorer.layer.memory_before[self.explorer.t - 1, 0])
        held = "asked for; but a gate is held" if self.explorer.holding else ""
        return (
            Rule("x2 = 1", "add x1", x2 == 1, held or f"added {number(x1)}, memory is {memory}"),
            Rule("x2 = −1", "reset to 0", x2 == -1, held or f"memory went from {before} to 0"),
            Rule("x3 = 1", "output it", x3 == 1, held or f"output {memory}"),
        )

    @cached_property
    def beside(self) -> tuple[Beside, ...]:
        """The founding text's words with its vectors, where that very text is on the page."""
        run = self.explorer.run
        words = [token.key for token in run.tokens or ()]
        if words != FOUNDING_TEXT.lower().split():
            return ()
        rules = registry.get("toy-rules")
        toy = rules.run(Vectors(parse_vectors(FOUNDING_VECTORS)), None, Options())
        readings = zip(roles(toy.layers[0]), roles(run.layers[-1]), strict=True)
        vectors = FOUNDING_VECTORS.split(";")
        return tuple(
            Beside(word, f"({vector.replace(',', ', ')})", role_views(a), role_views(b))
            for word, vector, (a, b) in zip(FOUNDING_TEXT.split(), vectors, readings, strict=True)
        )

    @property
    def founding_words(self) -> tuple[str, ...]:
        """The words behind the founding text's second table, where the page shows that table."""
        return tuple(FOUNDING_TEXT.split()) if self.state.x == FOUNDING_VECTORS else ()

    @property
    def deviation(self) -> str | None:
        """For `toy-lstm`: the step's output less the rules' own."""
        if self.explorer.run.deviation is None:
            return None
        return number(float(self.explorer.run.deviation[self.explorer.t - 1]))

    @property
    def rules_output(self) -> str | None:
        """For `toy-lstm`: what the rules themselves output at this step."""
        run, t = self.explorer.run, self.explorer.t - 1
        if run.deviation is None:
            return None
        return number(float(run.layers[-1].h[t, 0]) / run.unit_scale - float(run.deviation[t]))

    @cached_property
    def figures(self) -> list[FigureRow]:
        """The model's measured figures."""
        return figures(self.card)

    @cached_property
    def twin_figures(self) -> list[FigureRow]:
        """The twin's figures on the same data."""
        return twin_figures(self.card)

    @cached_property
    def unit_facts(self) -> tuple[UnitFact, ...]:
        """The model's telling units."""
        return unit_facts(self.card)

    @property
    def unit_name(self) -> str | None:
        """What the chosen unit is known for; earlier checkpoints didn't know it yet."""
        if self.state.checkpoint:
            return None
        return self.explorer.once("unit name", self._unit_name)

    def _unit_name(self) -> str | None:
        return next((f.name for f in self.unit_facts if f.unit == self.explorer.unit), None)

    @cached_property
    def limits(self) -> list[tuple[str, str, str]]:
        """What the model can't do."""
        return limits(self.card)

    @cached_property
    def founding_links(self) -> dict[str, str]:
        """The founding text's second table and its sentence, a click apart."""
        return {
            "vectors": self.opening(query_string({"x": FOUNDING_VECTORS}), "toy-rules"),
            "text": self.opening(query_string({"text": FOUNDING_TEXT}), "sentiment"),
        }


def make_page(
    card: Card,
    state: ExplorerState,
    run: Run,
    typed: Typed | None = None,
    error: ExplorerError | None = None,
    *,
    look: Look | None = None,
    lane: str = "",
    beside: Run | None = None,
) -> Page:
    """The page of a run; with an error, the form keeps what was typed beside an example's run.

    beside: the run of the other lane, if it shares the scales.
    """
    explorer = Explorer(run, state, beside) if beside else explorer_of(run, state)
    shown = None if error else run
    form = make_form(card, typed or as_typed(state), shown, explorer.t, error)
    return Page(card, state, explorer, form, error, look, lane)
