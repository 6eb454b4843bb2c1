"""Masks of bits: they count as booleans do, find the longest stretches, and are kept as written.

That those of the shipped weights are kept is a test of `test_places.py`, which surveys them anyway.
"""

from pathlib import Path

import numpy as np
import pytest

from gate_explorer.analysis.alike import PATTERNS
from gate_explorer.analysis.patterns import (
    TRAITS,
    Patterns,
    doing_the_same,
    load,
    packed,
    save,
    traits_of,
)
from gate_explorer.errors import DataError


@pytest.mark.parametrize("hidden", [1, 4, 63, 64, 65, 130])
def test_packed_bits_count_as_booleans_do(hidden: int) -> None:
    rng = np.random.default_rng(hidden)
    mask, units = rng.random((50, hidden)) < 0.4, rng.random(hidden) < 0.5
    patterns = Patterns.of(np.array([20, 30]), {"high": mask})
    assert packed(mask).shape == (50, -(-hidden // 64))
    assert patterns.counts("high", units).tolist() == (mask & units).sum(axis=1).tolist()


def test_find_takes_most_units_first_then_the_longest_stretch_and_a_text_once() -> None:
    mask = np.zeros((12, 2), bool)
    mask[[1, 5, 6, 7, 9]] = True  # texts of four steps: one step, three steps, one step
    mask[[0, 10], 0] = True
    patterns = Patterns.of(np.array([4, 4, 4]), {"high": mask})
    counts = patterns.counts("high", np.array([True, True]))
    assert patterns.find(counts, 10) == [(1, 1), (0, 1), (2, 1)]
    assert patterns.find(counts, 1) == [(1, 1)]
    assert patterns.find(np.zeros_like(counts), 10) == []


def test_doing_the_same_prefers_units_that_do_it_there_alone() -> None:
    mask = np.array([[0, 1, 0], [1, 1, 0], [1, 1, 0], [0, 1, 1]], bool)
    units, selective = doing_the_same(mask, 1, 3)
    assert (units.tolist(), selective) == ([True, False, False], True)
    units, selective = doing_the_same(mask, 0, 4)
    assert (units.tolist(), selective) == ([False, True, False], True)
    units, selective = doing_the_same(mask, 2, 4)
    assert (units.tolist(), selective) == ([False, True, False], False)


def test_traits_of_a_cell_without_gates_are_those_of_its_memory() -> None:
    found = traits_of({"c": np.array([[1.0, -1.0, 0.1]])})
    assert {name: mask.tolist() for name, mask in found.items()} == {
        "high": [[True, False, False]],
        "low": [[False, True, False]],
    }
    gates = {gate: np.array([[0.4, 0.6]]) for gate in "fio"}
    assert set(traits_of({"c": np.zeros((1, 2)), **gates})) == set(TRAITS)


def test_patterns_are_read_as_they_were_written(tmp_path: Path) -> None:
    mask = np.random.default_rng(0).random((6, 70)) < 0.5
    patterns = Patterns.of(np.array([2, 4]), {"high": mask, "low": ~mask})
    save(tmp_path / PATTERNS, patterns)
    read = load(tmp_path / PATTERNS, 2, 70)
    assert read.lengths.tolist() == [2, 4]
    assert {name: bits.tolist() for name, bits in read.bits.items()} == {
        name: bits.tolist() for name, bits in patterns.bits.items()
    }
    for inputs, units in ((3, 70), (2, 64)):
        with pytest.raises(DataError, match="doesn't fit"):
            load(tmp_path / PATTERNS, inputs, units)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no more", b"\x80\x04."])
def test_patterns_file_that_is_damaged_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / PATTERNS).write_bytes(content)
    with pytest.raises(DataError, match=r"patterns\.npz"):
        load(tmp_path / PATTERNS, 1, 1)
