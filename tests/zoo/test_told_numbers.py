"""Every statement with a number that is told of a model, on its card or a page, against the model.

What the notes of the learned models claim is held by `test_learned_claims`, those of the sentence
model by `test_sentiment`, the exercise's by `test_exercise`; here are the rest.
"""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.views.address.state import read_query
from app.views.equation.explorer import FOUNDING_TEXT, FOUNDING_VECTORS
from app.views.panels.glossary import ENTRIES
from app.views.panels.tour import STOPS, Stop
from gate_explorer.analysis.roles import roles
from gate_explorer.engine.checks import Array
from gate_explorer.runs.card import Card, Damage, Example
from gate_explorer.runs.outputs import ClassesOutput, NumberOutput
from gate_explorer.runs.run import LSTMLayer, Run, gated
from gate_explorer.training.registry import projects
from gate_explorer.training.sentiment import everyday
from gate_explorer.training.tasks import (
    adding,
    agreement,
    characters,
    counter,
    forecast,
    parity,
    reber,
    toy_learned,
)
from gate_explorer.zoo import registry
from gate_explorer.zoo.units import load

CARDS = [model.card for model in registry.all_models()]
TRAINED = [card for card in CARDS if card.provenance == "trained"]
TOYS = [(card, example) for card in CARDS for example in card.examples
        if card.input_size == 3 and card.provenance != "trained"]  # fmt: skip
each_card = pytest.mark.parametrize("card", CARDS, ids=lambda card: card.id)
each_trained = pytest.mark.parametrize("card", TRAINED, ids=lambda card: card.id)


def run_of(model_id: str, query: dict[str, str]) -> Run:
    state = read_query(list(query.items()))
    assert state.inputs is not None
    return registry.get(model_id).run(state.inputs, None, state.options)


def shown(run: Run) -> list[float]:
    return [o.value for o in run.outputs if isinstance(o, NumberOutput) and o.shown]


def memory(run: Run) -> list[float]:
    values: list[float] = (gated(run.layers[0]).c[:, 0] / run.unit_scale).tolist()
    return values


def adds_and_shows(run: Run) -> bool:
    return np.allclose(shown(run), [3, 5], rtol=1e-5)


def three_writes(run: Run) -> bool:
    return np.allclose(shown(run), [10], rtol=1e-5) and bool((run.x[:, 1] == 1).all())


def reset_in_the_middle(run: Run) -> bool:
    return np.allclose(memory(run), [4, 10, 0, 2], rtol=1e-5, atol=1e-5)


def remembers(run: Run) -> bool:
    shut = gated(run.layers[0]).i[1:5].max() < 1e-6
    return bool(shut) and np.allclose(memory(run)[:5], 7, rtol=1e-5)


def leaks(run: Run) -> bool:
    layer = gated(run.layers[0])
    gates = np.concatenate([layer.i, layer.f, layer.o])
    leaked = (layer.i * layer.g)[run.x[:, 1] == 0] / run.unit_scale
    return bool(((gates > 1e-4) & (gates < 1 - 1e-4)).all() and (leaked > 0.1).all())


TOLD: dict[str, Callable[[Run], bool]] = {
    "Add, show, add, show": adds_and_shows,
    "The numbers behind “I love France”": three_writes,
    "Reset in the middle": reset_in_the_middle,
    "Remember for a long time": remembers,
    "Soft gates": leaks,
}


@pytest.mark.parametrize(
    ("card", "example"), TOYS, ids=lambda one: getattr(one, "id", None) or one.title
)
def test_note_of_a_toys_example_holds(card: Card, example: Example) -> None:
    assert TOLD[example.title](run_of(card.id, dict(example.query)))


@each_card
def test_sizes_that_a_card_tells_are_its_own(card: Card) -> None:
    told = f"{card.description} {card.task or ''}"
    for size in re.findall(r"(\d+) units", told):
        assert int(size) == card.hidden_size


@each_trained
def test_card_tells_how_it_was_trained_with_the_recipes_numbers(card: Card) -> None:
    assert card.training
    recipe, how = card.training.recipe, card.training.how
    for told, field in re.findall(r"(\d+) (updates|sequences)", how):
        assert int(told) == recipe[{"updates": "updates", "sequences": "batch"}[field]]


