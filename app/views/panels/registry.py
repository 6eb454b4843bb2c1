"""The drawers of a page: a row each. The page and a step's fragment both loop over these rows.

To add one: a module with its view-model, a template `panels/<key>.html`, and its row here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from . import (
    about,
    alike,
    attribution,
    clamps,
    founding,
    gradients,
    overview,
    series,
    table,
    training,
    unit,
)
from .context import Context


@dataclass(frozen=True)
class Panel:
    """A drawer under the desk.

    key: its value in the address, and its template's name. title: the words on its tab. has: which
    pages have it. make: its view-model, made when it is open. steps: whether a step changes it.
    ahead: whether it shows what comes after the step, so that who guesses hasn't it.
    """

    key: str
    title: Callable[[Context], str]
    has: Callable[[Context], bool]
    make: Callable[[Context], object]
    steps: bool
    ahead: bool = True


PANELS = (
    Panel("unit", unit.title, unit.has, unit.unit, steps=True, ahead=False),
    Panel("series", series.title, series.has, series.series, steps=True),
    Panel("hold", clamps.title, clamps.has, clamps.clamps, steps=True),
    Panel("attribution", attribution.title, attribution.has, attribution.attribution, steps=True),
    Panel("founding", founding.title, founding.has, founding.founding, steps=True),
    Panel("run", overview.title, overview.has, overview.overview, steps=True),
    Panel("alike", alike.title, alike.has, alike.alike_units, steps=True),
    Panel("gradients", gradients.title, gradients.has, gradients.gradients, steps=True),
    Panel("training", training.title, training.has, training.training, steps=False),
    Panel("table", table.title, table.has, table.step_table, steps=True),
    Panel("about", about.title, about.has, about.about, steps=False, ahead=False),
)
NONE = "none"
# What is open at first: the unit, or where there is but one, the run.
FIRST = ("unit", "run")


def panels_of(context: Context) -> tuple[Panel, ...]:
    """The drawers that a page has, in the order of their tabs."""
    hides = context.explorer.guessing
    return tuple(panel for panel in PANELS if panel.has(context) and not (hides and panel.ahead))


def open_panel(context: Context) -> Panel | None:
    """The drawer that is open: what the address names, or the first of FIRST; none in an embed."""
    name = context.state.drawer
    if name == NONE or context.look is not None:
        return None
    have = {panel.key: panel for panel in panels_of(context)}
    return have.get(name or "") or next((have[key] for key in FIRST if key in have), None)
