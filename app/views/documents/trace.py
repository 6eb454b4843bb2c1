"""A run and a state as the JSON of the HTTP contract.

The documents hold NumPy rows as they are, and orjson writes them: a float32 with the fewest digits
that read back as the same float32, a float64 likewise. Nothing that isn't finite is written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import orjson

from gate_explorer.analysis.gradients import Highway, Reach, forget_products
from gate_explorer.analysis.gradients_told import in_words
from gate_explorer.analysis.interventions import Interventions
from gate_explorer.analysis.roles import roles
from gate_explorer.analysis.story import stories
from gate_explorer.engine.checks import Array
from gate_explorer.errors import NonFiniteError
from gate_explorer.runs.cells import FIELDS
from gate_explorer.runs.outputs import ClassesOutput, NextTokenOutput, Output
from gate_explorer.runs.run import Layer, Run, RunState
from gate_explorer.runs.series import Series
from gate_explorer.zoo.distances import Distances

Document = dict[str, Any]

API = "/api/v1"


def to_bytes(document: Document) -> bytes:
    """A document as JSON in UTF-8."""
    return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)


def trace_document(run: Run) -> Document:
    """A whole run: every step, and the state after the last.

    `series`, where one was given, is what x is. `deviation`, for a model that follows rules, is its
    output less the rules' own, T numbers.
    Raises: NonFiniteError if a value of the run is not finite.
    """
    return {"model": run.card.id, **_run_document(run)}


def traces_document(runs: Sequence[Run]) -> Document:
    """Several runs of one model, each as `trace_document` has it. Raises: NonFiniteError."""
    return {"model": runs[0].card.id, "runs": [_run_document(run) for run in runs]}


def _run_document(run: Run) -> Document:
    document: Document = {"steps": list(_steps(run)), "state": state_document(run.state)}
    if run.deviation is not None:
        document["deviation"] = _finite("deviation", run.deviation)
    if run.series is not None:
        document["series"] = _series(run.series)
    return document


def step_document(run: Run) -> Document:
    """A run of one step: the step, and the state to carry to the next."""
    return {"step": next(_steps(run)), "state": state_document(run.state)}


def gradients_document(run: Run, found: Highway) -> Document:
    """How far back the gradient of a run's answer reaches, and that of its twin."""
    twin = None if found.twin is None else list(_sizes(run, found.twin))
    return {
        "model": run.card.id,
        "of": found.of,
        "asked_at": found.at,
        "trained_there": found.trained,
        "learned": found.learned,
        "rnn_learned": found.twin_learned,
        "words": in_words(found, run),
        "steps": list(_sizes(run, found.own, forget_products(run.layer))),
        "rnn": twin,
    }


def distances_document(model_id: str, found: Distances) -> Document:
    """How much of a gradient is left, against how far back one looks."""
    return {"model": model_id, **asdict(found)}


def interventions_document(run: Run, found: Interventions) -> Document:
    """The last step's answer under every intervention of a run."""
    return {
        "model": run.card.id,
        "of": found.of,
        "answer": found.answer,
        "closed": {gate: _finite(gate, answers) for gate, answers in found.closed.items()},
        "opened": {gate: _finite(gate, answers) for gate, answers in found.opened.items()},
    }


def state_document(state: RunState) -> Document:
    """The state between two steps."""
    layers = [{"h": _finite("h", h), "c": _finite("c", c)} for h, c in state.layers]
    return {"t": state.t, "layers": layers}


def _series(series: Series) -> Document:
    """What x is: a number v of a column is (v - mean) / spread in x, and so is a forecast of it."""
    scales = zip(series.columns, series.means, series.spreads, strict=True)
    return {
        "columns": [
            {"name": column.name, "unit": column.unit, "mean": mean, "spread": spread}
            for column, mean, spread in scales
        ],
        "labels": list(series.labels),
    }


def _steps(run: Run) -> Iterator[Document]:
    x, layers = _finite("x", run.x), [_layer_columns(layer) for layer in run.layers]
    for t, (role, story) in enumerate(zip(roles(run.layer), stories(run), strict=True)):
        token = run.tokens[t] if run.tokens else None
        yield {
            "t": run.start + t + 1,
            "token": token.text if token else None,
            "known": token.known if token else None,
            "read_as": token.read_as if token else None,
            "x": x[t],
            "layers": [_layer_at(direction, columns, t) for direction, columns in layers],
            "output": _output(run.outputs[t]),
            "roles": {"store": role.store, "reset": role.reset, "output": role.output},
            "story": story,
        }


def _sizes(run: Run, reach: Reach, forget: Array | None = None) -> Iterator[Document]:
    columns = {
        "cell_gradient_norm": reach.cell,
        "hidden_gradient_norm": reach.hidden,
        "input_gradient_norm": reach.input,
        "forget_product": forget,
        "forget_path_norm": reach.path,
    }
    sizes = {n: None if c is None else _finite(n, c).tolist() for n, c in columns.items()}
    for t in range(len(run)):
        yield {
            "t": run.start + t + 1,
            "token": run.tokens[t].text if run.tokens else None,
            **{name: None if column is None else column[t] for name, column in sizes.items()},
        }


def _layer_columns(layer: Layer) -> tuple[str, dict[str, Array | None]]:
    """A layer's values by their words; a vanilla RNN has a hidden state and nothing else."""
    columns = {
        word: _finite(word, getattr(layer, key)) if hasattr(layer, key) else None
        for word, key in FIELDS.items()
    }
    return layer.direction, columns


def _layer_at(direction: str, columns: dict[str, Array | None], t: int) -> Document:
    values = {word: None if column is None else column[t] for word, column in columns.items()}
    return {"direction": direction, **values}


def _output(output: Output) -> Document | None:
    if output is None:
        return None
    if isinstance(output, ClassesOutput):
        shares = dict(output.probabilities)
        classes: Document = {"kind": "classes", "probabilities": shares, "tone": output.tone}
        return classes if output.score is None else {**classes, "score": output.score}
    if isinstance(output, NextTokenOutput):
        top = [{"token": token, "probability": p} for token, p in output.top()]
        return {"kind": "next_token", "top": top}
    return {"kind": "number", "value": output.value, "shown": output.shown}


def _finite(name: str, array: Array) -> Array:
    """The array, its rows contiguous as orjson needs them; orjson would write NaN as null."""
    if not np.isfinite(array).all():
        raise NonFiniteError(f"The run left the range of numbers: its {name} is not finite.")
    return np.ascontiguousarray(array)
