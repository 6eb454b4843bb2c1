"""A stretch of steps that is marked: which units do the same there, and where else they do."""

from dataclasses import dataclass

from gate_explorer.analysis.alike import Alike, Read, alike, read_corpus, traits_in
from gate_explorer.analysis.corpus import Place, labels, names
from gate_explorer.analysis.patterns import Counts, doing_the_same
from gate_explorer.analysis.words import quoted, visible
from gate_explorer.zoo import registry

from ..address.links import page_at
from ..drawing.around import Token, around
from ..drawing.bars import gate_level
from .context import Context

MOST_NAMED = 24
BEFORE, AFTER = 3, 13
# Of each trait its button, of one unit and of several, and what exactly it is.
HIGH, LOW = "tanh c ≥ ½", "tanh c ≤ −½"
WORDS = {
    "high": ("memory high", "has a high memory", "have a high memory", HIGH),
    "low": ("memory low", "has a low memory", "have a low memory", LOW),
    "writes": ("write", "writes", "write", "i > ½"),
    "erases": ("erase", "erases", "erase", "f ≤ ½"),
    "shows": ("show", "shows", "show", "o > ½"),
}


@dataclass(frozen=True)
class StripStep:
    """A step to begin or to end a stretch at: how many of the units do there what they do."""

    t: int
    label: str
    level: str
    marked: bool
    now: bool
    address: str


@dataclass(frozen=True)
class Trait:
    """Something that units do: in a word, exactly, and how many do it over the stretch."""

    words: str
    exactly: str
    count: int
    address: str
    current: bool


@dataclass(frozen=True)
class Named:
    """A unit, and the address that chooses it."""

    unit: int
    address: str
    current: bool


@dataclass(frozen=True)
class Elsewhere:
    """A place of the corpus, the steps around it, how many of the units do it there; its page."""

    tokens: tuple[Token, ...]
    value: str
    address: str


@dataclass(frozen=True)
class AlikeView:
    """The drawer; more: how many units aren't named; source: of the places, or why there are none.

    begun: whether one step is marked, so that the next one pressed ends the stretch.
    """

    steps: tuple[StripStep, ...]
    begun: bool
    traits: tuple[Trait, ...]
    words: str
    units: tuple[Named, ...]
    more: int
    places: tuple[Elsewhere, ...]
    source: str
    json: str


def title(context: Context) -> str:
    """The tab's words."""
    return "Alike"


def has(context: Context) -> bool:
    """Several units, of which some may do what others do."""
    return context.explorer.units > 1 and context.error is None


def alike_units(context: Context) -> AlikeView:
    """The units of the marked stretch, or of the step shown where none is marked."""
    e = context.explorer
    first, last = stretch_of(context)
    counts = _counts(context, first, last)
    trait = _trait(context, counts)
    found = alike(e.run, first, last, trait)
    read = read_corpus(context.card, context.state.options)
    named = found.units[:MOST_NAMED]
    return AlikeView(
        steps=_strip(context, found, first, last),
        begun=context.state.stretch is not None and first == last,
        traits=tuple(
            Trait(words, exactly, counts[key][0], context.links.at(trait=key), key == trait)
            for key, (words, _, _, exactly) in WORDS.items()
            if key in counts
        ),
        words=_sentence(context, found, first, last),
        units=tuple(Named(u, context.links.at(unit=u), u == e.unit) for u in named),
        more=len(found.units) - len(named),
        places=_places(context, found, read),
        source=_source(context, read),
        json=context.links.alike(first, last, trait),
    )


def stretch_of(context: Context) -> tuple[int, int]:
    """The first and last step marked, within the run; the step shown where none is."""
    e = context.explorer
    if context.state.stretch is None:
        return e.t, e.t
    ends = sorted(min(int(end), e.steps) for end in context.state.stretch.split("-"))
    return ends[0], ends[-1]


def _counts(context: Context, first: int, last: int) -> dict[str, tuple[int, bool]]:
    """How many units have each trait over the stretch, and whether they have it there alone."""
    found = {}
    for trait, mask in traits_in(context.run).items():
        units, selective = doing_the_same(mask, first - 1, last)
        found[trait] = int(units.sum()), selective
    return found


def _trait(context: Context, counts: dict[str, tuple[int, bool]]) -> str:
    """The trait asked for; else one that units have over the stretch alone, or at all."""
    asked = context.state.trait
    if asked is not None and asked in counts:
        return asked
    alone = [name for name, (_, selective) in counts.items() if selective]
    some = [name for name, (count, _) in counts.items() if count]
    return [*alone, *some, *counts][0]


def _strip(context: Context, found: Alike, first: int, last: int) -> tuple[StripStep, ...]:
    e = context.explorer
    begun = context.state.stretch is not None and first == last

    def pressed(t: int) -> str:
        ends = sorted((first, t)) if begun and t != first else (t,)
        return context.links.at(stretch="-".join(map(str, ends)))

    most, series = max(1, len(found.units)), e.run.series
    called = series.labels if series and series.labels else names(e.run.tokens, e.run.x)
    return tuple(
        StripStep(
            t=t,
            label=visible(called[t - 1]),
            level=gate_level(float(found.counts[t - 1]) / most),
            marked=first <= t <= last,
            now=t == e.t,
            address=pressed(t),
        )
        for t in range(e.window[0], e.window[1] + 1)
    )


def _sentence(context: Context, found: Alike, first: int, last: int) -> str:
    """Which units are named, in words; or that there are none."""
    _, one, several, _ = WORDS[found.trait]
    count, where = len(found.units), _where(context, first, last)
    if not count:
        return f"No unit {one} {where}."
    who = f"One unit {one}" if count == 1 else f"{count} units {several}"
    if count == context.explorer.units:
        who = f"All {count} units {several}"
    beside = "and not right before or after" if found.selective else "and beside it too"
    return f"{who} {where}, {beside}:"


def _where(context: Context, first: int, last: int) -> str:
    label = context.explorer.label
    if first == last:
        return f"at {quoted(visible(label(first)))}, step {first}"
    return (
        f"from {quoted(visible(label(first)))} to {quoted(visible(label(last)))},"
        f" steps {first} to {last}"
    )


def _places(context: Context, found: Alike, read: Read | None) -> tuple[Elsewhere, ...]:
    if read is None:
        return ()
    return tuple(_place(context, found, place, counts) for place, counts in read.places(found))


def _place(context: Context, found: Alike, place: Place, counts: Counts) -> Elsewhere:
    most = len(found.units)
    texts = [visible(each) for each in labels(registry.get(context.card.id), place.input)]
    levels = [gate_level(count / most) for count in counts.tolist()]
    return Elsewhere(
        tokens=around(texts, levels, place.t, BEFORE, AFTER),
        value=f"{place.value:.0f} of {most}",
        address=page_at(
            context.card,
            place.input,
            place.t,
            unit=found.units[0],
            drawer="alike",
            trait=found.trait,
        ),
    )


def _source(context: Context, read: Read | None) -> str:
    if read is None:
        if context.card.provenance == "uploaded":
            return "Where else: in this run alone, since no corpus came with the weights."
        if context.state.checkpoint or context.state.sharpness:
            return "Where else: the corpus was read by the model as it is by itself, not by this."
        return "There is no corpus to find them in."
    steps = f"{len(read.patterns):,} steps"
    return f"Where else, the most of them together first, in {steps}: {read.corpus.source}."
