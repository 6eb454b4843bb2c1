"""The tree of errors: each with its status and its title, as its first paragraph draws it."""

import re
from collections.abc import Iterator

import pytest

from gate_explorer import errors
from gate_explorer.errors import MOST_TOLD, ExplorerError, FieldError, InputError


def below(kind: type[ExplorerError]) -> Iterator[type[ExplorerError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from below(each)


KINDS = [kind for kind in below(ExplorerError) if kind.__module__ == errors.__name__]
DRAWN = dict(
    re.findall(r"^ +(\w+Error) +(\d{3})?", errors.__doc__ or "", re.MULTILINE)
)  # name -> status, where it isn't the one above


@pytest.mark.parametrize("kind", KINDS)
def test_error_is_drawn_in_the_tree_with_its_status(kind: type[ExplorerError]) -> None:
    said = DRAWN[kind.__name__]
    above = kind.__base__
    assert kind.status == (int(said) if said else getattr(above, "status", None))


def test_tree_draws_no_error_that_is_not_there() -> None:
    assert DRAWN.keys() == {kind.__name__ for kind in KINDS}


def test_titles_tell_the_errors_apart() -> None:
    assert len({kind.title for kind in KINDS}) == len(KINDS)


def test_error_says_its_sentence_and_the_fields_at_fault() -> None:
    error = InputError("Row 2 is empty.", [FieldError(("x", 2), "empty")])
    assert str(error) == error.detail == "Row 2 is empty."
    assert error.errors == (FieldError(("x", 2), "empty"),)


@pytest.mark.parametrize(
    ("count", "detail"),
    [
        (1, "fault 0"),
        (3, "fault 0 (2 more below.)"),
        (1020, "fault 0 (19 more below, 1,000 more beyond those.)"),
    ],
)
def test_many_faults_are_told_by_the_first_and_counted(count: int, detail: str) -> None:
    error = InputError.telling(FieldError(("x", k), f"fault {k}") for k in range(count))
    assert error.detail == detail
    assert len(error.errors) == min(count, MOST_TOLD)
