"""JSON with arrays, nested or flat with their shapes."""

import json
from typing import Any

from gate_explorer.engine.stack import Pass, Stack
from gate_explorer.weights.files import read

from ...engine.builders import assert_close
from ..samples import (
    cell,
    h_expected,
    h_of,
    stacked,
)


def test_json_pair_before_a_matrix_of_both_is_read_both_ways() -> None:
    there, back = cell(122), cell(123)
    flat: dict[str, Any] = {}
    for k, array in enumerate(
        (*(a.T for a in stacked(there)), *(a.T for a in stacked(back))), start=2
    ):
        flat[f"mat{k}"] = {"v": 1, "dim": list(array.shape), "data": array.ravel().tolist()}
    flat["dic"] = {"b": 1, "a": 0, "c": 2}

    opened = read(json.dumps(flat).encode())

    assert opened.interpretation.network == "mat2-mat7"
    assert opened.interpretation.directions == ("forward", "backward")
    assert opened.vocabulary == ("a", "b", "c")
    assert_close(h_of(opened), h_expected(Stack(((Pass(there), Pass(back, True)),))), 1e-6)
