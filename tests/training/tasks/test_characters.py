"""Shakespeare’s text: in order, parts of it held out, and no other text."""

from pathlib import Path

import numpy as np
import pytest

from gate_explorer.errors import DataError
from gate_explorer.training.tasks import characters
from gate_explorer.training.tasks.characters import Characters

RNG_SEED = 11


def long_text() -> str:
    return "".join(np.random.default_rng(1).choice(list("ab\n "), size=110_000))


def test_characters_go_on_through_the_learned_text_and_start_anew_elsewhere() -> None:
    task = Characters(long_text())
    rng = np.random.default_rng(RNG_SEED)
    first, second = (task.batch(step, 4, rng) for step in (0, 1))
    assert (first.goes_on, second.goes_on) == (False, True)
    assert first.x.shape == (characters.STEPS, 4, 4)
    assert np.array_equal(first.targets[-1], second.x[0].argmax(axis=-1))
    length = len(task._learned) // 4
    turn = (length - 1) // characters.STEPS
    assert not task.batch(turn, 4, rng).goes_on


def test_characters_held_out_passages_are_not_learned() -> None:
    text = long_text()
    task = Characters(text)
    passages = [text[k : k + characters.PASSAGE] for k in range(0, len(text), characters.PASSAGE)]
    assert task.held_out == passages[characters.TEST]
    assert len(task._learned) == len(text) - 2 * characters.PASSAGE


def test_characters_text_that_is_missing_or_another_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is missing"):
        characters.read_text(tmp_path)
    path = tmp_path / characters.TEXT_FILE.with_suffix("")
    path.parent.mkdir()
    path.write_text("Another text")
    with pytest.raises(DataError, match="sha256 differs"):
        characters.read_text(tmp_path)


def test_since_counts_the_steps_from_the_last_mark() -> None:
    mark = np.array([False, False, True, False, True])
    assert characters.since(mark).tolist() == [1, 2, 0, 1, 0]


def test_speaker_is_the_name_before_a_colon_at_a_paragraphs_beginning() -> None:
    text = "ROMEO:\nAy me: so.\n\nno name\nhere:\nx"
    inside = [char for char, within in zip(text, characters.speaker(text), strict=True) if within]
    assert "".join(inside) == "ROMEO"
