"""Weight files that other people trained and published, against what their frameworks gave.

Run by `make test-data DATA=folder`; the folder's `wild/README.md` says what each is. Each
recurrent layer of every file with an LSTM is opened by its own name; the others are refused.
"""

import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from gate_explorer.engine import stack
from gate_explorer.engine.lstm import LSTMState, LSTMTrace
from gate_explorer.errors import ExplorerError, InputError, MediaTypeError
from gate_explorer.runs.inputs import Options as RunOptions
from gate_explorer.runs.inputs import Text
from gate_explorer.weights.files import Opened, Options, Reference, read, settle
from gate_explorer.weights.worker import Workers
from gate_explorer.zoo.brought import Brought, brought_card
from tests.data.folder import data_folder

Array = NDArray[Any]

TOLERANCE = 2e-5


class Wild(NamedTuple):
    """A file, how to open it, what it should hold, and by how much c or h may be off."""

    path: str
    networks: tuple[str, ...]
    options: Options = Options()
    tolerance: float = TOLERANCE
    relative: bool = False


THEANO = tuple(
    f"lstm_{what}_{k}_{way}"
    for what, count in (("chars", 2), ("words", 3))
    for k in range(1, count + 1)
    for way in ("forwards", "backwards")
)
FILES = [
    Wild("01-silero-cell/silero_vad_16k.safetensors", ("lstm_cell",)),
    Wild("02-streamflow/model_epoch009.safetensors", ("lstm",)),
    Wild("03-peptides/bilstm.safetensors", ("lstm",)),
    Wild("04-elliptic/lstm_ASGXB_weights.npz", ("lstm",)),
    Wild("05-figo/weights.npz", ("enc", "dec"), Options(gate_order="figo")),
    Wild("06-theano/lstm_model.npz", THEANO, Options(layout="theano")),
    Wild("07-traffic/lstm.h5", ("lstm_1", "lstm_2", "lstm_1 > lstm_2")),
    Wild("08-keras1/best_RNN_weights.hdf5", ("lstm_1",)),
    Wild(
        "09-textgenrnn/textgenrnn_weights.hdf5",
        ("rnn_1", "rnn_2", "rnn_1 > rnn_2"),
        tolerance=5e-5,
    ),
    Wild("10-misnamed/lstm.weights.h5", ("lstm", "lstm_1", "lstm > lstm_1")),
    Wild("11-flights/bilstm_model.keras", ("bidirectional",), relative=True),
    Wild("12-muscles/model.keras", ("lstm",)),
    Wild("12-muscles/model.weights.h5", ("lstm",)),
    Wild("14-fairtalk/model_01.onnx", ("LSTM_26", "LSTM_42", "LSTM_26 > LSTM_42")),
    Wild("15-thai/weights.json", ("mat2-mat7",)),
    Wild("18-crypto/bilstm_model.keras", ("lstm_10",), relative=True),
]
OPENABLE = [pytest.param(wild, id=wild.path) for wild in FILES]
REFUSED = [
    ("13-gtcrn/gtcrn.onnx", InputError, r"holds 14 GRU layers \(GRU_153, .*A GRU has other gates"),
    ("15-thai/weights.npy", MediaTypeError, "Python objects.*never opened"),
    ("16-pointer/best_model.weights.h5", InputError, "Git LFS pointer.*138,841,280 bytes"),
    ("17-no-lstm/gestureXR_model.keras", InputError, r"No LSTM.*Dense \(4\), Flatten"),
]


def _path(wild: str) -> Path:
    return data_folder() / "wild" / wild


def _expected(wild: str) -> dict[str, Array]:
    with np.load(_path(wild).parent / "expected.npz") as archive:
        return {name: archive[name] for name in archive.files}


def _of(expected: dict[str, Array], name: str, way: str, letter: str, k: int) -> Array:
    """What the framework gave for one pass of a layer, however its keys are put together."""
    key = name.replace("/", ".")
    keys = (f"{key}_{letter}", f"{key}_{way}_{letter}", f"{way}_{letter}")
    found = next(expected[each] for each in keys if each in expected)
    return found[:, k] if found.ndim == 3 else found


def _input(expected: dict[str, Array], name: str, width: int) -> Array:
    key = name.replace("/", ".")
    x = expected.get(f"{key}_x")
    if x is None:
        return expected["forward_x"]
    if "dec" not in key:
        drawn = np.random.default_rng(zlib.crc32(key.encode())).standard_normal((len(x), width))
        np.testing.assert_array_equal(x, drawn.astype("float32"))
    return x


def _run(opened: Opened, x: Array, expected: dict[str, Array]) -> tuple[LSTMTrace, ...]:
    states = opened.states
    if "dec_c0" in expected and opened.interpretation.network == "dec":
        c0 = expected["dec_c0"][None]
        states = ((LSTMState(np.zeros_like(c0), c0),),)
    trace = stack.forward(opened.stack, x[:, None].astype(opened.stack.dtype), None, states)
    passes = tuple(each for each in trace.layers[-1] if isinstance(each, LSTMTrace))
    assert len(passes) == len(trace.layers[-1])
    return passes


