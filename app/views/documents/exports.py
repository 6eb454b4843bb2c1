"""A run as files for other programs: CSV, NPZ and NDJSON, number for number the JSON trace.

All are made from the trace document itself, so they can't disagree with it. The digits of the CSV
are those that the JSON has: the fewest that read back as the same float.
"""

import csv
import io
from collections.abc import Iterator
from itertools import zip_longest

import numpy as np
import orjson

from gate_explorer.engine.checks import Array
from gate_explorer.runs.cells import FIELDS
from gate_explorer.runs.run import Run

from ..address.root import rooted
from ..address.state import ExplorerState, Scope
from .trace import (
    API,
    Document,
    to_bytes,
    trace_document,
)

COLUMNS = ("t", "token", "layer", "direction", "unit", *FIELDS)
# What of the look a picture shows: which units, in what order, under what names.
PICTURED = {"sort", "only", "page", "names", "guess"}
FORMULA_SIGNS = tuple("=+-@\t\r")


def addresses(model_id: str, state: ExplorerState) -> dict[str, str]:
    """Where each export of a state lies, by its ending; what is looked at has step and unit."""
    unseen = state.of_scope(Scope.LOOK) - PICTURED
    run, step = state.run_query(), state.having(**dict.fromkeys(unseen)).query()
    queries = dict.fromkeys(("csv", "npz", "ndjson"), run)
    queries |= dict.fromkeys(("svg", "png", "gif", "html"), step)
    path = rooted(f"{API}/models/{model_id}/trace")
    return {end: f"{path}.{end}?{each}" for end, each in queries.items()}


def csv_bytes(run: Run) -> bytes:
    """A row for each step, layer, direction and unit, in that order; a header; RFC 4180's quoting.

    t, layer and unit count from 1. token is empty for vectors, and a field is where the cell has
    none, or a narrower one. A token that begins as a formula does is led by an apostrophe, so that
    no spreadsheet runs what a visitor typed. UTF-8.
    Raises: NonFiniteError if a value of the run is not finite.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for step in trace_document(run)["steps"]:
        for k, layer in enumerate(step["layers"]):
            where = (step["t"], _inert(step["token"]), run.depths[k], layer["direction"])
            writer.writerows((*where, n, *row) for n, row in enumerate(unit_rows(layer), 1))
    return file.getvalue().encode("utf-8", "replace")


def npz_bytes(run: Run) -> bytes:
    """NumPy's archive, the same bytes for the same run; read it with allow_pickle=False.

    t (T,) from 1; x (T, I); for each layer k from 0, as PyTorch names them, the six fields (T, H):
    forget_gate_l0, … and forget_gate_l0_reverse for the way back; for text, tokens (T,) and known
    (T,); for a number, output_value and output_shown (T,); for classes, probabilities (T, K),
    labels (K,) and, where there is one, score (T,); for what comes next, next_tokens and
    next_probabilities (T, K), the likeliest first; deviation (T,) for `toy-lstm`.
    Raises: NonFiniteError if a value of the run is not finite.
    """
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **_arrays(run))
    return file.getvalue()


def ndjson_lines(document: Document) -> Iterator[bytes]:
    """A Step a line, each the very Step of the trace document, with its line feed."""
    return (to_bytes(step) + b"\n" for step in document["steps"])


def unit_rows(layer: Document) -> Iterator[tuple[str, ...]]:
    """The six values of each unit of a layer at one step, in the JSON's digits; "" for none."""
    return zip_longest(*(_digits(layer[word]) for word in FIELDS), fillvalue="")


def _inert(token: str | None) -> str:
    """A token that no spreadsheet takes for a formula."""
    return f"'{token}" if token and token.startswith(FORMULA_SIGNS) else token or ""


def _digits(values: Array | None) -> list[str]:
    if values is None:
        return []
    return orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY).decode()[1:-1].split(",")


def _arrays(run: Run) -> dict[str, Array]:
    document = trace_document(run)
    steps = document["steps"]
    arrays = {"t": np.array([step["t"] for step in steps])}
    arrays["x"] = np.stack([step["x"] for step in steps])
    if run.tokens:
        arrays["tokens"] = np.array([step["token"] for step in steps])
        arrays["known"] = np.array([step["known"] for step in steps])
    for k, layer in enumerate(steps[0]["layers"]):
        way = "_reverse" if layer["direction"] == "backward" else ""
        for word in FIELDS:
            if layer[word] is not None:
                columns = [step["layers"][k][word] for step in steps]
                arrays[f"{word}_l{run.depths[k] - 1}{way}"] = np.stack(columns)
    arrays |= _outputs([step["output"] for step in steps])
    if "deviation" in document:
        arrays["deviation"] = document["deviation"]
    return arrays


def _outputs(outputs: list[Document | None]) -> dict[str, Array]:
    """The outputs as arrays, where every step has one and all are of a kind."""
    given = [output for output in outputs if output is not None]
    kinds = {output["kind"] for output in given}
    if len(given) < len(outputs) or len(kinds) > 1:
        return {}
    if kinds == {"number"}:
        return {f"output_{part}": np.array([o[part] for o in given]) for part in ("value", "shown")}
    if kinds == {"next_token"}:
        tops = [each["top"] for each in given]
        return {
            "next_tokens": np.array([[each["token"] for each in top] for top in tops]),
            "next_probabilities": np.array([[each["probability"] for each in top] for top in tops]),
        }
    if kinds != {"classes"}:
        return {}
    arrays = {
        "labels": np.array(list(given[0]["probabilities"])),
        "probabilities": np.array([list(each["probabilities"].values()) for each in given]),
    }
    if all("score" in each for each in given):
        arrays["score"] = np.array([each["score"] for each in given])
    return arrays
