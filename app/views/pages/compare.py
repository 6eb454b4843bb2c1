"""Two runs in step: the same input in two models, two checkpoints, or two inputs in one model."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from gate_explorer.analysis.difference import differences
from gate_explorer.errors import ExplorerError, InputError, NotFoundError
from gate_explorer.runs.card import Card
from gate_explorer.runs.run import Run
from gate_explorer.zoo import registry

from ..address.lanes import (
    Lane,
    Shared,
    compare_address,
    lane_model,
    read_lane,
)
from ..address.state import ExplorerState, as_texts, readable
from ..walk import walk_state
from .explorer import Page, make_page

LETTERS = ("a", "b")
DEFAULTS = {"a": "sentiment?text=I love France", "b": "sentiment?text=I hate France"}


@dataclass(frozen=True)
class LaneView:
    """One lane: what it asks for, and its page, or what is wrong with it."""

    letter: str
    lane: Lane
    page: Page | None
    error: ExplorerError | None = None

    @property
    def key(self) -> str:
        """The lane's name in the address."""
        return self.letter.lower()

    @property
    def card(self) -> Card | None:
        """The model's card, if there is such a model."""
        known = self.lane.model_id in registry.MODELS
        return registry.get(self.lane.model_id).card if known else None

    @property
    def cards(self) -> list[Card]:
        """Every model that the lane can show."""
        return [model.card for model in registry.all_models()]

    @property
    def title(self) -> str:
        """The lane's heading."""
        name = self.card.title if self.card else "no model"
        held = (f"{text} held" for text in self.lane.state.clamp or ())
        at = self.lane.state.checkpoint
        return ", ".join((f"{self.letter}: {name}", *((at,) if at else ()), *held))

    @property
    def typed(self) -> tuple[str, str]:
        """The input as a field: its name, and what stands in it."""
        state = self.lane.state
        if self.card and self.card.input != "vectors":
            return "text", state.text or ""
        return "x", state.x or ""


@dataclass(frozen=True)
class Comparison:
    """Two lanes at a step; one that is over stays at its last."""

    lanes: tuple[LaneView, LaneView]
    shared: Shared
    error: InputError | None = None

    path = "/compare"
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
        """How many steps the longer lane has."""
        return max((page.explorer.steps for page in self.pages), default=1)

    @property
    def t(self) -> int:
        """The step shown, from 1."""
        return min(self.shared.t or self.steps, self.steps)

    @property
    def units(self) -> int:
        """How many units the wider lane has."""
        return max((page.explorer.units for page in self.pages), default=1)

    @property
    def unit(self) -> int:
        """The unit shown in the first lane that is there."""
        return self.pages[0].explorer.unit if self.pages else 1

    @property
    def previous_t(self) -> int:
        """The step before, or the first."""
        return max(1, self.t - 1)

    @property
    def next_t(self) -> int:
        """The step after, or the last."""
        return min(self.steps, self.t + 1)

    def to(self, t: int) -> str:
        """The address of the same comparison at a step."""
        return self.at(t=t)

    def at(self, **changes: object) -> str:
        """The canonical address of the comparison, some shared fields changed."""
        shared = self.shared.model_copy(update=changes).model_dump(exclude_none=True)
        a, b = (lane.lane.text for lane in self.lanes)
        return compare_address(a, b, shared)

    def free(self, letter: str) -> str:
        """The address with nothing held in a lane."""
        a, b = (
            lane.lane.free.text if lane.letter == letter else lane.lane.text for lane in self.lanes
        )
        return compare_address(a, b, self.shared.model_dump(exclude_none=True))

    @property
    def swapped(self) -> str:
        """The address with the lanes changed over."""
        b, a = (lane.lane.text for lane in self.lanes)
        return compare_address(b, a, self.shared.model_dump(exclude_none=True))

    def fields(self, *left_out: str) -> dict[str, str]:
        """The address's fields as a form's hidden inputs, but for those that its buttons set."""
        lanes = {lane.key: lane.lane.text for lane in self.lanes}
        fields = {**lanes, **self.shared.model_dump(exclude_none=True)}
        return as_texts({name: fields[name] for name in fields if name not in left_out})

    @cached_property
    def differences(self) -> tuple[str, ...]:
        """What differs most at this step, in words; nothing where a lane is missing."""
        if len(self.pages) < 2:
            return ()
        a, b = (page.explorer.run for page in self.pages)
        return differences(a, b, self.t)


def compare(fields: Mapping[str, str]) -> Comparison:
    """The comparison of a query. What is wrong with a lane stands in it; the rest is shown."""
    shared, error = readable(Shared, {n: fields[n] for n in ("t", "unit") if fields.get(n)})
    asked = [_asked(key, fields) for key in LETTERS]
    opened = [_opened(*each) for each in asked]
    runs = [run for _, run, _ in opened]
    same = opened[0][0].model_id == opened[1][0].model_id
    t = shared.t or max((len(run) for run in runs if run), default=1)
    lanes = []
    for key, (lane, run, fault), other in zip(LETTERS, opened, reversed(runs), strict=True):
        seen = lane.state.having(t=t, unit=shared.unit or lane.state.unit)
        beside = other if same else None
        page = _page(lane, seen, run, key.upper(), beside) if run else None
        lanes.append(LaneView(key.upper(), lane, page, fault))
    return Comparison((lanes[0], lanes[1]), shared, error)


def _page(lane: Lane, seen: ExplorerState, run: Run, letter: str, beside: Run | None) -> Page:
    card = registry.get(lane.model_id).card
    t = None if seen.t is None else min(seen.t, len(run))
    return make_page(card, seen.having(t=t), run, lane=letter, beside=beside)


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
    if model_id == lane.model_id or model_id not in registry.MODELS:
        return Lane(model_id, state)
    card = registry.get(model_id).card
    keep = "x" if card.input == "vectors" else "text"
    return Lane(model_id, ExplorerState(**{keep: getattr(state, keep) or None}))


def _opened(lane: Lane, fault: InputError | None) -> tuple[Lane, Run | None, ExplorerError | None]:
    """The lane with its run, or with what is wrong with it."""
    if fault:
        return lane, None, fault
    try:
        state, run = walk_state(registry.get(lane.model_id), lane.state)
    except (InputError, NotFoundError) as error:
        return lane, None, error
    return Lane(lane.model_id, state), run, None
