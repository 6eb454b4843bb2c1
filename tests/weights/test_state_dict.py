"""Whole PyTorch state dicts: prefixes, norms folded as torch 2.13 works them out (frozen in
tests/fixtures/torch/norms.safetensors), and nothing left unread without a word."""

from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import load_file

from gate_explorer.engine import lstm, stack
from gate_explorer.engine.lstm import LSTMState
from gate_explorer.engine.stack import Pass, Stack
from gate_explorer.errors import InputError, NonFiniteError, ShapeError
from gate_explorer.weights import torch
from gate_explorer.weights.state_dict import modules

from ..engine.builders import Array, assert_close, draw, draw_cell, draw_rnn

NORMS = load_file(Path(__file__).parents[1] / "fixtures" / "torch" / "norms.safetensors")
CASES = sorted({name.split("/")[0] for name in NORMS})

Weights = dict[str, Array]


def _two_layers(seed: int = 60, *, both: bool = False) -> tuple[Stack, Weights]:
    rng = np.random.default_rng(seed)
    lower = tuple(Pass(draw_cell(rng, 3, 2, biases=2), k == 1) for k in range(1 + both))
    upper = tuple(
        Pass(draw_cell(rng, 2 * len(lower), 2, biases=2), k == 1) for k in range(1 + both)
    )
    made = Stack((lower, upper))
    return made, torch.stack_to_torch(made)


@pytest.mark.parametrize("case", CASES)
def test_state_dict_under_a_norm_gives_what_torch_gives(case: str) -> None:
    fixture = {n.split("/")[1]: v for n, v in NORMS.items() if n.split("/")[0] == case}
    x, h = fixture.pop("x"), fixture.pop("h")

    read = torch.stack_from_torch(fixture)

    assert [len(layer) for layer in read.layers] == [2, 2]
    assert_close(stack.forward(read, x).h, h, 1e-6)


def test_norms_fixture_covers_every_norm_that_is_folded() -> None:
    kinds = {name.removeprefix("old-").removesuffix("-whole") for name in CASES}
    assert kinds >= {"weight-norm", "spectral-norm", "pruning"}
    assert {name for name in CASES if name.startswith("old-")} == {
        "old-spectral-norm",
        *(f"old-weight-norm-{word}" for word in ("columns", "reverse", "upper", "whole")),
    }


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        (("_orig",), "weight_ih_l1_orig"),
        (("_g",), "weight_ih_l1_g"),
        (("_orig", "_u"), "weight_ih_l1_orig, weight_ih_l1_u"),
        (("_raw",), "weight_ih_l1_raw"),
    ],
)
def test_state_dict_with_a_part_that_cant_be_folded_names_it(
    parts: tuple[str, ...], named: str
) -> None:
    _, written = _two_layers()
    whole = written.pop("weight_ih_l1")
    written |= {f"weight_ih_l1{part}": whole for part in parts}

    with pytest.raises(InputError, match=f"kept as {named}.*remove_parametrizations"):
        torch.stack_from_torch(written)


def test_state_dict_with_a_parametrization_of_another_kind_names_it() -> None:
    _, written = _two_layers()
    whole = written.pop("weight_hh_l0")
    base = "parametrizations.weight_hh_l0"
    written |= {f"{base}.original": whole, f"{base}.0.base": whole}

    with pytest.raises(InputError, match=rf"{base}\.0\.base, {base}\.original"):
        torch.stack_from_torch(written)


def test_state_dict_with_a_weight_whole_and_in_parts_is_refused() -> None:
    _, written = _two_layers()
    written |= {f"weight_ih_l0_{part}": written["weight_ih_l0"] for part in "gv"}

    with pytest.raises(InputError, match="both whole and as parts"):
        torch.stack_from_torch(written)


