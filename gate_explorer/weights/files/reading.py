"""From the bytes of a file to a network: the kind, the arrays, the layers, the one to open."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from gate_explorer.engine.lstm import LSTMParameters, LSTMState
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.engine.stack import Parameters, Stack, State
from gate_explorer.errors import ChoiceError, FileSizeError, InputError
from gate_explorer.weights.files import kinds
from gate_explorer.weights.files.ends import is_named
from gate_explorer.weights.files.hdf5 import read_hdf5
from gate_explorer.weights.files.json_arrays import read_json
from gate_explorer.weights.files.keras_layers import keras_layers, words_of
from gate_explorer.weights.files.linking import chains
from gate_explorer.weights.files.named import named_layers
from gate_explorer.weights.files.npz import read_npz
from gate_explorer.weights.files.onnx_graph import onnx_layers
from gate_explorer.weights.files.opened import (
    AUTO,
    CHAIN,
    Embedding,
    Found,
    Interpretation,
    Layer,
    Limits,
    Opened,
    Options,
)
from gate_explorer.weights.files.safe import parse_json, read_safetensors
from gate_explorer.weights.files.tensors import Tensors, shown
from gate_explorer.weights.files.torch_layers import torch_layers
from gate_explorer.weights.files.zips import Archive

_CONFIG, _METADATA, _WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_NAMES_TOLD = 40
_GRU = re.compile(r"(?i)\b(?:cu_?dnn_?)?gru")
DEFAULTS, LIMITS = Options(), Limits()


def read(source: bytes | Path, options: Options = DEFAULTS, limits: Limits = LIMITS) -> Opened:
    """The network in a weight file, and how it was understood; the file's name counts for nothing.

    Raises: InputError saying what the file is and holds instead; MediaTypeError for pickles;
    ChoiceError where the options don't fit it; LimitError where what it holds is more than is read,
    FileSizeError where its bytes are.
    """
    return opened(find(contents(source, limits), options, limits), options)


def contents(source: bytes | Path, limits: Limits) -> bytes:
    """The bytes of a file, no more than the limit. Raises: FileSizeError."""
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > limits.file_bytes:
        raise FileSizeError(
            f"The file has {size:,} bytes; read are {limits.file_bytes:,}. Bring the recurrent"
            " layers alone, or save them as float16."
        )
    return source if isinstance(source, bytes) else source.read_bytes()


def find(data: bytes, options: Options, limits: Limits) -> Found:
    """Every recurrent layer of a file. Raises: as `read`."""
    found = _found(data, options, limits)
    if not found.layers and options.layout != AUTO:
        others = _found(data, replace(options, layout=AUTO), limits).layers
        fitting = tuple(dict.fromkeys(layer.layout for layer in others))
        if fitting:
            raise ChoiceError(
                f"The arrays don't have the shapes of the layout {options.layout}; they have those"
                f" of {', '.join(fitting)}.",
                {"layout": (AUTO, *fitting)},
            )
    if not found.layers:
        raise InputError(_nothing(found))
    return found


def opened(found: Found, options: Options) -> Opened:
    """The network that the options name, or the longest chain, or the first layer.

    Raises: ChoiceError for a name that isn't there; InputError for weights that can't be run.
    """
    linked = chains(found.layers, found.links)
    names = [layer.name for layer in found.layers]
    networks = (*names, *(CHAIN.join(names[k] for k in chain) for chain in linked))
    places = _chosen(found.layers, linked, networks, options.network)
    chain = [found.layers[k] for k in places]
    stacks = [layer.build() for layer in chain]
    stack = _joined(stacks)
    embedding, head = found.ends(chain)
    used = {*(head.sources if head else ()), *([embedding.name] if embedding else [])}
    assumed = [words for layer in chain for words in layer.assumed]
    assumed += [
        link.assumed
        for link in found.links
        if link.assumed and (link.lower, link.upper) in set(pairwise(places))
    ]
    if head is not None and not head.certain:
        assumed.append(f"{head.name} reads h, with nothing between: what does isn't in the file")
    if embedding is not None and not embedding.certain:
        by_shape = "" if is_named(embedding) else ", by its shape, a row a word"
        assumed.append(f"{embedding.name} gives the inputs{by_shape}: what does isn't in the file")
    aside = [n for k, layer in enumerate(found.layers) if k not in places for n in layer.sources]
    told = _interpretation(chain, stack)
    return Opened(
        replace(
            told,
            networks=networks,
            network=CHAIN.join(layer.name for layer in chain),
            assumed=tuple(dict.fromkeys(assumed)),
            unused=tuple(n for n in (*aside, *found.unread) if n not in used),
        ),
        stack,
        _initial(chain, stacks),
        embedding,
        head,
        _words(found, embedding),
    )


def _words(found: Found, embedding: Embedding | None) -> tuple[str, ...] | None:
    """The file's own vocabulary; an embedding told by it may have a last row that has no word."""
    words = found.vocabulary
    if words is None or embedding is None or is_named(embedding):
        return words
    return (*words, *[""] * (len(embedding.matrix) - len(words)))


