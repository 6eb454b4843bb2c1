"""A run as CSV, NPZ and NDJSON: the JSON trace's own numbers, whatever the tokens hold."""

import csv
import dataclasses
import io
import json

import numpy as np
import pytest

from app.views.address.state import ExplorerState
from app.views.documents.exports import (
    COLUMNS,
    addresses,
    csv_bytes,
    ndjson_lines,
    npz_bytes,
)
from app.views.documents.trace import to_bytes, trace_document
from gate_explorer.errors import NonFiniteError
from gate_explorer.runs.cells import FIELDS
from gate_explorer.runs.inputs import Token
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput
from gate_explorer.runs.run import LSTMLayer, RNNLayer, Run, RunState
from gate_explorer.zoo.toy_rules import ToyRules

LETTERS = ("h_prev", "i", "f", "g", "o", "c_prev", "c", "tanh_c", "h")
HOSTILE = ('a,"b"', "two\nlines", "=1+1", "<&>", "naïve 😍")


def layer(direction: str, dtype: type[np.floating] = np.float32, seed: int = 0) -> LSTMLayer:
    """Five steps of three units with random values."""
    rng = np.random.default_rng(seed)
    values = {letter: rng.normal(size=(5, 3)).astype(dtype) for letter in LETTERS}
    return LSTMLayer("backward" if direction == "backward" else "forward", **values)