def test_state_dict_with_norm_parts_that_dont_fit_says_so() -> None:
    _, written = _two_layers()
    v = written.pop("weight_ih_l0")
    written |= {"weight_ih_l0_g": v[:3, :1], "weight_ih_l0_v": v}
    with pytest.raises(InputError, match=r"weight_ih_l0 don't fit one another: \(3, 1\), \(8, 3\)"):
        torch.stack_from_torch(written)

    written |= {"weight_ih_l0_g": v[:, :1], "weight_ih_l0_v": np.zeros_like(v)}
    with pytest.raises(NonFiniteError, match="weight_ih_l0 holds nan"):
        torch.stack_from_torch(written)


def test_state_dict_without_a_middle_layer_names_what_is_missing() -> None:
    _, written = _two_layers()
    renamed = {name.replace("_l1", "_l2"): array for name, array in written.items()}

    with pytest.raises(InputError, match="lack weight_ih_l1, weight_hh_l1, bias_ih_l1, bias_hh_l1"):
        torch.stack_from_torch(renamed)


def test_state_dict_with_half_of_a_reverse_pass_names_the_other() -> None:
    _, written = _two_layers(both=True)
    for name in [name for name in written if name.endswith("_l1_reverse")]:
        del written[name]

    with pytest.raises(InputError, match="lack weight_ih_l1_reverse, weight_hh_l1_reverse"):
        torch.stack_from_torch(written)


@pytest.mark.parametrize("prefix", ["module.encoder.", "lstm.", "a/b/"])
def test_state_dict_whose_names_share_a_prefix_reads_as_without_it(prefix: str) -> None:
    made, written = _two_layers()

    read = torch.stack_from_torch({prefix + name: array for name, array in written.items()})

    x = draw(np.random.default_rng(61), 4, 1, 3)
    assert stack.forward(read, x).h.tobytes() == stack.forward(made, x).h.tobytes()


def test_state_dict_of_a_whole_network_says_how_to_name_one_module() -> None:
    _, encoder = _two_layers(62)
    made, decoder = _two_layers(63)
    network = {f"encoder.{n}": a for n, a in encoder.items()}
    network |= {f"decoder.{n}": a for n, a in decoder.items()} | {"fc.weight": np.ones((2, 2))}

    with pytest.raises(InputError, match=r"prefixes 'encoder\.', 'decoder\.'; beside them fc\.wei"):
        torch.stack_from_torch(network)
    with pytest.raises(InputError, match=r"lack head\.weight_ih_l0"):
        torch.stack_from_torch(network, prefix="head.")

    read = torch.stack_from_torch(network, prefix="decoder")
    assert read.layers[1][0].parameters.bias.tolist() == made.layers[1][0].parameters.bias.tolist()


def test_one_pass_is_told_by_its_suffix_where_there_are_several() -> None:
    made, written = _two_layers(both=True)

    with pytest.raises(InputError, match="4 passes, _l0, _l0_reverse, _l1, _l1_reverse"):
        torch.from_torch(written)
    with pytest.raises(InputError, match="lack weight_ih_l7"):
        torch.from_torch(written, "_l7")
    for k, layer in enumerate(made.layers):
        for run in layer:
            suffix = f"_l{k}_reverse" if run.reverse else f"_l{k}"
            found = torch.from_torch(written, suffix)
            assert found.weight_ih.tolist() == run.parameters.weight_ih.tolist()


def test_modules_leave_the_names_of_what_isnt_recurrent() -> None:
    _, written = _two_layers()
    rnn = torch.to_torch(draw_rnn(np.random.default_rng(64), 2, 3), "")

    found, left = modules(
        written | {f"cell.{n}": a for n, a in rnn.items()} | {"embedding.weight": np.ones((5, 3))}
    )

    assert left == ["embedding.weight"]
    assert [(module.prefix, module.is_cell, module.gates) for module in found] == [
        ("", False, 4),
        ("cell.", True, 1),
    ]


