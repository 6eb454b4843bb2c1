"""A cell with its readout: what it computes, and the file that keeps its whole training."""

import math
from pathlib import Path

import numpy as np
import pytest

from gate_explorer.engine import lstm
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.errors import DataError
from gate_explorer.zoo.cell_network import (
    CellNetwork,
    load_checkpoint,
    save_checkpoints,
    trained_by,
)
from tests.engine.builders import draw, draw_lstm


def network(value: float) -> CellNetwork:
    cell = RNNParameters(np.ones((2, 1)), np.ones((2, 2)), np.zeros(2))
    return CellNetwork(cell, np.full((3, 2), value), np.zeros(3))


def test_checkpoints_written_and_read_are_equal(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_checkpoints(path, {"step-0": network(0.0), "step-5": network(5.0)})
    assert load_checkpoint(path, "step-5", "rnn").readout_weight.tolist() == [[5, 5]] * 3


@pytest.mark.parametrize(
    ("label", "cell", "value", "named"),
    [("step-1", "rnn", 1.0, "lacks step-1.bias_hh_l0"), ("step-0", "rnn", math.nan, "not finite")],
)
def test_checkpoint_that_cannot_be_used_is_named(
    tmp_path: Path, label: str, cell: str, value: float, named: str
) -> None:
    path = tmp_path / "weights.safetensors"
    save_checkpoints(path, {"step-0": network(value)})
    with pytest.raises(DataError, match=named):
        load_checkpoint(path, label, cell)


def test_checkpoint_file_that_is_missing_or_damaged_is_named(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    with pytest.raises(DataError, match="is missing"):
        load_checkpoint(path, "step-0", "rnn")
    path.write_bytes(b"junk")
    with pytest.raises(DataError, match="not a safetensors file"):
        load_checkpoint(path, "step-0", "rnn")


def test_network_reads_what_its_cell_shows() -> None:
    rng = np.random.default_rng(1)
    cell, x = draw_lstm(rng, 2, 3), draw(rng, 4, 2, 2)
    net = CellNetwork(cell, draw(rng, 5, 3), draw(rng, 5))
    h = lstm.forward(cell, x).h
    np.testing.assert_allclose(net.read(x), h @ net.readout_weight.T + net.readout_bias)
    assert net.torch_weights().keys() == {
        "weight_ih_l0",
        "weight_hh_l0",
        "bias_ih_l0",
        "bias_hh_l0",
    }


def test_weights_file_records_the_release_that_trained_it(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_checkpoints(path, {"step-0": network(0.0)}, "1.2.3")
    assert trained_by(path) == "1.2.3"
    save_checkpoints(path, {"step-0": network(0.0)})
    assert trained_by(path) is None
