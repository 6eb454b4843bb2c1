"""The job of all contestants: a sentence in the trained model, a step's bars, a verdict."""

from gate_explorer.engine.checks import Array
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.runs.outputs import ClassesOutput
from gate_explorer.runs.run import Run
from gate_explorer.zoo import registry

SENTENCE = "The acting is superb, but the plot is thin"
STEPS = 10
UNITS = registry.get("sentiment").card.hidden_size
PANELS = {
    "Memory before": "c_prev",
    "Forget gate": "f",
    "Input gate": "i",
    "Candidate": "g",
    "Memory now": "c",
    "Output gate": "o",
    "Hidden state": "h",
}
GATES = ("f", "i", "o")


def run(sentence: str) -> Run:
    """The sentence in the `sentiment` model, by the project's own engine."""
    return registry.get("sentiment").run(Text(sentence), None, Options())


def values(run: Run, panel: str, t: int) -> Array:
    """A panel's value of each unit at step t, from 1."""
    array: Array = getattr(run.layers[-1], PANELS[panel])[t - 1]
    return array


def verdict(run: Run, t: int) -> dict[str, float]:
    """The probability of each class after step t."""
    output = run.outputs[t - 1]
    return dict(output.probabilities) if isinstance(output, ClassesOutput) else {}


def caption(run: Run, t: int) -> str:
    """Where one is: `step 3 of 10: is`."""
    token = run.tokens[t - 1].text if run.tokens else ""
    return f"step {t} of {len(run)}: {token}"
