"""The zoo: which models there are, and that each is what its card says."""

import json
from pathlib import Path

import pytest

from app.views.address.state import read_query
from gate_explorer.errors import DataError, NotFoundError
from gate_explorer.runs.card_file import CARD
from gate_explorer.runs.inputs import Options
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, NumberOutput
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model

MODELS = registry.all_models()
KINDS = {
    "number": NumberOutput,
    "classes": ClassesOutput,
    "next_token": NextTokenOutput,
    None: type(None),
}
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.card.id)


def test_registry_has_the_models_of_the_contract_in_the_order_of_the_menu() -> None:
    assert list(registry.MODELS)[:3] == ["toy-rules", "toy-lstm", "sentiment"]
    assert [model.card.id for model in MODELS] == list(registry.MODELS)
    assert registry.DEFAULT == "toy-rules"


def test_registry_asked_twice_gives_the_same_model() -> None:
    assert registry.get("toy-lstm") is registry.get("toy-lstm")


@pytest.mark.parametrize("model_id", ["", "toy", "TOY-RULES", "toy-rules ", "../toy-rules"])
def test_registry_asked_for_an_unknown_model_names_those_there_are(model_id: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        registry.get(model_id)
    assert all(name in caught.value.detail for name in registry.MODELS)
    assert caught.value.status == 404


def put_card(folder: Path, **facts: object) -> Path:
    """A folder with the counter's card, but for some facts; nothing else lies in it."""
    folder.mkdir()
    known = json.loads((registry.ZOO / "counter" / CARD).read_text(encoding="utf-8"))
    (folder / CARD).write_text(json.dumps({**known, **facts}), encoding="utf-8")
    return folder


def test_registry_finds_models_by_their_folders_in_the_order_of_their_cards(
    tmp_path: Path,
) -> None:
    put_card(tmp_path / "second", order=2)
    put_card(tmp_path / "first", order=1)
    (tmp_path / "no-model").mkdir()
    assert [folder.name for folder in registry.model_folders(tmp_path)] == ["first", "second"]


def test_registry_puts_a_card_that_can_not_be_read_last(tmp_path: Path) -> None:
    damaged = put_card(tmp_path / "damaged") / CARD
    damaged.write_bytes(damaged.read_bytes()[:-100])
    put_card(tmp_path / "whole", order=9)
    assert [folder.name for folder in registry.model_folders(tmp_path)] == ["whole", "damaged"]
    with pytest.raises(DataError, match="not JSON"):
        registry.open_model(damaged.parent)


@pytest.mark.parametrize("family", sorted(registry.FAMILIES))
def test_registry_opens_a_folder_without_reading_its_weights(family: str, tmp_path: Path) -> None:
    model = registry.open_model(put_card(tmp_path / "no-weights", family=family))
    assert model.card.id == "no-weights"
    with pytest.raises(DataError):
        model.readout(Options())


def test_registry_refuses_a_family_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="families learned, sentence, got “gru”"):
        registry.open_model(put_card(tmp_path / "other", family="gru"))


@each_model
def test_model_examples_run_and_fit_the_card(model: Model) -> None:
    card = model.card
    assert card.examples
    for example in card.examples:
        state = read_query(list(example.query.items()))
        assert state.inputs is not None
        run = model.run(state.inputs, None, state.options)
        assert run.x.shape == (len(run), card.input_size)
        assert len(run.layers) == card.num_layers * (2 if card.bidirectional else 1)
        assert run.layers[-1].memory.shape == (len(run), card.hidden_size)
        kind = KINDS[card.output]
        assert [type(output) for output in run.outputs] == [kind] * len(run)
        assert (run.tokens is None) == (card.input == "vectors")
        assert example.title
        assert example.note


@each_model
def test_model_first_unit_is_one_of_its_units(model: Model) -> None:
    assert 1 <= model.card.first_unit <= model.card.hidden_size


@each_model
def test_model_weights_have_torch_names_where_there_are_any(model: Model) -> None:
    weights = model.weights(Options())
    if model.card.provenance == "rules":
        assert weights is None
        return
    assert weights is not None
    hidden, width = model.card.hidden_size, model.card.input_size
    rows = hidden if model.card.cell == "rnn" else 4 * hidden
    assert {name: array.shape for name, array in weights.items()} == {
        "weight_ih_l0": (rows, width),
        "weight_hh_l0": (rows, hidden),
        "bias_ih_l0": (rows,),
        "bias_hh_l0": (rows,),
    }
