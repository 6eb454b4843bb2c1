"""Samples of each kind of file: what is read back out of them is the network that went in."""

import numpy as np
import pytest

from gate_explorer.engine.lstm import LSTMParameters
from gate_explorer.errors import NotFoundError
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.runs.outputs import NextTokenOutput
from gate_explorer.weights.files import read
from gate_explorer.weights.files.wording import read_vocabulary, with_vocabulary
from gate_explorer.zoo import registry
from gate_explorer.zoo.brought import Brought, brought_card
from gate_explorer.zoo.samples import SAMPLES, Sample, sample

each_sample = pytest.mark.parametrize("one", SAMPLES, ids=lambda one: one.name)


def model_of(one: Sample) -> Brought:
    opened = read(one.data)
    if one.vocabulary:
        opened = with_vocabulary(opened, read_vocabulary(one.vocabulary))
    return Brought(brought_card("own-1", one.name, opened), opened)


@each_sample
def test_network_of_a_sample_is_that_of_its_model(one: Sample) -> None:
    readout = registry.get(one.model_id).readout(Options())
    assert readout
    (layer,) = model_of(one).stack.layers
    (cell,) = (each.parameters for each in layer)
    assert isinstance(cell, LSTMParameters)
    for name in ("weight_ih", "weight_hh", "bias"):
        np.testing.assert_array_equal(getattr(cell, name), getattr(readout.cell, name), name)


def test_text_in_the_sample_of_letters_gives_what_its_model_gives() -> None:
    own, ours = model_of(sample("letters.safetensors")), registry.get("characters")
    runs = [each.run(Text("ROMEO:\nGood"), None, Options()) for each in (own, ours)]
    np.testing.assert_allclose(runs[0].layer.h, runs[1].layer.h, atol=1e-6)
    tops = [
        [output.top(1)[0] for output in run.outputs if isinstance(output, NextTokenOutput)]
        for run in runs
    ]
    assert [token for token, _ in tops[0]] == [token for token, _ in tops[1]]
    shares = [[share for _, share in each] for each in tops]
    np.testing.assert_allclose(shares[0], shares[1], atol=1e-5)


@each_sample
def test_sample_is_small_and_always_the_same_kind(one: Sample) -> None:
    assert len(one.data) < 600_000
    assert one.data is one.data


def test_samples_are_of_every_kind() -> None:
    endings = {one.name.rpartition(".")[2] for one in SAMPLES}
    assert endings == {"safetensors", "npz", "onnx", "keras", "h5", "json"}
    with pytest.raises(NotFoundError):
        sample("none")
