"""What stands at the ends of a network in a state dict: an embedding below it, a head above.

A state dict lists weights and not what is done with them: an activation has none. What is found
here is what fits, and never certain.
"""

from collections.abc import Mapping, Sequence

from gate_explorer.engine.checks import Array
from gate_explorer.weights.files.opened import Embedding, Head, Layer
from gate_explorer.weights.files.tensors import finite

_WEIGHTS, _BIAS = (".weight", "/weight", "/kernel", "_W"), (".bias", "/bias", "/bias", "_b")


def state_dict_ends(
    chain: Sequence[Layer], left: Mapping[str, Array]
) -> tuple[Embedding | None, Head | None]:
    """The only matrix that can be the embedding, and the only one that can be the head."""
    return _embedding(chain[0].sizes[0], left), _head(chain[-1].sizes[1], left)


def _embedding(width: int, left: Mapping[str, Array]) -> Embedding | None:
    fitting = [
        name
        for name, array in left.items()
        if "emb" in name.lower() and array.ndim == 2 and array.shape[1] == width
    ]
    if len(fitting) != 1:
        return None
    name = fitting[0]
    return Embedding(name, finite(name, left[name]), certain=False)


def _head(width: int, left: Mapping[str, Array]) -> Head | None:
    """A weight (K, width) whose name isn't an embedding's, with its bias where there is one."""
    fitting = [
        (name, bias_of(name))
        for name, array in left.items()
        if name.endswith(_WEIGHTS) and array.ndim == 2 and array.shape[1] == width
        if "emb" not in name.lower()
    ]
    if len(fitting) != 1:
        return None
    name, beside = fitting[0]
    bias = left.get(beside)
    rows = len(left[name])
    if bias is not None and bias.shape != (rows,):
        return None
    above = [a for n, a in left.items() if a.ndim == 2 and n != name and a.shape[1] == rows]
    return Head(
        name=name,
        weight=finite(name, left[name]),
        bias=None if bias is None else finite(beside, bias),
        activation=None,
        certain=False,
        last=not above,
        sources=(name,) if bias is None else (name, beside),
    )


def bias_of(name: str) -> str:
    """What the bias beside a weight is called."""
    for weight, bias in zip(_WEIGHTS, _BIAS, strict=True):
        if name.endswith(weight):
            return name.removesuffix(weight) + bias
    return ""
