"""LSTMs out of other people's weight files: `read` one, or `settle` what it doesn't say.

    opened = read(Path("model.keras"))
    print(opened.interpretation)
    trace = stack.forward(opened.stack, x, None, opened.states)

The bytes tell the kind of file; nothing is ever unpickled. docs/weights.md lists what is read of
each kind, and what is assumed where a file doesn't say.
"""

from gate_explorer.weights.files.opened import (
    LAYOUTS,
    Embedding,
    Head,
    Interpretation,
    Limits,
    Opened,
    Options,
)
from gate_explorer.weights.files.reading import read
from gate_explorer.weights.files.settling import Reference, settle

__all__ = (
    "LAYOUTS",
    "Embedding",
    "Head",
    "Interpretation",
    "Limits",
    "Opened",
    "Options",
    "Reference",
    "read",
    "settle",
)
