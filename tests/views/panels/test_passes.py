"""The map of a stack: every layer and direction, where it leads, and what the desk then shows."""

from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from app.views.address.state import ExplorerState
from app.views.pages.explorer import Page, make_page
from app.views.walk import walk_state
from gate_explorer.engine import stack as stacks
from gate_explorer.errors import InputError
from gate_explorer.weights import torch
from gate_explorer.weights.files import read
from gate_explorer.zoo import registry
from gate_explorer.zoo.brought import Brought, brought_card
from tests.weights.samples import npz, two_layers


@pytest.fixture(scope="module")
def model() -> Brought:
    opened = read(npz(torch.stack_to_torch(two_layers())))
    return Brought(brought_card("own-1", "Mine", opened), opened)


def page_of(model: Brought, **fields: object) -> Page:
    state, run = walk_state(model, ExplorerState(**fields))
    return make_page(model.card, state, run)


def test_every_pass_is_on_the_map_with_an_address_that_shows_it(model: Brought) -> None:
    page = page_of(model, t=3)
    assert page.stack
    assert [(f.number, [p.backward for p in f.passes]) for f in page.stack.floors] == [
        (1, [False, True]),
        (2, [False, True]),
    ]
    x = page.run.x[:, None]
    traces = [each for layer in stacks.forward(model.stack, x).layers for each in layer]
    passes = [each for floor in page.stack.floors for each in floor.passes]
    for each, trace in zip(passes, traces, strict=True):
        query = {k: v[0] for k, v in parse_qs(urlsplit(each.address).query).items()}
        shown = page_of(model, **query)
        assert shown.stack
        current = [p.key for floor in shown.stack.floors for p in floor.passes if p.current]
        assert current == [each.key]
        for name in ("c_prev", "f", "i", "g", "c", "o", "h"):
            expected = getattr(trace, name)[2, 0]
            np.testing.assert_allclose(shown.explorer.values(name), expected, atol=1e-6)


def test_last_pass_is_shown_where_the_address_names_none(model: Brought) -> None:
    assert page_of(model).run.layer_words == "layer 2, backward"
    assert page_of(model).links.at() == page_of(model, layer=None).links.at()


def test_pass_that_reads_backwards_has_its_memory_from_the_step_after(model: Brought) -> None:
    page = page_of(model, t=4, layer="1-backward")
    before, now = page.rows[0], next(row for row in page.rows if row.key == "c")
    assert (before.whence, now.leads) == ("from the step after", "step before")
    after = page_of(model, t=5, layer="1-backward").explorer.values("c")
    np.testing.assert_array_equal(page.explorer.values("c_prev"), after)
    last = page_of(model, layer="1-backward").rows[0]
    assert last.whence == "it begins here, at the end"
    assert page.explorer.story.startswith("In layer 1, backward, at step 4")


def test_forward_pass_leads_on(model: Brought) -> None:
    page = page_of(model, t=4, layer="1")
    assert not any(row.whence for row in page.rows)
    assert next(row for row in page.rows if row.key == "c").leads == "next step"


@pytest.mark.parametrize("layer", ["3", "1-forward", "0", "-1", "2-Backward", "x"])
def test_layer_that_is_not_there_is_refused_by_its_field(model: Brought, layer: str) -> None:
    with pytest.raises(InputError) as refused:
        page_of(model, layer=layer) if layer == "3" else read_layer(layer)
    assert refused.value.errors[0].loc[0] == "layer"


def read_layer(layer: str) -> ExplorerState:
    from app.views.address.state import read_query

    return read_query([("layer", layer)])


@pytest.mark.parametrize("model_id", [card.card.id for card in registry.all_models()])
def test_model_of_one_layer_has_no_map_and_no_other_layer(model_id: str) -> None:
    model = registry.get(model_id)
    state, run = walk_state(model, ExplorerState(layer="1"))
    assert make_page(model.card, state, run).stack is None
    with pytest.raises(InputError, match="no layer 2"):
        walk_state(model, ExplorerState(layer="2"))
