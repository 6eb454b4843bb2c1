"""Two runs in step: the same input in two models, two checkpoints, or two inputs in one model.

Both stand on one tape, aligned by what they read; the shared step is a column of it. A lane that
has nothing there stays at its step before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from gate_explorer.analysis.alignment import Alignment, align
from gate_explorer.analysis.difference import Beside, answer
from gate_explorer.analysis.words import quoted
from gate_explorer.errors import ExplorerError, InputError, NotFoundError
from gate_explorer.runs.card import Card
from gate_explorer.runs.run import Run
from gate_explorer.zoo import registry

from ..address.beside import BesideLinks, LaneLinks
from ..address.lanes import Lane, Shared, lane_model, read_lane
from ..address.state import ExplorerState, readable
from ..equation.paired import Paired, paired
from ..equation.units import MOST_BY_NUMBER, MOST_DRAWN, Drawn
from ..panels.table import Row, Table, step_table
from ..walk import walk_state
from .difference import Difference
from .explorer import Page, make_page

LETTERS = ("a", "b")
DEFAULTS = {"a": "sentiment?text=I love France", "b": "sentiment?text=I hate France"}
FURTHEST = "furthest apart first"


@dataclass(frozen=True)
class LaneView:
    """One lane: what it asks for, and its page, or what is wrong with it.

    begun: whether it has read anything at the step shown; before that its page is of its first
    step, and its desk isn't shown. named: the ids of both lanes' models, each once.
    """

    letter: str
    lane: Lane
    page: Page | None
    error: ExplorerError | None = None
    begun: bool = True
    named: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The lane's name in the address."""
        return self.letter.lower()

    @property
    def place(self) -> int:
        """0 for A, 1 for B."""
        return LETTERS.index(self.key)

    @property
    def card(self) -> Card | None:
        """The model's card, if there is such a model."""
        return self.page.card if self.page else _card_named(self.lane.model_id)

    @property
    def cards(self) -> list[Card]:
        """Every model that the lane can show; of those brought, what the address names."""
        brought = (_card_named(name) for name in self.named if name not in registry.MODELS)
        return [*(model.card for model in registry.all_models()), *(c for c in brought if c)]

    @property
    def title(self) -> str:
        """The lane's heading."""
        name = self.card.title if self.card else "no model"
        held = (f"{text} held" for text in self.lane.state.clamp or ())
        of = (self.lane.state.checkpoint, self.page.run.layer_words if self.page else "")
        return ", ".join((f"{self.letter}: {name}", *(each for each in of if each), *held))

    @property
    def typed(self) -> tuple[str, str]:
        """The input as a field: its name, and what stands in it."""
        state = self.lane.state
        if self.card and self.card.input != "vectors":
            return "text", state.text or ""
        return "x", state.x or ""

    @property
    def shown(self) -> Page | None:
        """The page, where the lane has a desk to show."""
        return self.page if self.begun else None


