"""The .safetensors container, read by its own specification.

Eight bytes with the header's length, the header, a JSON object from each tensor's name to its
dtype, shape and place, then the numbers. The places have to follow one another without gaps or
overlaps, and every name may stand once: what doesn't is refused.

Reference: the safetensors format, version 0.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from gate_explorer.engine.checks import Array, from_bfloat16
from gate_explorer.errors import InputError, LimitError
from gate_explorer.weights.files.opened import Limits
from gate_explorer.weights.files.tensors import Budget, Tensors, shown, size_of

_DTYPES: Mapping[str, str] = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4",
    "I16": "<i2", "I8": "i1", "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip
_METADATA = "__metadata__"
_HALVES = re.compile(rb"\\u[dD][89a-fA-F]")  # of characters; two make one, one alone none


def read_safetensors(data: bytes, limits: Limits) -> Tensors:
    """Every tensor, bfloat16 as the float32 it is. Raises: InputError, LimitError."""
    length = int.from_bytes(data[:8], "little")
    if length > min(limits.header_bytes, len(data) - 8):
        raise LimitError(f"The header has {length:,} bytes, more than the file or the limit has.")
    header = parse_json(data[8 : 8 + length], "the header", limits)
    if not isinstance(header, dict):
        raise InputError("The header should be a JSON object.")
    metadata = header.pop(_METADATA, {})
    body, budget, end = memoryview(data)[8 + length :], Budget(limits), 0
    arrays: dict[str, Array] = {}
    skipped = []
    for name, entry in header.items():
        dtype, shape, begin, stop = _entry(name, entry, len(body))
        budget.charge(name, 2 * (stop - begin) if dtype == "BF16" else 0)
        end = max(end, stop)
        if dtype not in _DTYPES or begin == stop:
            skipped.append(f"{name} ({dtype})")
            continue
        arrays[name] = _array(name, dtype, shape, body[begin:stop])
    _check_places(header, end, len(body))
    told = [f"metadata: {key}" for key in metadata] if isinstance(metadata, dict) else [_METADATA]
    return Tensors(arrays, (*skipped, *(each for each in told if each != "metadata: format")))


def parse_json(text: bytes, what: str, limits: Limits) -> Any:
    """JSON in which no name stands twice, and numbers are numbers.

    Raises: InputError naming what is wrong.
    """
    try:
        found = json.loads(text, object_pairs_hook=_no_twice, parse_constant=_no_constant)
        if _HALVES.search(text):
            json.dumps(found, ensure_ascii=False).encode()
        return found
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(f"{what.capitalize()} isn't JSON that can be read: {error}.") from error


def _no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise InputError(f"The name {shown(name)!r} stands twice: which one counts isn't said.")
        found[name] = value
    return found


def _no_constant(word: str) -> Any:
    raise InputError(f"{word} isn't a number.")


def _entry(name: str, entry: Any, size: int) -> tuple[str, list[int], int, int]:
    """dtype, shape, and the first and last place; the last two within the file."""
    try:
        dtype, shape, (begin, stop) = entry["dtype"], entry["shape"], entry["data_offsets"]
        numbers = [*shape, begin, stop]
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"The header's entry of {shown(name)} should have dtype, shape and data_offsets."
        ) from error
    if not all(type(n) is int for n in numbers) or not isinstance(dtype, str):
        raise InputError(f"The header's entry of {shown(name)} should hold whole numbers.")
    if not 0 <= begin <= stop <= size:
        raise InputError(
            f"{shown(name)} should lie at {begin} to {stop}, but the file has {size} bytes of"
            " numbers: it is cut short or damaged."
        )
    return dtype, list(shape), begin, stop


def _array(name: str, dtype: str, shape: list[int], body: memoryview) -> Array:
    kind = np.dtype(_DTYPES[dtype])
    if size_of(name, shape, kind.itemsize) != len(body):
        raise InputError(
            f"{shown(name)} has the shape {tuple(shape)} of {dtype}, but {len(body)} bytes."
        )
    array = np.frombuffer(body, kind).reshape(shape)
    return from_bfloat16(array) if dtype == "BF16" else array


def _check_places(header: Mapping[str, Any], end: int, size: int) -> None:
    places = sorted(tuple(entry["data_offsets"]) for entry in header.values())
    ends = [0, *(stop for _, stop in places)]
    if any(begin != before for (begin, _), before in zip(places, ends, strict=False)):
        raise InputError("The header's tensors overlap, or leave gaps between them.")
    if end != size:
        raise InputError(f"The tensors end at {end}, but the file has {size} bytes of numbers.")
