"""What panels are made from: the model's run, and the same with nothing held."""

import numpy as np

from gate_explorer.zoo.registry import get
from tests.views.panels.page import page_of


def test_context_of_a_held_run_has_the_runs_own_beside_it() -> None:
    page = page_of(get("counter"), text="aabb", t=2, clamp="forget_gate:0@2")
    free = page_of(get("counter"), text="aabb", t=2)
    assert page.own is not None
    assert np.array_equal(page.own.layer.h, free.explorer.layer.h)
    assert page.own.t == 2


def test_context_with_nothing_held_has_no_other_run() -> None:
    assert page_of(get("counter")).own is None