@dataclass(frozen=True)
class Comparison:
    """Two lanes at a column of the tape they stand on; `beside` where both could be run."""

    lanes: tuple[LaneView, LaneView]
    shared: Shared
    links: BesideLinks
    alignment: Alignment
    beside: Beside | None = None
    error: InputError | None = None

    bare = False

    @property
    def ok(self) -> bool:
        """Whether all of it could be read and run."""
        return self.error is None and not any(lane.error for lane in self.lanes)

    @property
    def pages(self) -> list[Page]:
        """The pages of the lanes that could be run."""
        return [lane.page for lane in self.lanes if lane.page]

    @property
    def title(self) -> str:
        """The document's title."""
        return " beside ".join(lane.title for lane in self.lanes)

    @property
    def steps(self) -> int:
        """How many columns the tape has."""
        return max(len(self.alignment), 1)

    @property
    def t(self) -> int:
        """The column shown, from 1."""
        return min(self.shared.t or self.steps, self.steps)

    @property
    def previous_t(self) -> int:
        """The column before, or the first."""
        return max(1, self.t - 1)

    @property
    def next_t(self) -> int:
        """The column after, or the last."""
        return min(self.steps, self.t + 1)

    @cached_property
    def tape(self) -> Paired:
        """The one tape."""
        a, b = (lane.page.explorer if lane.page else None for lane in self.lanes)
        return paired((a, b), self.alignment, self.t)

    @property
    def layout(self) -> str:
        """How the desks stand.

        `between`: side by side with the names between, for cells of one kind; `apart`: side by side
        with names of their own; `stacked`: fat bars, a line a lane.
        """
        shapes = {page.shape for page in self.pages}
        if shapes == {"fat"}:
            return "stacked"
        cells = {page.run.equation.shown + page.card.cell for page in self.pages}
        mixed = any(page.mixed for page in self.pages)
        return "between" if len(cells) == 1 and "fat" not in shapes and not mixed else "apart"

    @property
    def comparable(self) -> bool:
        """Whether unit k of A is unit k of B."""
        return self.beside is not None and self.beside.comparable

    @property
    def many(self) -> bool:
        """Whether there are units to leave out."""
        return self.comparable and self.pages[0].explorer.units > 1

    @cached_property
    def difference(self) -> Difference | None:
        """The desk of A less B, where it is asked for and both have read something."""
        if not self.beside or not self.comparable or not self.shared.view:
            return None
        if not all(lane.shown for lane in self.lanes):
            return None
        return Difference(self.pages[0], self.beside, self.t)

    @cached_property
    def parting(self) -> tuple[int, str] | None:
        """The column where they part, 0 for none, and the same in words."""
        if not self.beside:
            return None
        found = self.beside.parting
        if found.column is None:
            if not self.comparable and not any(page.card.output for page in self.pages):
                return 0, "They read the same; what they make of it is no answer."
            never = "never part" if self.comparable else "say the same throughout"
            return 0, f"They read the same and {never}."
        if found.how == "read":
            return found.column, self._where_they_read_apart(found.column)
        gated = all(page.run.equation.gates for page in self.pages)
        what = {"memory": "memories" if gated else "states", "answer": "answers"}[found.how]
        at = self._label(0, found.column)
        return found.column, f"They read the same; at {at} their {what} part."

    def _where_they_read_apart(self, column: int) -> str:
        pair = self.alignment.pairs[column - 1]
        if pair.a and pair.b:
            return f"At {self._label(0, column)} and {self._label(1, column)} they part."
        place, lacks = (0, "B") if pair.a else (1, "A")
        return f"At {self._label(place, column)}, which {lacks} leaves out, they part."

    def _label(self, place: int, column: int) -> str:
        """What lane A (0) or B (1) last read at a column, in quotation marks if it is a word."""
        explorer = self.pages[place].explorer
        label = explorer.label(self.alignment.reached[column - 1][place])
        return quoted(label) if explorer.run.tokens else label

    @cached_property
    def says(self) -> tuple[str, ...]:
        """This column in words: how far the memories are apart, both answers, who waits."""
        if not self.beside:
            return ()
        begun = all(lane.begun for lane in self.lanes)
        said = (
            self.beside.memory_words(self.t) if begun else "",
            self.beside.answer_words(self.t),
            *(self._waits(place) for place in range(2)),
        )
        return tuple(words for words in said if words)

    def _waits(self, place: int) -> str:
        """What is said of a lane that has nothing at this column."""
        pair, letter = self.alignment.pairs[self.t - 1], self.lanes[place].letter
        if (pair.a, pair.b)[place]:
            return ""
        if not self.lanes[place].begun:
            begins = self._label(place, self.alignment.begins(place))
            return f"{letter} has read nothing yet; it begins at {begins}."
        over = self.alignment.reached[self.t - 1][place] == len(self.pages[place].run)
        how = "is over" if over else "reads nothing here"
        return f"{letter} {how}: it stays at {self._label(place, self.t)}."

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The tape and both desks as tables, where they are asked for."""
        if not self.shared.tables:
            return ()
        desks = (
            replace(table, caption=f"{page.lane}: {table.caption}")
            for page, table in ((p, step_table(p)) for p in (v.shown for v in self.lanes) if p)
        )
        return (self._tape_table(), *desks)

    def _tape_table(self) -> Table:
        rows = tuple(
            Row(
                str(column.t),
                tuple(cell for place in range(2) for cell in self._cells(place, column.t)),
                column.t == self.t,
            )
            for column in self.tape.columns
        )
        heads = ("Step", "A reads", "A answers", "B reads", "B answers")
        first, last = self.tape.first, self.tape.last
        whole = (first, last) == (1, self.steps)
        note = "" if whole else f"Steps {first} to {last} of {self.steps}."
        return Table("Both side by side", heads, rows, note)

    def _cells(self, place: int, column: int) -> tuple[str, str]:
        """What a lane reads and answers at a column; blank in a gap."""
        pair, page = self.alignment.pairs[column - 1], self.lanes[place].page
        t = (pair.a, pair.b)[place]
        if not t or not page:
            return "", ""
        return page.explorer.label(t), answer(page.run.outputs[t - 1], page.run)


@dataclass(frozen=True)
class Opened:
    """A lane with its run, or with what is wrong with it."""

    lane: Lane
    run: Run | None
    error: ExplorerError | None


def compare(fields: Mapping[str, str]) -> Comparison:
    """The comparison of a query. What is wrong with a lane stands in it; the rest is shown."""
    given = {name: fields[name] for name in Shared.model_fields if fields.get(name)}
    shared, error = readable(Shared, given)
    a, b = (_opened(*_asked(key, fields)) for key in LETTERS)
    beside = Beside(a.run, b.run) if a.run and b.run else None
    links = BesideLinks((a.lane, b.lane), shared)
    alignment = beside.alignment if beside else _alone(a.run, b.run)
    steps = alignment.reached[min(shared.t or len(alignment), len(alignment)) - 1 :][:1]
    at = steps[0] if steps else (0, 0)
    unit = _unit(shared, (a, b), beside)
    drawn = _drawn(shared, unit, beside)
    lanes, named = [], tuple(dict.fromkeys((a.lane.model_id, b.lane.model_id)))
    for place, (own, other) in enumerate(((a, b), (b, a))):
        chosen = unit or own.lane.state.unit
        seen = own.lane.state.having(t=at[place] or 1, unit=chosen, page=shared.page)
        page = _page(own, other, seen, LaneLinks(_card(own), seen, None, links, place), drawn)
        letter, begun = LETTERS[place].upper(), at[place] > 0
        lanes.append(LaneView(letter, own.lane, page, own.error, begun, named))
    return Comparison((lanes[0], lanes[1]), shared, links, alignment, beside, error)


def _alone(a: Run | None, b: Run | None) -> Alignment:
    """The tape of the one lane that could be run, if any."""
    return align(range(len(a or ())), range(len(b or ())))


def _unit(shared: Shared, lanes: tuple[Opened, Opened], beside: Beside | None) -> int | None:
    """The unit chosen in both lanes: the address's, else the one that comes furthest apart.

    None where the lanes' units are not each other's twins and the address names none for both.
    """
    if not beside or not beside.comparable:
        return shared.unit
    named = shared.unit or lanes[0].lane.state.unit or lanes[1].lane.state.unit
    if named:
        return min(named, len(beside.by_distance))
    return beside.by_distance[0] if beside.parting.column else None


def _drawn(shared: Shared, unit: int | None, beside: Beside | None) -> Drawn | None:
    """The units that both draw, in one order; None where each draws its own by its own rule."""
    if not beside or not beside.comparable:
        return None
    differing = shared.units is not None
    if not differing and len(beside.by_distance) <= MOST_BY_NUMBER:
        return None
    units = beside.differing if differing else beside.by_distance
    units = units[:MOST_DRAWN]
    if unit and unit not in units:
        units = (*units[: MOST_DRAWN - 1], unit)
    return Drawn(units, FURTHEST)


def _card(opened: Opened) -> Card:
    return registry.get(opened.lane.model_id).card if opened.run else registry.menu()[0]


def _page(
    own: Opened, other: Opened, seen: ExplorerState, links: LaneLinks, drawn: Drawn | None
) -> Page | None:
    """A lane's page; runs of one model share their scales."""
    if not own.run:
        return None
    same = other.run if own.lane.model_id == other.lane.model_id else None
    letter = LETTERS[links.place].upper()
    page = make_page(links.card, seen, own.run, lane=letter, beside=same, drawn=drawn)
    return replace(page, links=links)


