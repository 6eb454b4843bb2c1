"""What a cell receives for a symbol: a vector of zeros with a one in the symbol's place.

A symbol that the model doesn't have reaches the cell as zeros alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gate_explorer.engine.checks import Array
from gate_explorer.runs.inputs import Token
from gate_explorer.zoo.tokenizer import APOSTROPHES, tokenize

NONE = -1
LINE_END = "\n"


@dataclass(frozen=True)
class Symbols:
    """The symbols that a model reads, in the order of its inputs, and how a text is cut into them.

    kind: words are cut and lowered as people's text is; characters are taken one by one.
    """

    names: tuple[str, ...]
    kind: Literal["words", "characters"]

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    def __len__(self) -> int:
        return len(self.names)

    def tokens(self, text: str) -> tuple[Token, ...]:
        """A text's tokens, each as typed, with the symbol that it is read as.

        A character that isn't a symbol is read in its other case, or as the apostrophe that it
        is typed for, if that is one; white space that isn't a symbol is left out.
        """
        if self.kind == "words":
            pieces = [(piece.text, piece.key) for piece in tokenize(text)]
        else:
            chars = text.replace("\r\n", LINE_END)
            pieces = [(c, self._spelt(c)) for c in chars if c in self._places or not c.isspace()]
        return tuple(Token(typed, key, key in self._places) for typed, key in pieces)

    def _spelt(self, char: str) -> str:
        others = (char, char.swapcase(), "'" if char in APOSTROPHES else char)
        return next((other for other in others if other in self._places), char)

    def place(self, key: str) -> int:
        """A symbol's place; NONE for what isn't there."""
        return self._places.get(key, NONE)

    def places(self, keys: Sequence[str]) -> NDArray[np.intp]:
        """Each symbol's place, (T,)."""
        return np.array([self.place(key) for key in keys], dtype=np.intp)

    def encode(self, keys: Sequence[str]) -> Array:
        """What the cell receives: (T, D) float32."""
        return one_hot(self.places(keys), len(self))


def one_hot(places: NDArray[np.intp], size: int) -> Array:
    """Zeros with a one at each place; zeros alone where the place is NONE.

    Shapes: places (...) -> (..., D) float32.
    """
    rows = np.concatenate((np.eye(size, dtype=np.float32), np.zeros((1, size), np.float32)))
    result: Array = rows[places]
    return result
