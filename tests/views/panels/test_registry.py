"""The drawers: a row each, one open at a time, each with a template of its own."""

from pathlib import Path

import pytest

from app.views.panels.registry import FIRST, NONE, PANELS, open_panel, panels_of
from gate_explorer.zoo import registry
from gate_explorer.zoo.base import Model
from tests.views.panels.page import page_of

TEMPLATES = Path(__file__).parents[3] / "templates" / "panels"


def test_panels_each_have_a_key_and_a_template_of_their_own() -> None:
    keys = [panel.key for panel in PANELS]
    assert len(set(keys)) == len(keys)
    assert {path.stem for path in TEMPLATES.glob("*.html")} == set(keys)
    assert NONE not in keys
    assert set(FIRST) <= set(keys)


@pytest.mark.parametrize("model", registry.all_models(), ids=lambda m: m.card.id)
def test_panels_a_page_has_can_each_be_opened(model: Model) -> None:
    for panel in panels_of(page_of(model, tables="shown")):
        page = page_of(model, drawer=panel.key, tables="shown")
        assert open_panel(page) == panel
        assert panel.make(page) is not None
        assert panel.title(page)


def test_panel_that_is_not_there_leaves_the_first_open() -> None:
    page = page_of(registry.get("counter"), drawer="attribution")
    found = open_panel(page)
    assert found is not None
    assert found.key == FIRST[0]


def test_panels_can_all_be_shut() -> None:
    assert open_panel(page_of(registry.get("counter"), drawer=NONE)) is None