def _asked(key: str, fields: Mapping[str, str]) -> tuple[Lane, InputError | None]:
    """The lane of an address, with what its own form changes, and what can't be read of it."""
    text = fields.get(key) or DEFAULTS[key]
    try:
        lane = read_lane(text)
    except InputError as error:
        return Lane(lane_model(text), ExplorerState()), error
    return _changed(lane, {n: fields[f"{key}_{n}"] for n in FORM if f"{key}_{n}" in fields}), None


FORM = ("model", "text", "x", "checkpoint")


def _changed(lane: Lane, typed: dict[str, str]) -> Lane:
    """The lane as its form has it; what another model doesn't have is left out."""
    model_id = typed.pop("model", lane.model_id)
    # An input left blank is told so, as the explorer does; a blank checkpoint is the last.
    state = lane.state.having(**typed)
    state = state.having(checkpoint=state.checkpoint or None)
    card = _card_named(model_id)
    if model_id == lane.model_id or card is None:
        return Lane(model_id, state)
    keep = "x" if card.input == "vectors" else "text"
    return Lane(model_id, ExplorerState(**{keep: getattr(state, keep) or None}))


def _card_named(model_id: str) -> Card | None:
    """The card of a model of that id, if there is one."""
    try:
        return registry.get(model_id).card
    except NotFoundError:
        return None


def _opened(lane: Lane, fault: InputError | None) -> Opened:
    """The lane with its run, or with what is wrong with it."""
    if fault:
        return Opened(lane, None, fault)
    try:
        state, run = walk_state(registry.get(lane.model_id), lane.state)
    except (InputError, NotFoundError) as error:
        return Opened(lane, None, error)
    return Opened(Lane(lane.model_id, state), run, None)
