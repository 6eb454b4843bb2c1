"""A whole explorer page: the desk at a run's step and unit, what goes in, and the open drawer."""

from dataclasses import dataclass
from functools import cached_property

from gate_explorer.errors import ExplorerError
from gate_explorer.runs.card import Card
from gate_explorer.runs.run import Run
from gate_explorer.zoo import registry

from ..address.framing import Look
from ..address.links import Links
from ..address.state import ExplorerState, Typed, as_typed
from ..equation.column import Column, column
from ..equation.explorer import Explorer, explorer_of
from ..equation.fat import FatBar, fat_bars
from ..equation.mixing import Mixed, mixed
from ..equation.numbers import Line, numbers
from ..equation.rows import Row, rows
from ..equation.tape import Tape, tape
from ..equation.units import MOST_BY_NUMBER, MOST_DRAWN, WINDOW, Drawn, order_of, order_words
from ..equation.verdict import Verdict, verdict
from ..panels.alike import alike_units, stretch_of
from ..panels.context import Context, free_of
from ..panels.experiment import Suggestion, suggestion
from ..panels.guess import Guess, guess, switch
from ..panels.held import Held, held
from ..panels.input import Input, make_input
from ..panels.passes import StackMap, stack_map
from ..panels.registry import Panel, open_panel, panels_of
from ..panels.rules import Deviation, Rule, deviation, rules
from ..panels.tour import STOPS, Stop
from ..panels.vectors import VectorTape, vector_tape

FEW_UNITS = 8


@dataclass(frozen=True)
class UnitWindow:
    """A window of the units, for pages too narrow for all: its words, where it is, if shown."""

    words: str
    address: str
    current: bool


@dataclass(frozen=True)
class UnitBlock:
    """Which units are drawn, in words, and the addresses of those before and after; "" for none."""

    words: str
    before: str
    after: str