@pytest.mark.parametrize("dtype", [ml_dtypes.bfloat16, np.float16])
def test_half_precision_weights_read_as_the_float32_they_are(dtype: Any) -> None:
    _, written = _two_layers()
    half = {name: array.astype(dtype) for name, array in written.items()}

    read = torch.stack_from_torch(half)

    assert read.dtype == np.float32
    expected = half["weight_ih_l1"].astype(np.float32)
    assert read.layers[1][0].parameters.weight_ih.tolist() == expected.tolist()


def test_bfloat16_that_isnt_a_number_is_named() -> None:
    _, written = _two_layers()
    half = {name: array.astype(ml_dtypes.bfloat16) for name, array in written.items()}
    half["weight_ih_l0"][1, 2] = np.nan

    with pytest.raises(NonFiniteError, match=r"weight_ih holds nan at \[1, 2\]"):
        torch.stack_from_torch(half)


class Tensor:
    """What a torch.Tensor lets one ask, where NumPy can't take it as it is."""

    dtype = "torch.bfloat16"

    def __init__(self, array: Array) -> None:
        self.array = array

    def detach(self) -> "Tensor":
        return self

    def cpu(self) -> "Tensor":
        return self

    def float(self) -> Any:
        array = self.array

        class Plain:
            def numpy(self) -> Array:
                return array

        return Plain()


def test_bfloat16_tensors_of_torch_are_read() -> None:
    made, written = _two_layers()

    read = torch.stack_from_torch({name: Tensor(array) for name, array in written.items()})

    assert read.layers[0][0].parameters.weight_ih.tolist() == written["weight_ih_l0"].tolist()
    assert len(read.layers) == len(made.layers)


def test_run_as_torch_takes_batch_first_and_torchs_states() -> None:
    made, _ = _two_layers(both=True)
    rng = np.random.default_rng(65)
    x, h0, c0 = draw(rng, 4, 2, 3), draw(rng, 4, 2, 2), draw(rng, 4, 2, 2)
    states = [[LSTMState(h0[2 * k + d], c0[2 * k + d]) for d in range(2)] for k in range(2)]
    expected = stack.forward(made, x, [4, 2], states).h

    found = torch.run_as_torch(
        made, x.transpose(1, 0, 2), (h0, c0), batch_first=True, lengths=[4, 2]
    )

    assert found.h.tobytes() == expected.tobytes()
    alone = torch.run_as_torch(made, x[:, 0], (h0[:, 0], c0[:, 0]))
    assert_close(alone.h[:, 0], expected[:, 0], 1e-12)
    with pytest.raises(ShapeError, match=r"the shape \(4, N, H\).* has \(2, 2, 2\)"):
        torch.run_as_torch(made, x, (h0[:2], c0[:2]))
    with pytest.raises(ShapeError, match="is \\(h0, c0\\), but 1 arrays came"):
        torch.run_as_torch(made, x, (h0,))


def test_run_as_torch_of_an_rnn_takes_h0_alone() -> None:
    rng = np.random.default_rng(66)
    made = Stack(((Pass(draw_rnn(rng, 3, 2)),),))
    x, h0 = draw(rng, 4, 1, 3), draw(rng, 1, 1, 2)

    found = torch.run_as_torch(made, x, h0)

    assert found.h.tobytes() == stack.forward(made, x, None, [[h0[0]]]).h.tobytes()


def test_state_as_torch_has_it_given_to_the_engine_says_what_to_do() -> None:
    made, _ = _two_layers()
    x, h0 = np.zeros((4, 1, 3)), np.zeros((2, 1, 2))

    with pytest.raises(ShapeError, match="states_from_torch"):
        stack.forward(made, x, None, (h0, h0, h0))  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="without_masked"):
        stack.forward(made, x, np.ones((4, 1), bool))
    cell = made.layers[0][0].parameters
    assert isinstance(cell, lstm.LSTMParameters)
    with pytest.raises(ShapeError, match=r"should be an LSTMState of h \(N, P\)"):
        lstm.forward(cell, x, (h0[0], h0[0]))  # type: ignore[arg-type]
