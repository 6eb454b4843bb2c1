"""The one walk: a state's run within the limits, made once and shared."""

import pytest

from app.settings import settings
from app.views.address.state import ExplorerState, read_query
from app.views.walk import walk, walk_state
from gate_explorer.errors import InputError, LimitError
from gate_explorer.runs.inputs import Options, Text, Vectors
from gate_explorer.zoo.base import Model
from gate_explorer.zoo.registry import all_models, get


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model.card.id)
def test_state_without_an_input_takes_the_models_first_example(model: Model) -> None:
    card = model.card
    state, run = walk_state(model, ExplorerState())
    example = read_query(list(card.examples[0].query.items())).model_dump(exclude_none=True)
    assert example.items() <= state.model_dump(exclude_none=True).items()
    assert run.card is card


def test_usual_sharpness_is_left_out_of_the_state() -> None:
    state, _ = walk_state(get("toy-lstm"), ExplorerState(x="3,1,0", sharpness=100.0))
    assert state.sharpness is None
    other, _ = walk_state(get("toy-lstm"), ExplorerState(x="3,1,0", sharpness=4.0))
    assert other.sharpness == 4.0


def test_text_asked_for_again_is_the_same_run() -> None:
    model, text = get("counter"), Text("aabb")
    assert walk(model, text, Options()) is walk(model, text, Options())


def test_input_longer_than_the_limit_is_refused_with_both_numbers() -> None:
    most = settings().max_steps
    with pytest.raises(LimitError, match=f"{most + 1:,}|{most + 1}"):
        walk(get("toy-rules"), Vectors([[1, 1, 1]] * (most + 1)), Options())


def test_input_of_the_other_kind_is_refused() -> None:
    with pytest.raises(InputError, match="reads vectors"):
        walk(get("toy-rules"), Text("love"), Options())
