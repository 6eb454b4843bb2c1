"""The zoo's cards against themselves: what one fact says, no other denies."""

import pytest

from gate_explorer.runs.card import Card
from gate_explorer.zoo.registry import all_models

CARDS = {model.card.id: model.card for model in all_models()}
each_card = pytest.mark.parametrize("card", CARDS.values(), ids=lambda card: card.id)
each_trained = pytest.mark.parametrize(
    "card", [card for card in CARDS.values() if card.training], ids=lambda card: card.id
)


@each_card
def test_card_names_its_units_within_its_size(card: Card) -> None:
    units = [fact.unit for fact in card.units]
    assert len(set(units)) == len(units)
    assert all(1 <= unit <= card.hidden_size for unit in [card.first_unit, *units])


@each_card
def test_card_says_how_its_input_and_its_output_are_read(card: Card) -> None:
    assert bool(card.labels) == (card.output == "classes")
    assert len(set(card.labels)) == len(card.labels)
    if card.symbols:
        assert len(set(card.symbols)) == len(card.symbols) == card.input_size
    if card.inputs:
        assert card.input == "vectors"
        assert len(card.inputs) == card.input_size
        assert card.range is not None
        assert card.range[0] < card.range[1]


@each_card
def test_card_examples_differ_and_say_what_to_look_for(card: Card) -> None:
    titles = [example.title for example in card.examples]
    assert len(set(titles)) == len(titles) >= 1
    assert all(example.note.endswith((".", "!", "?")) for example in card.examples)


@each_trained
def test_card_figures_were_all_measured_and_the_best_run_is_among_the_runs(card: Card) -> None:
    assert card.measured
    assert card.training
    names = [figure.name for figure in card.figures]
    assert set(names) == set(card.measured.figures)
    assert card.training.seed in card.training.seeds
    if card.training.runs:
        assert len(card.training.runs) == card.measured.runs
        kept = [run for run in card.training.runs if run.seed == card.training.seed]
        for name in names:
            value = card.measured.figures[name].value
            assert any(run.figures[name] == pytest.approx(value, abs=1e-5) for run in kept)


@each_trained
def test_card_curve_goes_through_its_checkpoints(card: Card) -> None:
    assert [point.checkpoint for point in card.curve] == list(card.checkpoints)
    steps = [point.step for point in card.curve]
    assert steps == sorted(set(steps))
    assert steps[0] == 0


@each_trained
def test_card_twin_is_a_card_that_tells_the_same_of_this_one(card: Card) -> None:
    if card.twin:
        twin = CARDS[card.twin]
        assert (twin.cell, twin.task, twin.figures) == ("rnn", card.task, card.figures)
        assert (twin.measured, twin.twin_measured) == (card.twin_measured, card.measured)


def test_orders_tell_the_cards_apart() -> None:
    orders = [card.order for card in CARDS.values()]
    assert orders == sorted(set(orders))
