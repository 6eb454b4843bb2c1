"""Files that Keras 3.15 saved, in its three formats (frozen by tests/fixtures/make_keras_files.py),
and the layouts of older versions, written as those lay them out."""

import io
import json
import zipfile

import numpy as np
import pytest

from gate_explorer.engine import stack
from gate_explorer.errors import ChoiceError, InputError
from gate_explorer.weights.files import Options, read
from gate_explorer.weights.keras import OLD_HARD_SIGMOID

from ...engine.builders import assert_close
from .keras_files import (
    EXPECTED,
    FOLDER,
    LAYERS,
    expected_alone,
    hdf5,
    keras_arrays,
    keras_cell,
    lstm_config,
    old_layout,
    run_alone,
    sequential,
)


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize("layer", LAYERS)
def test_keras_layer_by_its_own_name_gives_what_keras_gives(layer: str, ending: str) -> None:
    model, name = layer.split("/")

    opened = read(FOLDER / f"{model}{ending}", Options(network=name))

    assert opened.interpretation.network == name
    x = EXPECTED[f"{layer}/x"][:, None]
    assert_close(stack.forward(opened.stack, x).h[:, 0], EXPECTED[f"{layer}/h"], 2e-6)


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_keras_chain_runs_as_the_layers_do_one_after_the_other(ending: str) -> None:
    opened = read(FOLDER / f"words{ending}")

    told = opened.interpretation
    assert told.networks == ("both", "upper", "both > upper")
    assert (told.network, told.layers, told.directions) == (
        "both > upper",
        2,
        ("forward", "backward"),
    )
    assert told.activations["gate"] == "sigmoid; hard_sigmoid (0.1667, 0.5)"
    assert told.assumed == ()
    assert told.unused == ()
    both, upper = (read(FOLDER / f"words{ending}", Options(network=n)) for n in ("both", "upper"))
    x = EXPECTED["words/both/x"][:, None]
    one_by_one = stack.forward(upper.stack, stack.forward(both.stack, x).h).h
    assert_close(stack.forward(opened.stack, x).h, one_by_one, 1e-6)


def test_keras_weights_alone_have_their_groups_names_and_say_what_is_assumed() -> None:
    opened = read(FOLDER / "words.weights.h5")

    told = opened.interpretation
    assert told.network == "both > upper"  # the groups' attributes tell the layers' names
    assert any("squashes with sigmoid and tanh" in words for words in told.assumed)
    assert any("by their order in the file and widths" in words for words in told.assumed)
    assert read(FOLDER / "words.weights.h5", Options(network="lstm")).interpretation.layers == 1
    x = EXPECTED["words/both/x"][:, None]
    both = read(FOLDER / "words.weights.h5", Options(network="both"))
    assert_close(stack.forward(both.stack, x).h[:, 0], EXPECTED["words/both/h"], 2e-6)


def test_keras_network_that_isnt_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(ChoiceError, match="no network 'lower'; it has both, upper") as caught:
        read(FOLDER / "words.keras", Options(network="lower"))

    assert caught.value.choices == {"network": ("both", "upper", "both > upper")}
    with pytest.raises(ChoiceError, match="laid out by Keras, not as torch"):
        read(FOLDER / "words.keras", Options(layout="torch"))


def test_keras_1_weights_are_read_gate_by_gate() -> None:
    cell = keras_cell(93)
    arrays = {}
    for word, whole in zip("WUb", keras_arrays(cell), strict=True):
        for gate, part in zip("ifco", np.split(whole, 4, axis=-1), strict=True):
            arrays[f"lstm_1/lstm_1_{word}_{gate}:0"] = part

    opened = read(hdf5(arrays, {"": {"layer_names": [b"lstm_1"]}}))

    assert_close(run_alone(opened), expected_alone(cell, OLD_HARD_SIGMOID), 1e-6)
    assert opened.interpretation.network == "lstm_1"
    assert opened.interpretation.gate_order == "each gate by name"


def test_old_bidirectional_layer_is_one_with_two_passes() -> None:
    there, back = keras_cell(94), keras_cell(95)
    arrays = {
        f"wide/wide/{way}_lstm/{word}": array
        for way, cell in (("backward", back), ("forward", there))
        for word, array in zip(
            ("kernel:0", "recurrent_kernel:0", "bias:0"), keras_arrays(cell), strict=True
        )
    }

    opened = read(hdf5(arrays, {"": {"layer_names": [b"wide"], "keras_version": "2.4.0"}}))

    assert opened.interpretation.network == "wide"
    assert opened.interpretation.directions == ("forward", "backward")
    assert_close(run_alone(opened)[:, :2], expected_alone(there), 1e-6)


def test_sum_of_directions_breaks_the_chain_and_is_said() -> None:
    there, back, upper = keras_cell(96), keras_cell(97), keras_cell(98, 4)
    arrays = {f"model_weights/{n}": a for n, a in old_layout("upper", upper).items()}
    for way, cell in (("forward", there), ("backward", back)):
        for word, array in zip(
            ("kernel", "recurrent_kernel", "bias"), keras_arrays(cell), strict=True
        ):
            arrays[f"model_weights/wide/wide/{way}_lstm/{word}:0"] = array
    wide = {
        "class_name": "Bidirectional",
        "config": {"name": "wide", "layer": lstm_config("inner"), "merge_mode": "sum"},
    }
    config = sequential(wide, lstm_config("upper"), as_list=False)

    opened = read(hdf5(arrays, {"": {"model_config": config, "keras_version": "2.4.0"}}))

    assert set(opened.interpretation.networks) == {"wide", "upper"}
    wide_alone = read(
        hdf5(arrays, {"": {"model_config": config, "keras_version": "2.4.0"}}),
        Options(network="wide"),
    )
    assert any("joins them by sum" in words for words in wide_alone.interpretation.assumed)


def test_keras_model_without_a_recurrent_layer_says_what_it_has() -> None:
    config = {"class_name": "Sequential", "config": {"layers": [
        {"class_name": "Dense", "config": {"name": f"d{k}"}} for k in range(3)
    ]}}  # fmt: skip
    stream = io.BytesIO()
    weights = hdf5({"layers/dense/vars/0": np.ones((2, 3), np.float32)}, {})
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", '{"keras_version": "3.2.1"}')
        archive.writestr("model.weights.h5", weights)

    with pytest.raises(InputError, match=r"No LSTM and no RNN.*classes Dense \(3\)"):
        read(stream.getvalue())
    with pytest.raises(InputError, match=r"No LSTM and no RNN.*layers called dense"):
        read(weights)
