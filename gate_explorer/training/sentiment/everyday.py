"""How well a sentence model reads what people type every day, by sentences of our own.

`everyday.txt` has 240 of them in twelve kinds, with labels; they were written before the first
model that they judge. One half of each kind, drawn by a fixed seed, is for choosing (recipes and
made texts); the other is held back and read once, when a model is done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gate_explorer.errors import DataError
from gate_explorer.training.sentiment.phrases import Keys
from gate_explorer.zoo.sentiment_network import SentimentNetwork
from gate_explorer.zoo.tokenizer import tokenize

SENTENCES = Path(__file__).parent / "everyday.txt"
SPLIT_SEED = 16

_SIGNS = {"+": 1, "-": -1, "0": 0}


@dataclass(frozen=True)
class EverydaySentence:
    """A sentence, its kind, and what it says of its subject: 1 good, -1 bad, 0 neither."""

    kind: str
    sign: int
    text: str


@dataclass(frozen=True)
class EverydayFigures:
    """What a model makes of everyday sentences.

    right of `judged`, those that are not neutral: positive against negative; plain of `neutral`:
    how many of the neutral ones have neutral as their likeliest class.
    """

    judged: int
    right: int
    neutral: int
    plain: int


def everyday_sentences(path: Path = SENTENCES) -> tuple[EverydaySentence, ...]:
    """Every sentence in the order of the file. Raises: DataError naming a line that is none."""
    found: list[EverydaySentence] = []
    kind = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("["):
            kind = line.strip("[]")
        elif line and not line.startswith("#"):
            sign, _, text = line.partition(" ")
            if sign not in _SIGNS or not text or not kind:
                raise DataError(f"{path}, line {number}: expected +, - or 0 and a sentence")
            found.append(EverydaySentence(kind, _SIGNS[sign], text))
    return tuple(found)


def halves(
    sentences: Sequence[EverydaySentence],
) -> tuple[tuple[EverydaySentence, ...], tuple[EverydaySentence, ...]]:
    """The half for choosing and the half that is held back, each with half of every kind."""
    rng = np.random.default_rng(SPLIT_SEED)
    choosing: set[EverydaySentence] = set()
    for kind in dict.fromkeys(sentence.kind for sentence in sentences):
        own = [sentence for sentence in sentences if sentence.kind == kind]
        order = rng.permutation(len(own))[: len(own) // 2]
        choosing.update(own[index] for index in order)
    return (
        tuple(sentence for sentence in sentences if sentence in choosing),
        tuple(sentence for sentence in sentences if sentence not in choosing),
    )


def everyday_keys() -> tuple[Keys, ...]:
    """The keys of every sentence, which no made text may have."""
    return tuple(
        tuple(piece.key for piece in tokenize(sentence.text)) for sentence in everyday_sentences()
    )


def everyday_figures(
    network: SentimentNetwork, sentences: Sequence[EverydaySentence]
) -> dict[str, EverydayFigures]:
    """The figures by kind, each sentence read as the site reads it."""
    return {
        kind: _figures(network, [s for s in sentences if s.kind == kind])
        for kind in dict.fromkeys(sentence.kind for sentence in sentences)
    }


def _figures(network: SentimentNetwork, sentences: Sequence[EverydaySentence]) -> EverydayFigures:
    judged = [sentence for sentence in sentences if sentence.sign]
    neutral = [sentence for sentence in sentences if not sentence.sign]
    return EverydayFigures(
        len(judged),
        sum(sentence.sign * network.verdict(sentence.text) > 0 for sentence in judged),
        len(neutral),
        sum(network.likeliest(sentence.text) == "neutral" for sentence in neutral),
    )


def whole(figures: Sequence[EverydayFigures]) -> EverydayFigures:
    """The figures of several kinds together."""
    return EverydayFigures(
        sum(each.judged for each in figures),
        sum(each.right for each in figures),
        sum(each.neutral for each in figures),
        sum(each.plain for each in figures),
    )
