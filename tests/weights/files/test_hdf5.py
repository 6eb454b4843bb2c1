"""HDF5 walked within limits: only numbers of the file itself, in filters of HDF5's own."""

import io
from pathlib import Path

import h5py
import numpy as np
import pytest

from gate_explorer.errors import InputError, LimitError
from gate_explorer.weights.files import Limits, read
from gate_explorer.weights.files.hdf5 import read_hdf5

from ...engine.builders import assert_close
from ..samples import FIXTURES, cell, h_expected, h_of, plain_hdf5

LIMITS = Limits()


def _written(path: Path) -> h5py.File:
    return h5py.File(path, "w")


def _add_lstm(file: h5py.File) -> None:
    one = cell(150)
    file["W"], file["U"], file["b"] = one.weight_ih, one.weight_hh, one.bias


def test_hdf5_of_ones_own_opens_compressed_and_says_what_is_left() -> None:
    opened = read(plain_hdf5())

    assert opened.interpretation.network == "lstm"
    assert opened.interpretation.layout == "torch"


def test_hdf5_links_into_other_files_and_numbers_in_them_are_never_followed(
    tmp_path: Path,
) -> None:
    secret, path = tmp_path / "secret.h5", tmp_path / "weights.h5"
    with _written(secret) as file:
        file["W"] = np.ones((8, 3))
    (tmp_path / "raw").write_bytes(b"\x01" * 800)
    with _written(path) as file:
        _add_lstm(file)
        file["away"] = h5py.ExternalLink(str(secret), "W")
        file["here"] = h5py.SoftLink("/W")
        file.create_dataset("raw", (100,), "f8", external=[(str(tmp_path / "raw"), 0, 800)])
        layout = h5py.VirtualLayout((8, 3), "f8")
        layout[:] = h5py.VirtualSource(str(secret), "W", (8, 3))
        file.create_virtual_dataset("virtual", layout)

    opened = read(path)

    assert_close(h_of(opened), h_expected(cell(150)), 1e-6)
    assert set(opened.interpretation.unused) == {
        "away (a link)",
        "here (a link)",
        "raw (its numbers are in other files)",
        "virtual (its numbers are in other files)",
    }


def test_hdf5_array_that_says_more_than_the_limit_is_refused_before_it_is_read(
    tmp_path: Path,
) -> None:
    path = tmp_path / "huge.h5"
    with _written(path) as file:
        file.create_dataset("W", (2**17, 2**17), "f4", chunks=(64, 64), compression="gzip")
    assert path.stat().st_size < 20_000

    with pytest.raises(LimitError, match="arrays up to W unpack to more than"):
        read(path)


def test_hdf5_chunk_larger_than_its_array_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chunk.h5"
    with _written(path) as file:
        file.create_dataset(
            "W", (8, 3), "f4", chunks=(2**13, 2**13), maxshape=(None, None), compression="gzip"
        )

    with pytest.raises(LimitError, match="W is kept in chunks larger than itself"):
        read(path)


def test_hdf5_group_that_holds_itself_ends_at_the_depth_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "loop.h5"
    with _written(path) as file:
        file.create_group("a")
        file["a/a"] = file["a"]

    with pytest.raises(LimitError, match="lies too deep"):
        read(path)


def test_hdf5_strings_and_objects_are_left_and_named(tmp_path: Path) -> None:
    path = tmp_path / "mixed.h5"
    with _written(path) as file:
        _add_lstm(file)
        file["text"] = "hello"
        file["none"] = h5py.Empty("f4")
        file["flags"] = np.zeros((0, 3))

    unused = read(path).interpretation.unused

    assert [name.split(" ")[0] for name in unused] == ["flags", "none", "text"]


def test_hdf5_heap_with_an_entry_of_no_length_is_refused_at_once() -> None:
    """HDF5's library would look for its end for ever."""
    data = (FIXTURES / "words.h5").read_bytes()
    heap = data.index(b"GCOL\x01\0\0\0")
    size = int.from_bytes(data[heap + 8 : heap + 16], "little")
    at = heap + 16
    while at < heap + size and int.from_bytes(data[at : at + 2], "little"):
        at += 16 + -(-int.from_bytes(data[at + 8 : at + 16], "little") // 8) * 8
    broken = data[: at + 8] + bytes(8) + data[at + 16 :]

    with pytest.raises(InputError, match="an entry has no length"):
        read(broken)


def test_hdf5_texts_come_with_their_path_and_an_optimizer_is_counted_alone() -> None:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        _add_lstm(file)
        file.attrs["keras_version"] = b"2.1.4"
        file["optimizer_weights/a"] = np.ones(3)
        file["optimizer_weights/b/c"] = np.ones(3)
        file["W"].attrs["unit"] = "since only groups' texts are read"
        file.attrs["epochs"] = 12

    found = read_hdf5(stream.getvalue(), LIMITS)

    assert set(found.arrays) == {"W", "U", "b"}
    assert found.texts == {"@keras_version": "2.1.4"}
    assert found.skipped == ("@epochs", "W@unit", "optimizer_weights/… (2 arrays)")
