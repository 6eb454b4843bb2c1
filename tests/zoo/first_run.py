"""Each model's examples, run."""

from app.views.address.state import read_query
from gate_explorer.runs.run import Run
from gate_explorer.zoo.base import Model


def first_run(model: Model) -> Run:
    """The run of the model's first example."""
    return example_runs(model)[0]


def example_runs(model: Model) -> list[Run]:
    """The runs of all of the model's examples."""
    states = [read_query(list(example.query.items())) for example in model.card.examples]
    return [model.run(state.inputs, None, state.options) for state in states if state.inputs]
