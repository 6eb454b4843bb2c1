"""Checkpoints: what was saved comes back, and what isn't a checkpoint of the run is refused."""

from pathlib import Path

import numpy as np
import pytest

from gate_explorer.errors import DataError
from gate_explorer.training.checkpoint import Arrays, read_checkpoint, write_checkpoint

RUN = {"task": "Counter", "seed": 1, "recipe": {"rates": (1, 2)}}
ARRAYS: Arrays = {"w": np.arange(6.0, dtype=np.float32).reshape(2, 3), "m.w": np.zeros(0)}


def test_checkpoint_gives_back_facts_and_arrays(tmp_path: Path) -> None:
    path = tmp_path / "made" / "run.npz"
    write_checkpoint(path, RUN, {"step": 7}, ARRAYS)
    facts, arrays = read_checkpoint(path, RUN)
    assert facts == {"step": 7}
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array)


def test_checkpoint_leaves_nothing_else_behind(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "run.npz", RUN, {}, ARRAYS)
    write_checkpoint(tmp_path / "run.npz", RUN, {"step": 2}, ARRAYS)
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]


def test_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "run.npz", RUN, {}, ARRAYS)
    with pytest.raises(DataError, match="belongs to another run"):
        read_checkpoint(tmp_path / "run.npz", {**RUN, "seed": 2})


@pytest.mark.parametrize("kept", [0, 2, 60, -1])
def test_checkpoint_that_is_cut_short_is_refused(kept: int, tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    write_checkpoint(path, RUN, {}, ARRAYS)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataError, match="is not a whole checkpoint"):
        read_checkpoint(path, RUN)


def test_checkpoint_without_the_facts_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "run.npz", w=np.zeros(3))
    with pytest.raises(DataError, match="is not a whole checkpoint"):
        read_checkpoint(tmp_path / "run.npz", RUN)
