"""NumPy's archives: pickles in them are never opened."""

from pathlib import Path

import numpy as np
import pytest

from gate_explorer.errors import (
    InputError,
    MediaTypeError,
)
from gate_explorer.weights import teaching
from gate_explorer.weights.files import read

from ..samples import (
    cell,
    npz,
)


def test_pickled_arrays_are_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "weights.npy"
    np.save(path, np.array([np.ones(2), np.ones(3)], object), allow_pickle=True)
    with pytest.raises(MediaTypeError, match="writes as a pickle"):
        read(path)
    np.save(path, np.ones(3))
    with pytest.raises(InputError, match="one array; an LSTM has several"):
        read(path)

    objects = np.array([{"a": 1}], object)
    with pytest.raises(MediaTypeError, match="All that this archive holds is pickled"):
        read(npz({"a": objects}))
    opened = read(npz(teaching.to_teaching(cell(130)) | {"history": objects}))
    assert opened.interpretation.unused == ("history (Python objects, a pickle)",)
