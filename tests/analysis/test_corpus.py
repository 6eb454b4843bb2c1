"""Where over a corpus units do what they do, and which do the same."""

import numpy as np
import pytest

from gate_explorer.analysis.corpus import (
    Survey,
    corpus_of,
    inputs_of,
    labels,
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


@pytest.mark.parametrize("model_id", ["sentiment", "characters", "adding", "toy-rules"])
def test_labels_are_what_a_run_calls_its_steps(model_id: str) -> None:
    corpus, model = corpus_of(model_id), registry.get(model_id)
    assert corpus is not None
    run = model.run(inputs_of(model, corpus.inputs[3]), None, Options())
    words = [token.text for token in run.tokens or ()] or [f"{row[0]:g}" for row in run.x]
    assert labels(model, corpus.inputs[3]) == words


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
