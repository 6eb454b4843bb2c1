"""The small map of a stack: every layer, in each of its directions, to look at."""

from dataclasses import dataclass

from gate_explorer.analysis.ordering import by_movement
from gate_explorer.runs.run import Run

from ..drawing.bars import Bars, nice_top, sizes
from .context import Context

# So many of a layer's units are drawn on the map, those whose hidden state moves most.
MOST_DRAWN = 12
# So many layers have room for it.
MOST_WIDE = 3


@dataclass(frozen=True)
class Pass:
    """A layer in one direction: where it is looked at, its name, its units' hidden states here.

    key: what an address calls it.
    """

    key: str
    address: str
    words: str
    backward: bool
    bars: Bars
    current: bool


@dataclass(frozen=True)
class Floor:
    """A layer of the stack, from 1, with its one pass or its two."""

    number: int
    passes: tuple[Pass, ...]


@dataclass(frozen=True)
class StackMap:
    """The layers from the input up; reads: what goes into the lowest."""

    reads: str
    floors: tuple[Floor, ...]
    gives: str

    @property
    def is_deep(self) -> bool:
        """Whether there are too many layers to draw what each shows."""
        return len(self.floors) > MOST_WIDE


def stack_map(context: Context) -> StackMap | None:
    """The map of a run's layers; None where there is but one pass, and it reads forwards."""
    e = context.explorer
    if e.run.one_way:
        return None
    drawn = e.once("units on the map", lambda: [_drawn(e.run, n) for n in range(len(e.run.layers))])
    floors: dict[int, list[Pass]] = {}
    for key, place in e.run.places.items():
        units, top = drawn[place]
        values = e.run.layers[place].h[e.t - 1 : e.t, units]
        last = place == len(e.run.layers) - 1
        looking = e.run.looking_at(place)
        each = Pass(
            key=key,
            address=context.links.at(layer=None if last else key),
            words=looking.layer_words,
            backward=looking.layer.direction == "backward",
            bars=Bars(sizes(values, top)[0], None, signed=True),
            current=looking is e.run,
        )
        floors.setdefault(e.run.depths[place], []).append(each)
    return StackMap(
        reads=e.step_word,
        floors=tuple(Floor(number, tuple(passes)) for number, passes in floors.items()),
        gives="answer" if context.card.output else "",
    )


def _drawn(run: Run, place: int) -> tuple[list[int], float]:
    """The units of a layer to draw, in their order, and the end of their scale."""
    h = run.layers[place].h
    units = sorted(by_movement(h)[:MOST_DRAWN].tolist())
    return units, nice_top(h[:, units])
