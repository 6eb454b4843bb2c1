"""A table of word vectors in one byte a number.

row = scale * values, with values from -127 to 127 and a scale a row. The greatest rounding error of
a row is half its scale, 1/254 of its largest number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LARGEST = 127


@dataclass(frozen=True)
class Embedding:
    """Rows as whole numbers with a scale each: values (V, D) int8, scale (V,) float16."""

    values: NDArray[np.int8]
    scale: NDArray[np.float16]

    @classmethod
    def of(cls, table: NDArray[np.floating]) -> "Embedding":
        """The nearest that whole numbers come to a table (V, D)."""
        scale = (np.abs(table).max(axis=1) / LARGEST).astype(np.float16)
        step = np.where(scale > 0, scale, 1).astype(np.float32)[:, None]
        # The scale was rounded too, so that the largest number may lie a little beyond it.
        values = np.clip(np.rint(table / step), -LARGEST, LARGEST)
        return cls(values.astype(np.int8), scale)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def width(self) -> int:
        """D, the numbers in a row."""
        return int(self.values.shape[1])

    def rows(self, chosen: Sequence[int] | NDArray[np.intp]) -> NDArray[np.float32]:
        """The rows as float32. Shapes: chosen (...) -> (..., D)."""
        scale = self.scale[chosen].astype(np.float32)
        result: NDArray[np.float32] = self.values[chosen] * scale[..., None]
        return result