@pytest.mark.parametrize("wild", OPENABLE)
def test_wild_layer_gives_what_its_framework_gave(wild: Wild) -> None:
    expected = _expected(wild.path)
    compared = 0
    for name in wild.networks:
        if " > " in name:
            continue
        opened = read(_path(wild.path), replace(wild.options, network=name))
        x = _input(expected, name, opened.stack.input_size)
        for k, (run, trace) in enumerate(
            zip(opened.stack.layers[-1], _run(opened, x, expected), strict=True)
        ):
            way = "backward" if run.reverse else "forward"
            for letter, ours in (("h", trace.h), ("c", trace.c)):
                theirs = _of(expected, name, way, letter, k)
                scale = max(1.0, float(np.abs(theirs).max())) if wild.relative else 1.0
                np.testing.assert_allclose(
                    ours[:, 0], theirs, rtol=0, atol=wild.tolerance * scale, err_msg=name
                )
                compared += 1
    assert compared >= 2


@pytest.mark.parametrize("wild", OPENABLE)
def test_wild_file_names_every_layer_and_chain_and_leaves_nothing_unsaid(wild: Wild) -> None:
    told = read(_path(wild.path), wild.options).interpretation

    assert set(told.networks) == set(wild.networks)
    chains = [name for name in told.networks if " > " in name]
    assert told.network == (chains[-1] if chains else told.networks[0])


def test_wild_files_are_read_alike_by_workers() -> None:
    with Workers(1) as workers:
        for wild in FILES:
            data = _path(wild.path).read_bytes()
            found, expected = workers.read(data, wild.options), read(data, wild.options)
            assert found.interpretation == expected.interpretation
        for path, kind, _ in REFUSED:
            with pytest.raises(kind):
                workers.read(_path(path).read_bytes())


@pytest.mark.parametrize(("path", "kind", "words"), REFUSED)
def test_wild_file_without_an_lstm_is_refused_by_what_it_is(
    path: str, kind: type[ExplorerError], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        read(_path(path))
    assert type(caught.value) is kind


def test_wild_head_and_its_answer_are_those_of_the_whole_model() -> None:
    """Where the configuration says that nothing stands between, the head's answer is the model's;
    a state dict's is the linear map alone."""
    for path, key in (("11-flights/bilstm_model.keras", "model"), ("07-traffic/lstm.h5", "model")):
        expected, opened = _expected(path), read(_path(path))
        assert opened.head is not None
        assert opened.head.certain
        x = expected[f"{key}_in0"].transpose(1, 0, 2)
        ends = stack.forward(opened.stack, x).states[-1]
        h = np.concatenate([end.h for end in ends if isinstance(end, LSTMState)], axis=1)
        answer = h @ opened.head.weight.T + opened.head.bias
        if opened.head.activation == "sigmoid":
            answer = 1 / (1 + np.exp(-answer))
        np.testing.assert_allclose(answer, expected[f"{key}_out0"], rtol=2e-5, atol=2e-5)

    expected, opened = _expected("02-streamflow/x"), read(
        _path("02-streamflow/model_epoch009.safetensors")
    )  # fmt: skip
    assert opened.head is not None
    assert not opened.head.certain
    h = stack.forward(opened.stack, expected["lstm_x"][:, None]).h[:, 0]
    linear = h @ opened.head.weight.T + opened.head.bias
    np.testing.assert_allclose(linear, expected["head_out"], rtol=0, atol=1e-4)


def test_wild_vocabulary_and_embedding_fit_one_another() -> None:
    thai, expected = read(_path("15-thai/weights.json")), _expected("15-thai/x")
    assert thai.vocabulary is not None
    assert len(thai.vocabulary) == 74
    model = Brought(brought_card("own-1", "Thai", thai), thai)
    text = "".join(thai.vocabulary[n] for n in expected["ids"])
    run = model.run(Text(text), None, RunOptions())
    np.testing.assert_array_equal(run.x, expected["forward_x"])
    for layer, way in zip(run.layers, ("forward", "backward"), strict=True):
        np.testing.assert_allclose(layer.h, expected[f"{way}_h"], rtol=0, atol=2e-5)
    generator = read(_path("09-textgenrnn/textgenrnn_weights.hdf5"))
    assert generator.embedding is not None
    assert generator.embedding.matrix.shape == (465, 100)
    assert generator.head is None


@pytest.mark.parametrize(
    ("path", "network", "order"),
    [("05-figo/weights.npz", "enc", "figo"), ("06-theano/lstm_model.npz", THEANO[0], "ifog")],
)
def test_wild_gate_order_is_settled_by_one_output(path: str, network: str, order: str) -> None:
    expected = _expected(path)
    x = expected[f"{network}_x"]
    reference = Reference(x, expected[f"{network}_h"], expected[f"{network}_c"])

    told = settle(_path(path), reference, Options(network=network)).interpretation

    assert told.gate_order == order
    assert any(f"{order}: settled by the output" in words for words in told.assumed)


def test_wild_concatenation_is_settled_by_one_output() -> None:
    expected = _expected("04-elliptic/x")
    opened = settle(
        _path("04-elliptic/lstm_ASGXB_weights.npz"),
        Reference(expected["lstm_x"], expected["lstm_h"]),
    )
    assert opened.interpretation.concatenation == "[h, x]"


def test_wild_head_reads_what_the_passes_end_with_where_the_file_says_so() -> None:
    expected, opened = _expected("11-flights/x"), read(_path("11-flights/bilstm_model.keras"))
    head = opened.head
    assert head is not None
    assert head.reads == "ends"
    trace = stack.forward(opened.stack, expected["model_in0"].transpose(1, 0, 2))
    ends = [state.h for state in trace.states[-1] if isinstance(state, LSTMState)]
    answer = np.concatenate(ends, axis=1) @ head.weight.T + head.bias
    np.testing.assert_allclose(answer, expected["model_out0"], rtol=2e-5, atol=2e-5)
