"""An embedded page's look, and the code that frames it on another site.

`/embed/models/sentiment?text=I+love+France&theme=dark&controls=0`: the look stands beside the state
in the address and is no part of it. Every link and form in the frame carries it; what is at its
default is left out.
"""

import re
from collections.abc import Sequence
from html import escape
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from gate_explorer.errors import InputError

from .state import as_texts, query_string, readable, validated

LEAST_WIDTH, LEAST_HEIGHT, MOST = 240, 200, 2000
# At this height, and as wide as an article or a phone, the frame holds equation, tape and Play.
HEIGHT = 480
SIZE = r"^(?P<width>\d{3,4})?x(?P<height>\d{3,4})$"


class Look(BaseModel):
    """How an embedded page is shown; theme None is the visitor's own."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    theme: Literal["light", "dark"] | None = None
    autoplay: Literal["0", "1"] = "0"
    controls: Literal["0", "1"] = "1"

    @property
    def plays(self) -> bool:
        """Whether the run plays once it comes into view."""
        return self.autoplay == "1"

    @property
    def bare(self) -> bool:
        """Whether the steps, the equation and the story stand alone."""
        return self.controls == "0"

    def fields(self) -> dict[str, str]:
        """What the frame's links and forms carry."""
        return as_texts(self.model_dump(exclude_defaults=True, include=set(Look.model_fields)))


class Framing(Look):
    """A look, and the frame's size in CSS pixels; width None is as wide as its place.

    size: both sides at once, as a preset's button says them; its parts become width and height.
    """

    width: Annotated[int | None, Field(ge=LEAST_WIDTH, le=MOST)] = None
    height: Annotated[int, Field(ge=LEAST_HEIGHT, le=MOST)] = HEIGHT
    size: Annotated[str | None, Field(pattern=SIZE, exclude=True)] = None

    def query(self) -> str:
        """All of it as a query, defaults left out."""
        return query_string(self.model_dump(exclude_defaults=True))


def read_look(items: Sequence[tuple[str, str]]) -> Look:
    """The look that a query names.

    Raises: InputError naming each field that can't be read.
    """
    return validated(Look, _given(items))


def read_framing(items: Sequence[tuple[str, str]]) -> tuple[Framing, InputError | None]:
    """The look and size that a query names, and an error that names what can't be read of them.

    A preset's button says both sides at once, `720x480`, which counts before what is typed.
    """
    given = _given(items)
    pressed = re.match(SIZE, given.get("size", ""))
    if pressed:
        given |= {name: side or "" for name, side in pressed.groupdict().items()}
        del given["size"]
    return readable(Framing, {name: value for name, value in given.items() if value})


def frame_code(address: str, title: str, width: int | None, height: int) -> str:
    """The HTML that frames an address on another site."""
    return (
        f'<iframe src="{escape(address)}" width="{width or "100%"}" height="{height}"'
        f' title="{escape(title)}" loading="lazy" style="border:0"></iframe>'
    )


def _given(items: Sequence[tuple[str, str]]) -> dict[str, str]:
    return {name: value.strip() for name, value in items if value.strip()}
