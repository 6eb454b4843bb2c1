"""Archives that unpack to more than they say."""

import numpy as np
import pytest

from gate_explorer.errors import (
    LimitError,
)
from gate_explorer.weights.files import Limits, read

from ..samples import (
    npz,
)


def test_zip_that_unpacks_to_more_than_the_limit_is_refused() -> None:
    bomb = npz({"W": np.zeros((4 * 512, 4096), np.float32)}, packed=True)
    assert len(bomb) < 50_000
    with pytest.raises(LimitError, match=r"W\.npy unpacks to more than is read"):
        read(bomb, limits=Limits(unpacked_bytes=2**20))
