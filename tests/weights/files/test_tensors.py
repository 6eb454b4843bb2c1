"""Limits and names: what is too much is refused, what is no number is named, names stay plain."""

import numpy as np
import pytest
from safetensors.numpy import save

from gate_explorer.errors import (
    InputError,
    LimitError,
    NonFiniteError,
)
from gate_explorer.weights.files import Limits, read

from ..samples import (
    npz,
    samples,
    state_dict,
)

SAMPLES = samples()


def test_weights_that_arent_numbers_are_named() -> None:
    network = state_dict()
    network["module.encoder.weight_hh_l1"][3, 1] = np.nan
    with pytest.raises(NonFiniteError, match=r"module\.encoder\.weight_hh holds nan at \[3, 1\]"):
        read(save(network))


def test_file_larger_than_its_limits_is_refused_before_it_is_read() -> None:
    data = SAMPLES["torch.safetensors"]
    with pytest.raises(LimitError, match=r"has [\d,]+ bytes; read are 100\."):
        read(data, limits=Limits(file_bytes=100))
    with pytest.raises(LimitError, match="more than 3 arrays"):
        read(data, limits=Limits(arrays=3))
    with pytest.raises(LimitError, match="header has"):
        read(data, limits=Limits(header_bytes=30))


def test_names_of_a_file_are_shown_short_and_plain() -> None:
    with pytest.raises(InputError) as caught:
        read(npz({"a\n\x1b[31m" + "x" * 300: np.ones(2)}))
    assert "\x1b" not in caught.value.detail
    assert "\n" not in caught.value.detail
    assert len(caught.value.detail) < 400
