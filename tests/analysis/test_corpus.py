"""Where over a corpus units do what they do, and which do the same."""

import numpy as np
import pytest

from gate_explorer.analysis.corpus import (
    PLACES,
    TRAITS,
    Patterns,
    Survey,
    corpus_of,
    doing_the_same,
    inputs_of,
    packed,
    survey,
)
from gate_explorer.errors import InputError
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.runs.run import gated
from gate_explorer.zoo import registry
from gate_explorer.zoo.corpora import Corpus


def small() -> Survey:
    corpus = Corpus("three strings", ("aabb", "aaab", "abab"))
    return Survey(registry.get("counter"), corpus)


def test_places_are_the_extremes_of_every_text() -> None:
    found = small().places(2)
    model = registry.get("counter")
    for kind, best in (("highest", np.max), ("lowest", np.min)):
        values = {}
        for text in ("aabb", "aaab", "abab"):
            c = gated(model.run(Text(text), None, Options()).layers[0]).c[:, 1]
            values[text] = float(best(c))
        places = found.places[kind]
        assert {place.input: place.value for place in places} == pytest.approx(values, abs=1e-5)
    erased = found.places["erased"][0]
    layer = gated(model.run(Text(erased.input), None, Options()).layers[0])
    taken = (1 - layer.f[:, 1]) * layer.c_prev[:, 1]
    assert np.abs(taken).argmax() == erased.t - 1
    assert erased.value == pytest.approx(taken[erased.t - 1], abs=1e-6)


def test_stands_are_shares_of_all_steps_with_their_commonest_tokens() -> None:
    found = small().places(2)
    assert sum(stand.share for stand in found.stands) == pytest.approx(1)
    assert {token for stand in found.stands for token in stand.tokens} <= {"a", "b"}


def test_places_of_a_unit_that_isnt_there_are_refused() -> None:
    with pytest.raises(InputError, match="units 1 to 4"):
        small().places(5)


@pytest.mark.parametrize("hidden", [1, 4, 63, 64, 65, 130])
def test_packed_bits_count_as_booleans_do(hidden: int) -> None:
    rng = np.random.default_rng(hidden)
    mask, units = rng.random((50, hidden)) < 0.4, rng.random(hidden) < 0.5
    patterns = Patterns(np.array([20, 30]), {"high": mask})
    assert packed(mask).shape == (50, -(-hidden // 64))
    assert patterns.counts("high", units).tolist() == (mask & units).sum(axis=1).tolist()


def test_find_takes_most_units_first_then_the_longest_stretch_and_a_text_once() -> None:
    mask = np.zeros((12, 2), bool)
    mask[[1, 5, 6, 7, 9]] = True  # texts of four steps: one step, three steps, one step
    mask[[0, 10], 0] = True
    patterns = Patterns(np.array([4, 4, 4]), {"high": mask})
    found = patterns.find("high", np.array([True, True]))
    assert found == [(1, 1, 2), (0, 1, 2), (2, 1, 2)]
    assert patterns.find("high", np.array([False, False])) == []


def test_doing_the_same_prefers_units_that_do_it_there_alone() -> None:
    mask = np.array([[0, 1, 0], [1, 1, 0], [1, 1, 0], [0, 1, 1]], bool)
    units, selective = doing_the_same(mask, 1, 3)
    assert (units.tolist(), selective) == ([True, False, False], True)
    units, selective = doing_the_same(mask, 0, 4)
    assert (units.tolist(), selective) == ([False, True, False], True)
    units, selective = doing_the_same(mask, 2, 4)
    assert (units.tolist(), selective) == ([False, True, False], False)


@pytest.mark.parametrize("trait", TRAITS)
def test_alike_units_have_the_trait_throughout(trait: str) -> None:
    found = survey("agreement")
    assert found is not None
    run = registry.get("agreement").run(Text("The keys to the cabinet are lost."), None, Options())
    alike = found.alike(run, 2, 3, trait)
    layer = gated(run.layers[0])
    for unit in alike.units:
        values = {
            "high": np.tanh(layer.c) >= 0.5,
            "low": np.tanh(layer.c) <= -0.5,
            "writes": layer.i > 0.5,
            "erases": layer.f <= 0.5,
            "shows": layer.o > 0.5,
        }[trait]
        assert values[1:3, unit - 1].all()
    assert len({place.input for place in alike.places}) == len(alike.places) <= PLACES


@pytest.mark.parametrize("model_id", [name for name in registry.MODELS if name != "exercise"])
def test_every_model_of_the_zoo_has_a_corpus_that_it_reads(model_id: str) -> None:
    corpus = corpus_of(model_id)
    assert corpus is not None
    assert corpus.source
    assert len(set(corpus.inputs)) == len(corpus.inputs) >= 50
    model = registry.get(model_id)
    for one in corpus.inputs[:: len(corpus.inputs) // 5]:
        run = model.run(inputs_of(model, one), None, Options())
        assert len(run) <= 512
        assert all(token.known for token in run.tokens or ())


def test_model_without_held_out_data_has_no_corpus() -> None:
    assert corpus_of("exercise") is None
    assert survey("exercise") is None