@dataclass(frozen=True)
class Page(Context):
    """What a page of the explorer shows."""

    @property
    def embedded(self) -> bool:
        """Whether the page is without chrome, to be framed."""
        return self.look is not None

    @property
    def bare(self) -> bool:
        """Whether tape, desk and story stand alone."""
        return self.look is not None and self.look.bare

    @property
    def prefix(self) -> str:
        """What the page's ids start with, so that two lanes have none in common."""
        return f"{self.lane.lower()}-" if self.lane else ""

    @property
    def title(self) -> str:
        """The document's title."""
        step = f"step {self.explorer.t} of {self.explorer.steps}"
        return f"{self.explorer.token} · {step} · {self.explorer.run.title}"

    @property
    def menu(self) -> list[Card]:
        """Every model's card, for the menu."""
        return registry.menu()

    @cached_property
    def input(self) -> Input:
        """What goes in."""
        return make_input(self, self.typed)

    @cached_property
    def vectors(self) -> VectorTape | None:
        """The tape to write numbers in, for models that read them."""
        return vector_tape(self, self.typed or as_typed(self.state))

    @cached_property
    def tape(self) -> Tape:
        """The steps."""
        return tape(self.explorer, self.own)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The desk's rows."""
        return rows(self.explorer, self.own)

    @cached_property
    def fat(self) -> tuple[FatBar, ...]:
        """The desk of a single unit."""
        return fat_bars(self.explorer)

    @cached_property
    def mixed(self) -> Mixed | None:
        """What runs into the chosen unit of a cell without gates."""
        return mixed(self.explorer)

    @property
    def column(self) -> Column:
        """Where the chosen unit stands on the desk."""
        return column(self.explorer)

    @cached_property
    def stack(self) -> StackMap | None:
        """The map of a stack's layers and directions; None where there is but one, forwards."""
        return stack_map(self)

    @property
    def shape(self) -> str:
        """What kind of desk it is: `fat`, `few`, `many` or `wide`, by its number of bars."""
        bars = len(self.explorer.drawn)
        if bars == 1:
            return "fat"
        if bars <= FEW_UNITS:
            return "few"
        return "wide" if bars > MOST_BY_NUMBER else "many"

    @property
    def desk_name(self) -> str:
        """What the desk shows, for those who hear it."""
        return f"The equation of lane {self.lane}" if self.lane else "The equation"

    @property
    def sixteens(self) -> int:
        """How many times sixteen units there are: how far a narrow page's strip reaches."""
        return -(-len(self.explorer.drawn) // 16)

    @property
    def order(self) -> str:
        """The order of the units."""
        return order_of(self.run, self.state)

    @property
    def order_by_itself(self) -> str:
        """What the order is called that many units stand in unless the address says otherwise."""
        return order_words(self.run, "importance")

    @property
    def units_window(self) -> int:
        """Which window of the units a narrow page shows, from 1: the one with the chosen unit."""
        place = self.explorer.drawn.index(self.explorer.unit)
        last = (len(self.explorer.drawn) - 1) // WINDOW + 1
        before = self.explorer.drawing.first // WINDOW
        return min(max((self.state.page or 0) - before, 0) or place // WINDOW + 1, last)

    @property
    def units_windows(self) -> tuple[UnitWindow, ...]:
        """The windows to choose from, where there are several."""
        drawn, before = len(self.explorer.drawn), self.explorer.drawing.first
        if self.shape != "wide":
            return ()
        return tuple(
            UnitWindow(
                f"{before + first + 1}–{before + min(first + WINDOW, drawn)}",
                self.links.at(page=before // WINDOW + n),
                n == self.units_window,
            )
            for n, first in enumerate(range(0, drawn, WINDOW), 1)
        )

    @property
    def units_block(self) -> UnitBlock | None:
        """Which of the units are drawn, where there are more than are drawn at once."""
        drawing = self.explorer.drawing
        if drawing.total <= MOST_DRAWN:
            return None
        last = min(drawing.first + MOST_DRAWN, drawing.total)
        page = drawing.first // WINDOW + 1
        before, after = (
            "" if unit is None else self.links.at(unit=unit, page=page + step)
            for unit, step in (
                (drawing.before, -MOST_DRAWN // WINDOW),
                (drawing.after, MOST_DRAWN // WINDOW),
            )
        )
        return UnitBlock(f"{drawing.first + 1}–{last} of {drawing.total}", before, after)

    @cached_property
    def verdict(self) -> Verdict:
        """What the model says after the step."""
        return verdict(self.explorer)

    @cached_property
    def numbers(self) -> tuple[Line, ...]:
        """The chosen unit's sum."""
        return numbers(self.explorer)

    @cached_property
    def held(self) -> Held | None:
        """What is held, and what that changed."""
        return held(self)

    @cached_property
    def guess(self) -> Guess | None:
        """What is to be guessed, where the visitor wants to."""
        return guess(self)

    @property
    def guess_switch(self) -> str:
        """Where the switch for guessing leads."""
        return switch(self)

    @cached_property
    def suggestion(self) -> Suggestion | None:
        """An experiment to try at this step."""
        return suggestion(self)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The three rules, on the toy's own page."""
        return rules(self)

    @cached_property
    def deviation(self) -> Deviation | None:
        """How far an LSTM that follows the rules is off them."""
        return deviation(self)

    @cached_property
    def panels(self) -> tuple[Panel, ...]:
        """The drawers."""
        return () if self.embedded else panels_of(self)

    @cached_property
    def drawer(self) -> Panel | None:
        """The drawer that is open."""
        return open_panel(self)

    @cached_property
    def view(self) -> object:
        """The view-model of the open drawer."""
        return self.drawer.make(self) if self.drawer else None

    @cached_property
    def marked(self) -> range:
        """The steps that are marked, while the drawer is open that tells what units do there."""
        if self.drawer is None or self.drawer.make is not alike_units or not self.state.stretch:
            return range(0)
        first, last = stretch_of(self)
        return range(first, last + 1)

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

    @property
    def previous_t(self) -> int:
        """The step before, or the first."""
        return max(1, self.explorer.t - 1)

    @property
    def next_t(self) -> int:
        """The step after, or the last."""
        return min(self.explorer.steps, self.explorer.t + 1)


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
    drawn: Drawn | None = None,
) -> Page:
    """The page of a run; with an error, the field keeps what was typed beside an example's run.

    beside: the run of the other lane, if it shares the scales. drawn: the units that both lanes
    draw.
    """
    alone = beside is None and drawn is None
    free = free_of(card, state) if alone and error is None else None
    explorer = explorer_of(run, state, free) if alone else Explorer(run, state, beside, drawn)
    links = Links(card, state.having(guessed=None), look)  # an answer is of its step alone
    return Page(card, state, explorer, links, error, look, lane, typed)
