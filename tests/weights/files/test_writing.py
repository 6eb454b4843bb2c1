"""Files that we write: the readers find in them the layer and the head that went in."""

from collections.abc import Callable

import numpy as np
import pytest

from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import LSTMParameters
from gate_explorer.weights.files import read, writing
from tests.weights.samples import cell

Writer = Callable[[LSTMParameters, Array, Array], bytes]
WITH_HEAD: tuple[Writer, ...] = (writing.write_safetensors, writing.write_keras)
ALL: tuple[Writer, ...] = (
    *WITH_HEAD,
    writing.write_npz,
    writing.write_json,
    writing.write_onnx,
    writing.write_weights_h5,
)
ONE = cell(9, 3, 5)
RNG = np.random.default_rng(1)
WEIGHT = RNG.normal(size=(4, 5)).astype(np.float32)
BIAS = RNG.normal(size=4).astype(np.float32)


@pytest.mark.parametrize("write", ALL, ids=lambda write: write.__name__)
def test_layer_that_was_written_is_read_back(write: Writer) -> None:
    data = write(ONE, WEIGHT, BIAS)
    ((run,),) = read(data).stack.layers
    assert isinstance(run.parameters, LSTMParameters)
    for name in ("weight_ih", "weight_hh", "bias"):
        np.testing.assert_array_equal(getattr(run.parameters, name), getattr(ONE, name))
    assert write(ONE, WEIGHT, BIAS) == data


@pytest.mark.parametrize("write", WITH_HEAD, ids=lambda write: write.__name__)
def test_head_that_was_written_is_read_back(write: Writer) -> None:
    head = read(write(ONE, WEIGHT, BIAS)).head
    assert head
    np.testing.assert_array_equal(head.weight, WEIGHT)
    np.testing.assert_array_equal(np.asarray(head.bias), BIAS)
