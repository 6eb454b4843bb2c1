"""The file of what units do over their corpora: as the shipped weights have it, kept as it is."""

from pathlib import Path

import numpy as np
import pytest

from gate_explorer.analysis.alike import PATTERNS, read_corpus
from gate_explorer.analysis.corpus import KINDS, Survey, corpus_of
from gate_explorer.analysis.patterns import TRAITS
from gate_explorer.analysis.places import PLACES, load, of, surveyed, to_json
from gate_explorer.errors import DataError
from gate_explorer.runs.inputs import Options
from gate_explorer.zoo import registry

# Of all bits: where a value stands at a trait's bound, another machine may round to its other side.
MOST_DIFFERENT = 1e-4
KEPT = [name for name in registry.MODELS if (registry.ZOO / name / PLACES).is_file()]


@pytest.mark.parametrize("model_id", KEPT)
def test_places_and_patterns_are_what_the_shipped_weights_do(model_id: str) -> None:
    corpus, stands = corpus_of(model_id), surveyed(model_id)
    assert corpus is not None
    assert stands is not None
    survey = Survey(registry.get(model_id), corpus)
    assert stands.steps == len(survey)
    for unit in {1, registry.get(model_id).card.first_unit}:
        found, kept = survey.places(unit), stands.units[unit]
        assert found.places.keys() == kept.places.keys()
        for kind, mine in found.places.items():
            values = [place.value for place in mine]
            assert [place.value for place in kept.places[kind]] == pytest.approx(
                values, rel=1e-3, abs=1e-4
            )
        assert [one.share for one in kept.stands] == pytest.approx(
            [one.share for one in found.stands], abs=1e-3
        )
    _check_patterns(model_id, survey)


def _check_patterns(model_id: str, survey: Survey) -> None:
    """The bits that are kept are those of the survey."""
    read = read_corpus(survey.card, Options())
    assert read is not None
    kept, made = read.patterns, survey.patterns
    assert (registry.ZOO / model_id / PATTERNS).is_file()
    assert kept.lengths.tolist() == made.lengths.tolist()
    assert kept.bits.keys() == made.bits.keys()
    assert len(kept.bits) == (2 if survey.card.cell == "rnn" else len(TRAITS))
    for trait, bits in made.bits.items():
        wrong = int(np.bitwise_count(kept.bits[trait] ^ bits).sum())
        assert wrong <= MOST_DIFFERENT * len(kept) * survey.card.hidden_size, trait


def test_places_of_every_trained_model_are_kept_for_every_unit() -> None:
    trained = [card for card in (m.card for m in registry.all_models()) if card.checkpoints]
    assert {card.id for card in trained} == set(KEPT)
    for card in trained:
        found = surveyed(card.id)
        assert found is not None
        assert sorted(found.units) == list(range(1, card.hidden_size + 1))


def test_places_of_the_toys_are_made_when_asked_for() -> None:
    found = surveyed("toy-rules")
    assert found is not None
    assert set(found.units[1].places) == set(KINDS)
    assert max(place.value for place in found.units[1].places["highest"]) > 20


def test_places_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    found = surveyed("counter")
    assert found is not None
    path = tmp_path / PLACES
    path.write_text(to_json(found), encoding="utf-8")
    assert load(path, found.corpus) == found
    survey = of(Survey(registry.get("counter"), found.corpus))
    assert survey.units.keys() == found.units.keys()


@pytest.mark.parametrize("text", ["", "[]", '{"steps": 1}', '{"steps": 1, "units": [{"unit": 1}]}'])
def test_places_file_that_is_damaged_is_named(tmp_path: Path, text: str) -> None:
    found = surveyed("counter")
    assert found is not None
    path = tmp_path / PLACES
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"places\.json"):
        load(path, found.corpus)
