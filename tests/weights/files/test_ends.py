"""Embedding and head beside the layers of a state dict: what fits, and never as certain."""

from safetensors.numpy import save

from gate_explorer.weights.files import read

from ...engine.builders import assert_close
from ..samples import (
    h_expected,
    h_of,
    state_dict,
    two_layers,
)


def test_state_dict_of_a_network_opens_with_its_ends_and_says_what_isnt_sure() -> None:
    opened = read(save(state_dict()))

    told = opened.interpretation
    assert (told.layout, told.network, told.networks) == (
        "torch",
        "module.encoder",
        ("module.encoder",),
    )
    assert (told.layers, told.directions, told.cell) == (2, ("forward", "backward"), "lstm")
    assert (told.gate_order, told.biases, told.concatenation) == ("ifgo", "two, added", None)
    assert told.activations == {"gate": "sigmoid", "candidate": "tanh", "cell": "tanh"}
    assert told.unused == ()
    assert_close(h_of(opened), h_expected(two_layers()), 1e-6)
    assert opened.embedding is not None
    assert opened.head is not None
    assert not opened.head.certain
    assert opened.head.sources == ("module.fc.weight", "module.fc.bias")
    assert any("module.fc.weight reads h" in words for words in told.assumed)
