"""The tape of numbers: columns to write in, switches in words that go round."""

import pytest

from app.views.address.state import as_typed, split_cells
from app.views.panels.vectors import MOST_EDITABLE, VectorTape, switches_of, vector_tape
from gate_explorer.zoo.registry import get
from tests.views.panels.page import opened, page_of, refused

TOY = get("toy-rules")
X = "3,1,0;5,0,1;2,-1,0"


def shown(x: str = X, t: int = 2) -> VectorTape:
    """The tape of the toy."""
    page = page_of(TOY, x=x, t=t)
    found = vector_tape(page, as_typed(page.state))
    assert found is not None
    return found


def test_vector_tape_has_a_step_a_row_in_words() -> None:
    found = shown()
    assert [step.fields[0].value for step in found.steps] == ["3", "5", "2"]
    assert [[switch.word for switch in step.switches] for step in found.steps] == [
        ["add", "hide"], ["ignore", "show"], ["reset", "hide"],
    ]  # fmt: skip
    assert [step.now for step in found.steps] == [False, True, False]


@pytest.mark.parametrize(("k", "words"), [(0, ["add", "ignore", "reset"]), (1, ["show", "hide"])])
def test_vector_switch_goes_round_all_its_words(k: int, words: list[str]) -> None:
    page, seen = page_of(TOY, x="3,1,1", t=1), []
    for _ in words:
        found = vector_tape(page, as_typed(page.state))
        assert found is not None
        switch = found.steps[0].switches[k]
        seen.append(switch.word)
        page = opened(TOY, switch.address)
    assert seen == words
    assert page.state.x == "3,1,1"


def test_vector_tape_takes_steps_out_and_adds_one() -> None:
    found = shown()
    assert opened(TOY, found.steps[1].without).state.x == "3,1,0;2,-1,0"
    longer = opened(TOY, found.longer).state.x
    assert longer == f"{X};2,1,1"
    assert shown("3,1,0", 1).steps[0].without == ""


def test_vector_tape_marks_what_is_wrong_and_keeps_it() -> None:
    page = refused(TOY, x="3,1,0;abc,2,1")
    assert page.typed is not None
    found = vector_tape(page, page.typed)
    assert found is not None
    wrong = found.steps[1]
    assert wrong.fields[0].value == "abc"
    assert wrong.error
    assert [bool(field.error) for field in wrong.fields] == [True] + [False] * (
        len(wrong.fields) - 1
    )


def test_vector_tape_keeps_a_number_that_is_no_word_of_its_switch() -> None:
    page = refused(TOY, x="3,0.5,1")
    assert page.typed is not None
    found = vector_tape(page, page.typed)
    assert found is not None
    assert "0.5" in [field.value for field in found.steps[0].fields]


def test_vector_tape_of_a_long_series_is_not_written_in() -> None:
    x = ";".join(["1,0,0"] * (MOST_EDITABLE + 1))
    page = page_of(TOY, x=x)
    assert vector_tape(page, as_typed(page.state)) is None
    assert len(split_cells(x)) == MOST_EDITABLE + 1


def test_vector_tape_is_for_numbers_alone() -> None:
    page = page_of(get("counter"))
    assert vector_tape(page, as_typed(page.state)) is None
    assert switches_of(get("counter").card) == ()
