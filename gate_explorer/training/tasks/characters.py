"""Shakespeare, character by character: which comes next?

The text is cut into passages of PASSAGE characters. Of every twenty the tenth is what choices are
made by (dev), the twentieth is only measured (test), and the rest are learned, in order: so every
play has its share in each. Figures are bits a character, -log2 p of the one that came, with each
passage read from the zero state.
Source of the text: the plays of Shakespeare in Karpathy's selection, "tiny Shakespeare" (2015).
"""

from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gate_explorer.analysis.damage import Claim, Mask, Measure, Trial
from gate_explorer.engine.checks import Array
from gate_explorer.errors import DataError
from gate_explorer.runs.card import Figure, Limit, Source
from gate_explorer.training.cells.model import Recipe
from gate_explorer.training.cells.project import Project, example
from gate_explorer.training.cells.release import release_project
from gate_explorer.training.cells.task import Batch
from gate_explorer.training.files import read_bytes
from gate_explorer.training.measures import bits as bits_of
from gate_explorer.zoo.cell_network import CellNetwork
from gate_explorer.zoo.sentiment_network import log_softmax
from gate_explorer.zoo.symbols import Symbols, one_hot

TEXT_FILE = Path("charlm/tinyshakespeare.txt.gz")
SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
PASSAGE = 5000  # characters
EVERY, DEV, TEST = 20, 9, 19
STEPS = 64
WINDOW, RUN_IN = 150, 100  # characters: read, and of these before a unit is erased


def read_text(data: Path) -> str:
    """The whole text. Raises: DataError where it is missing or damaged."""
    path = data / TEXT_FILE
    path = path if path.is_file() else path.with_suffix("")
    if not path.is_file():
        raise DataError(f"{data / TEXT_FILE} is missing; `python -m app data` fetches it")
    return checked(read_bytes(path), str(path)).decode("ascii")


def checked(content: bytes, where: str) -> bytes:
    """The text's bytes, if they are the expected ones. Raises: DataError saying where they lie."""
    if sha256(content).hexdigest() != SHA256:
        raise DataError(f"{where} is not the text that the figures stand on: its sha256 differs")
    return content


