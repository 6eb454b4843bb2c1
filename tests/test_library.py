"""The library as an engineer imports it: what its first screen says is there, and is so."""

import inspect
import re
import subprocess
import sys

import numpy as np
import pytest

import gate_explorer
from gate_explorer.runs.run import LSTMLayer
from tests.server import ROOT

X = np.random.default_rng(1).normal(size=(4, 2, 3))


def a_cell() -> gate_explorer.LSTMParameters:
    rng = np.random.default_rng(2)
    return gate_explorer.LSTMParameters(
        rng.normal(size=(8, 3)), rng.normal(size=(8, 2)), rng.normal(size=8)
    )


@pytest.mark.parametrize("name", gate_explorer.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(gate_explorer, name)
    assert name == "__version__" or inspect.getdoc(value)


def test_every_name_of_the_first_screen_is_public() -> None:
    called = re.findall(r"(\w+)\(", gate_explorer.__doc__ or "")
    public = [name for name in called if name not in {"get", "run"}]
    assert {"forward", "from_torch", "Text", "clamps"} <= set(public)
    assert set(public) <= set(gate_explorer.__all__)


def test_first_screen_fits_a_screen() -> None:
    text = (ROOT / "gate_explorer" / "__init__.py").read_text(encoding="utf-8")
    assert len((gate_explorer.__doc__ or "").splitlines()) <= 24
    assert len(text.splitlines()) <= 64


def test_steps_of_the_first_screen_give_what_the_whole_run_gives() -> None:
    cell = a_cell()
    whole = gate_explorer.forward(cell, X)
    state = None
    for t in range(len(X)):
        trace = gate_explorer.step(cell, X[t], state)
        state = trace.state
        for name in ("f", "i", "g", "o", "c", "tanh_c", "h", "c_prev"):
            assert np.array_equal(np.squeeze(getattr(trace, name)), getattr(whole, name)[t])


def test_weights_of_the_first_screen_come_back_from_torch_names() -> None:
    cell = a_cell()
    again = gate_explorer.from_torch(gate_explorer.to_torch(cell))
    assert np.array_equal(gate_explorer.forward(again, X).h, gate_explorer.forward(cell, X).h)
    deep = gate_explorer.stack_from_torch(gate_explorer.to_torch(cell))
    layer = gate_explorer.stack.forward(deep, X).layers[0][0]
    assert np.array_equal(np.asarray(layer.h), gate_explorer.forward(cell, X).h)


def test_model_of_the_first_screen_runs_with_a_gate_held() -> None:
    model = gate_explorer.models.get("sentiment")
    held = gate_explorer.clamps(["forget_gate:0@2"])
    options = gate_explorer.Options(clamps=held)
    run = model.run(gate_explorer.Text("I love France"), None, options)
    assert isinstance(run, gate_explorer.Run)
    assert len(run.outputs) == 3
    (layer,) = run.layers
    assert isinstance(layer, LSTMLayer)
    assert not layer.f[1].any()
    assert layer.f[0].any()


def test_importing_the_library_imports_nothing_of_the_web() -> None:
    code = "import sys, gate_explorer; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    ours = {"gate_explorer", "numpy", "safetensors", "tqdm"}
    loaded = {name for name in done.stdout.split() if name not in sys.stdlib_module_names}
    assert ours - {"tqdm"} <= loaded
    assert not loaded & {"app", "fastapi", "starlette", "uvicorn", "jinja2", "pydantic", "orjson"}
