"""A less B: each bar is the difference of the runs' own numbers, on a scale for the whole run."""

import numpy as np
import pytest

from app.views.pages.compare import Comparison, compare

PAIRS = {
    "sentences": ("sentiment?text=I love France", "sentiment?text=I hate France"),
    "checkpoints": ("reber?text=BTSSXXTVVE", "reber?text=BTSSXXTVVE&checkpoint=step-10"),
    "no gates": ("counter-rnn?text=aabb", "counter-rnn?text=abab"),
    "characters": ("characters?text=To be", "characters?text=To me"),
    "the rules and their LSTM": ("toy-rules?x=3,1,0;5,1,1", "toy-lstm?x=3,1,0;-5,1,1"),
}


def shown(pair: str, t: int, **more: str) -> Comparison:
    a, b = PAIRS[pair]
    return compare({"a": a, "b": b, "t": str(t), "view": "difference", **more})


@pytest.mark.parametrize("t", [1, 2])
@pytest.mark.parametrize("pair", PAIRS)
def test_difference_has_each_row_of_both_cells_and_their_numbers(pair: str, t: int) -> None:
    found = shown(pair, t)
    assert found.difference is not None
    assert found.beside is not None
    runs = (found.beside.a, found.beside.b)
    rows = {row.key: row for row in found.difference.rows}
    equations = [[q.key for q in run.equation.quantities] for run in runs]
    assert list(rows) == [key for key in equations[0] if key in equations[1]]
    steps = found.alignment.reached[t - 1]
    for key, row in rows.items():
        scales = [1.0 if run.equation[key].is_gate else run.unit_scale for run in runs]
        one, other = (
            getattr(run.layers[-1], key)[step - 1].astype(float) / scale
            for run, scale, step in zip(runs, scales, steps, strict=True)
        )
        apart = (one - other)[found.difference.explorer.columns]
        top = float(row.top.lstrip("+"))
        assert np.abs(apart).max() <= top * (1 + 1e-6)
        sizes = np.frombuffer(row.bars.sizes, np.uint8).astype(int) - 100
        # A byte is a whole per cent, and anything but zero is at least one.
        assert np.abs(sizes - apart / top * 100).max() <= 1


def test_difference_of_two_networks_is_not_shown() -> None:
    found = compare({"a": "counter?text=ab", "b": "counter-rnn?text=ab", "view": "difference"})
    assert found.difference is None
    assert not found.many


def test_only_the_units_that_differ_are_drawn_in_both_lanes_in_one_order() -> None:
    found = shown("sentences", 2, units="differing", view="")
    assert found.beside is not None
    drawn = [page.explorer.drawn for page in found.pages]
    assert drawn[0] == drawn[1] == found.beside.differing


def test_unit_asked_for_is_drawn_though_it_differs_little() -> None:
    found = shown("sentences", 2, units="differing", unit="1")
    assert found.beside is not None
    assert 1 not in found.beside.differing
    assert [page.explorer.drawn for page in found.pages] == [(*found.beside.differing, 1)] * 2


def test_unit_not_asked_for_is_the_one_that_comes_furthest_apart() -> None:
    a, b = PAIRS["sentences"]
    found = [compare({"a": a, "b": b, "t": str(t)}) for t in (1, 2, 3)]
    one, other = (page.run.layers[-1].memory.astype(float) for page in found[0].pages)
    furthest = int(np.abs(one - other).max(axis=0).argmax()) + 1
    assert {page.explorer.unit for each in found for page in each.pages} == {furthest}


@pytest.mark.parametrize(
    ("a", "b", "layout"),
    [
        ("sentiment", "sentiment", "between"),
        ("counter", "reber", "between"),
        ("counter", "counter-rnn", "apart"),
        ("counter-rnn", "counter-rnn", "apart"),
        ("toy-rules", "sentiment", "apart"),
        ("toy-rules", "toy-lstm", "stacked"),
    ],
)
def test_desks_stand_as_their_cells_allow(a: str, b: str, layout: str) -> None:
    assert compare({"a": a, "b": b}).layout == layout
