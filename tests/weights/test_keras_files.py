"""Files that Keras 3.15 saved, in its three formats (frozen by tests/fixtures/make_keras_files.py),
and the layouts of older versions, written here as those lay them out."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from gate_explorer.engine import lstm, stack
from gate_explorer.engine.activations import Activation
from gate_explorer.errors import ChoiceError, InputError
from gate_explorer.weights.files import Opened, Options, read
from gate_explorer.weights.keras import OLD_HARD_SIGMOID, to_keras

from ..engine.builders import Array, assert_close, draw, draw_cell

FOLDER = Path(__file__).parents[1] / "fixtures" / "keras" / "files"
with np.load(FOLDER / "expected.npz") as archive:
    EXPECTED = {name: archive[name] for name in archive.files}
LAYERS = sorted({name.rsplit("/", 1)[0] for name in EXPECTED})
FORMATS = (".keras", ".weights.h5", ".h5")


def _networks(opened: Opened) -> tuple[str, ...]:
    return opened.interpretation.networks


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


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_keras_ends_are_those_that_the_configuration_puts_there(ending: str) -> None:
    opened = read(FOLDER / f"words{ending}")

    assert opened.embedding is not None
    assert opened.head is not None
    assert opened.embedding.certain
    assert opened.embedding.matrix.shape == (7, 3)
    assert (opened.head.activation, opened.head.certain, opened.head.last) == (
        "softmax",
        True,
        True,
    )
    assert opened.head.weight.shape == (2, 3)
    assert opened.head.bias is not None
    lower = read(FOLDER / f"words{ending}", Options(network="both"))
    assert lower.embedding is not None
    assert lower.head is None


def test_keras_graph_links_only_what_feeds_one_another() -> None:
    """What reads backwards goes through an Add with a branch: no chain."""
    opened = read(FOLDER / "graph.keras")

    assert _networks(opened) == ("from_the_end", "simple", "simple_too", "simple > simple_too")
    assert opened.interpretation.cell == "rnn"
    assert opened.interpretation.biases == "none; one"
    assert opened.head is not None
    assert opened.head.activation == "linear"
    back = read(FOLDER / "graph.keras", Options(network="from_the_end")).interpretation
    assert (back.directions, back.activations["cell"]) == (("backward",), "relu")


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


# Older layouts.

Arrays = dict[str, Array]


def hdf5(arrays: Arrays, attributes: dict[str, dict[str, Any]]) -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for name, array in arrays.items():
            file[name] = array
        for path, told in attributes.items():
            group = file.require_group(path) if path else file
            for name, value in told.items():
                group.attrs[name] = value
    return stream.getvalue()


def _cell(seed: int, width: int = 3, hidden: int = 2) -> lstm.LSTMParameters:
    return draw_cell(np.random.default_rng(seed), width, hidden, np.float32)


def _arrays(cell: lstm.LSTMParameters) -> tuple[Array, Array, Array]:
    written = to_keras(cell)
    assert written.bias is not None
    return written.kernel, written.recurrent_kernel, written.bias


def _old(name: str, cell: lstm.LSTMParameters, between: str = "") -> Arrays:
    words = ("kernel:0", "recurrent_kernel:0", "bias:0")
    return {f"{name}/{name}/{between}{w}": a for w, a in zip(words, _arrays(cell), strict=True)}


def _sequential(*layers: dict[str, Any], as_list: bool) -> str:
    return json.dumps(
        {"class_name": "Sequential", "config": list(layers) if as_list else {"layers": layers}}
    )


def _lstm_config(name: str, **options: Any) -> dict[str, Any]:
    told = {"name": name, "return_sequences": True, "units": 2, "activation": "tanh"}
    return {"class_name": "LSTM", "config": told | options}


def _run(opened: Opened, width: int = 3) -> Array:
    x = draw(np.random.default_rng(90), 4, 1, width, dtype=np.float32)
    return stack.forward(opened.stack, x).h[:, 0]


def _expected(cell: lstm.LSTMParameters, gate: Activation | None = None, width: int = 3) -> Array:
    if gate is not None:
        cell = replace(cell, options=replace(cell.options, gate=gate))
    x = draw(np.random.default_rng(90), 4, 1, width, dtype=np.float32)
    return lstm.forward(cell, x).h[:, 0]


@pytest.mark.parametrize("as_list", [True, False])
def test_keras_2_file_reads_hard_sigmoid_with_its_own_slope(as_list: bool) -> None:
    cell = _cell(91)
    config = _sequential(_lstm_config("a", recurrent_activation="hard_sigmoid"), as_list=as_list)
    data = hdf5(
        {f"model_weights/{name}": array for name, array in _old("a", cell).items()},
        {"": {"model_config": config, "keras_version": b"2.1.4", "training_config": "{}"}},
    )

    opened = read(data)

    assert_close(_run(opened), _expected(cell, OLD_HARD_SIGMOID), 1e-6)
    assert opened.interpretation.unused == ("@training_config",)


@pytest.mark.parametrize(
    ("version", "gate"),
    [("2.1.5", OLD_HARD_SIGMOID), ("2.1.6-tf", OLD_HARD_SIGMOID), ("2.10.0", None), ("", None)],
)
def test_keras_weights_alone_squash_as_their_versions_defaults(
    version: str, gate: Activation | None
) -> None:
    cell = _cell(92)
    told = {"keras_version": version} if version else {}
    data = hdf5(_old("lstm", cell, "lstm_cell_4/"), {"": {"layer_names": [b"lstm"]} | told})

    opened = read(data)

    assert_close(_run(opened), _expected(cell, gate), 1e-6)
    assert len(opened.interpretation.assumed) == 1


def test_keras_1_weights_are_read_gate_by_gate() -> None:
    cell = _cell(93)
    arrays = {}
    for word, whole in zip("WUb", _arrays(cell), strict=True):
        for gate, part in zip("ifco", np.split(whole, 4, axis=-1), strict=True):
            arrays[f"lstm_1/lstm_1_{word}_{gate}:0"] = part

    opened = read(hdf5(arrays, {"": {"layer_names": [b"lstm_1"]}}))

    assert_close(_run(opened), _expected(cell, OLD_HARD_SIGMOID), 1e-6)
    assert opened.interpretation.network == "lstm_1"
    assert opened.interpretation.gate_order == "each gate by name"


def test_old_bidirectional_layer_is_one_with_two_passes() -> None:
    there, back = _cell(94), _cell(95)
    arrays = {
        f"wide/wide/{way}_lstm/{word}": array
        for way, cell in (("backward", back), ("forward", there))
        for word, array in zip(
            ("kernel:0", "recurrent_kernel:0", "bias:0"), _arrays(cell), strict=True
        )
    }

    opened = read(hdf5(arrays, {"": {"layer_names": [b"wide"], "keras_version": "2.4.0"}}))

    assert opened.interpretation.network == "wide"
    assert opened.interpretation.directions == ("forward", "backward")
    assert_close(_run(opened)[:, :2], _expected(there), 1e-6)


def test_sum_of_directions_breaks_the_chain_and_is_said() -> None:
    there, back, upper = _cell(96), _cell(97), _cell(98, 4)
    arrays = {f"model_weights/{n}": a for n, a in _old("upper", upper).items()}
    for way, cell in (("forward", there), ("backward", back)):
        for word, array in zip(("kernel", "recurrent_kernel", "bias"), _arrays(cell), strict=True):
            arrays[f"model_weights/wide/wide/{way}_lstm/{word}:0"] = array
    wide = {
        "class_name": "Bidirectional",
        "config": {"name": "wide", "layer": _lstm_config("inner"), "merge_mode": "sum"},
    }
    config = _sequential(wide, _lstm_config("upper"), as_list=False)

    opened = read(hdf5(arrays, {"": {"model_config": config, "keras_version": "2.4.0"}}))

    assert set(_networks(opened)) == {"wide", "upper"}
    wide_alone = read(
        hdf5(arrays, {"": {"model_config": config, "keras_version": "2.4.0"}}),
        Options(network="wide"),
    )
    assert any("joins them by sum" in words for words in wide_alone.interpretation.assumed)


def test_option_of_a_layer_that_isnt_known_is_left_unused_and_named() -> None:
    config = _sequential(_lstm_config("a", zoneout=0.3), as_list=False)
    data = hdf5(
        {f"model_weights/{n}": a for n, a in _old("a", _cell(99)).items()},
        {"": {"model_config": config, "keras_version": "2.4.0"}},
    )

    assert "a: zoneout = 0.3" in read(data).interpretation.unused


def test_activation_that_mixes_units_is_named() -> None:
    config = _sequential(_lstm_config("a", activation="softmax"), as_list=False)
    data = hdf5(
        {f"model_weights/{n}": a for n, a in _old("a", _cell(99)).items()},
        {"": {"model_config": config, "keras_version": "2.4.0"}},
    )

    with pytest.raises(InputError, match="no activation 'softmax'"):
        read(data)


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
