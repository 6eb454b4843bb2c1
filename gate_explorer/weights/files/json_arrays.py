"""JSON with arrays: nested lists of numbers, or objects with a flat list beside its shape.

Names are the keys on the way to an array, joined with "/". An object {"data", "dim" or "shape"}
is one array. An object from words to whole numbers, each once, is a vocabulary.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from gate_explorer.engine.checks import Array
from gate_explorer.errors import InputError, LimitError
from gate_explorer.weights.files.opened import Limits
from gate_explorer.weights.files.safe import parse_json
from gate_explorer.weights.files.tensors import Budget, Tensors, shown, size_of

_SHAPES, _NUMBERS = ("dim", "dims", "shape"), ("data", "values")


def read_json(data: bytes, limits: Limits) -> Tensors:
    """Every array, as float64. Raises: InputError, LimitError."""
    arrays: dict[str, Array] = {}
    skipped, vocabularies = [], []
    budget = Budget(limits)
    for name, value in _leaves(parse_json(data, "the file", limits), "", limits.depth):
        if isinstance(value, _Numbers):
            budget.charge(name, 8 * len(value.flat))
            arrays[name] = value.array(name)
        elif isinstance(value, tuple):
            vocabularies.append(value)
        else:
            skipped.append(name)
    return Tensors(
        arrays, tuple(skipped), vocabulary=vocabularies[0] if len(vocabularies) == 1 else None
    )


class _Numbers:
    """A flat list of numbers and the shape that it fills."""

    def __init__(self, flat: list[Any], shape: list[int]) -> None:
        self.flat, self.shape = flat, shape

    def array(self, name: str) -> Array:
        if size_of(name, self.shape, 1) != len(self.flat):
            raise InputError(
                f"{shown(name)} should hold {math.prod(self.shape)} numbers, for the shape"
                f" {tuple(self.shape)}, but holds {len(self.flat)}."
            )
        try:
            return np.array(self.flat, np.float64).reshape(self.shape)
        except (OverflowError, ValueError, TypeError) as error:
            raise InputError(f"{shown(name)} holds something that isn't a number.") from error


def _leaves(value: Any, name: str, depth: int) -> Iterator[tuple[str, Any]]:
    """What lies at the ends of the way through objects: arrays, a vocabulary, or anything else."""
    if not depth:
        raise LimitError(f"{shown(name)} lies too deep.")
    if isinstance(value, dict):
        if (numbers := _boxed(value)) is not None:
            yield name, numbers
        elif (words := vocabulary_of(value)) is not None:
            yield name, words
        else:
            for key, inner in value.items():
                yield from _leaves(inner, f"{name}/{key}" if name else key, depth - 1)
    elif isinstance(value, list) and value and (numbers := _nested(value)) is not None:
        yield name or "array", numbers
    elif isinstance(value, list) and any(isinstance(each, (list, dict)) for each in value):
        for k, inner in enumerate(value):
            yield from _leaves(inner, f"{name}/{k}" if name else str(k), depth - 1)
    else:
        yield name, None


def vocabulary_of(value: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The words by their index, where the object lists each whole number from 0 or 1 on once."""
    numbers: list[int] = []
    if all(type(v) is int for v in value.values()):
        numbers = sorted(value.values())
    if len(numbers) < 2 or numbers[0] not in (0, 1):
        return None
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return None
    words = sorted(value, key=lambda word: int(value[word]))
    return ("",) * numbers[0] + tuple(words)


def _boxed(value: Mapping[str, Any]) -> _Numbers | None:
    """{"data": [...], "dim": [...]}, whatever else stands beside."""
    flat = next((value[key] for key in _NUMBERS if isinstance(value.get(key), list)), None)
    shape = next((value[key] for key in _SHAPES if isinstance(value.get(key), list)), None)
    if flat is None or shape is None or not all(type(n) is int for n in shape):
        return None
    return _Numbers(flat, shape) if all(_is_number(n) for n in flat) else None


def _nested(value: list[Any]) -> _Numbers | None:
    """Lists in lists, of one length on each level, with numbers at the ends."""
    shape: list[int] = []
    level = value
    while True:
        shape.append(len(level) // math.prod(shape))
        if all(_is_number(each) for each in level):
            return _Numbers(level, shape)
        if not all(isinstance(each, list) and each for each in level) or len(shape) > 4:
            return None
        if len({len(each) for each in level}) != 1:
            return None
        level = [inner for each in level for inner in each]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
