"""Units that do the same over a stretch of a run, and where else in the model's corpus they do.

What a unit does at a step is one of the traits of `patterns.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from gate_explorer.analysis.corpus import PLACES, Place, corpus_of, survey, values_of
from gate_explorer.analysis.patterns import Counts, Mask, Patterns, doing_the_same, load, traits_of
from gate_explorer.errors import FieldError, InputError
from gate_explorer.runs.card import Card
from gate_explorer.runs.inputs import Options
from gate_explorer.runs.run import Run
from gate_explorer.zoo import registry
from gate_explorer.zoo.corpora import Corpus

PATTERNS = "patterns.npz"


@dataclass(frozen=True, eq=False)
class Alike:
    """Units that have a trait throughout a stretch of a run: a mask (H,).

    selective: whether they are those which have it in the stretch and not right beside it; else
    none is so, and they are all that have it there. counts: how many of them have the trait at
    every step of the run, (T,).
    """

    trait: str
    mask: Mask
    selective: bool
    counts: Counts

    @property
    def units(self) -> tuple[int, ...]:
        """The units, from 1."""
        return tuple(int(unit) + 1 for unit in np.flatnonzero(self.mask))


@dataclass(frozen=True, eq=False)
class Read:
    """A corpus, and what the units of the model that read it do at every step."""

    corpus: Corpus
    patterns: Patterns

    def places(self, alike: Alike) -> tuple[tuple[Place, Counts], ...]:
        """Where the units have their trait together: the most of them first, then the longest.

        A place's value is how many of them have it there; beside it, the same at every step of its
        text.
        """
        counts = self.patterns.counts(alike.trait, alike.mask)
        return tuple(
            (Place(self.corpus.inputs[text], step + 1, float(own[step])), own)
            for text, step in self.patterns.find(counts, PLACES)
            for own in (self._of_text(counts, text),)
        )

    def _of_text(self, counts: Counts, text: int) -> Counts:
        start = self.patterns.starts[text]
        return counts[start : start + self.patterns.lengths[text]]


def read_corpus(card: Card, options: Options) -> Read | None:
    """A model's corpus as the run's weights read it; None where it has none, or where the options
    ask for other weights than read it.

    Raises: DataError for a damaged file.
    """
    last = (None, *card.checkpoints[-1:])
    if card.provenance == "uploaded" or options.checkpoint not in last:
        return None
    usual = card.sharpness.usual if card.sharpness else None
    return _read(card.id) if options.sharpness in {None, usual} else None


@cache
def _read(model_id: str) -> Read | None:
    """From the file that is kept; the toys, which have none, read theirs when it is asked for."""
    corpus = corpus_of(model_id)
    if corpus is None:
        return None
    path = registry.ZOO / model_id / PATTERNS
    if path.is_file():
        width = registry.get(model_id).card.hidden_size
        return Read(corpus, load(path, len(corpus.inputs), width))
    found = survey(model_id)
    return None if found is None else Read(corpus, found.patterns)


def traits_in(run: Run) -> Mapping[str, Mask]:
    """Which units of the layer looked at have each trait at each step of a run, (T, H)."""
    return traits_of(dict(values_of([run.layer], run.card)))


def alike(run: Run, first: int, last: int, trait: str) -> Alike:
    """Units that have a trait from step `first` to `last` of a run.

    Raises: InputError for a stretch or a trait that isn't there.
    """
    check_stretch(run, first, last)
    traits = traits_in(run)
    if trait not in traits:
        words = f"trait is “{trait[:20]}”; it should be one of {', '.join(traits)}."
        raise InputError(words, [FieldError(("trait",), words)])
    mask = traits[trait]
    units, selective = doing_the_same(mask, first - run.start - 1, last - run.start)
    return Alike(trait, units, selective, mask[:, units].sum(axis=1, dtype=np.uint16))


def check_stretch(run: Run, first: int, last: int) -> None:
    """Raise InputError for a stretch that the run doesn't have."""
    low, high = run.start + 1, run.start + len(run)
    if not low <= first <= last <= high:
        words = f"The stretch is {first} to {last}; the run has steps {low} to {high}."
        raise InputError(words, [FieldError((name,), words) for name in ("first", "last")])
