"""What kind of file some bytes are, told by the bytes alone, and what to say of the other kinds."""

import re

from gate_explorer.errors import InputError, MediaTypeError

SAFETENSORS, HDF5, ZIP, JSON, ONNX = "safetensors", "HDF5", "zip", "JSON", "ONNX"

_HDF5 = b"\x89HDF\r\n\x1a\n"
_LFS = re.compile(rb"version https://git-lfs\.github\.com/spec/v1\s.*?\bsize (\d{1,20})", re.DOTALL)
_READ = (
    "Read are .safetensors, .npz, .onnx, .keras, .weights.h5, .h5 or .hdf5 of Keras, and .json with"
    " arrays."
)
_PICKLES = (b"(dp", b"(lp", b"cnumpy", b"ccopy_reg", b"ccollections", b"c__torch__")
PICKLE = (
    "It is never opened here, since opening one runs whatever code is in it. Save the numbers"
    " alone: safetensors.torch.save_file(model.state_dict(), 'model.safetensors'), or numpy.savez."
)


def kind_of(data: bytes) -> str:
    """The kind: one of the five that are read.

    Raises: InputError saying what the bytes are instead; MediaTypeError for pickles.
    """
    if not data:
        raise InputError(f"The file is empty. {_READ}")
    if (pointer := _LFS.match(data[:1024])) is not None:
        raise InputError(
            "This is a Git LFS pointer, not the model: the file it stands for has"
            f" {int(pointer[1]):,} bytes. Get that one, with git lfs pull or from the repository's"
            " download button."
        )
    if any(data[at : at + 8] == _HDF5 for at in (0, 512, 1024, 2048)):
        return HDF5
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return ZIP
    # The length of its header may be written with the bytes that another kind begins with.
    if data[8:9] == b"{" and int.from_bytes(data[:8], "little") <= len(data) - 8:
        return SAFETENSORS
    _refuse_others(data)
    return _by_beginning(data)


def _by_beginning(data: bytes) -> str:
    length = int.from_bytes(data[:8], "little")
    if len(data) > 9 and data[8:9] == b"{" and data[:1] not in (b"{", b"["):
        raise InputError(
            f"This begins as a .safetensors file whose header has {length:,} bytes, but the file"
            f" has {len(data):,}: it is cut short or damaged."
        )
    beginning = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if beginning[:1] in (b"{", b"["):
        return JSON
    if data[:1] in (b"\x08", b"\x12", b"\x1a", b"\x3a", b"\x42"):
        return ONNX
    raise InputError(f"This is of no kind that is known, by how it begins. {_READ}")


def _refuse_others(data: bytes) -> None:
    """Name what can't be read, by its first bytes."""
    if data[:6] == b"\x93NUMPY":
        if b"'O'" in data[:200] or b"|O" in data[:200]:
            raise MediaTypeError(
                f"This is a NumPy file of Python objects, which NumPy writes as a pickle. {PICKLE}"
            )
        raise InputError(
            "This is a NumPy file with one array; an LSTM has several. Save them together with"
            " numpy.savez."
        )
    is_pickle = data[:1] == b"\x80" and data[1:2] in (b"\x01", b"\x02", b"\x03", b"\x04", b"\x05")
    if is_pickle or data.startswith(_PICKLES):
        raise MediaTypeError(f"This is a pickle, as in .pkl, .bin and old .pt files. {PICKLE}")
    if data[257:262] == b"ustar":
        raise MediaTypeError(f"This is a tar archive, as in the oldest .pt files. {PICKLE}")
    for beginning, words in (
        (b"\x1f\x8b", "a gzip archive: unpack it, and bring what is in it"),
        (b"Rar!", "a RAR archive: unpack it, and bring what is in it"),
        (b"7z\xbc\xaf", "a 7z archive: unpack it, and bring what is in it"),
        (b"<", "a web page or XML: the link led to a page about the file, not to the file"),
        (b"GGUF", "a GGUF file, which holds language models without recurrent layers"),
        (b"MATLAB", "a MATLAB file: save its matrices with scipy.io.loadmat and numpy.savez"),
    ):
        if data.startswith(beginning):
            raise InputError(f"This is {words}. {_READ}")
    if data[4:8] == b"TFL3":
        raise InputError(
            f"This is a TensorFlow Lite model: bring the Keras model it was made from. {_READ}"
        )
