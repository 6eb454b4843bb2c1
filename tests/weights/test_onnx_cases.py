"""The ONNX project's own test cases for its LSTM and RNN nodes, as the onnx package ships them."""

from typing import Any

import numpy as np
import pytest
from onnx import helper
from onnx.backend.test.case import node as cases
from onnx.backend.test.case.node import lstm as _lstm_cases
from onnx.backend.test.case.node import rnn as _rnn_cases

from gate_explorer.engine import stack
from gate_explorer.engine.lstm import LSTMState
from gate_explorer.engine.stack import Stack
from gate_explorer.weights.onnx import OnnxWeights, from_onnx, rnn_from_onnx

from ..engine.builders import Array, assert_close

MODULES = (_lstm_cases, _rnn_cases)  # importing them is what makes their cases
CASES = [
    case for case in cases._NodeTestCases if case.model.graph.node[0].op_type in ("LSTM", "RNN")
]


def _outputs(kind: str, inputs: dict[str, Array], attributes: dict[str, Any]) -> dict[str, Array]:
    """A node as ONNX describes it, in the layout that it asks for."""
    turned = attributes.pop("layout", 0)
    x, h, c = (inputs.get(name) for name in ("X", "initial_h", "initial_c"))
    weights = OnnxWeights(
        inputs["W"], inputs["R"], inputs.get("B"), inputs.get("P"), attributes=attributes
    )
    layer = from_onnx(weights) if kind == "LSTM" else rnn_from_onnx(weights)
    states = None
    if h is not None and c is not None:
        states = [[LSTMState(*pair) for pair in zip(h, c, strict=True)]]
    assert x is not None
    x = x.swapaxes(0, 1) if turned else x
    trace = stack.forward(Stack((layer,)), x, inputs.get("sequence_lens"), states)
    ends = trace.states[0]
    found = {
        "Y": np.stack(np.split(trace.h, len(layer), axis=2), axis=1),
        "Y_h": np.stack([s.h if isinstance(s, LSTMState) else s for s in ends]),
        "Y_c": np.stack([s.c for s in ends if isinstance(s, LSTMState)] or [np.zeros(1)]),
    }
    if turned:
        found["Y"] = found["Y"].transpose(2, 0, 1, 3)
        found["Y_h"] = found["Y_h"].swapaxes(0, 1)
    return found


def test_cases_are_those_that_onnx_ships() -> None:
    assert len(MODULES) == 2
    kinds = [case.model.graph.node[0].op_type for case in CASES]
    assert (kinds.count("LSTM"), kinds.count("RNN")) == (6, 6)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_node_of_onnxs_own_tests_gives_its_expected_outputs(case: Any) -> None:
    (node,) = case.model.graph.node
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    direction = attributes.pop("direction", b"forward").decode()
    for given, expected in case.data_sets:
        inputs = dict(zip(node.input, given, strict=True))

        found = _outputs(node.op_type, inputs, attributes | {"direction": direction})

        names = [name for name in node.output if name]
        for name, array in zip(names, expected, strict=True):
            assert_close(found[name], array, 1e-6, name)
