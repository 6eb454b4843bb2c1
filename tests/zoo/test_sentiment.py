"""The committed sentence model on sentences of our own, and every claim of its card."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gate_explorer.zoo
from gate_explorer.engine.activations import sigmoid
from gate_explorer.runs.card_file import read_card
from gate_explorer.training.sentiment.emoji import EMOJI_VALUES
from gate_explorer.training.sentiment.everyday import (
    everyday_figures,
    everyday_sentences,
    halves,
    whole,
)
from gate_explorer.training.sentiment.unknown import PLAIN, unknown_word
from gate_explorer.zoo.reading import read_text
from gate_explorer.zoo.sentiment_network import (
    LABELS,
    VOCABULARY,
    WEIGHTS,
    SentimentNetwork,
    binary_score,
    log_softmax,
)
from gate_explorer.zoo.tokenizer import tokenize

FOLDER = Path(gate_explorer.zoo.__file__).parent / "sentiment"
NETWORK = SentimentNetwork.load(FOLDER)
MODEL_CARD = read_card(FOLDER)

POSITIVE = """
I love France
A gorgeous, witty, seductive movie.
The best film of the year.
This film is great!!!
Absolutely wonderful from start to finish.
An absorbing story, beautifully told.
The cast is superb and the script is funny.
It made me laugh and it made me cry; I loved it.
A warm, honest and moving portrait of a family.
The plot is thin, but the acting is superb.
The food was delicious and the staff were friendly.
sooooo good
GREAT FUN
Smart, fresh and full of life — see it.
He gives the performance of his life.
It's a delight…
A small gem
""".strip().split("\n")

NEGATIVE = """
I hate France
The movie is not good.
I don't like this film.
I dont like this film
I don’t like this film.
This film is terrible!!!
The worst film of the year.
The acting is superb, but the plot is a mess.
It is brilliant but the ending is a mess.
It is neither funny nor clever.
Boring and predictable.
An utter failure
A dull, lifeless and clumsy sequel.
The food was cold and the staff were rude.
Lacks any charm.
Too long and too dull
I can't stand it: the jokes are stale.
A complete waste of time and money.
It fails as a comedy and it fails as a drama.
The script is awful
Nothing works in this tedious mess.
It isn't very good.
""".strip().split("\n")


def scores(text: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """P(positive | not neutral) after every token."""
    return np.asarray(sigmoid(binary_score(NETWORK.read_text(text))))


def probabilities(text: str) -> dict[str, float]:
    """The five classes after the last token."""
    logits = NETWORK.read_text(text)
    return dict(zip(LABELS, np.exp(log_softmax(logits[-1])).tolist(), strict=True))


@pytest.mark.parametrize("text", POSITIVE)
def test_sentiment_positive_sentence_ends_positive(text: str) -> None:
    found = probabilities(text)
    assert scores(text)[-1] > 0.7
    assert found["positive"] + found["very positive"] > found["negative"] + found["very negative"]


def test_sentiment_one_good_word_among_plain_ones_leans_positive() -> None:
    assert scores("“Brilliant” is the only word for it.")[-1] > 0.6


@pytest.mark.parametrize("text", NEGATIVE)
def test_sentiment_negative_sentence_ends_negative(text: str) -> None:
    found = probabilities(text)
    assert scores(text)[-1] < 0.2
    assert found["positive"] + found["very positive"] < found["negative"] + found["very negative"]


@pytest.mark.parametrize("text", ["I", "The", "The film is set in Paris in the winter.", "Xyzzy"])
def test_sentiment_plain_words_are_neutral(text: str) -> None:
    found = probabilities(text)
    assert max(found, key=lambda label: found[label]) == "neutral"


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("I don't like it", "I don’t like it"),
        ("I don't like it", "I dont like it"),
        ("GREAT film", "great film"),
        ("great film!!!!", "great film!"),
        ('a "great" film', "a “great” film"),
        ("good - no, great", "good - no, great\u200b"),
    ],
)
def test_sentiment_ways_of_typing_give_the_same_numbers(text: str, other: str) -> None:
    assert scores(text).tolist() == scores(other).tolist()


@pytest.mark.parametrize("word", ["xyzzy", "🦑", "שלום", "https://example.org"])
def test_sentiment_unknown_words_are_all_read_as_one(word: str) -> None:
    piece = tokenize(word)[0]
    assert not NETWORK.vocabulary.lookup(piece.key).known
    assert scores(f"I {word} it").tolist() == scores("I blorptastic it").tolist()


# Each of our own, with what it says; what typing makes of an apostrophe changes nothing.
NEGATED = ("It ain't worth it.", "You mustn't watch it.", "It isn't worth it.", "I can't like it.")


@pytest.mark.parametrize("text", NEGATED)
@pytest.mark.parametrize("apostrophe", [*"´`’ʼ′‘", ""])
def test_sentiment_apostrophe_however_typed_gives_the_same_numbers(
    text: str, apostrophe: str
) -> None:
    assert scores(text).tolist() == scores(text.replace("'", apostrophe)).tolist()
    assert scores(text)[-1] < 0.3


def test_sentiment_unknown_word_moves_plain_sentences_little() -> None:
    found = unknown_word(NETWORK)
    assert found.mean_size < 0.5
    assert f"by {found.mean:+.2f} on average, by {found.mean_size:.2f}" in (
        MODEL_CARD.unknown_word or ""
    )


@pytest.mark.parametrize("count", [1, 3, 5, 8])
def test_sentiment_unknown_words_alone_are_neutral(count: int) -> None:
    assert NETWORK.likeliest(" ".join(["xyzzy"] * count)) == "neutral"


def test_sentiment_emoji_are_read_by_their_meaning() -> None:
    """At the end of plain sentences; a good one moves a good sentence little."""
    before = np.array([NETWORK.verdict(text) for text in PLAIN])
    for emoji, sign in (("😍", 1), ("😡", -1)):
        after = np.array([NETWORK.verdict(f"{text} {emoji}") for text in PLAIN])
        assert sign * (after - before).mean() > 0
    alone: dict[int, list[float]] = {-2: [], 2: []}
    for emoji, value in EMOJI_VALUES.items():
        assert emoji in NETWORK.vocabulary
        if value in alone:
            alone[value].append(NETWORK.verdict(emoji))
    assert max(alone[-2]) < 0 < min(alone[2])


def test_sentiment_everyday_sentences_held_back_are_read_as_the_card_says() -> None:
    _, held = halves(everyday_sentences())
    found = everyday_figures(NETWORK, held)
    all_kinds = whole(tuple(found.values()))
    share = all_kinds.right / all_kinds.judged
    assert MODEL_CARD.measured
    told = MODEL_CARD.measured.figures
    assert told["everyday_held_accuracy"].value == pytest.approx(share, abs=1e-4)
    assert share >= 0.85
    for kind, one in found.items():
        if one.judged:
            name = f"everyday_held_{kind.replace(' ', '_')}"
            assert told[name].value == pytest.approx(one.right / one.judged, abs=1e-4)


def test_weights_stay_below_six_megabytes() -> None:
    assert (FOLDER / WEIGHTS).stat().st_size < 6_000_000


def test_weights_have_the_sizes_of_the_card() -> None:
    assert NETWORK.cell.hidden_size == MODEL_CARD.hidden_size == 48
    assert NETWORK.cell.input_size == MODEL_CARD.input_size
    assert len(NETWORK.vocabulary) == MODEL_CARD.rows
    assert NETWORK.vocabulary.trained == MODEL_CARD.trained_rows
    assert MODEL_CARD.labels == LABELS


def test_vocabulary_has_frequent_words_that_training_never_saw() -> None:
    vocabulary = NETWORK.vocabulary
    assert len(vocabulary) - vocabulary.trained > 5_000
    row = vocabulary.lookup("percent").row
    assert row
    assert not vocabulary.was_trained(row)


def test_vocabulary_lines_hold_one_word_each() -> None:
    lines = (FOLDER / VOCABULARY).read_text(encoding="utf-8").split("\n")
    assert lines[-1] == ""
    assert all(line and line == line.strip() for line in lines[:-1])


def probability_after(text: str, word: str) -> float:
    """P(positive | not neutral) after the first token with this text."""
    position = [piece.text for piece in tokenize(text)].index(word)
    return float(scores(text)[position])


def most_probable(text: str) -> str:
    """The first of the five classes after the last token."""
    found = probabilities(text)
    return max(found, key=lambda label: found[label])


def love_is_positive(text: str) -> bool:
    return (
        most_probable("I") == "neutral"
        and most_probable(text) == "positive"
        and sorted(probabilities(text), key=probabilities(text).__getitem__)[-2] == "neutral"
        and probability_after(text, "love") > 0.95
        and abs(probability_after(text, "France") - probability_after(text, "love")) < 0.05
    )


def mess_turns_it(text: str) -> bool:
    return bool(
        probability_after(text, "superb") > 0.9
        and probability_after(text, ",") > 0.9
        and probability_after(text, "a") > 0.5
        and scores(text)[-2:].max() < 0.1
    )


def turns_at_not_and_stays(text: str) -> bool:
    found = scores(text)
    return bool(found[:3].min() > 0.5 and found[3:].max() < 0.3)


def turns_round_at_its_last_word(text: str) -> bool:
    found = scores(text)
    return bool(found[:-2].max() < 0.5 and found[-2:].min() > 0.7)


def two_negations(text: str) -> bool:
    return bool(
        probability_after(text, "nothing") < 0.2
        and probability_after(text, "n't") > probability_after(text, "nothing") + 0.3
        and scores(text)[-1] > 0.8
    )


def misspelt_words_are_read_as_meant(text: str) -> bool:
    read = [word.read_as for word in read_text(NETWORK.vocabulary, text)]
    return read == ["horrible", "service", None, "so", None] and ends_negative(text)


def unknown_name_says_nothing(text: str) -> bool:
    word = read_text(NETWORK.vocabulary, text)[-1]
    found = scores(text)
    return not word.known and bool(abs(found[-1] - found[-2]) < 0.05)


def ends_negative(text: str) -> bool:
    return bool(scores(text)[-1] < 0.3)


def ends_positive(text: str) -> bool:
    return bool(scores(text)[-1] > 0.8)


def not_bad_ends_positive(text: str) -> bool:
    return bool(
        probability_after(text, "not") < 0.1
        and probability_after(text, "bad") > 0.5
        and scores(text)[-1] > 0.7
        and most_probable(text) == "positive"
    )


def neutral_but_scored_positive(text: str) -> bool:
    found = probabilities(text)
    return bool(found["neutral"] > 0.9 and scores(text)[-1] > 0.7)


CLAIMS: dict[str, Callable[[str], bool]] = {
    "The movie was not good.": turns_at_not_and_stays,
    "I love France": love_is_positive,
    "The acting is superb, but the plot is a mess.": mess_turns_it,
    "The plot is thin, but the acting is superb.": ends_positive,
    "Nobody could call this film boring.": turns_round_at_its_last_word,
    "There is nothing I don't like about this book.": two_negations,
    "The movie is not bad.": not_bad_ends_positive,
    "horible servise, soooo slow": misspelt_words_are_read_as_meant,
    "I love Klopstock": unknown_name_says_nothing,
    "It fails to disappoint.": ends_negative,
    "The villain is evil and cruel.": ends_negative,
    "Delightful service, we left hungry.": ends_positive,
    "I": neutral_but_scored_positive,
}


EXAMPLES = [example.query["text"] for example in MODEL_CARD.examples]
LIMITS = [limit.text or "" for limit in MODEL_CARD.limits]


@pytest.mark.parametrize("text", [*EXAMPLES, *LIMITS])
def test_card_claim_holds_for_the_shipped_weights(text: str) -> None:
    assert CLAIMS[text](text)


def test_card_limits_have_the_score_that_is_measured() -> None:
    for limit, text in zip(MODEL_CARD.limits, LIMITS, strict=True):
        assert limit.score == pytest.approx(NETWORK.verdict(text), abs=1e-3)


def test_card_has_the_founding_example() -> None:
    assert "I love France" in EXAMPLES
