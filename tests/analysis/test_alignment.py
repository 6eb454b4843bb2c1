"""Two sequences side by side: every step once, as few edits as there can be, ties by the rule."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate_explorer.analysis.alignment import Alignment, align

WORDS = st.lists(st.sampled_from("abc"), max_size=8)


def side_by_side(a: str, b: str) -> list[tuple[str, str]]:
    """The columns of two texts as words, "" for a gap."""
    one, other = a.split(), b.split()
    return [
        (one[pair.a - 1] if pair.a else "", other[pair.b - 1] if pair.b else "")
        for pair in align(one, other).pairs
    ]


def fewest_edits(a: list[str], b: list[str]) -> int:
    """The edit distance, by its definition."""

    @cache
    def between(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        changed = between(i - 1, j - 1) + (a[i - 1] != b[j - 1])
        return min(changed, between(i - 1, j) + 1, between(i, j - 1) + 1)

    return between(len(a), len(b))


@given(a=WORDS, b=WORDS)
def test_alignment_holds_every_step_once_and_in_order(a: list[str], b: list[str]) -> None:
    pairs = align(a, b).pairs
    assert [pair.a for pair in pairs if pair.a] == list(range(1, len(a) + 1))
    assert [pair.b for pair in pairs if pair.b] == list(range(1, len(b) + 1))
    assert all(pair.a or pair.b for pair in pairs)


@given(a=WORDS, b=WORDS)
def test_alignment_takes_the_fewest_edits(a: list[str], b: list[str]) -> None:
    pairs = align(a, b).pairs
    edits = sum(not (p.a and p.b) or a[p.a - 1] != b[p.b - 1] for p in pairs)
    assert edits == fewest_edits(a, b)


@pytest.mark.parametrize(
    ("a", "b", "columns"),
    [
        ("I love it", "I hate it", [("I", "I"), ("love", "hate"), ("it", "it")]),
        ("it was good", "it was not good",
         [("it", "it"), ("was", "was"), ("", "not"), ("good", "good")]),
        ("I love it", "love it", [("I", ""), ("love", "love"), ("it", "it")]),
        ("I love it", "I really hate it",
         [("I", "I"), ("", "really"), ("love", "hate"), ("it", "it")]),
        ("love it", "I love", [("", "I"), ("love", "love"), ("it", "")]),
        ("a b", "c d e", [("a", "c"), ("b", "d"), ("", "e")]),
    ],
)  # fmt: skip
def test_alignment_of_two_texts_is_as_the_rule_says(
    a: str, b: str, columns: list[tuple[str, str]]
) -> None:
    assert side_by_side(a, b) == columns


def test_alignment_says_how_far_each_has_come_and_where_it_begins() -> None:
    found: Alignment = align(["love", "it"], ["I", "love"])
    assert found.reached == ((0, 1), (1, 2), (2, 2))
    assert [found.begins(place) for place in (0, 1)] == [2, 1]