def made_up(*layers: LSTMLayer, tokens: tuple[str, ...] = HOSTILE) -> Run:
    """A run of five tokens through the layers."""
    both = any(each.direction == "backward" for each in layers)
    card = dataclasses.replace(
        ToyRules.card, id="made-up", cell="lstm", input="words", bidirectional=both
    )
    return Run(
        card=card,
        x=np.arange(10, dtype=np.float32).reshape(5, 2) / 3,
        tokens=tuple(Token(text, text, known=text != "=1+1") for text in tokens),
        layers=layers,
        outputs=tuple(ClassesOutput({"no": 0.25, "yes": 0.75}, 0.75) for _ in tokens),
        state=RunState(5, tuple((each.h[-1], each.c[-1]) for each in layers)),
        depths=tuple(n // (2 if both else 1) + 1 for n in range(len(layers))),
    )


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def read_npz(content: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return dict(archive)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_csv_numbers_are_those_of_the_json(dtype: type[np.floating]) -> None:
    run = made_up(layer("forward", dtype), layer("forward", dtype, 1))
    rows = iter(read_csv(csv_bytes(run)))
    for step in json.loads(to_bytes(trace_document(run)))["steps"]:
        for k, each in enumerate(step["layers"], 1):
            for unit in range(3):
                row = next(rows)
                assert (row["t"], row["layer"], row["unit"]) == (
                    str(step["t"]),
                    str(k),
                    str(unit + 1),
                )
                assert [float(row[word]) for word in FIELDS] == [each[w][unit] for w in FIELDS]
    assert next(rows, None) is None


def test_csv_tokens_read_back_whatever_they_hold() -> None:
    rows = read_csv(csv_bytes(made_up(layer("forward"))))
    assert tuple(row["token"] for row in rows[::3]) == tuple(
        "'=1+1" if token == "=1+1" else token for token in HOSTILE
    )
    assert tuple(rows[0]) == COLUMNS


@pytest.mark.parametrize("token", ["=1+1", "+1", "-1", "@a", "\ta", "\ra", "--", "=", "@"])
def test_csv_token_that_begins_as_a_formula_is_led_by_an_apostrophe(token: str) -> None:
    rows = read_csv(csv_bytes(made_up(layer("forward"), tokens=(token, "a=1", "1-1", "", "'"))))
    assert [row["token"] for row in rows[::3]] == [f"'{token}", "a=1", "1-1", "", "'"]


def test_csv_both_directions_share_a_layer() -> None:
    run = made_up(layer("forward"), layer("backward"), layer("forward"), layer("backward"))
    found = [(row["layer"], row["direction"]) for row in read_csv(csv_bytes(run))[:12:3]]
    assert found == [("1", "forward"), ("1", "backward"), ("2", "forward"), ("2", "backward")]


def test_csv_narrower_hidden_state_leaves_its_place_empty() -> None:
    whole = layer("forward")
    rows = read_csv(csv_bytes(made_up(dataclasses.replace(whole, h=whole.h[:, :2]))))
    assert [row["hidden_state"] == "" for row in rows[:3]] == [False, False, True]
    assert all(row["cell_state"] for row in rows)


def test_csv_lone_surrogate_is_written_as_a_question_mark() -> None:
    run = made_up(layer("forward"), tokens=("a", "\ud800", "b", "c", "d"))
    assert read_csv(csv_bytes(run))[3]["token"] == "?"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_npz_arrays_are_the_run_bit_for_bit(dtype: type[np.floating]) -> None:
    both = layer("forward", dtype), layer("backward", dtype, 1)
    arrays = read_npz(npz_bytes(made_up(*both)))
    for suffix, each in zip(("_l0", "_l0_reverse"), both, strict=True):
        for word, letter in FIELDS.items():
            found = arrays[word + suffix]
            assert found.dtype == dtype
            assert np.array_equal(found, getattr(each, letter))


def test_npz_holds_tokens_and_outputs_without_pickle() -> None:
    arrays = read_npz(npz_bytes(made_up(layer("forward"))))
    assert tuple(arrays["tokens"].tolist()) == HOSTILE
    assert arrays["known"].tolist() == [True, True, False, True, True]
    assert arrays["labels"].tolist() == ["no", "yes"]
    assert arrays["probabilities"].tolist() == [[0.25, 0.75]] * 5
    assert arrays["score"].tolist() == [0.75] * 5
    assert arrays["t"].tolist() == [1, 2, 3, 4, 5]


def test_npz_holds_what_is_likely_to_come_next() -> None:
    output = NextTokenOutput(("a", "b", "\n"), (0.25, 0.125, 0.625))
    run = dataclasses.replace(made_up(layer("forward")), outputs=(output,) * 5)
    arrays = read_npz(npz_bytes(run))
    assert arrays["next_tokens"].tolist() == [["\n", "a", "b"]] * 5
    assert arrays["next_probabilities"].tolist() == [[0.625, 0.25, 0.125]] * 5


def test_exports_of_an_rnn_have_no_gates() -> None:
    run = made_up(layer("forward"))
    states = RNNLayer("forward", h_prev=run.layers[0].memory_before, h=run.layers[0].h)
    card = dataclasses.replace(run.card, cell="rnn")
    run = dataclasses.replace(run, card=card, layers=(states,))
    (row, *_) = read_csv(csv_bytes(run))
    assert [row[word] == "" for word in FIELDS] == [True] * 5 + [False]
    assert {name for name in read_npz(npz_bytes(run)) if name.endswith("_l0")} == {
        "hidden_state_l0"
    }


def test_npz_outputs_that_are_missing_are_left_out() -> None:
    run = dataclasses.replace(made_up(layer("forward")), outputs=(None,) * 5)
    assert (
        not {"labels", "probabilities", "score", "output_value"} & read_npz(npz_bytes(run)).keys()
    )


def test_npz_same_run_gives_the_same_bytes() -> None:
    assert npz_bytes(made_up(layer("forward"))) == npz_bytes(made_up(layer("forward")))


def test_ndjson_lines_are_the_steps() -> None:
    document = trace_document(made_up(layer("forward")))
    lines = b"".join(ndjson_lines(document)).decode().splitlines()
    assert [json.loads(line) for line in lines] == json.loads(to_bytes(document))["steps"]


@pytest.mark.parametrize("export", [csv_bytes, npz_bytes])
def test_export_of_a_run_that_is_not_finite_is_refused(export: object) -> None:
    bad = layer("forward")
    bad.c[2, 1] = np.inf
    assert callable(export)
    with pytest.raises(NonFiniteError, match="cell_state"):
        export(made_up(bad))


def test_addresses_keep_what_each_export_depends_on() -> None:
    state = ExplorerState(text="I love", t=2, unit=7, gate="f", show="h", tour=5, names="symbols")
    found = addresses("sentiment", state)
    assert found["csv"] == "/api/v1/models/sentiment/trace.csv?text=I+love"
    assert found["png"] == (
        "/api/v1/models/sentiment/trace.png?text=I+love&t=2&unit=7&names=symbols"
    )
    assert found.keys() == {"csv", "npz", "ndjson", "svg", "png", "gif", "html"}
