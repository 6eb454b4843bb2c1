"""Words that the vectors lack, and what their rows start from."""

import pytest

from gate_explorer.training.sentiment.neighbours import (
    COMMON_NUMBERS,
    NEIGHBOURS,
    neighbours_by_rule,
)


def test_neighbours_every_word_has_some_and_none_is_its_own() -> None:
    assert all(near and word not in near for word, near in NEIGHBOURS.items())


def test_neighbours_contractions_start_from_the_words_they_stand_for() -> None:
    assert NEIGHBOURS["n't"] == ("not",)
    assert NEIGHBOURS["ca"] == ("can",)


def test_common_numbers_are_written_as_people_write_them() -> None:
    assert {"0", "100", "1st", "2nd", "3rd", "4th", "11th", "21st", "31st", "1984"} <= {
        *COMMON_NUMBERS
    }
    assert not {"11st", "12nd", "13rd"} & {*COMMON_NUMBERS}


@pytest.mark.parametrize(
    ("word", "near"),
    [("22nd", "second"), ("1815", "year"), ("'80s", "decade"), ("7", "ten"), ("d", "letter")],
)
def test_neighbours_by_rule_fit_the_form(word: str, near: str) -> None:
    assert near in neighbours_by_rule(word)


def test_neighbours_by_rule_of_another_word_are_none() -> None:
    assert not neighbours_by_rule("sofa")