def _found(data: bytes, options: Options, limits: Limits) -> Found:
    kind = kinds.kind_of(data)
    if kind == kinds.ONNX:
        return onnx_layers(data, options, limits)
    if kind == kinds.SAFETENSORS:
        return _in_arrays(read_safetensors(data, limits), options, limits)
    if kind == kinds.JSON:
        return _in_arrays(read_json(data, limits), options, limits)
    if kind == kinds.HDF5:
        return _in_arrays(read_hdf5(data, limits), options, limits)
    return _in_archive(Archive(data, limits), options, limits)


def _in_archive(archive: Archive, options: Options, limits: Limits) -> Found:
    """A .keras archive, or an .npz."""
    names = set(archive.names)
    if _WEIGHTS in names and _CONFIG in names:
        metadata = (
            parse_json(archive.read(_METADATA), _METADATA, limits) if _METADATA in names else {}
        )
        version = metadata.get("keras_version") if isinstance(metadata, dict) else None
        tensors = read_hdf5(archive.read(_WEIGHTS), limits)
        config = archive.read(_CONFIG)
        told = version if isinstance(version, str) else None
        found = keras_layers(tensors, options, limits, config, told)
        return found or Found(())
    if any(name.endswith(".npy") for name in names):
        return _in_arrays(read_npz(archive, limits), options, limits)
    held = ", ".join(shown(name) for name in list(archive.names)[:_NAMES_TOLD]) or "nothing"
    if any(name.endswith(("saved_model.pb", "variables.index")) for name in names):
        raise InputError(
            "This is a zipped TensorFlow SavedModel: load it in TensorFlow, and save its model as"
            " .keras or its weights as .weights.h5."
        )
    raise InputError(
        f"This is a zip archive, but neither an .npz nor a .keras: it holds {held}. Unpack it, and"
        " bring the file with the weights."
    )


def _in_arrays(tensors: Tensors, options: Options, limits: Limits) -> Found:
    """Layers among named arrays: laid out by Keras, called as PyTorch does, or by anyone."""
    found = keras_layers(tensors, options, limits) if tensors.texts or tensors.arrays else None
    if found is None and options.layout in (AUTO, "torch"):
        found = torch_layers(tensors, options)
    if found is not None and (found.layers or found.notes):
        return found
    named = named_layers(tensors, options)
    return named if named.layers or found is None else found


def _nothing(found: Found) -> str:
    held = "; ".join(found.notes)
    if not held:
        names = [shown(name) for name in found.unread[:_NAMES_TOLD] if name]
        more = len(found.unread) - len(names)
        listed = ", ".join(names) + (f" and {more} more" if more > 0 else "")
        held = f"arrays called {listed}" if names else "nothing"
    is_gru = any(_GRU.search(note) for note in found.notes)
    return (
        f"No LSTM and no RNN is in this file. It holds {held}."
        + (" A GRU has other gates, and can't be opened for now." if is_gru else "")
        + " Bring a file with an LSTM; if one is here under other names, call its arrays as PyTorch"
        " does, weight_ih_l0 and so on."
    )


