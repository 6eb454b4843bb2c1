"""How much of a gradient is left, against how far back one looks: an experiment's findings.

`distances.json`, in the folder of the model that it was made with, is written by
`gate_explorer.training.distances`, for the LSTM and its twin at every checkpoint, and read here.
"""

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from gate_explorer.errors import DataError, NotFoundError
from gate_explorer.zoo import registry

DISTANCES = "distances.json"

Of = Literal["hidden", "memory", "path"]


@dataclass(frozen=True)
class Line:
    """A network at a checkpoint: what is left at each distance, as a share of the size at the end.

    of: of the gradient on h, on c, or what the forget gates alone would leave of that on c.
    mean: geometric, over the inputs; low, high: a geometric standard deviation below and above.
    """

    model: str
    checkpoint: str
    of: Of
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Distances:
    """All lines; distances: in steps; inputs: how many random ones; data: which."""

    distances: tuple[int, ...]
    inputs: int
    data: str
    lines: tuple[Line, ...]

    def line(self, model: str, checkpoint: str, of: Of) -> Line:
        """One of the lines. Raises: KeyError."""
        for line in self.lines:
            if (line.model, line.checkpoint, line.of) == (model, checkpoint, of):
                return line
        raise KeyError((model, checkpoint, of))


def to_json(found: Distances) -> str:
    """The findings as `distances.json` holds them."""
    return json.dumps(asdict(found), indent=1) + "\n"


@cache
def made_with(model_id: str) -> Distances:
    """A model's findings. Raises: NotFoundError for one that isn't there or has none."""
    registry.get(model_id)
    found = load(registry.ZOO / model_id)
    if found is None:
        raise NotFoundError(f"This experiment was made with adding, not with {model_id}.")
    return found


def load(folder: Path) -> Distances | None:
    """A model's findings; None where its folder has none. Raises: DataError for a damaged file."""
    path = folder / DISTANCES
    if not path.is_file():
        return None
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        lines = tuple(
            Line(one["model"], one["checkpoint"], one["of"],
                 *(tuple(one[name]) for name in ("mean", "low", "high")))
            for one in facts["lines"]
        )  # fmt: skip
        return Distances(tuple(facts["distances"]), facts["inputs"], facts["data"], lines)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} is not a file of distances: {error}") from error
