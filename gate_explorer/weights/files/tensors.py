"""The arrays of a file, whatever container they come out of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gate_explorer.engine.checks import Array
from gate_explorer.errors import InputError, LimitError, NonFiniteError
from gate_explorer.weights.files.opened import Limits


@dataclass(frozen=True, eq=False)
class Tensors:
    """Arrays by name in the file's order; skipped: what is there and isn't read, in words.

    texts: the texts that come with them, such as Keras's configuration, by name.
    """

    arrays: Mapping[str, Array]
    skipped: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    vocabulary: tuple[str, ...] | None = None


class Budget:
    """How much of a file's limits is left; each thing that is read is charged before it is."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.bytes, self.arrays = limits.unpacked_bytes, limits.arrays

    def charge(self, name: str, size: int) -> None:
        """Raise LimitError unless another array of so many bytes fits."""
        self.bytes -= size
        self.arrays -= 1
        if self.arrays < 0:
            raise LimitError(f"The file holds more than {self.limits.arrays:,} arrays.")
        if size < 0 or self.bytes < 0:
            raise LimitError(
                f"The arrays up to {shown(name)} unpack to more than"
                f" {self.limits.unpacked_bytes:,} bytes. Bring the weights alone, without the"
                " optimizer's, or the recurrent layers alone."
            )


def shown(name: str) -> str:
    """A name out of a file, fit for a sentence: short, and without control characters."""
    plain = "".join(c if c.isprintable() else "?" for c in name)
    return plain if len(plain) <= 100 else f"{plain[:97]}..."


def clean(text: str) -> str:
    """A text without halves of characters, which can't be written anywhere."""
    return text.encode("utf-8", "replace").decode()


def size_of(name: str, shape: Sequence[int], itemsize: int) -> int:
    """The bytes of an array. Raises: InputError for a shape that can't be one."""
    total = itemsize
    for length in shape:
        if not 0 <= length < 2**48:
            raise InputError(f"{shown(name)} has the shape {tuple(shape)}, which can't be.")
        total *= length
    if len(shape) > 32:
        raise InputError(f"{shown(name)} has {len(shape)} axes, which can't be.")
    return total


def finite(name: str, array: Array) -> Array:
    """The array, where all its entries are numbers.

    Raises: NonFiniteError naming it; InputError for 8-bit integers, which stand for other numbers.
    """
    if array.dtype.kind in "iub" and array.dtype.itemsize == 1:
        raise InputError(
            f"{shown(name)} is quantised, of the type {array.dtype}: what its numbers stand for"
            " isn't in the array. Bring the weights from before that."
        )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        place = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        raise NonFiniteError(
            f"{shown(name)} holds {array[place]} at {list(place)}: the training went astray, or the"
            " file is damaged. Every weight should be a finite number."
        )
    return array
