"""One output settles what a file can't tell."""

import numpy as np
import pytest

from gate_explorer.engine import lstm
from gate_explorer.errors import (
    InputError,
)
from gate_explorer.weights import teaching
from gate_explorer.weights.files import Reference, settle

from ...engine.builders import assert_close, draw_cell
from ..samples import (
    D,
    H,
    X,
    cell,
    h_expected,
    h_of,
    npz,
    stacked,
)


@pytest.mark.parametrize("order", ["ifgo", "figo", "oigf"])
@pytest.mark.parametrize("what", ["h", "c", "both", "last"])
def test_reference_output_settles_the_gate_order(order: str, what: str) -> None:
    one = cell(131)
    data = npz(dict(zip("WUb", stacked(one, order), strict=True)))
    trace = lstm.forward(one, X)
    h, c = trace.h[:, 0], trace.c[:, 0]
    given = {
        "h": {"h": h},
        "c": {"c": c},
        "both": {"h": h, "c": c},
        "last": {"h": h[-1], "c": c[-1]},
    }

    opened = settle(data, Reference(X[:, 0], **given[what]))

    assert opened.interpretation.gate_order == order
    assert opened.interpretation.assumed == (f"{order}: settled by the output that was given",)
    assert_close(h_of(opened), h, 1e-6)


@pytest.mark.parametrize("order", ["hx", "xh"])
def test_reference_output_settles_the_concatenation(order: teaching.Order) -> None:
    one = draw_cell(np.random.default_rng(132), H, H, np.float32)
    x = X[..., :H]

    opened = settle(
        npz(teaching.to_teaching(one, order)), Reference(x[:, 0], lstm.forward(one, x).h[:, 0])
    )

    assert opened.interpretation.layout == f"numpy-{order}"
    assert_close(h_of(opened, x), h_expected(one, x), 1e-6)


def test_reference_output_of_something_else_says_how_near_it_is() -> None:
    data = npz(dict(zip("WUb", stacked(cell(133)), strict=True)))
    with pytest.raises(InputError, match=r"None of the 24 readings.*nearest is 0\.\d+ off"):
        settle(data, Reference(X[:, 0], np.full((5, H), 0.5)))
    with pytest.raises(InputError, match="needs h or c"):
        settle(data, Reference(X[:, 0]))
    with pytest.raises(InputError, match=r"should have the shape \(5, 2\), one row a step"):
        settle(data, Reference(X[:, 0], np.ones((4, 2))))


def test_reference_output_that_fits_several_readings_asks_for_more() -> None:
    """With x = 0 and no biases every reading gives zeros."""
    w, u, _ = stacked(cell(134))
    with pytest.raises(InputError, match="readings give this output alike"):
        settle(npz({"W": w, "U": u}), Reference(np.zeros((3, D)), np.zeros((3, H))))
