"""The little grammar: verbs agree, and the misleading nouns mislead."""

import numpy as np

from gate_explorer.training.tasks import agreement
from gate_explorer.training.tasks.agreement import Agreement

RNG_SEED = 11


def test_agreement_verb_agrees_with_the_subject_and_the_wrong_form_does_not() -> None:
    rng = np.random.default_rng(RNG_SEED)
    for _ in range(200):
        one = agreement.sentence(rng)
        plural = one.words[1] in {pair[1] for pair in agreement.NOUNS}
        pair = next(pair for pair in agreement.MAIN if one.words[one.verb] in pair)
        assert one.words[one.verb] == pair[plural]
        assert one.wrong == pair[not plural]
        assert one.plural == plural
        assert set(one.words) <= set(agreement.SYMBOLS)


def test_agreement_misleading_sentences_have_a_nearest_noun_of_the_other_number() -> None:
    rng = np.random.default_rng(RNG_SEED)
    plurals = {pair[1] for pair in agreement.NOUNS}
    nouns = plurals | {pair[0] for pair in agreement.NOUNS}
    found = [agreement.sentence(rng) for _ in range(300)]
    for one in found:
        nearest = [word for word in one.words[: one.verb] if word in nouns][-1]
        assert one.misleading == ((nearest in plurals) != one.plural)
    assert 0.2 < np.mean([one.misleading for one in found]) < 0.6


def test_agreement_batches_have_the_sizes_it_names() -> None:
    task = Agreement()
    batch = task.batch(0, 5, np.random.default_rng(RNG_SEED))
    assert batch.x.shape == (*batch.targets.shape, task.input_size)
    assert batch.x.shape[1] == 5
    assert batch.x.dtype == np.float32
    assert not batch.goes_on


def test_agreement_reads_as_many_symbols_as_it_has_inputs() -> None:
    assert len(Agreement().symbols) == Agreement().input_size
