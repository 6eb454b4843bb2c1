"""Shakespeare, character by character: which comes next?

The text is cut into passages of PASSAGE characters. Of every twenty the tenth is what choices are
made by (dev), the twentieth is only measured (test), and the rest are learned, in order: so every
play has its share in each. Figures are bits a character, -log2 p of the one that came, with each
passage read from the zero state.
Source of the text: the plays of Shakespeare in Karpathy's selection, "tiny Shakespeare" (2015).
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gate_explorer.errors import DataError
from gate_explorer.training.cells.task import Batch
from gate_explorer.training.files import read_bytes
from gate_explorer.zoo.cell_network import CellNetwork
from gate_explorer.zoo.sentiment_network import log_softmax
from gate_explorer.zoo.symbols import Symbols, one_hot

TEXT_FILE = Path("charlm/tinyshakespeare.txt.gz")
SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
PASSAGE = 5000  # characters
EVERY, DEV, TEST = 20, 9, 19
STEPS = 64


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
        self.symbols = Symbols(tuple(sorted(set(text))), "characters")
        places = self.symbols.places(text)
        passage = np.arange(len(text)) // PASSAGE % EVERY
        self._learned = places[(passage != DEV) & (passage != TEST)]
        self._dev, self._test = places[passage == DEV], places[passage == TEST]
        self.held_out = "".join(self.symbols.names[place] for place in self._test)
        self._turn, self._turned = (-1, 0), self._learned[:0].reshape(0, 0)

    @property
    def input_size(self) -> int:
        """One input a symbol."""
        return len(self.symbols)

    @property
    def output_size(self) -> int:
        """One probability a symbol."""
        return len(self.symbols)

    def batch(self, step: int, size: int, rng: np.random.Generator) -> Batch:
        """The next STEPS characters of `size` places in the text; every pass starts elsewhere."""
        length = len(self._learned) // size
        steps_a_pass = (length - 1) // STEPS
        turn, at = divmod(step, steps_a_pass)
        columns = self._columns(turn, size, length)[at * STEPS : (at + 1) * STEPS + 1]
        return Batch(one_hot(columns[:-1], len(self.symbols)), columns[1:], goes_on=at > 0)

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


def bits(network: CellNetwork, places: NDArray[np.intp]) -> float:
    """-log2 p of each next character, averaged over whole passages."""
    columns = places[: len(places) // PASSAGE * PASSAGE].reshape(-1, PASSAGE).T
    symbols = len(network.readout_bias)
    log_p = log_softmax(network.read(one_hot(columns[:-1], symbols)))
    came = np.take_along_axis(log_p, columns[1:, :, None], axis=-1)
    return float(-came.mean() / np.log(2))
