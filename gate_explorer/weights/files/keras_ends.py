"""The embedding below and the dense layer above a chain of Keras's layers, by the configuration."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from gate_explorer.engine.checks import Array
from gate_explorer.weights.files.keras_config import (
    Configuration,
    Entry,
    gives_sequence,
    passes_on,
)
from gate_explorer.weights.files.opened import Embedding, Head, Layer
from gate_explorer.weights.files.tensors import finite


def configured_ends(
    chain: Sequence[Layer], told: Configuration, left: Mapping[str, Array]
) -> tuple[Embedding | None, Head | None]:
    """What the configuration puts right below and right above, with nothing between."""
    first, last = (told.by_name.get(layer.name) for layer in (chain[0], chain[-1]))
    embedding = _embedding(first, told, left, chain[0].sizes[0]) if first else None
    return embedding, _head(last, told, left, chain[-1].sizes[1]) if last else None


def _embedding(
    first: Entry, told: Configuration, left: Mapping[str, Array], width: int
) -> Embedding | None:
    below = _below(first, told)
    if below is None or below.kind != "Embedding":
        return None
    for name, array in _arrays_of(below, left):
        if array.ndim == 2 and array.shape[1] == width:
            return Embedding(name, finite(name, array), certain=True)
    return None


def _head(last: Entry, told: Configuration, left: Mapping[str, Array], width: int) -> Head | None:
    above = _above(last, told)
    dense = above.cell if above is not None and above.kind == "TimeDistributed" else above
    merged = last.options.get("merge_mode", "concat") if last.is_bidirectional else "concat"
    if above is None or dense is None or dense.kind != "Dense" or merged != "concat":
        return None
    arrays = list(_arrays_of(above, left))
    weights = [(n, a) for n, a in arrays if a.ndim == 2 and len(a) == width]
    if len(weights) != 1:
        return None
    (name, weight), biases = weights[0], [(n, a) for n, a in arrays if a.ndim == 1]
    bias = biases[0] if biases else None
    squashed = dense.options.get("activation")
    return Head(
        name=name,
        weight=finite(name, weight.T),
        bias=None if bias is None else finite(*bias),
        activation=squashed if isinstance(squashed, str) else None,
        certain=True,
        last=_above(above, told) is None,
        sources=(name,) if bias is None else (name, bias[0]),
        reads=_read_of(last),
    )


def _read_of(last: Entry) -> Literal["steps", "ends"] | None:
    """What a layer hands on; None for a sequence that is turned about."""
    if gives_sequence(last):
        return "steps"
    options = last.inner[0].options if last.inner else last.options
    return None if options.get("return_sequences") else "ends"


def _arrays_of(entry: Entry, left: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    """A layer's arrays, at version 3's place or in the older group of its name."""
    for name, array in left.items():
        parts = name.removeprefix("model_weights/").split("/")
        if name.startswith(f"{entry.path}/") or parts[0] == entry.name:
            yield name, array


def _below(entry: Entry, told: Configuration) -> Entry | None:
    for _ in range(len(told.entries)):
        found = told.by_name.get(entry.inputs[0][0]) if entry.inputs else None
        if found is None or not passes_on(found):
            return found
        entry = found
    return None


def _above(entry: Entry, told: Configuration) -> Entry | None:
    """The only layer that reads this one's first output, past those that pass it on."""
    for _ in range(len(told.entries)):
        readers = told.readers.get(entry.name, ())
        if len(readers) != 1 or not passes_on(readers[0]):
            return readers[0] if len(readers) == 1 else None
        entry = readers[0]
    return None
