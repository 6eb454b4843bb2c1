"""The tasks that are made up: what is wanted is right, held-out data is the same every time."""

from pathlib import Path

import numpy as np
import pytest

from gate_explorer.errors import DataError
from gate_explorer.training.cells.task import NO_TARGET
from gate_explorer.training.tasks import (
    adding,
    agreement,
    characters,
    counter,
    reber,
)
from gate_explorer.training.tasks.adding import Adding
from gate_explorer.training.tasks.agreement import Agreement
from gate_explorer.training.tasks.characters import Characters
from gate_explorer.training.tasks.counter import Counter
from gate_explorer.training.tasks.reber import Reber
from gate_explorer.zoo.symbols import Symbols, one_hot

RNG_SEED = 11


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "open"),
        ("ab", "open closed"),
        ("aabb", "open open open closed"),
        ("abb", "open closed broken"),
        ("b", "broken"),
        ("ba", "broken broken"),
        ("abab", "open closed broken broken"),
        ("aaba", "open open open broken"),
    ],
)
def test_counter_verdicts_are_those_of_the_definition(text: str, expected: str) -> None:
    assert [counter.LABELS[verdict] for verdict in counter.verdicts(text)] == expected.split()


def test_counter_training_strings_are_no_longer_than_said() -> None:
    rng = np.random.default_rng(RNG_SEED)
    texts = [counter.random_string(rng, counter.TRAINED) for _ in range(300)]
    assert max(text.count("a") for text in texts) <= counter.TRAINED + 1
    verdicts = {verdict for text in texts for verdict in counter.verdicts(text)}
    assert verdicts == {0, 1, 2}


def test_reber_strings_are_walks_through_the_graph() -> None:
    rng = np.random.default_rng(RNG_SEED)
    for _ in range(200):
        text, node = reber.reber(rng), 0
        assert (text[0], text[-1]) == ("B", "E")
        for symbol in text[1:-1]:
            node = dict(reber.GRAPH[node])[symbol]
        assert node == 5


def test_reber_embedded_string_closes_as_it_opens() -> None:
    rng = np.random.default_rng(RNG_SEED)
    texts = [reber.embedded(rng) for _ in range(200)]
    assert all(text[1] == text[-2] and text.count("B") == 4 for text in texts)
    assert {text[1] for text in texts} == {"T", "P"}


def test_reber_wants_the_next_symbol_and_nothing_on_the_padding() -> None:
    batch = reber.encode(["BTXSE", "BPVVE"[:3]])
    assert [reber.SYMBOLS[k] for k in batch.targets[:, 0]] == list("TXSE")
    assert batch.targets[:, 1].tolist()[2:] == [NO_TARGET] * 2
    assert not batch.x[2:, 1].any()


def test_adding_wants_the_sum_of_the_marked_numbers() -> None:
    x, sums = adding.sequences(50, 20, np.random.default_rng(RNG_SEED))
    assert (x[:10, :, 1].sum(axis=0) == 1).all()
    assert (x[10:, :, 1].sum(axis=0) == 1).all()
    np.testing.assert_allclose((x[..., 0] * x[..., 1]).sum(axis=0), sums)


def test_adding_answering_1_has_an_error_of_a_sixth() -> None:
    _, sums = adding.sequences(200_000, 4, np.random.default_rng(RNG_SEED))
    assert float(((sums - 1) ** 2).mean()) == pytest.approx(1 / 6, abs=2e-3)


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


@pytest.mark.parametrize("task", [Counter, Reber, Adding, Agreement])
def test_task_batches_have_the_sizes_it_names(
    task: type[Counter | Reber | Adding | Agreement],
) -> None:
    batch = task().batch(0, 5, np.random.default_rng(RNG_SEED))
    assert batch.x.shape == (*batch.targets.shape, task().input_size)
    assert batch.x.shape[1] == 5
    assert batch.x.dtype == np.float32
    assert not batch.goes_on


def test_one_hot_of_nothing_is_zeros() -> None:
    assert one_hot(np.array([1, -1, 0]), 2).tolist() == [[0, 1], [0, 0], [1, 0]]


def long_text() -> str:
    return "".join(np.random.default_rng(1).choice(list("ab\n "), size=110_000))


def test_characters_go_on_through_the_learned_text_and_start_anew_elsewhere() -> None:
    task = Characters(long_text())
    rng = np.random.default_rng(RNG_SEED)
    first, second = (task.batch(step, 4, rng) for step in (0, 1))
    assert (first.goes_on, second.goes_on) == (False, True)
    assert first.x.shape == (characters.STEPS, 4, 4)
    assert np.array_equal(first.targets[-1], second.x[0].argmax(axis=-1))
    length = len(task._learned) // 4
    turn = (length - 1) // characters.STEPS
    assert not task.batch(turn, 4, rng).goes_on


def test_characters_held_out_passages_are_not_learned() -> None:
    text = long_text()
    task = Characters(text)
    passages = [text[k : k + characters.PASSAGE] for k in range(0, len(text), characters.PASSAGE)]
    assert task.held_out == passages[characters.TEST]
    assert len(task._learned) == len(text) - 2 * characters.PASSAGE


def test_characters_text_that_is_missing_or_another_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is missing"):
        characters.read_text(tmp_path)
    path = tmp_path / characters.TEXT_FILE.with_suffix("")
    path.parent.mkdir()
    path.write_text("Another text")
    with pytest.raises(DataError, match="sha256 differs"):
        characters.read_text(tmp_path)


def test_symbols_keep_what_is_typed() -> None:
    tokens = Symbols(("a", "\n", " "), "characters").tokens("A\r\n b\t")
    assert [(token.text, token.key, token.known) for token in tokens] == [
        ("A", "a", True),
        ("\n", "\n", True),
        (" ", " ", True),
        ("b", "b", False),
    ]
