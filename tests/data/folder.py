"""Where the real data lies: the folder that GATE_EXPLORER_DATA names."""

import os
from pathlib import Path

import pytest

VARIABLE = "GATE_EXPLORER_DATA"


def data_folder() -> Path:
    """The data folder; fails the test, with how to mend it, where none is named."""
    name = os.environ.get(VARIABLE)
    if not name:
        pytest.fail(
            f"{VARIABLE} is not set: run `make test-data DATA=folder`, with the folder that"
            " `python -m app data folder` lays out",
            pytrace=False,
        )
    return Path(name)
