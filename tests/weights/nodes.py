"""ONNX nodes of one recurrent layer, run by ONNX Runtime or by the onnx package itself."""

from collections.abc import Mapping

import numpy as np
import onnxruntime
from onnx import ModelProto, TensorProto, helper
from onnx.reference import ReferenceEvaluator

from gate_explorer.weights.onnx import OnnxWeights

from ..engine.builders import Array

Inputs = Mapping[str, Array | None]

ORDER = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")
OUTPUTS = {"LSTM": ("Y", "Y_h", "Y_c"), "RNN": ("Y", "Y_h")}


def run_node(kind: str, weights: OnnxWeights, inputs: Inputs) -> list[Array]:
    """Y, Y_h and for an LSTM Y_c of one node, by ONNX Runtime; inputs by their names, X first."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong is raised; the log would say it again
    model, given = _model(kind, weights, inputs)
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    results: list[Array] = session.run(OUTPUTS[kind], given)
    return results


def run_reference(kind: str, weights: OnnxWeights, inputs: Inputs) -> list[Array]:
    """The same by the onnx package's evaluator, in float64 too."""
    model, given = _model(kind, weights, inputs)
    return [np.asarray(array) for array in ReferenceEvaluator(model).run(None, given)]


def _model(kind: str, weights: OnnxWeights, inputs: Inputs) -> tuple[ModelProto, dict[str, Array]]:
    named = dict(inputs) | {name: getattr(weights, name) for name in ("W", "R", "B", "P")}
    given = {name: array for name, array in named.items() if array is not None}
    names = [name if name in given else "" for name in ORDER]
    attributes = {"hidden_size": weights.R.shape[2]} | dict(weights.attributes)
    taken = names if kind == "LSTM" else names[:6]
    node = helper.make_node(kind, taken, OUTPUTS[kind], **attributes)
    graph = helper.make_graph(
        [node],
        kind,
        [helper.make_tensor_value_info(k, _type(v), v.shape) for k, v in given.items()],
        [helper.make_tensor_value_info(k, _type(weights.W), None) for k in OUTPUTS[kind]],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=9
    ), given


def _type(array: Array) -> int:
    types = {
        "float32": TensorProto.FLOAT,
        "float64": TensorProto.DOUBLE,
        "int32": TensorProto.INT32,
    }
    return int(types[str(np.asarray(array).dtype)])
