"""NumPy's .npz: a zip of .npy members, each with its dtype and shape before its numbers.

Members that hold Python objects are pickles and are never opened.
Reference: numpy.lib.format.
"""

from io import BytesIO

import numpy as np

from gate_explorer.engine.checks import Array
from gate_explorer.errors import InputError, MediaTypeError
from gate_explorer.weights.files.kinds import PICKLE
from gate_explorer.weights.files.opened import Limits
from gate_explorer.weights.files.tensors import Budget, Tensors, shown, size_of
from gate_explorer.weights.files.zips import Archive

_ENDING = ".npy"
_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def read_npz(archive: Archive, limits: Limits) -> Tensors:
    """Every array of numbers.

    Raises: InputError, LimitError; MediaTypeError where all are pickles.
    """
    budget, arrays, skipped = Budget(limits), {}, []
    pickles = 0
    for member in archive.names:
        name = member.removesuffix(_ENDING)
        if not member.endswith(_ENDING):
            skipped.append(f"{name} (not an array)")
            continue
        array = _read_npy(name, archive.read(member), budget)
        if array is None:
            pickles += 1
            skipped.append(f"{name} (Python objects, a pickle)")
        elif array.size and array.dtype.kind in "fiub":
            arrays[name] = array
        else:
            skipped.append(f"{name} ({array.dtype} {array.shape})")
    if pickles and not arrays:
        raise MediaTypeError(f"All that this archive holds is pickled. {PICKLE}")
    return Tensors(arrays, tuple(skipped))


def _read_npy(name: str, data: bytes, budget: Budget) -> Array | None:
    """The array, or None where it holds objects."""
    stream = BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        shape, fortran, dtype = _READERS[version](stream, max_header_size=10_000)
        if dtype.hasobject:
            return None
        rest = data[stream.tell() :]
        size = size_of(name, shape, dtype.itemsize)
        budget.charge(name, 0)
        if size != len(rest):
            raise InputError(
                f"{shown(name)} should have {size:,} bytes of numbers, for {dtype} of the shape"
                f" {shape}, but has {len(rest):,}."
            )
        if not size:
            return np.zeros(0)
        return np.frombuffer(rest, dtype).reshape(shape, order="F" if fortran else "C")
    except InputError:
        raise
    except Exception as error:  # NumPy evaluates the header as a Python literal: anything may come
        raise InputError(f"The header of {shown(name)} isn't one of NumPy's.") from error
