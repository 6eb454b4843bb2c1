"""A run as one page that needs nothing else: the step's picture, every step's story and numbers.

The numbers have the JSON's digits. A run with very many of them is windowed around the step, and
the page says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gate_explorer.analysis.outputs import tone_in_figures
from gate_explorer.analysis.words import number, percent
from gate_explorer.runs.cells import FIELDS, LSTM, called

from .exports import unit_rows
from .picture import Picture, printable
from .trace import Document, trace_document

MOST_ROWS = 16_384


@dataclass(frozen=True)
class Table:
    """One layer's numbers at one step: for each unit the six values, as the JSON writes them."""

    layer: int
    direction: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Line:
    """One step: its token or vector, what the model says after it, the story, the numbers."""

    t: int
    label: str
    known: bool
    says: str
    story: str
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Snapshot:
    """What the page shows; address: where it came from, as others can open it."""

    picture: Picture
    address: str

    @property
    def token(self) -> str:
        """The step's token or vector."""
        return printable(self.picture.explorer.token)

    @property
    def headings(self) -> list[tuple[str, str]]:
        """For each of the six values its name on the page and its term."""
        symbols = self.picture.explorer.symbols
        return [(called(LSTM[key], symbols), LSTM[key].letter) for key in FIELDS.values()]

    @property
    def window(self) -> tuple[int, int]:
        """The first and the last step whose numbers are here."""
        e = self.picture.explorer
        rows = sum(layer.h.shape[1] for layer in e.run.layers)
        most, end = max(1, MOST_ROWS // rows), e.t if e.guessing else e.steps
        first = max(1, min(e.t - most // 2, end - most + 1))
        return first, min(end, first + most - 1)

    @property
    def lines(self) -> Iterator[Line]:
        """The window's steps."""
        run, named = self.picture.explorer.run, self.picture.explorer.named
        first, last = self.window
        for t, step in enumerate(trace_document(run)["steps"][first - 1 : last], first):
            yield Line(
                t=t,
                label=printable(self.picture.explorer.at(t).token),
                known=step["known"] is not False,
                says=printable(_said(step["output"])),
                story=printable(named(step["story"])),
                tables=tuple(self._tables(step["layers"])),
            )

    def _tables(self, layers: list[Document]) -> Iterator[Table]:
        depths = self.picture.explorer.run.depths
        for k, layer in enumerate(layers):
            yield Table(depths[k], layer["direction"], tuple(unit_rows(layer)))


def _said(output: Document | None) -> str:
    """A step's output in a few words."""
    if output is None:
        return ""
    if output["kind"] == "number":
        return number(output["value"]) if output["shown"] else "not shown"
    if output["kind"] == "next_token":
        likeliest = output["top"][0]
        return f"next: “{likeliest['token']}” {percent(likeliest['probability'])}"
    label, share = max(output["probabilities"].items(), key=lambda pair: pair[1])
    said = f"{label} {percent(share)}"
    tone = output.get("tone")
    return said if tone is None else f"tone {tone_in_figures(tone)}; {said}"
