"""A model's card as the JSON of the HTTP contract.

`metrics` has the figures by name, each with its mean and deviation beside it; `details` has the
facts that only some models have, those that there are.
"""

from dataclasses import asdict

from gate_explorer.analysis.corpus import follows_rules
from gate_explorer.runs.card import Card, Figure, Measured, Training, UnitFact

from ..address.root import rooted
from ..address.state import query_string
from .trace import API, Document


def card_document(card: Card) -> Document:
    """A model's card; each example is a query for its page and its trace alike."""
    queries = [query_string(example.query) for example in card.examples]
    return {
        "id": card.id,
        "title": card.title,
        "description": card.description,
        "cell": card.cell,
        "input": card.input,
        "input_size": card.input_size,
        "hidden_size": card.hidden_size,
        "num_layers": card.num_layers,
        "bidirectional": card.bidirectional,
        "output": card.output,
        "provenance": card.provenance,
        "checkpoints": list(card.checkpoints),
        "twin": card.twin,
        "listed": card.listed,
        "metrics": _metrics(card.figures, card.measured) or {},
        "examples": queries,
        "curated": [
            {"query": query, "title": example.title, "note": example.note}
            for query, example in zip(queries, card.examples, strict=True)
        ],
        "details": _details(card),
        "links": _links(card),
    }


def _links(card: Card) -> dict[str, str]:
    page, api = (rooted(f"{where}/models/{card.id}") for where in ("", API))
    links = {"page": page, "self": api}
    links |= {name: f"{api}/{name}" for name in ("trace", "step", "gradients")}
    if card.provenance == "trained" or follows_rules(card):
        links["units"] = f"{api}/units"
    if card.cell != "rnn":
        links["interventions"] = f"{api}/interventions"
    if card.cell != "toy":
        links["weights"] = f"{api}/weights.safetensors"
    return links


def _metrics(figures: tuple[Figure, ...], measured: Measured | None) -> Document | None:
    """The figures, flat: `name`, `name_mean`, `name_deviation`; None where none were measured."""
    if measured is None:
        return None
    found: Document = {"seeds": measured.seeds, **_given(runs=measured.runs)}
    for name in (figure.name for figure in figures):
        one = measured.figures[name]
        found |= {name: one.value, f"{name}_mean": one.mean, f"{name}_deviation": one.deviation}
    return found


def _details(card: Card) -> Document:
    """Further facts: of what was trained, and of what it reads and answers."""
    details = _given(
        task=card.task,
        symbols=list(card.symbols),
        labels=list(card.labels),
        inputs=list(card.inputs),
        range=card.range and list(card.range),
        string_end=card.string_end,
        unknown_word=card.unknown_word,
        rows=card.rows,
        trained_rows=card.trained_rows,
        trained_by=trained_by(card),
        splits={split.name: _but_name(asdict(split)) for split in card.splits},
        data=[asdict(source) for source in card.data],
        exercise=card.exercise and asdict(card.exercise),
    )
    if card.sharpness:
        sharpness = asdict(card.sharpness)
        details |= {"sharpness": sharpness.pop("usual"), **sharpness}
    return {**details, **(_trained(card, card.training) if card.training else {})}


def trained_by(card: Card) -> str | None:
    """The release whose training made the weights, `unknown` where that isn't recorded."""
    return (card.trained_by or "unknown") if card.provenance == "trained" else None


def _trained(card: Card, training: Training) -> Document:
    return {
        "figures": [asdict(figure) for figure in card.figures],
        "other_metrics": _metrics(card.figures, card.twin_measured),
        "training": _training(training),
        "curve": [
            {"step": point.step, **point.figures, "checkpoint": point.checkpoint}
            for point in card.curve
        ],
        "units": [_unit(card, fact) for fact in card.units],
        "limits": [_given(**asdict(limit)) for limit in card.limits],
    }


def _training(training: Training) -> Document:
    runs = [
        {"learning_rate": run.learning_rate, "seed": run.seed, **run.figures}
        for run in training.runs
    ]
    document = _given(**{**vars(training), "runs": runs})
    return document | {
        name: list(document[name]) for name in ("seeds", "rates") if name in document
    }


def _unit(card: Card, fact: UnitFact) -> Document:
    """A unit; the sentence model's averages stand beside the rest as well, as they always did."""
    document = _given(**{**asdict(fact), "gates": fact.gates, "group": list(fact.group)})
    flat = fact.gates.items() if card.family == "sentence" else ()
    return document | {name.replace(" ", "_"): value for name, value in flat}


def _but_name(facts: Document) -> Document:
    return {name: fact for name, fact in facts.items() if name != "name"}


def _given(**facts: object) -> Document:
    """The facts that there are: without what is None or empty."""
    return {
        name: fact for name, fact in facts.items() if fact is not None and fact not in ([], {}, ())
    }
