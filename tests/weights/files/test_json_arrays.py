"""JSON with arrays, nested or flat with their shapes."""

import json
from typing import Any

import pytest

from gate_explorer.engine.stack import Pass, Stack
from gate_explorer.errors import InputError
from gate_explorer.weights.files import read

from ...engine.builders import assert_close
from ..samples import (
    H,
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
    flat["mat8"] = {"dim": [2 * H, 4], "data": [0.5] * 8 * H}
    flat["dic"] = {"b": 1, "a": 0, "c": 2}

    opened = read(json.dumps(flat).encode())

    assert opened.interpretation.network == "mat2-mat7"
    assert opened.interpretation.directions == ("forward", "backward")
    assert opened.vocabulary == ("a", "b", "c")
    assert_close(h_of(opened), h_expected(Stack(((Pass(there), Pass(back, True)),))), 1e-6)


def test_json_pair_without_a_matrix_of_both_is_two_layers() -> None:
    flat = {
        f"mat{k}": a.T.tolist() for k, a in enumerate((*stacked(cell(122)), *stacked(cell(123))))
    }

    told = read(json.dumps(flat).encode()).interpretation

    assert told.networks == ("mat0", "mat3")
    assert told.directions == ("forward",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"a": {"dim": [3, 2], "data": [1, 2]}}', "a should hold 6 numbers.*but holds 2"),
        (b'{"a": [1, 2], "a": [3]}', "'a' stands twice"),
        (b'{"a": [1e999]}', "No LSTM and no RNN"),
        (b'{"a": [NaN]}', "NaN isn't a number"),
        (b'{"W": [[1, 2], [3]]}', "No LSTM and no RNN"),
        (b'{"\\ud800": [1]}', "isn't JSON that can be read"),
        (b"[" * 100_000, "isn't JSON that can be read"),
    ],
)
def test_json_that_isnt_whole_is_named(data: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(data)
