"""What Keras's configurations say, of every version, and what is assumed without one."""

import pytest

from gate_explorer.engine.activations import Activation
from gate_explorer.errors import InputError
from gate_explorer.weights.files import Options, read
from gate_explorer.weights.keras import OLD_HARD_SIGMOID

from ...engine.builders import assert_close
from .keras_files import (
    FOLDER,
    expected_alone,
    hdf5,
    keras_cell,
    lstm_config,
    old_layout,
    run_alone,
    sequential,
)


@pytest.mark.parametrize("as_list", [True, False])
def test_keras_2_file_reads_hard_sigmoid_with_its_own_slope(as_list: bool) -> None:
    cell = keras_cell(91)
    config = sequential(lstm_config("a", recurrent_activation="hard_sigmoid"), as_list=as_list)
    data = hdf5(
        {f"model_weights/{name}": array for name, array in old_layout("a", cell).items()},
        {"": {"model_config": config, "keras_version": b"2.1.4", "training_config": "{}"}},
    )

    opened = read(data)

    assert_close(run_alone(opened), expected_alone(cell, OLD_HARD_SIGMOID), 1e-6)
    assert opened.interpretation.unused == ("@training_config",)


@pytest.mark.parametrize(
    ("version", "gate"),
    [("2.1.5", OLD_HARD_SIGMOID), ("2.1.6-tf", OLD_HARD_SIGMOID), ("2.10.0", None), ("", None)],
)
def test_keras_weights_alone_squash_as_their_versions_defaults(
    version: str, gate: Activation | None
) -> None:
    cell = keras_cell(92)
    told = {"keras_version": version} if version else {}
    data = hdf5(old_layout("lstm", cell, "lstm_cell_4/"), {"": {"layer_names": [b"lstm"]} | told})

    opened = read(data)

    assert_close(run_alone(opened), expected_alone(cell, gate), 1e-6)
    assert len(opened.interpretation.assumed) == 1


def test_option_of_a_layer_that_isnt_known_is_left_unused_and_named() -> None:
    config = sequential(lstm_config("a", zoneout=0.3), as_list=False)
    data = hdf5(
        {f"model_weights/{n}": a for n, a in old_layout("a", keras_cell(99)).items()},
        {"": {"model_config": config, "keras_version": "2.4.0"}},
    )

    assert "a: zoneout = 0.3" in read(data).interpretation.unused


def test_activation_that_mixes_units_is_named() -> None:
    config = sequential(lstm_config("a", activation="softmax"), as_list=False)
    data = hdf5(
        {f"model_weights/{n}": a for n, a in old_layout("a", keras_cell(99)).items()},
        {"": {"model_config": config, "keras_version": "2.4.0"}},
    )

    with pytest.raises(InputError, match="no activation 'softmax'"):
        read(data)


def test_keras_graph_links_only_what_feeds_one_another() -> None:
    """What reads backwards goes through an Add with a branch: no chain."""
    opened = read(FOLDER / "graph.keras")

    assert opened.interpretation.networks == (
        "from_the_end",
        "simple",
        "simple_too",
        "simple > simple_too",
    )
    assert opened.interpretation.cell == "rnn"
    assert opened.interpretation.biases == "none; one"
    assert opened.head is not None
    assert opened.head.activation == "linear"
    back = read(FOLDER / "graph.keras", Options(network="from_the_end")).interpretation
    assert (back.directions, back.activations["cell"]) == (("backward",), "relu")
