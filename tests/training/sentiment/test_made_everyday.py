"""Everyday texts made by the grammar: what they say follows from the rule they began with."""

from pathlib import Path

import numpy as np
import pytest

from gate_explorer.training.sentiment.everyday import everyday_keys
from gate_explorer.training.sentiment.made_everyday import (
    TONES,
    Grammar,
    Text,
    encoded,
    made_everyday,
)
from gate_explorer.training.sentiment.vectors import WordVectors
from gate_explorer.zoo.vocabulary import Vocabulary

GRAMMAR = Grammar.read()
TEXTS = made_everyday(GRAMMAR, 2000, np.random.default_rng(1), without=frozenset())


def small(tmp_path: Path, text: str) -> Grammar:
    path = tmp_path / "grammar.txt"
    path.write_text(text, encoding="utf-8")
    return Grammar.read(path)


def test_grammar_every_slot_names_a_rule_and_every_rule_ends() -> None:
    rng = np.random.default_rng(0)
    for rule in GRAMMAR.rules:
        for _ in range(200):
            assert "{" not in GRAMMAR.write(rule, rng)


def test_grammar_words_are_those_of_its_texts() -> None:
    words = {*GRAMMAR.words, "<unk>"}
    assert {key for text in TEXTS for key in text.keys} <= words


def test_grammar_that_leads_back_to_itself_says_so(tmp_path: Path) -> None:
    grammar = small(tmp_path, "again =\n{again} and {again}\n")
    with pytest.raises(RecursionError, match="'again' of the grammar leads back to itself"):
        grammar.write("again", np.random.default_rng(0))


def test_grammar_list_is_joined_by_the_nearest_words_that_fit(tmp_path: Path) -> None:
    grammar = small(tmp_path, "thing* =\nwords cup plate bowl jar pan\ncolor =\nwords red\n")
    words = ("cup", "plate", "bowl", "mug", "cloud", "jar", "pan", "nasty", "red", "dish")
    kitchen = [word not in ("cloud", "red") for word in words]
    table = np.where(np.array(kitchen)[:, None], (1.0, 0.1), (0.0, 1.0)).astype(np.float16)
    joined = grammar.with_neighbours(WordVectors(words, table), lambda word, _: word != "nasty")
    assert joined.rules["thing"] == (*grammar.rules["thing"], "mug", "dish", "cloud")
    assert joined.rules["color"] == ("red",)


def test_made_everyday_texts_differ_and_leave_out_what_a_model_is_judged_by() -> None:
    judged = frozenset(everyday_keys())
    plain = made_everyday(GRAMMAR, 3000, np.random.default_rng(2), without=frozenset())
    some = frozenset(text.keys for text in plain[:50]) | judged
    texts = made_everyday(GRAMMAR, 3000, np.random.default_rng(2), without=some)
    assert len({text.keys for text in texts}) == 3000
    assert not some & {text.keys for text in texts}


def test_made_everyday_same_seed_gives_the_same_texts() -> None:
    again = made_everyday(GRAMMAR, 2000, np.random.default_rng(1), without=frozenset())
    assert again == TEXTS


def test_made_everyday_every_tone_is_there_and_its_target_is_a_distribution() -> None:
    assert {text.target for text in TEXTS} == {target for _, target in TONES.values()}
    for _, target in TONES.values():
        assert sum(target) == pytest.approx(1)
    assert TONES["great praise"][1] == TONES["great blame"][1][::-1]


@pytest.mark.parametrize(
    ("words", "sign"),
    [(("i", "hate", "it"), -1), (("highly", "recommended"), 1), (("zero", "stars"), -1)],
)
def test_made_everyday_plain_turns_have_the_sign_of_their_rule(
    words: tuple[str, ...], sign: int
) -> None:
    found = [t for t in TEXTS if all(word in t.keys for word in words) and len(t.keys) <= 3]
    values = np.array([-2, -1, 0, 1, 2])
    assert all(sign * (values @ np.array(text.target)) > 0 for text in found)


def test_encoded_text_asks_for_its_target_at_its_end_alone() -> None:
    target = (0.0, 0.1, 0.2, 0.3, 0.4)
    words = Vocabulary(("<unk>", "good"), trained=2)
    found = encoded(Text(("good", "<unk>", "good"), target), 3.0, words)
    assert found.rows.tolist() == [1, 0, 1]
    assert found.weights.tolist() == [0, 0, 3]
    np.testing.assert_allclose(found.targets, [[0] * 5, [0] * 5, target])
