"""What each unit did to the answer at each step: which unit to tell of.

A unit's pull at a step is the step's answer less what the same readout would say if that unit
alone still showed what it showed before the step. The answer is, on a scale of classes, the tone;
of other classes, or of tokens, the centred logit of the one that is likeliest at that step
(z_k - mean z, in nats); else the number. Where nothing is read out of the layer that is looked at,
or what is read out is no unit's own (a projection), the pull is how far the unit itself moved.
"""

import numpy as np

from gate_explorer.engine.activations import sigmoid
from gate_explorer.engine.checks import Array
from gate_explorer.runs.outputs import sides
from gate_explorer.runs.readout import Readout
from gate_explorer.runs.run import Layer, Run
from gate_explorer.zoo.sentiment_network import log_softmax


def pulls(run: Run) -> Array:
    """Every unit's pull at every step, signed, float64: (T, H)."""
    layer, readout = run.layer, run.readout
    if layer.h.shape != layer.memory.shape:
        return (layer.memory - layer.memory_before).astype(np.float64)
    moved = (layer.h - layer.h_prev).astype(np.float64)
    if readout is None or not are_on_the_answer(run):
        return moved
    signs = sides(readout.names)
    if signs:
        return _on_the_tone(readout, layer, moved, np.array(signs))
    if readout.squashed:
        return _on_the_squashed(readout, layer, moved)
    return moved * _slopes(readout, layer)


def are_on_the_answer(run: Run) -> bool:
    """Whether pulls are the answer's own moves, not those of the units alone."""
    layer, readout = run.layer, run.readout
    if readout is None or run.place not in {-1, len(run.layers) - 1}:
        return False
    if readout.weight.shape[1] != layer.h.shape[1] or layer.direction == "backward":
        return False
    return layer.h.shape == layer.memory.shape


def telling(pulled: Array) -> int:
    """The unit whose pulls are largest in all, from 1: of a step (H,), or of a run (T, H)."""
    return int(np.abs(np.atleast_2d(pulled)).sum(axis=0).argmax()) + 1


def _slopes(readout: Readout, layer: Layer) -> Array:
    """What a unit's shown value adds to the answer, (T, H) or (1, H)."""
    weight = readout.weight.astype(np.float64)
    if not readout.names:
        return weight[:1]
    said = readout.logits(layer.h).argmax(axis=-1)
    slopes: Array = weight[said] - weight.mean(axis=0)
    return slopes


def _on_the_squashed(readout: Readout, layer: Layer, moved: Array) -> Array:
    """What the number was less what it had been with each unit's move taken back, (T, H)."""
    z, weight = readout.logits(layer.h).astype(np.float64), readout.weight.astype(np.float64)
    pulled: Array = sigmoid(z) - sigmoid(z - moved * weight)
    return pulled


def _on_the_tone(readout: Readout, layer: Layer, moved: Array, signs: Array) -> Array:
    """Tones with each unit's move taken back, a step at a time: no more than (H, K) at once."""
    weight = readout.weight.T.astype(np.float64)
    pulled = np.empty_like(moved)
    for t, z in enumerate(readout.logits(layer.h).astype(np.float64)):
        without = np.exp(log_softmax(z - moved[t][:, None] * weight))
        pulled[t] = np.exp(log_softmax(z)) @ signs - without @ signs
    return pulled