class Characters:
    """The task as the training loop sees it."""

    def __init__(self, text: str) -> None:
        self.alphabet = Symbols(tuple(sorted(set(text))), "characters")
        places = self.alphabet.places(text)
        passage = np.arange(len(text)) // PASSAGE % EVERY
        self._learned = places[(passage != DEV) & (passage != TEST)]
        self._dev, self._test = places[passage == DEV], places[passage == TEST]
        self.held_out = "".join(self.alphabet.names[place] for place in self._test)
        self._turn, self._turned = (-1, 0), self._learned[:0].reshape(0, 0)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Every character of the text."""
        return self.alphabet.names

    @property
    def input_size(self) -> int:
        """One input a symbol."""
        return len(self.alphabet)

    @property
    def output_size(self) -> int:
        """One probability a symbol."""
        return len(self.alphabet)

    def batch(self, step: int, size: int, rng: np.random.Generator) -> Batch:
        """The next STEPS characters of `size` places in the text; every pass starts elsewhere."""
        length = len(self._learned) // size
        steps_a_pass = (length - 1) // STEPS
        turn, at = divmod(step, steps_a_pass)
        columns = self._columns(turn, size, length)[at * STEPS : (at + 1) * STEPS + 1]
        return Batch(one_hot(columns[:-1], len(self.alphabet)), columns[1:], goes_on=at > 0)

    def _columns(self, turn: int, size: int, length: int) -> NDArray[np.intp]:
        """The learned text, from another start at every turn, in `size` columns; kept for it."""
        if self._turn != (turn, size):
            start = int(np.random.default_rng(turn).integers(len(self._learned)))
            turned = np.roll(self._learned, -start)[: length * size]
            self._turn, self._turned = (turn, size), turned.reshape(size, length).T
        result: NDArray[np.intp] = self._turned
        return result

    def dev(self, network: CellNetwork) -> Mapping[str, float]:
        """Bits a character over the passages that choices are made by."""
        return {"bits": bits(network, self._dev)}

    def test(self, network: CellNetwork) -> Mapping[str, float]:
        """Bits a character over the passages that are only measured."""
        return {"bits": bits(network, self._test)}

    def limits(self, network: CellNetwork) -> tuple[Limit, ...]:
        """Nothing measured: its text has no end that it could go beyond."""
        return ()

    def trial(self, again: bool = False) -> Trial:
        """Windows of held-out text; a unit is erased after RUN_IN characters of each."""
        text, symbols = self.held_out, self.alphabet
        if again:
            text = "".join(symbols.names[place] for place in self._dev)
        windows = (len(text) - 1) // WINDOW
        places = symbols.places(text[: windows * WINDOW + 1])
        grid = np.arange(windows * WINDOW).reshape(windows, WINDOW).T
        right = places[grid + 1]
        line_end, space = (np.array([char == mark for char in text]) for mark in "\n ")
        naming = speaker(text) > 0
        judged = np.zeros(grid.shape, bool)
        judged[RUN_IN:] = True
        moments = {"at a line’s end": line_end[grid], "elsewhere": ~line_end[grid]}
        gap = space | line_end

        def bits(where: Array) -> Callable[[Array], float]:
            return lambda z: bits_of(z, right, where)

        measures = (
            Measure("bits a character", bits(judged)),
            Measure("bits a character where a line ends", bits(judged & line_end[grid + 1])),
            Measure("bits a character in a speaker’s name", bits(judged & naming[grid + 1])),
            Measure("bits a character where a word ends", bits(judged & gap[grid + 1])),
        )
        claims = (
            Claim("measures the line", "how long the line is so far", since(line_end)[grid],
                  judged, 1, holds=False, moments=moments),
            Claim("knows a speaker’s name", "whether a speaker is being named",
                  speaker(text)[grid], judged, 2, holds=False, moments=moments),
            Claim("measures the word", "how long the word is so far", since(gap)[grid],
                  judged, 3, holds=False,
                  moments={"at a space": space[grid], "elsewhere": ~space[grid]}),
        )  # fmt: skip
        steps = np.full(windows, RUN_IN)
        return Trial(
            f"{windows * (WINDOW - RUN_IN):,} characters of held-out text, each window of"
            f" {WINDOW - RUN_IN} after {RUN_IN} that are read before",
            "at the first character of each window", one_hot(places[grid], len(symbols)), steps,
            measures, claims,
        )  # fmt: skip


def bits(network: CellNetwork, places: NDArray[np.intp]) -> float:
    """-log2 p of each next character, averaged over whole passages."""
    columns = places[: len(places) // PASSAGE * PASSAGE].reshape(-1, PASSAGE).T
    symbols = len(network.readout_bias)
    log_p = log_softmax(network.read(one_hot(columns[:-1], symbols)))
    came = np.take_along_axis(log_p, columns[1:, :, None], axis=-1)
    return float(-came.mean() / np.log(2))


def since(mark: Mask) -> Array:
    """How many steps ago a mark was last seen, 0 at a mark; counted from the start before one."""
    steps = np.arange(len(mark))
    last = np.maximum.accumulate(np.where(mark, steps, -1))
    result: Array = (steps - last).astype(np.float64)
    return result


def speaker(text: str) -> Array:
    """1 at the letters of a speaker's name (a line after an empty one that ends in a colon)."""
    inside = np.zeros(len(text))
    start = 0
    for paragraph in text.split("\n\n"):
        name, colon, _ = paragraph.partition(":\n")
        if colon and "\n" not in name:
            inside[start : start + len(name)] = 1
        start += len(paragraph) + 2
    return inside


PROJECT = Project(
    name="characters",
    title="Shakespeare",
    description=(
        "An LSTM of 128 units that learned Shakespeare’s plays character by character. After every"
        " character it says which comes next."
    ),
    task=(
        "The next character of tiny Shakespeare: bits a character, fewer are better. Of every"
        " twenty passages of 5000 characters one was held out for choices and one for measuring, so"
        " that every play has its share in each; a play it had no part of would be harder."
    ),
    input="characters",
    output="next_token",
    make=lambda data: Characters(read_text(data)),
    recipe=Recipe(
        hidden=128, updates=8000, batch=32, learning_rate=7e-3, warm_up=100, final_rate=0.02,
        recurrent_dropout=0.08, output_dropout=0.1, remembered=300,
    ),
    figures=(
        Figure("bits", "bits a character", "held-out passages, 5 % of the text", "bits",
               more=False),
    ),
    examples=(
        example("A scene",
                "After “q” it is sure of “u”; after a colon, of a new line.",
                text="ROMEO:\nGood queen, "),
        example("A speaker’s name",
                "After an empty line it expects a capital; KING RICH is finished by itself.",
                text="Shall we go?\n\nKING RICH"),
        example("A sonnet it never read",
                "Within a word it grows surer: after “summe” comes “r”.",
                text="Shall I compare thee to a summer's day?"),
    ),
    order=30,
    data=(
        Source(
            "Tiny Shakespeare",
            "Karpathy 2015: The unreasonable effectiveness of recurrent neural networks.",
            "1,115,394 characters of the plays, in order",
            "public domain; the selection comes with the MIT licence",
        ),
    ),
)  # fmt: skip

release = partial(release_project, PROJECT)
