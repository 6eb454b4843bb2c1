"""A network out of someone's file, as a model: its passes are the run's layers, bit for bit."""

import numpy as np
import pytest
from safetensors.numpy import save

from gate_explorer.engine import stack
from gate_explorer.errors import InputError
from gate_explorer.runs.clamps import parse
from gate_explorer.runs.inputs import Options, Text, Vectors
from gate_explorer.runs.run import RunState, gated
from gate_explorer.weights import files, torch
from gate_explorer.weights.files import read
from gate_explorer.zoo.brought import Brought, brought_card

from ..engine.builders import assert_close
from ..weights.samples import FIXTURES, D, cell, samples, state_dict

SAMPLES = samples()


def _brought(data: bytes, network: str | None = None) -> Brought:
    opened = read(data, files.Options(network=network))
    return Brought(brought_card("own-1", "Ours", opened), opened)


def _example(model: Brought) -> Vectors:
    text = model.card.examples[0].query["x"]
    return Vectors([[float(n) for n in row.split(",")] for row in text.split(";")])


@pytest.mark.parametrize("name", SAMPLES)
def test_brought_network_runs_its_example_and_every_pass_is_a_layer(name: str) -> None:
    model = _brought(SAMPLES[name])
    inputs = _example(model)

    run = model.run(inputs, None, Options())

    x = np.array(inputs.rows)[:, None]
    trace = stack.forward(model.stack, x, None, model.opened.states)
    passes = [each for layer in trace.layers for each in layer]
    assert len(run.layers) == len(passes)
    for layer, expected in zip(run.layers, passes, strict=True):
        assert layer.h.tobytes() == np.ascontiguousarray(expected.h[:, 0]).tobytes()
    assert [layer.direction for layer in run.layers] == [
        "backward" if each.reverse else "forward" for layer in model.stack.layers for each in layer
    ]
    assert model.card.provenance == "uploaded"
    assert not model.card.listed
    assert run.outputs == (None,) * len(run)


def test_brought_network_carries_on_as_one_run() -> None:
    model = _brought((FIXTURES / "graph.keras").read_bytes(), "simple > simple_too")
    rows = _example(model).rows
    whole = model.run(Vectors(rows), None, Options())

    first = model.run(Vectors(rows[:5]), None, Options())
    rest = model.run(Vectors(rows[5:]), first.state, Options())

    assert (rest.start, rest.state.t) == (5, len(rows))
    assert_close(rest.layers[1].h, whole.layers[1].h[5:], 1e-6)


def test_brought_bidirectional_network_cant_be_carried_on() -> None:
    model = _brought(save(state_dict()))
    run = model.run(_example(model), None, Options())
    with pytest.raises(InputError, match="reads backwards too"):
        model.run(_example(model), run.state, Options())


def test_brought_layer_alone_holds_its_gates_and_a_stack_says_how() -> None:
    alone = _brought(save(torch.to_torch(cell(170))))
    clamps = parse(["forget_gate:0@3"])
    run = alone.run(_example(alone), None, Options(clamps=clamps))
    free = alone.run(_example(alone), None, Options())
    assert gated(run.layers[0]).f[2].tolist() == [0.0, 0.0]
    assert run.layers[0].h[:2].tobytes() == free.layers[0].h[:2].tobytes()
    assert run.layers[0].h[2].tolist() != free.layers[0].h[2].tolist()

    both = _brought(save(state_dict()))
    with pytest.raises(InputError, match="open one forward layer by its own name"):
        both.run(_example(both), None, Options(clamps=clamps))


def test_brought_network_refuses_what_doesnt_fit_in_words() -> None:
    model = _brought(save(torch.to_torch(cell(171))))
    with pytest.raises(InputError, match=f"Row 1 has 1 numbers; own-1 reads {D}: x1, x2, x3"):
        model.run(Vectors([[1.0]]), None, Options())
    with pytest.raises(InputError, match="reads vectors of 3 numbers, not text"):
        model.run(Text("hello"), None, Options())
    with pytest.raises(InputError, match="doesn't fit own-1, which has 1 layers"):
        model.run(_example(model), RunState(1, ()), Options())


def test_brought_weights_are_those_of_the_file_under_torchs_names() -> None:
    one = cell(172, biases=2)
    written = torch.to_torch(one)
    model = _brought(save(written))
    found = model.weights(Options())
    assert {name: array.tolist() for name, array in found.items()} == {
        name: array.tolist() for name, array in written.items()
    }
    assert model.readout(Options()) is None
