"""Files of other kinds, told by their bytes and named."""

import pickle

import pytest
from safetensors.numpy import save

from gate_explorer.errors import (
    InputError,
    MediaTypeError,
)
from gate_explorer.weights import torch
from gate_explorer.weights.files import read

from ..samples import (
    cell,
    zipped,
)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"", InputError, "file is empty"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 138841280\n",
            InputError,
            "Git LFS pointer.*138,841,280 bytes",
        ),
        (pickle.dumps({"a": 1}), MediaTypeError, "This is a pickle.*never opened"),
        (pickle.dumps([1], protocol=0), MediaTypeError, "This is a pickle"),
        (zipped({"archive/data.pkl": b"\x80\x02}."}), MediaTypeError, "what torch.save writes"),
        (b"\0" * 257 + b"ustar" + b"\0" * 300, MediaTypeError, "oldest .pt files"),
        (b"<!DOCTYPE html><title>Not Found", InputError, "web page"),
        (b"\x1f\x8b\x08" + bytes(20), InputError, "gzip archive: unpack it"),
        (b"GGUF" + bytes(20), InputError, "GGUF"),
        (b"hello there, no weights", InputError, "no kind that is known"),
        (zipped({"readme.txt": b"hi"}), InputError, "neither an .npz nor a .keras.*readme.txt"),
        (zipped({"m/saved_model.pb": b"hi"}), InputError, "SavedModel"),
        (b'{"a": "no arrays"}', InputError, "No LSTM and no RNN"),
        (b'{"a": [1, 2', InputError, "isn't JSON that can be read"),
        (b"\x89HDF\r\n\x1a\n" + bytes(40), InputError, "cut short or damaged"),
        (b"\x08\x07\x3a", InputError, "cut short, damaged, or of another kind"),
    ],
)  # fmt: skip
def test_file_of_another_kind_is_named(data: bytes, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        read(data)
    assert type(caught.value) is error


@pytest.mark.parametrize("length", [0x180, 0x280, 0x380, 0x480, 0x580, 0x8B1F])
def test_safetensors_is_told_though_its_length_begins_as_another_kind(length: int) -> None:
    """A header of 1,152 bytes is written 80 04, as a pickle begins; one of 35,615 as gzip does."""
    whole = save(torch.to_torch(cell(3)))
    at = int.from_bytes(whole[:8], "little")
    data = length.to_bytes(8, "little") + whole[8 : 8 + at].ljust(length) + whole[8 + at :]
    assert read(data).interpretation.layout == "torch"
