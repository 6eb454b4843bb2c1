"""HDF5, walked link by link within limits; only arrays of numbers in the file itself are read.

Left alone are links into other files, numbers kept in other files or put together from them, and
filters other than HDF5's own. h5py is asked for here alone.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np

from gate_explorer.engine.checks import Array
from gate_explorer.errors import ExplorerError, InputError, LimitError
from gate_explorer.weights.files.opened import Limits
from gate_explorer.weights.files.tensors import Budget, Tensors, clean, shown, size_of

_FILTERS = frozenset({1, 2, 3})  # deflate, shuffle, fletcher32
_HEAP = "The file's heap of texts is damaged: {}."
MOST_WORDS = 20_000  # in one attribute
_OPTIMIZER = ("optimizer", "optimizer_weights")


def read_hdf5(data: bytes, limits: Limits) -> Tensors:
    """Arrays by their path, texts by path@attribute; an optimizer's arrays are counted, not read.

    Raises: InputError, LimitError; where h5py is missing, saying so.
    """
    try:
        import h5py
    except ImportError as error:
        raise InputError(
            "HDF5 files need h5py, which isn't installed: pip install 'gate-explorer[files]'."
        ) from error
    _check_heaps(data)
    try:
        with h5py.File(BytesIO(data), "r") as file:
            return _Walk(h5py, limits).read(file)
    except ExplorerError:
        raise
    except Exception as error:  # what the HDF5 library finds wrong comes as any of a dozen kinds
        raise InputError(
            f"This begins as an HDF5 file, but can't be read: it is cut short or damaged ({error})."
        ) from error


def _check_heaps(data: bytes) -> None:
    """Refuse a heap of texts whose entries don't fill it: HDF5's library would never end it.

    A collection has the mark GCOL, its version and size, then entries of a number, a length and so
    many bytes; number 0 is the space that is left, whose length counts its own 16 bytes.
    """
    for mark in re.finditer(rb"GCOL\x01...", data, re.DOTALL):
        size = int.from_bytes(data[mark.end() : mark.end() + 8], "little")
        at, end = mark.end() + 8, mark.start() + size
        if end > len(data):
            raise InputError(_HEAP.format("it ends behind the file"))
        while at + 16 <= end:
            number = int.from_bytes(data[at : at + 2], "little")
            length = int.from_bytes(data[at + 8 : at + 16], "little")
            if not number and length < 16:
                raise InputError(_HEAP.format("an entry has no length"))
            at += length if not number else 16 + -(-length // 8) * 8
            if at > end or (not number and at != end):
                raise InputError(_HEAP.format("its entries don't fill it"))


class _Walk:
    """One walk over a file: what was found, and what is left of the limits."""

    def __init__(self, h5py: Any, limits: Limits) -> None:
        self.h5py, self.limits, self.budget = h5py, limits, Budget(limits)
        self.arrays: dict[str, Array] = {}
        self.texts: dict[str, str] = {}
        self.skipped: list[str] = []
        self.counted: dict[str, int] = {}
        self.text_left = limits.header_bytes
        self.objects_left = 4 * limits.arrays

    def read(self, file: Any) -> Tensors:
        """The whole file."""
        self._texts("", file)
        for path, item in self._items(file, "", self.limits.depth):
            if path.split("/")[0] in _OPTIMIZER:
                top = path.split("/")[0]
                self.counted[top] = self.counted.get(top, 0) + isinstance(item, self.h5py.Dataset)
            elif isinstance(item, self.h5py.Dataset):
                self._dataset(path, item)
                self.skipped += [clean(f"{path}@{name}") for name in item.attrs]
            else:
                self._texts(path, item)
        told = (f"{top}/… ({count} arrays)" for top, count in self.counted.items())
        return Tensors(self.arrays, (*self.skipped, *told), self.texts)

    def _items(self, group: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
        if not depth:
            raise LimitError(f"{shown(path)} lies too deep.")
        for name in group:
            self.objects_left -= 1
            if self.objects_left < 0:
                raise LimitError("The file holds more groups than are read.")
            inner = clean(f"{path}/{name}" if path else str(name))
            if not isinstance(group.get(name, getlink=True), self.h5py.HardLink):
                self.skipped.append(f"{inner} (a link)")
                continue
            item = group[name]
            yield inner, item
            if isinstance(item, self.h5py.Group):
                yield from self._items(item, inner, depth - 1)

    def _dataset(self, path: str, item: Any) -> None:
        reason = self._unreadable(item)
        if reason:
            self.skipped.append(f"{path} ({reason})")
            return
        size = size_of(path, item.shape, item.dtype.itemsize)
        self.budget.charge(path, size)
        for length in item.chunks or (1,):
            size_of(path, (length,), 1)
        if item.chunks and np.prod(item.chunks, dtype=float) > max(2**20, 2 * np.prod(item.shape)):
            raise LimitError(f"{shown(path)} is kept in chunks larger than itself.")
        if size:
            self.arrays[path] = np.asarray(item[()])
        else:
            self.skipped.append(f"{path} (empty)")

    def _unreadable(self, item: Any) -> str | None:
        """Why an array is left alone, if it is."""
        if item.shape is None or item.dtype.kind not in "fiu" or item.dtype.itemsize > 8:
            return str(item.dtype)
        if item.external or item.is_virtual:
            return "its numbers are in other files"
        plist = item.id.get_create_plist()
        filters = {plist.get_filter(k)[0] for k in range(plist.get_nfilters())}
        return None if filters <= _FILTERS else "packed in a way that isn't HDF5's own"

    def _texts(self, path: str, item: Any) -> None:
        """The attributes that are texts or lists of them, lists a line each."""
        for name in item.attrs:
            identity = item.attrs.get_id(name)
            count = np.prod(identity.shape or (1,), dtype=float)
            if self.h5py.check_string_dtype(identity.dtype) is None or count > MOST_WORDS:
                self.skipped += [clean(f"{path}@{name}")] if count else []
                continue
            value = item.attrs[name]
            parts = [value] if isinstance(value, (str, bytes)) else list(np.ravel(value))
            words = [
                p.decode("utf-8", "replace") if isinstance(p, bytes) else clean(str(p))
                for p in parts
            ]
            text = "\n".join(words)
            self.text_left -= len(text)
            if self.text_left < 0:
                raise LimitError("The file's attributes are longer than what is read.")
            self.texts[f"{path}@{name}"] = text
