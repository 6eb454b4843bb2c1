"""A tiny treebank with its vectors: enough to train a tiny model for real, in a second."""

import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from gate_explorer.training.sentiment.recipe import SentenceRecipe, Teaching
from gate_explorer.training.sentiment.vectors import WordVectors, write_vectors
from gate_explorer.zoo.sentiment_network import SentimentNetwork

WORDS = [
    "the",
    "film",
    "it",
    "is",
    "not",
    "a",
    "good",
    "great",
    "fine",
    "bad",
    "awful",
    "dull",
    "but",
    "and",
    "plot",
    "cast",
]
VALUE = {"good": 3, "great": 4, "fine": 3, "bad": 1, "awful": 0, "dull": 1}
WIDTH = 8

TEACHING = Teaching(
    teachers=1,
    hidden=5,
    epochs=2,
    batch=8,
    learning_rate=2e-2,
    embedding_rate=2e-2,
    made=0.5,
)
RECIPE = SentenceRecipe(
    hidden=4,
    epochs=3,
    batch=8,
    warm_up=3,
    everyday=40,
    average_every=2,
    averaged=8,
    learning_rate=2e-2,
    teaching=TEACHING,
)


def tree(words: Iterable[str]) -> str:
    """A left-branching tree; every phrase has the label of its last word of value."""
    text, label = "", 2
    for word in words:
        label = VALUE.get(word, label)
        leaf = f"({VALUE.get(word, 2)} {word})"
        text = f"({label} {text} {leaf})" if text else leaf
    return text


def sentences(count: int, rng: np.random.Generator) -> list[str]:
    """Random trees of 3 to 7 words."""
    return [tree(rng.choice(WORDS, size=rng.integers(3, 8))) for _ in range(count)]


def lay_out(folder: Path) -> Path:
    """Write a data folder as training reads it, with plain (not compressed) trees."""
    rng = np.random.default_rng(7)
    (folder / "sst").mkdir(parents=True)
    for split, count in (("train", 60), ("dev", 20), ("test", 20)):
        lines = "\n".join(sentences(count, rng)) + "\n"
        (folder / "sst" / f"trees_{split}.txt").write_text(lines, encoding="utf-8")
    words = (*WORDS[:-2], "frequent", "words")
    table = rng.normal(size=(len(words), WIDTH)).astype(np.float16)
    write_vectors(folder, WordVectors(words, table))
    return folder


def stop_at(count: int, note: list[int]) -> Callable[[int], None]:
    """Note the updates of teachers and model, and press Ctrl-C after so many from this call on."""
    last = len(note) + count

    def after_step(step: int) -> None:
        note.append(step)
        if len(note) == last:
            os.kill(os.getpid(), signal.SIGINT)

    return after_step


def same(one: SentimentNetwork, other: SentimentNetwork) -> bool:
    """Whether two networks are equal bit for bit."""
    pairs = (
        (one.embedding.values, other.embedding.values),
        (one.embedding.scale, other.embedding.scale),
        (one.cell.weight_ih, other.cell.weight_ih),
        (one.cell.weight_hh, other.cell.weight_hh),
        (one.cell.bias, other.cell.bias),
        (one.readout_weight, other.readout_weight),
        (one.readout_bias, other.readout_bias),
    )
    return all(a.tobytes() == b.tobytes() for a, b in pairs)
