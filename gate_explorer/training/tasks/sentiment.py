"""Positive or negative? The sentence model, which learns from a treebank and from teachers.

What it reads, how it learns and what its card says is in the folder `sentiment` beside this one.
"""

from collections.abc import Sequence
from pathlib import Path

from gate_explorer.training.checkpoint import Checkpointing
from gate_explorer.training.sentiment.release import SEEDS, SentenceRelease, release_sentence
from gate_explorer.training.sentiment.trial import of_treebank
from gate_explorer.training.units import write_units
from gate_explorer.zoo.sentiment_network import SentimentNetwork


def release(
    data: Path, out: Path, checkpoints: Checkpointing, seeds: Sequence[int] = ()
) -> tuple[SentenceRelease, ...]:
    """Train with each seed and write the best one's folder to `out`. Raises: as there."""
    folder, resume = checkpoints.folder, checkpoints.resume
    released = release_sentence(data, out / "sentiment", seeds or SEEDS, folder, resume=resume)
    network = SentimentNetwork.load(out / "sentiment")
    trials = (of_treebank(network, data), of_treebank(network, data, again=True))
    write_units(out / "sentiment", network, *trials)
    return (released,)
