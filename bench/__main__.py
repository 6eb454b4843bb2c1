"""`python -m bench`: how many times as fast as its peers the engine is, as a Markdown table."""

import argparse
import platform
from collections.abc import Iterator

import numpy as np
import onnxruntime
import torch

from bench.peers import Size, contestants
from bench.timing import Spread, interleaved

WIDTHS = ((3, 1), (50, 16), (100, 64), (100, 128), (300, 512))
PEERS = ("gate loop", "cell loop", "nn.LSTM", "ONNX Runtime")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the random weights and inputs")
    rng = np.random.default_rng(parser.parse_args().seed)
    print(
        f"Python {platform.python_version()}, NumPy {np.__version__}, PyTorch"
        f" {torch.__version__}, ONNX Runtime {onnxruntime.__version__}; one thread each, float32."
        " Times of the peer / time of the engine: above 1 the engine is faster."
        " Median (quartiles) over rounds in which all take turns.\n"
    )
    print("| N | D, H | T | engine, us a step | " + " | ".join(PEERS) + " |")
    print("|---|---|---|---|" + "---|" * len(PEERS))
    for size in _sizes():
        print(_row(rng, size), flush=True)


def _sizes() -> Iterator[Size]:
    for batch, lengths in ((1, (20, 200)), (32, (20,))):
        for width, hidden in WIDTHS:
            for steps in lengths:
                yield Size(steps, batch, width, hidden)


def _row(rng: np.random.Generator, size: Size) -> str:
    seconds = interleaved(contestants(rng, size))
    engine = seconds["engine"]
    cells = [f"{size.batch}", f"{size.width}, {size.hidden}", f"{size.steps}"]
    cells.append(f"{np.median(engine) / size.steps * 1e6:.1f}")
    cells += [str(Spread.of(seconds[peer] / engine)) for peer in PEERS]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
