"""The experiment's page: what is drawn and written is what was measured."""

import math
import re
from itertools import pairwise

import pytest

from app.views.pages.distances import (
    APART,
    BOTTOM,
    HIGHEST,
    LOWEST,
    TOP,
    DistancesPage,
    address,
    checkpoint_of,
    distances_page,
)
from gate_explorer.analysis.distances_told import lines_at
from gate_explorer.analysis.words import share_words
from gate_explorer.errors import InputError
from gate_explorer.zoo import registry
from gate_explorer.zoo.distances import made_with

CARD, TWIN = registry.get("adding").card, registry.get("adding-rnn").card
FOUND = made_with("adding")


def made(checkpoint: str) -> DistancesPage:
    return distances_page(FOUND, CARD, TWIN, checkpoint)


@pytest.mark.parametrize("checkpoint", CARD.checkpoints)
def test_lines_are_drawn_where_the_figures_are(checkpoint: str) -> None:
    lines = lines_at(FOUND, CARD, checkpoint)
    expected = (lines.memory, lines.path, lines.hidden, lines.twin)
    for plotted, line in zip(made(checkpoint).shown, expected, strict=True):
        assert [each.words for each in plotted.figures] == [share_words(one) for one in line.mean]
        heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", plotted.path)]
        for height, mean in zip(heights, line.mean, strict=True):
            power = HIGHEST - (height - TOP) / (BOTTOM - TOP) * (HIGHEST - LOWEST)
            assert power == pytest.approx(max(math.log10(mean), LOWEST), abs=0.01)
        for each, mean, high in zip(plotted.figures, line.mean, line.high, strict=True):
            assert float(each.spread) == pytest.approx(high / mean, rel=0.02)


@pytest.mark.parametrize("checkpoint", CARD.checkpoints)
def test_labels_stand_apart_within_the_plot(checkpoint: str) -> None:
    page = made(checkpoint)
    places = sorted(line.label for line in (*page.shown, *page.before))
    assert len(places) == (4 if checkpoint == "step-0" else 8)
    assert all(b - a >= APART - 0.2 for a, b in pairwise(places))
    assert places[0] >= 0
    assert places[-1] <= BOTTOM


def test_points_are_the_checkpoints_each_with_its_address() -> None:
    page = made("step-722")
    assert [point.words for point in page.points][-3:] == ["722", "1700", "4000"]
    assert [point.current for point in page.points].index(True) == page.at == 6
    assert page.points[6].address == page.address == "/models/adding/distances?checkpoint=step-722"
    assert page.points[-1].address == address(CARD, "step-4000") == "/models/adding/distances"


def test_checkpoint_is_named_by_label_or_place_and_others_are_refused() -> None:
    assert checkpoint_of(CARD, None, None) == "step-4000"
    assert checkpoint_of(CARD, "step-24", None) == "step-24"
    assert checkpoint_of(CARD, "step-24", "0") == "step-0"
    for checkpoint, point in (("step-5", None), (None, "9"), (None, "-1"), (None, "x"), ("", None)):
        with pytest.raises(InputError, match=r"there are (step-0, |0, …, 8)"):
            checkpoint_of(CARD, checkpoint, point)
