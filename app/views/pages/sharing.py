"""The share page: a step's frame with its options, the code to copy, and the frame itself."""

from dataclasses import dataclass

from gate_explorer.errors import InputError

from ..address.framing import (
    HEIGHT,
    LEAST_HEIGHT,
    LEAST_WIDTH,
    MOST,
    Framing,
    frame_code,
)
from ..address.state import as_texts
from .explorer import Page

# Each shows the whole equation, the tape and Play.
PRESETS = (
    ("As wide as its place", None, HEIGHT),
    ("Article", 720, HEIGHT),
    ("Small", 640, 400),
    ("Phone", 360, 640),
)
THEMES = (("", "the visitor’s own"), ("light", "light"), ("dark", "dark"))


@dataclass(frozen=True)
class Preset:
    """A size to choose: its name, what its button sends, and whether it is chosen."""

    name: str
    size: str
    current: bool


@dataclass(frozen=True)
class Measure:
    """One side of the frame as a field: as typed, its limits, and what is wrong with it."""

    name: str
    value: str
    least: int
    most: int
    error: str | None


@dataclass(frozen=True)
class Sharing:
    """A step as it will be framed: `page` is the embedded one; `typed` may be wrong, and why."""

    page: Page
    framing: Framing
    typed: dict[str, str]
    error: InputError | None = None

    @property
    def address(self) -> str:
        """The canonical address of the step with its framing."""
        framing = self.framing.query()
        return f"{self.page.links.share}&{framing}" if framing else self.page.links.share

    @property
    def fields(self) -> dict[str, str]:
        """The state as the form's hidden inputs."""
        return as_texts(self.page.state.model_dump(exclude_none=True))

    @property
    def presets(self) -> tuple[Preset, ...]:
        """Sizes to choose from."""
        chosen = None if self.error else (self.framing.width, self.framing.height)
        return tuple(
            Preset(
                f"{name} × {height}" if width is None else f"{name}, {width} × {height}",
                f"{width or ''}x{height}",
                chosen == (width, height),
            )
            for name, width, height in PRESETS
        )

    @property
    def measures(self) -> tuple[Measure, Measure]:
        """Width and height as typed."""
        return (
            self._measure("width", self.framing.width, LEAST_WIDTH),
            self._measure("height", self.framing.height, LEAST_HEIGHT),
        )

    def _measure(self, name: str, value: int | None, least: int) -> Measure:
        faults = {fault.loc[0]: fault.msg for fault in self.error.errors} if self.error else {}
        typed = self.typed.get(name, "") if name in faults else str(value or "")
        return Measure(name, typed, least, MOST, faults.get(name))

    @property
    def themes(self) -> tuple[tuple[str, str, bool], ...]:
        """Value, name and whether it is chosen."""
        chosen = self.framing.theme or ""
        return tuple((value, name, value == chosen) for value, name in THEMES)

    def code(self, host: str) -> str:
        """The HTML to copy."""
        width, height = self.framing.width, self.framing.height
        return frame_code(host + self.page.links.address, self.page.title, width, height)
