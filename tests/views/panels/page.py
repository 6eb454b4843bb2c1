"""Pages for the tests of panels: a model's first example, or an input of one's own."""

from urllib.parse import parse_qsl, urlsplit

from app.views.address.state import ExplorerState, Typed, read_query, typed_only
from app.views.pages.explorer import Page, make_page
from app.views.walk import walk_state
from gate_explorer.errors import InputError
from gate_explorer.zoo.base import Model


def page_of(model: Model, **fields: object) -> Page:
    """The page of the model's first example, or of the fields' own input."""
    query = {} if {"x", "text"} & fields.keys() else dict(model.card.examples[0].query)
    state, run = walk_state(model, ExplorerState.model_validate({**query, **fields}))
    return make_page(model.card, state, run)


def opened(model: Model, address: str) -> Page:
    """The page behind a link."""
    query = parse_qsl(urlsplit(address).query)
    state, run = walk_state(model, read_query(query))
    return make_page(model.card, state, run)


def refused(model: Model, **fields: str) -> Page:
    """The page of what can't be used: the first example's run, what was typed, the error."""
    items = list(fields.items())
    typed: Typed = typed_only(items)
    try:
        walk_state(model, read_query(items))
    except InputError as error:
        state, run = walk_state(model, ExplorerState())
        return make_page(model.card, state, run, typed, error)
    raise AssertionError(f"expected that {fields} is refused")
