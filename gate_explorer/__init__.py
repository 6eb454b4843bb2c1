"""Every gate of an LSTM, step by step: a NumPy engine, weights of other frameworks, and models.

    cell = from_torch(state_dict)                    a torch.nn.LSTM's one layer, as arrays
    trace = forward(cell, x)                         x (T, N, D) -> every gate, (T, N, H) each
    trace.f, trace.i, trace.g, trace.o, trace.c      and tanh_c, h, c_prev; trace.state goes on
    trace = step(cell, x[0], trace.state)            one step, to the bit what `forward` gives
    gradients = backward(cell, trace, d_h)           through time, for weights, input and state
    deep = stack_from_torch(state_dict)              layers, directions, projections, RNNs:
    stack.forward(deep, x, lengths).layers[0][0]     the same for each layer and direction

    model = models.get("sentiment")                  a model of the zoo, with its card
    run = model.run(Text("I love France"), None, Options(clamps=clamps(["forget_gate:0@2"])))
    run.layers[0].f, run.outputs, run.state          what it did at every step, and what goes on

`engine` is the mathematics (read `engine.plain`), `weights` the conventions of other frameworks,
`runs` what a run of a model is, `zoo` the models, `analysis` what the numbers mean, `training` how
the models were made. What is refused on purpose is an ExplorerError, and says how to mend it.
"""

from gate_explorer.engine import rnn, stack
from gate_explorer.engine.cells import Held, LSTMOptions, LSTMParameters, LSTMState, LSTMTrace
from gate_explorer.engine.lstm import LSTMGradients, backward, forward, step, stream
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.engine.stack import Pass, Stack
from gate_explorer.errors import ExplorerError, InputError, ShapeError
from gate_explorer.runs.card import Card
from gate_explorer.runs.clamps import parse as clamps
from gate_explorer.runs.inputs import OneToken, Options, Text, Vectors
from gate_explorer.runs.run import Run, RunState
from gate_explorer.weights.keras import KerasWeights, from_keras, rnn_from_keras
from gate_explorer.weights.onnx import OnnxWeights, from_onnx, rnn_from_onnx
from gate_explorer.weights.teaching import from_teaching
from gate_explorer.weights.torch import (
    from_torch,
    rnn_from_torch,
    rnn_stack_from_torch,
    stack_from_torch,
    stack_to_torch,
    to_torch,
)
from gate_explorer.zoo import registry as models

__version__ = "0.1.0"
__all__ = [
    "Card", "ExplorerError", "Held", "InputError", "KerasWeights", "LSTMGradients", "LSTMOptions",
    "LSTMParameters", "LSTMState", "LSTMTrace", "OneToken", "OnnxWeights", "Options", "Pass",
    "RNNParameters", "Run", "RunState", "ShapeError", "Stack", "Text", "Vectors", "__version__",
    "backward", "clamps", "forward", "from_keras", "from_onnx", "from_teaching", "from_torch",
    "models", "rnn", "rnn_from_keras", "rnn_from_onnx", "rnn_from_torch", "rnn_stack_from_torch",
    "stack", "stack_from_torch", "stack_to_torch", "step", "stream", "to_torch",
]  # fmt: skip