def _chosen(
    layers: Sequence[Layer],
    linked: Sequence[tuple[int, ...]],
    networks: Sequence[str],
    wanted: str | None,
) -> tuple[int, ...]:
    """The places of the layers to open, from the input up."""
    if wanted is None:
        return max(linked, key=len) if linked else (0,)
    by_name = {name: (k,) for k, layer in enumerate(layers) for name in layer.names[::-1]}
    every = by_name | dict(zip(networks[len(layers) :], linked, strict=True))
    every |= {layer.name: (k,) for k, layer in enumerate(layers)}
    if wanted not in every:
        raise ChoiceError(
            f"The file has no network {shown(wanted)!r}; it has"
            f" {', '.join(shown(name) for name in networks[:_NAMES_TOLD])}.",
            {"network": networks},
        )
    return every[wanted]


def _joined(stacks: Sequence[Stack]) -> Stack:
    """The layers of all, from the input up, in the widest of their dtypes."""
    if len(stacks) == 1:
        return stacks[0]
    dtype = np.result_type(*(each.dtype for each in stacks))
    return Stack(
        tuple(
            tuple(replace(run, parameters=_as(run.parameters, dtype)) for run in layer)
            for each in stacks
            for layer in each.layers
        )
    )


def _as(cell: Parameters, dtype: np.dtype[Any]) -> Parameters:
    """The same numbers in another dtype; the very same cell where it has that already."""
    if cell.dtype == dtype:
        return cell
    on_x, on_h, *biases = (
        array.astype(dtype) for array in (cell.weight_ih, cell.weight_hh, *cell.stored_biases)
    )
    if isinstance(cell, RNNParameters):
        return RNNParameters.with_biases(
            on_x, on_h, biases, activation=cell.activation, clip=cell.clip
        )
    peephole, projection = (
        None if array is None else array.astype(dtype) for array in (cell.peephole, cell.weight_hr)
    )
    return LSTMParameters.with_biases(
        on_x, on_h, biases, peephole=peephole, weight_hr=projection, options=cell.options
    )


def _initial(
    chain: Sequence[Layer], stacks: Sequence[Stack]
) -> tuple[tuple[State, ...], ...] | None:
    """The initial states, zeros for a layer that has none; None where none of them has one."""
    given = [layer.states() if layer.states is not None else None for layer in chain]
    if all(states is None for states in given):
        return None
    return tuple(
        layer
        for states, stack in zip(given, stacks, strict=True)
        for layer in (states or _zeros(stack))
    )


def _zeros(stack: Stack) -> tuple[tuple[State, ...], ...]:
    return tuple(tuple(_zero(run.parameters) for run in layer) for layer in stack.layers)


def _zero(cell: Parameters) -> State:
    if isinstance(cell, RNNParameters):
        return np.zeros((1, cell.hidden_size), cell.dtype)
    return LSTMState.zeros(1, cell.hidden_size, cell.dtype, cell.output_size)


def _interpretation(chain: Sequence[Layer], stack: Stack) -> Interpretation:
    """All that the layers and the network itself tell."""
    runs = [run for layer in stack.layers for run in layer]
    orders = dict.fromkeys(layer.gate_order for layer in chain if layer.gate_order)
    concatenations = dict.fromkeys(layer.concatenation for layer in chain if layer.concatenation)
    ways = sorted({run.reverse for run in runs})
    return Interpretation(
        layout="; ".join(dict.fromkeys(layer.layout for layer in chain)),
        networks=(),
        network="",
        cell="lstm" if isinstance(runs[0].parameters, LSTMParameters) else "rnn",
        layers=len(stack.layers),
        directions=tuple("backward" if reverse else "forward" for reverse in ways),
        gate_order="; ".join(orders) or None,
        biases=_biases([run.parameters for run in runs]),
        concatenation="; ".join(concatenations) or None,
        activations=_activations([run.parameters for run in runs]),
        assumed=(),
        unused=(),
    )


def _biases(cells: Sequence[Parameters]) -> str:
    words = {0: "none", 1: "one", 2: "two, added"}
    return "; ".join(dict.fromkeys(words[len(cell.stored_biases)] for cell in cells))


def _activations(cells: Sequence[Parameters]) -> dict[str, str]:
    """By what they squash, one after the other where layers differ."""
    told: dict[str, dict[str, None]] = {}
    for cell in cells:
        if isinstance(cell, LSTMParameters):
            named = {name: getattr(cell.options, name) for name in ("gate", "candidate", "cell")}
        else:
            named = {"hidden": cell.activation}
        for name, activation in named.items():
            told.setdefault(name, {})[words_of(activation)] = None
    return {name: "; ".join(words) for name, words in told.items()}