@each_trained
def test_twin_tells_of_how_many_runs_at_which_rates_it_is_one(card: Card) -> None:
    if card.cell != "rnn":
        return
    assert card.measured
    assert card.training
    told = re.search(
        r"of (\d+) runs, with learning rates ([\d., ]+), rec", card.description, re.IGNORECASE
    )
    assert told
    assert int(told[1]) == card.measured.runs == len(card.training.runs)
    assert tuple(float(rate) for rate in told[2].split(", ")) == card.training.rates


def test_tasks_tell_the_sizes_that_they_have() -> None:
    told = {name: project.task for name, project in projects().items()}
    assert (
        f"at most {counter.TRAINED} a’s and is measured up to {counter.LONGEST}" in told["counter"]
    )
    assert f"strings of 1 to {parity.TRAINED} symbols" in told["parity"]
    assert f"measured after {parity.FAR} symbols" in told["parity"]
    assert f"T = {adding.STEPS}" in told["adding"]
    x, sums = adding.sequences(20_000, adding.STEPS, np.random.default_rng(1))
    assert np.mean((sums - 1) ** 2) == pytest.approx(0.167, abs=0.003)
    assert x.shape[0] == adding.STEPS
    assert registry.get("adding").card.figures[0].chance == pytest.approx(1 / 6, abs=1e-4)
    rules = toy_learned.sequences(20_000, toy_learned.STEPS, np.random.default_rng(1))
    chance = registry.get("toy-learned").card.figures[0].chance
    assert chance == pytest.approx(toy_learned.answers(rules).var(), rel=0.01)
    assert f"with 1 to {reber.INNER} inner strings" in told["reber"]
    assert f"with up to {reber.LONGEST} inner strings" in told["reber"]
    assert (forecast.TEST, len(forecast.REAL)) == ((0.8, 1.0), 4)
    assert "the last fifth of four real series" in told["forecast"]
    assert agreement.MOST_BETWEEN == 4
    assert "up to four phrases" in told["agreement"]
    assert (characters.EVERY, characters.PASSAGE) == (20, 5000)
    assert "twenty passages of 5000 characters" in told["characters"]
    assert all(registry.get(name).card.task == task for name, task in told.items())


@each_trained
def test_words_of_a_named_unit_have_the_figures_of_its_damage(card: Card) -> None:
    findings = load(registry.ZOO / card.id)
    assert findings is not None
    for fact in card.units:
        unit = findings.of(fact.unit)
        groups = [group for group in findings.groups if unit.unit in group.units]
        damages = [*groups[0].damage] if groups else [unit.damage, *unit.also]
        mates = [one.unit for one in findings.units if one.group and one.group == unit.group]
        if fact.unit in mates[1:]:
            others = f"with {len(mates) - 1} others (see unit {mates[0]})"
            assert others in fact.words
        else:
            assert any(_tells(fact.words, damage) for damage in damages)
        told = re.search(r"is ([+−]\d\.\d\d)$", fact.words)
        if told:
            r = float(told[1].replace("−", "-"))
            assert r == pytest.approx(unit.correlation, abs=0.006)


def _tells(words: str, damage: Damage) -> bool:
    figure = damage.erased if "erased once" in words else damage.silenced
    return f"{damage.measure} from {damage.whole:g} to {figure:g}" in words


@each_card
def test_glossarys_ranges_hold_in_every_first_example(card: Card) -> None:
    """Gates from 0 to 1; a draft from -1 to 1, but in the rules, where it is the number itself."""
    layer = run_of(card.id, dict(card.examples[0].query)).layers[0]
    if not isinstance(layer, LSTMLayer):
        return
    for gate in (layer.i, layer.f, layer.o):
        assert gate.min() >= 0
        assert gate.max() <= 1
    if card.cell == "lstm":
        assert np.abs(layer.g).max() <= 1
        assert np.abs(layer.tanh_c).max() <= 1


def test_glossary_tells_the_ranges_that_are_tested() -> None:
    words = {entry.key: entry.words for entry in ENTRIES}
    assert "between −1 and 1" in words["candidate"]
    assert "0 to 1" in words["gatekeeper"]
    assert "−1 to 1" in words["featurizer"]
    assert "1 keeps all of it, 0 erases it" in words["forget"]


