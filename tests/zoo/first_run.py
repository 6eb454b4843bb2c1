"""Each model's first example, run."""

from gate_explorer.runs.inputs import Options, Text, Vectors
from gate_explorer.runs.run import Run
from gate_explorer.zoo.base import Model


def first_run(model: Model) -> Run:
    """The run of the model's first example."""
    query = model.card.examples[0].query
    if "text" in query:
        return model.run(Text(query["text"]), None, Options())
    rows = [[float(cell) for cell in row.split(",")] for row in query["x"].split(";")]
    return model.run(Vectors(rows), None, Options())
