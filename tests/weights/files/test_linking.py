"""Which layers feed one another, where names and widths alone can tell."""

import pytest
from safetensors.numpy import save

from gate_explorer.engine.stack import Pass, Stack
from gate_explorer.weights import torch
from gate_explorer.weights.files import Options, read

from ...engine.builders import assert_close
from ..samples import (
    H,
    cell,
    h_expected,
    h_of,
    npz,
    stacked,
)


def test_numbered_cells_whose_widths_fit_are_a_chain() -> None:
    lower, upper = cell(101), cell(102, H)
    network = {f"cells.{k}.{n}": a for k, c in enumerate((lower, upper)) for n, a in
               torch.to_torch(c, "").items()}  # fmt: skip

    opened = read(save(network))

    assert opened.interpretation.networks == ("cells.0", "cells.1", "cells.0 > cells.1")
    assert "cells.1 reads what cells.0 gives, by their names and widths" in (
        opened.interpretation.assumed
    )
    assert_close(h_of(opened), h_expected(Stack(((Pass(lower),), (Pass(upper),)))), 1e-6)
    alone = read(save(network), Options(network="cells.1"))
    assert set(alone.interpretation.unused) == {n for n in network if n.startswith("cells.0")}


def test_encoder_and_decoder_are_no_chain() -> None:
    network = {f"{name}.{n}": a for name, seed in (("encoder", 103), ("decoder", 104)) for n, a in
               torch.to_torch(cell(seed, H)).items()}  # fmt: skip

    assert read(save(network)).interpretation.networks == ("decoder", "encoder")


@pytest.mark.parametrize("pair", [("backward", True), ("forward", False), ("bwd", True)])
def test_layer_called_backward_stays_backward(pair: tuple[str, bool]) -> None:
    name, reverse = pair
    one = cell(115)
    arrays = dict(zip((f"l_{name}_W", f"l_{name}_U", f"l_{name}_b"), stacked(one), strict=True))

    opened = read(npz(arrays))

    assert opened.interpretation.directions == ("backward" if reverse else "forward",)
    assert_close(h_of(opened), h_expected(Stack(((Pass(one, reverse),),))), 1e-6)
