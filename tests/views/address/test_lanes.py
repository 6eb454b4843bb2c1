"""A lane in an address: written and read back, whatever the text holds."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.views.address.lanes import Lane, compare_address, comparisons, read_lane
from app.views.address.state import ExplorerState
from gate_explorer.zoo.registry import get

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r#"), min_size=1)


@given(text=TEXTS, checkpoint=st.sampled_from([None, "step-0"]))
def test_lane_in_an_address_is_read_back_as_it_was(text: str, checkpoint: str | None) -> None:
    lane = Lane("sentiment", ExplorerState(text=text, checkpoint=checkpoint))
    address = compare_address(lane.text, lane.text, {"t": 2})
    fields = dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
    assert read_lane(fields["a"]) == lane
    assert fields["b"] == fields["a"]
    assert fields["t"] == "2"


def test_lane_of_a_plain_sentence_is_readable_in_the_address() -> None:
    a = Lane("sentiment", ExplorerState(text="I love it", checkpoint="step-0"))
    b = Lane("toy-rules", ExplorerState(x="3,1,0;5,0,1"))
    assert compare_address(a.text, b.text, {}) == (
        "/compare?a=sentiment?text=I+love+it%26checkpoint=step-0&b=toy-rules?x=3,1,0;5,0,1"
    )


@pytest.mark.parametrize(
    "text",
    [
        "sentiment?text=I love it&t=3",
        "models/sentiment?text=I+love+it",
        "/embed/models/sentiment?text=I%20love%20it&theme=dark",
        "https://gates.example/models/sentiment?text=I+love+it&gate=g#card",
    ],
)
def test_lane_may_be_any_address_of_the_explorer(text: str) -> None:
    assert read_lane(text) == Lane("sentiment", ExplorerState(text="I love it"))


@pytest.mark.parametrize(
    ("model_id", "others"),
    [
        ("toy-rules", {"toy-rules", "toy-lstm"}),
        ("counter", {"counter", "counter-rnn"}),
        ("counter-rnn", {"counter", "counter-rnn"}),
        ("sentiment", {"sentiment"}),
    ],
)
def test_comparisons_set_twin_checkpoint_and_another_input_beside(
    model_id: str, others: set[str]
) -> None:
    card = get(model_id).card
    state = ExplorerState(**{**card.examples[0].query, "t": 2})
    found = [
        dict(parse_qsl(urlsplit(address).query)) for address in comparisons(card, state).values()
    ]
    assert {read_lane(fields["b"]).model_id for fields in found} == others
    assert all(read_lane(fields["a"]).model_id == model_id for fields in found)
    assert all(fields["a"] != fields["b"] and fields["t"] == "2" for fields in found)
