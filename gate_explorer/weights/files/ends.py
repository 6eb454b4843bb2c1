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
    chain: Sequence[Layer], left: Mapping[str, Array], words: int = 0
) -> tuple[Embedding | None, Head | None]:
    """The only matrix that can be the embedding, and the only one that can be the head.

    words: how many the file's own vocabulary has, 0 without one: then a matrix without a telling
    name is the embedding, if it is the only one with a row a word, or one more.
    """
    embedding = _embedding(chain[0].sizes[0], left, words)
    rest = {name: a for name, a in left.items() if embedding is None or name != embedding.name}
    return embedding, _head(chain[-1].sizes[1], rest)


def is_named(embedding: Embedding) -> bool:
    """Whether its name says that it is one."""
    return "emb" in embedding.name.lower()


def _embedding(width: int, left: Mapping[str, Array], words: int) -> Embedding | None:
    wide = [n for n, array in left.items() if array.ndim == 2 and array.shape[1] == width]
    fitting = [name for name in wide if "emb" in name.lower()]
    if not fitting and words:
        fitting = [name for name in wide if len(left[name]) in {words, words + 1}]
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
