"""`python -m gate_explorer.training.corpora`: what the models' units are looked at over.

Writes `corpus.txt` into the folders of the models that are given, or of all, and `places.json`,
what every unit does over it, and `patterns.npz`, what all do at every step, there and in the
folders of their counterparts without gates. Strings,
sentences and sequences are drawn anew from the tasks' own rules; of the plays, which `--data`
holds, it is held-out passages, a few lines each; for the sentence model two thousand texts of our
own.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from gate_explorer.analysis import alike, patterns, places
from gate_explorer.analysis.corpus import Survey
from gate_explorer.training.name_units import DATA
from gate_explorer.training.sentiment.own_texts import all_texts
from gate_explorer.training.tasks import (
    adding,
    agreement,
    counter,
    forecast,
    parity,
    reber,
    toy_learned,
)
from gate_explorer.training.tasks.characters import Characters, read_text
from gate_explorer.zoo import registry
from gate_explorer.zoo.corpora import Corpus, write

SEED = 5005
STRINGS, SEQUENCES = 300, 60
CHARACTERS, LONGEST = 40_000, 200  # of the plays, and of a text


def of_counter(_: Path) -> Corpus:
    """Random strings of at most TRAINED a's."""
    rng = np.random.default_rng(SEED)
    texts = [counter.random_string(rng, counter.TRAINED) for _ in range(2 * STRINGS)]
    return Corpus("Random strings of a's and b's, most of them nearly closed", _different(texts))


def of_parity(_: Path) -> Corpus:
    """Random strings of zeros and ones, of every length that it learned from."""
    rng = np.random.default_rng(SEED)
    lengths = rng.integers(1, parity.TRAINED + 1, 2 * STRINGS)
    texts = ["".join(rng.choice(parity.SYMBOLS, length)) for length in lengths]
    return Corpus(f"Random strings of 1 to {parity.TRAINED} zeros and ones", _different(texts))


def of_reber(_: Path) -> Corpus:
    """Random embedded strings."""
    rng = np.random.default_rng(SEED)
    texts = [reber.embedded(rng) for _ in range(2 * STRINGS)]
    source = f"Random embedded Reber strings of 1 to {reber.INNER} inner strings"
    return Corpus(source, _different(texts))


def of_agreement(_: Path) -> Corpus:
    """Random sentences of the grammar, typed as people do."""
    rng = np.random.default_rng(SEED)
    words = [agreement.sentence(rng).words for _ in range(2 * STRINGS)]
    texts = [f"{' '.join(one[:-1]).capitalize()}." for one in words]
    return Corpus("Random sentences of the model's own small grammar", _different(texts))


def of_adding(_: Path) -> Corpus:
    """Random sequences, their numbers to one place."""
    x, _sums = adding.sequences(SEQUENCES, adding.STEPS, np.random.default_rng(SEED))
    rows = (adding.rows(x[:, k]) for k in range(SEQUENCES))
    return Corpus(f"Random sequences of {adding.STEPS} numbers, two of them marked", tuple(rows))


def of_forecast(_: Path) -> Corpus:
    """Random series of the kinds that it learned from, to two places."""
    rng = np.random.default_rng(SEED)
    z = forecast.scaled(forecast.drawn(forecast.STEPS, SEQUENCES, rng), rng)
    rows = (";".join(f"{value:.2f}" for value in column) for column in z.T)
    return Corpus(f"Drawn series of {forecast.STEPS} values, already scaled", tuple(rows))


def of_characters(data: Path) -> Corpus:
    """The beginning of the held-out passages, cut at the ends of lines."""
    held_out = Characters(read_text(data)).held_out[:CHARACTERS]
    source = (
        "Shakespeare's plays in Karpathy's selection (tiny Shakespeare, 2015; public domain):"
        " passages that the model did not learn, a few lines each"
    )
    return Corpus(source, _different(list(_cut(held_out))))


def of_sentiment(_: Path) -> Corpus:
    """Our own texts."""
    return Corpus(
        "Two thousand texts of our own: a thousand of everyday talk, then a thousand reviews",
        tuple(all_texts()),
    )


def of_toy_learned(_: Path) -> Corpus:
    """Random sequences, x1 to one place."""
    x = toy_learned.sequences(SEQUENCES, toy_learned.STEPS, np.random.default_rng(SEED))
    rows = (
        ";".join(f"{number:.1f},{what:.0f},{shown:.0f}" for number, what, shown in x[:, k])
        for k in range(SEQUENCES)
    )
    return Corpus(f"Random sequences of {toy_learned.STEPS} steps", tuple(rows))


CORPORA: Mapping[str, Callable[[Path], Corpus]] = {
    "sentiment": of_sentiment,
    "characters": of_characters,
    "counter": of_counter,
    "parity": of_parity,
    "adding": of_adding,
    "forecast": of_forecast,
    "reber": of_reber,
    "agreement": of_agreement,
    "toy-learned": of_toy_learned,
}


def _different(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))[:STRINGS]


def _cut(text: str) -> Iterator[str]:
    """Whole lines together, of at most LONGEST characters, none beginning with an empty line."""
    piece = ""
    for line in text.splitlines(keepends=True):
        if piece and len(piece) + len(line) > LONGEST:
            yield piece
            piece = ""
        piece = (piece + line).lstrip("\n")
    if piece:
        yield piece


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the corpora that are asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m gate_explorer.training.corpora",
        description=(__doc__ or "").partition("\n\n")[2],
    )
    parser.add_argument("models", nargs="*", help=f"of {', '.join(CORPORA)}; all if left out")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the data (%(default)s)")
    options = parser.parse_args(arguments)
    for model_id in options.models or CORPORA:
        corpus = CORPORA[model_id](options.data)
        write(registry.ZOO / model_id, corpus)
        for name in filter(None, (model_id, registry.counterpart(registry.get(model_id).card))):
            found, folder = Survey(registry.get(name), corpus), registry.ZOO / name
            text = places.to_json(places.of(found))
            (folder / places.PLACES).write_text(text, encoding="utf-8")
            patterns.save(folder / alike.PATTERNS, found.patterns)
        print(f"{model_id}: {len(corpus.inputs)} inputs. {corpus.source}", flush=True)


if __name__ == "__main__":
    main()
