"""The recurrent modules of a whole PyTorch state dict, however deep their names lie in it.

Every tensor is either read, folded into one that is read, or named as left over. A norm keeps a
weight as parts, which are folded here into the weight that torch computes from them:

    weight norm       w = g v / |v|        `_g`, `_v`;  parametrizations.NAME.original0, .original1
    spectral norm     w = v / (u^T v_ w)   `_orig`, `_u`, `_v`;  parametrizations.NAME.original,
                                           .0._u, .0._v
    pruning           w = original * mask  `_orig`, `_mask`

|v| is taken over all axes but those along which g has an entry each. A spectral norm divides by
its estimate of the largest singular value, with the u and v it was saved with, as torch does in
evaluation.

References: Salimans & Kingma 2016 (weight norm); Miyato et al. 2018 (spectral norm).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gate_explorer.engine.checks import Array, as_float_array
from gate_explorer.errors import InputError

MATRICES, BIASES = ("weight_ih", "weight_hh"), ("bias_ih", "bias_hh")
PROJECTION = "weight_hr"

_PART = rf"(?:{'|'.join((*MATRICES, *BIASES, PROJECTION))})"
_PLACE = r"(?:_l(\d+)(_reverse)?)?"
_BEFORE = r"(?:.*[^A-Za-z0-9])?"
_PLAIN = re.compile(rf"({_BEFORE})({_PART}){_PLACE}")
_OLD = re.compile(rf"({_BEFORE}{_PART}{_PLACE})_(g|v|u|orig|mask|raw)")
_NEW = re.compile(rf"({_BEFORE})parametrizations\.({_PART}{_PLACE})\.(.+)")

Place = tuple[int, bool]  # layer, and whether it reads backwards
Named = Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class Module:
    """One recurrent module: its tensors by place and part, e.g. [0, False]["weight_ih"].

    prefix: what stands before the names, "encoder." or ""; is_cell: an LSTMCell's or RNNCell's,
    whose names have no layer; sources: the names that were read; folded: what was folded, in words.
    """

    prefix: str
    is_cell: bool
    passes: Mapping[Place, Named]
    sources: tuple[str, ...]
    folded: tuple[str, ...]

    @property
    def gates(self) -> float:
        """How many blocks of H rows there are: 4 in an LSTM, 3 in a GRU, 1 in an RNN."""
        parts = next(iter(self.passes.values()))
        matrix, projection = parts["weight_hh"], parts.get(PROJECTION)
        width = matrix.shape[1] if projection is None else projection.shape[1]
        return float(len(matrix) / width)


def suffix_of(layer: int, reverse: bool) -> str:
    """What torch writes behind a name: `_l1_reverse`."""
    return f"_l{layer}_reverse" if reverse else f"_l{layer}"


def modules(weights: Mapping[str, Any]) -> tuple[list[Module], list[str]]:
    """Every recurrent module of a state dict, and the names of the tensors that are none's.

    Raises: InputError naming tensors that are missing, or that belong to a recurrent layer and
    can't be read.
    """
    plain, kept, folded = fold_norms(weights)
    found: dict[tuple[str, bool], dict[Place, dict[str, str]]] = {}
    left = []
    for name in plain:
        match = _PLAIN.fullmatch(name)
        if match is None:
            left.append(name)
            continue
        prefix, part, layer, reverse = match.groups()
        place = (int(layer or 0), bool(reverse))
        found.setdefault((prefix, layer is None), {}).setdefault(place, {})[part] = name
    made = []
    for (prefix, is_cell), places in found.items():
        names = _complete(prefix, is_cell, places)
        read = [name for parts in names.values() for name in parts.values()]
        made.append(
            Module(
                prefix,
                is_cell,
                {p: {k: plain[n] for k, n in parts.items()} for p, parts in names.items()},
                tuple(source for name in read for source in kept.get(name, (name,))),
                tuple(folded[name] for name in read if name in folded),
            )
        )
    return made, left


def fold_norms(
    weights: Mapping[str, Any],
) -> tuple[dict[str, Array], dict[str, tuple[str, ...]], dict[str, str]]:
    """The tensors with every norm folded; for each folded one its parts' names, and words on it.

    Raises: InputError naming parts of a recurrent weight that can't be folded.
    """
    plain: dict[str, Array] = {}
    parts: dict[str, dict[str, str]] = {}
    for name in weights:
        old, new = _OLD.fullmatch(name), _NEW.fullmatch(name)
        if new:
            parts.setdefault(f"{new[1]}{new[2]}", {})[new[5]] = name
        elif old:
            parts.setdefault(old[1], {})[old[4]] = name
        else:
            plain[name] = numpy_of(weights[name])
    kept, words = {}, {}
    for name, of in parts.items():
        kind = frozenset(of)
        if kind not in _FOLDS or name in plain:
            raise InputError(_unfoldable(name, sorted(of.values()), name in plain))
        label, order, fold = _FOLDS[kind]
        given = [
            as_float_array(of[k], numpy_of(weights[of[k]]), _dims(weights[of[k]])) for k in order
        ]
        plain[name] = _folded(name, fold, given)
        kept[name] = tuple(of[k] for k in order)
        words[name] = f"{label} folded into {name}"
    return plain, kept, words


def numpy_of(tensor: Any) -> Array:
    """A NumPy array of a torch tensor, without importing torch, or of anything array-like.

    A tensor that requires gradients or lies on a GPU, or is a bfloat16, which NumPy refuses as it
    is, is read too: bfloat16 as the float32 it exactly is.
    """
    if hasattr(tensor, "detach"):
        tensor = tensor.detach().cpu()
        if str(tensor.dtype) == "torch.bfloat16":
            tensor = tensor.float()
        tensor = tensor.numpy()
    return np.asarray(tensor)


def _dims(value: Any) -> Sequence[str]:
    return [f"n{k}" for k in range(np.ndim(numpy_of(value)))]


def _complete(
    prefix: str, is_cell: bool, places: Mapping[Place, Mapping[str, str]]
) -> dict[Place, dict[str, str]]:
    """The places in order, with every tensor that a module of their size needs."""
    depth = 1 + max(layer for layer, _ in places)
    directions = (False, True) if any(reverse for _, reverse in places) else (False,)
    wanted = [(layer, reverse) for layer in range(depth) for reverse in directions]
    every = {part for parts in places.values() for part in parts}
    needed = [*MATRICES, *(BIASES if every & set(BIASES) else ()), *({PROJECTION} & every)]
    missing = [
        f"{prefix}{part}{'' if is_cell else suffix_of(*place)}"
        for place in wanted
        for part in needed
        if part not in places.get(place, {})
    ]
    if missing:
        held = sorted(name for parts in places.values() for name in parts.values())
        raise InputError(f"The weights lack {', '.join(missing)}; they hold {', '.join(held)}.")
    return {place: {part: places[place][part] for part in needed} for place in wanted}


def _folded(name: str, fold: Callable[..., Array], given: Sequence[Array]) -> Array:
    """The weight, worked out in float64 and rounded once to what its parts had."""
    try:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            weight = fold(*(array.astype(np.float64) for array in given))
    except ValueError as error:
        shapes = ", ".join(str(array.shape) for array in given)
        raise InputError(f"The parts of {name} don't fit one another: {shapes}.") from error
    dtype = np.result_type(*given)
    return as_float_array(name, weight.astype(dtype), [f"n{k}" for k in range(weight.ndim)], dtype)


def _weight_norm(g: Array, v: Array) -> Array:
    same = g.ndim == v.ndim
    axes = tuple(k for k in range(v.ndim) if not same or g.shape[k] == 1)
    result: Array = v * (g / np.sqrt((v * v).sum(axis=axes, keepdims=True)))
    return _of_shape(result, v.shape)


def _spectral_norm(weight: Array, u: Array, v: Array) -> Array:
    if weight.ndim == 1:
        scale: Any = np.sqrt((weight * weight).sum())
    else:
        scale = u @ weight @ v
    return _of_shape(weight / scale, weight.shape)


def _pruned(weight: Array, mask: Array) -> Array:
    return _of_shape(weight * mask, weight.shape)


def _of_shape(array: Array, shape: tuple[int, ...]) -> Array:
    if array.shape != shape:
        raise ValueError(f"{array.shape} isn't {shape}")
    return array


_FOLDS: Mapping[frozenset[str], tuple[str, tuple[str, ...], Callable[..., Array]]] = {
    frozenset(order): (label, order, fold)
    for label, order, fold in (
        ("weight norm", ("g", "v"), _weight_norm),
        ("weight norm", ("original0", "original1"), _weight_norm),
        ("spectral norm", ("orig", "u", "v"), _spectral_norm),
        ("spectral norm", ("original", "0._u", "0._v"), _spectral_norm),
        ("pruning", ("orig", "mask"), _pruned),
    )
}


def _unfoldable(name: str, parts: Sequence[str], twice: bool) -> str:
    held = ", ".join(parts)
    if twice:
        return f"{name} is there both whole and as parts ({held}): which one counts isn't said."
    return (
        f"{name} is kept as {held}, which is no weight norm, spectral norm or pruning that is"
        " complete. Fold it before saving: torch.nn.utils.parametrize.remove_parametrizations,"
        " remove_weight_norm, remove_spectral_norm or prune.remove."
    )
