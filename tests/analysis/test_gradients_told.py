"""What is said of a gradient's way back is what its figures show, whichever way they fall."""

import re

import pytest

from app.views.address.state import read_query
from gate_explorer.analysis.gradients import Highway, Reach, highway
from gate_explorer.analysis.gradients_told import MORE, in_words, left_at_first
from gate_explorer.analysis.words import share_words
from gate_explorer.engine.checks import Array
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.runs.run import Run
from gate_explorer.zoo import registry

EXAMPLES = [
    (card.id, dict(example.query), label)
    for card in (model.card for model in registry.all_models())
    for example in card.examples
    for label in ((None, *card.checkpoints[:1]) if card.twin else (None,))
]
KEEPS = {
    "lstm": "the LSTM keeps more of it here",
    "rnn": "the RNN keeps more of it here",
    "neither": "both keep about as much of it here",
}


def opened(model_id: str, query: dict[str, str], label: str | None) -> tuple[Run, Highway]:
    state = read_query(list(query.items()))
    assert state.inputs is not None
    options = Options(label, state.sharpness)
    run = registry.get(model_id).run(state.inputs, None, options)
    return run, highway(registry.get(model_id), run, options)


@pytest.mark.parametrize(("model_id", "query", "label"), EXAMPLES)
def test_gradient_sentence_of_every_example_follows_its_figures(
    model_id: str, query: dict[str, str], label: str | None
) -> None:
    run, found = opened(model_id, query, label)
    words, last = in_words(found, run), found.at - 1
    own = found.own
    if own.cell is not None and not own.cell[last]:
        assert words.endswith("no gradient flows back from it.")
        return
    if own.cell is not None:
        assert f"the memory {share_words(own.cell[0] / own.cell[last])}" in words.replace(
            "memory has", "memory"
        )
    if found.twin is None:
        assert "RNN" not in words
        assert not any(phrase in words for phrase in KEEPS.values())
        return
    mine, other = own.hidden[0] / own.hidden[last], found.twin.hidden[0] / found.twin.hidden[last]
    expected = "lstm" if mine >= MORE * other else "rnn" if other >= MORE * mine else "neither"
    assert [who for who, phrase in KEEPS.items() if phrase in words] == [expected]
    assert f"the hidden state’s has {share_words(other)}" in words
    assert f"the hidden state has {share_words(mine)} of its size" in words
    assert ("which hasn’t learned the task" in words) is (found.twin_learned is False)
    assert ("which learned the task too" in words) is (found.twin_learned is True)
    assert ("the network hasn’t learned its task" in words) is (found.learned is False)


def test_gradient_sentences_of_the_examples_fall_both_ways() -> None:
    found = {
        left_at_first(highway, run).keeper for run, highway in (opened(*each) for each in EXAMPLES)
    }
    assert {"lstm", "rnn", None} <= found


def test_gradient_sentence_of_untrained_adding_says_that_the_rnn_keeps_more() -> None:
    query = dict(registry.get("adding").card.examples[0].query)
    words = in_words(*opened("adding", query, "step-0")[::-1])
    assert words.endswith("the RNN keeps more of it here.")
    assert "the network hasn’t learned its task at this point" in words
    assert "which hasn’t learned the task" in words


@pytest.mark.parametrize(
    ("own", "twin", "keeper"),
    [([0.9, 1.0], [0.1, 1.0], "lstm"), ([0.1, 1.0], [0.9, 1.0], "rnn"),
     ([0.5, 1.0], [0.6, 1.0], "neither"), ([0.5, 1.0], [0.6, 0.0], None)],
)  # fmt: skip
def test_left_at_first_compares_like_with_like(
    own: list[float], twin: list[float], keeper: str | None
) -> None:
    run = registry.get("counter").run(Text("ab"), None, Options())

    def reach(hidden: list[float], cell: Array | None = None) -> Reach:
        sizes = run.x[:, 0] * 0 + hidden
        return Reach(sizes, sizes, cell)

    found = Highway("closed", 2, True, reach(own, run.x[:, 0] * 0 + 7), True, reach(twin), True)
    shares = left_at_first(found, run)
    assert shares.keeper == keeper
    assert shares.memory == 1, "the memory stands beside it, and is compared with nothing"


def test_no_text_promises_that_gradients_always_last() -> None:
    from app.views.panels.glossary import ENTRIES
    from app.views.panels.gradients import WHY

    adder = next(entry.words for entry in ENTRIES if entry.key == "adder")
    for words in (WHY, adder):
        assert "learned" in words
        assert not re.search("unharmed|is why they last|shrink at every step", words)
