"""The everyday sentences that a model is judged by, and how they are halved."""

from collections import Counter
from pathlib import Path

import pytest

from gate_explorer.errors import DataError
from gate_explorer.training.sentiment.everyday import (
    EverydayFigures,
    everyday_sentences,
    halves,
    whole,
)

SENTENCES = everyday_sentences()


def test_everyday_sentences_are_twenty_of_each_of_twelve_kinds() -> None:
    assert Counter(Counter(sentence.kind for sentence in SENTENCES).values()) == {20: 12}
    assert len({sentence.text for sentence in SENTENCES}) == 240


def test_everyday_kinds_that_judge_have_both_signs() -> None:
    kinds = {sentence.kind for sentence in SENTENCES} - {"plain facts", "sarcasm"}
    for kind in kinds:
        assert {1, -1} <= {sentence.sign for sentence in SENTENCES if sentence.kind == kind}


def test_halves_are_the_same_at_every_call_and_have_half_of_every_kind() -> None:
    choosing, held = halves(SENTENCES)
    assert (choosing, held) == halves(SENTENCES)
    assert not {*choosing} & {*held}
    assert {*choosing} | {*held} == {*SENTENCES}
    for half in (choosing, held):
        assert set(Counter(sentence.kind for sentence in half).values()) == {10}


@pytest.mark.parametrize("line", ["good It is fine.", "+", "It is fine."])
def test_everyday_sentences_line_without_a_label_names_it(tmp_path: Path, line: str) -> None:
    path = tmp_path / "everyday.txt"
    path.write_text(f"[products]\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"everyday\.txt, line 2: expected \+, - or 0"):
        everyday_sentences(path)


def test_whole_adds_what_was_counted_by_kind() -> None:
    parts = [EverydayFigures(10, 9, 0, 0), EverydayFigures(4, 2, 6, 5)]
    assert whole(parts) == EverydayFigures(14, 11, 6, 5)