def test_tour_tells_what_its_stops_show() -> None:
    for before, after in pairwise(stop.words for stop in STOPS):
        assert before != after
    write, keep, erase, soften, learn = (stop_run(stop) for stop in STOPS)
    assert near(write, "c_prev", 0)
    assert near(write, "g", 3)
    assert near(write, "c", 3)
    assert near(write, "o", 0)
    assert near(keep, "g", 5)
    assert near(keep, "i", 0)
    assert near(keep, "c", 3)
    assert near(keep, "o", 1)
    assert near(erase, "c_prev", 10)
    assert near(erase, "f", 0)
    assert near(erase, "c", 0)
    leaked, kept = (
        (soften[gate] * soften[value] / soften["scale"]).item()
        for gate, value in (("i", "g"), ("f", "c_prev"))
    )
    assert 0.1 < leaked < 2.5
    assert 2 < kept < 2.9
    assert f"{learn['c'].size} units" in STOPS[-1].words
    run, at = run_of("sentiment", STOPS[-1].query), STOPS[-1].t
    tones = [output.tone or 0.0 for output in run.outputs if isinstance(output, ClassesOutput)]
    assert run.tokens
    assert run.tokens[at - 1].text == "not"
    assert tones[at - 1] < tones[at - 2] - 0.2


def stop_run(stop: Stop) -> dict[str, Array]:
    """The values at a stop's step, in the first unit where the words speak of one."""
    run = run_of(stop.model, stop.query)
    layer = gated(run.layers[0])
    names = ("c_prev", "f", "i", "g", "c", "o")
    found = {name: np.asarray(getattr(layer, name)[stop.t - 1]) for name in names}
    return {**found, "scale": np.asarray(run.unit_scale)}


def near(values: dict[str, Array], name: str, told: float) -> bool:
    """Whether the toy's value at a stop is the one that is told."""
    return bool(abs(values[name].item() - told) < 1e-6)


def test_founding_table_tells_what_both_do() -> None:
    """The toy shows nothing before the last word; the network stores and shows the first too."""
    toy = run_of("toy-rules", {"x": FOUNDING_VECTORS})
    assert [output.shown for output in toy.outputs if isinstance(output, NumberOutput)] == [
        False,
        False,
        True,
    ]
    real = run_of("sentiment", {"text": FOUNDING_TEXT})
    first = roles(real.layers[-1])[0]
    assert min(first.store, first.output) > 0.2
    tones = [output.tone or 0.0 for output in real.outputs if isinstance(output, ClassesOutput)]
    assert abs(tones[2] - tones[1]) < abs(tones[1] - tones[0]) / 2


def test_sentence_models_training_is_told_with_its_recipes_numbers() -> None:
    card = registry.get("sentiment").card
    assert card.training
    how, recipe = card.training.how, card.training.recipe
    teaching = recipe["teaching"]
    assert isinstance(teaching, Mapping)
    assert f"{teaching['teachers']} Tree-LSTMs of {teaching['hidden']} units" in how
    assert f"{recipe['everyday']:,} everyday texts" in how
    assert f"{card.rows:,} rows of one byte a number" in how
    assert f"with the {len(everyday.everyday_sentences())} by which" in how


def test_readme_tells_every_models_size_and_figures() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| trained \| (.*) \| (.*) \|$", readme, re.MULTILINE)
    assert {name for name, _, _ in rows} == {card.id for card in TRAINED}
    for name, what, measured in rows:
        card = registry.get(name).card
        assert card.measured
        for size in re.findall(r"(\d+) units", what):
            assert int(size) == card.hidden_size
        for runs in re.findall(r"best of (\d+) runs", what):
            assert int(runs) == card.measured.runs
        seeds = re.search(r"over (\d+) seeds", measured)
        assert seeds
        assert int(seeds[1]) == card.measured.seeds
        told = [float(each) for each in re.findall(r"\d+\.\d+", measured)]
        values = [
            each * (100 if figure.form == "share" else 1)
            for figure in card.figures
            for one in [card.measured.figures[figure.name]]
            for each in (one.value, one.mean, one.deviation)
        ]
        for each in told:
            assert any(each == pytest.approx(value, abs=0.051) for value in values), (name, each)
