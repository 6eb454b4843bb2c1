"""`python -m bench`: how many times as fast as its peers the engine is, as Markdown tables."""

import argparse
import os
import platform
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import onnxruntime
import torch

from bench import interventions, kernels, patterns, scaling, several, training
from bench.peers import Array, Size, contestants
from bench.timing import Spread, interleaved

WIDTHS = ((3, 1), (50, 16), (100, 64), (100, 128), (300, 512))
PEERS = ("gate loop", "cell loop", "nn.LSTM", "ONNX Runtime")
TRAINED = (64, 128)
TRAINERS = ("same algorithm", "fused Adam", "default Adam")


def main() -> None:
    parts: dict[str, Callable[[np.random.Generator], None]] = {
        "forward": _forward,
        "training": _training,
        "scaling": _scaling,
        "interventions": _interventions,
        "patterns": _patterns,
        "several": _several,
    }
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(parts)}; all where left out")
    parser.add_argument("--seed", type=int, default=1, help="of the random weights and inputs")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - parts.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    print(
        f"Python {platform.python_version()}, NumPy {np.__version__}, PyTorch"
        f" {torch.__version__}, ONNX Runtime {onnxruntime.__version__}; one thread each, float32."
        " Times of the peer / time of the engine: above 1 the engine is faster."
        " Median (quartiles) over rounds in which all take turns.\n"
    )
    print("\n".join(kernels.lines(os.environ)), end="\n\n")
    for name, part in parts.items():
        if not arguments.parts or name in arguments.parts:
            part(np.random.default_rng(arguments.seed))


def _forward(rng: np.random.Generator) -> None:
    _head("Forward pass, all arrays kept", "N | D, H | T | engine, us a step", PEERS)
    for size in _sizes():
        seconds = interleaved(contestants(rng, size))
        each = np.median(seconds["engine"]) / size.steps * 1e6
        first = f"{size.batch} | {size.width}, {size.hidden} | {size.steps} | {each:.1f}"
        print(_row(first, seconds, PEERS), flush=True)


def _sizes() -> Iterator[Size]:
    for batch, lengths in ((1, (20, 200)), (32, (20,))):
        for width, hidden in WIDTHS:
            for steps in lengths:
                yield Size(steps, batch, width, hidden)


def _training(rng: np.random.Generator) -> None:
    _head("Training step, batch 32, T = 20, vocabulary 16,000", "H | engine, ms", TRAINERS)
    for hidden in TRAINED:
        seconds = interleaved(training.contestants(rng, hidden))
        first = f"{hidden} | {np.median(seconds['engine']) * 1e3:.1f}"
        print(_row(first, seconds, TRAINERS), flush=True)


def _scaling(rng: np.random.Generator) -> None:
    columns = [f"T = {steps:,}" for steps in scaling.STEPS]
    _head(f"Growth, D, H = {scaling.WIDTH}, {scaling.HIDDEN}", "what", (*columns, "exponent"))
    for name, growth in scaling.measure(rng).items():
        of_time, of_memory = growth.exponents
        milliseconds = [f"{seconds * 1e3:.2f} ms" for seconds in growth.seconds]
        megabytes = [f"{peak / 1e6:.2f} MB" for peak in growth.peaks]
        print(f"| {name}, time | {' | '.join(milliseconds)} | {of_time:.2f} |")
        print(f"| {name}, memory | {' | '.join(megabytes)} | {of_memory:.2f} |", flush=True)


def _interventions(rng: np.random.Generator) -> None:
    contest = interventions.contest(rng)
    what = f"{interventions.MODEL}, T = {interventions.STEPS}, {contest.runs:,} runs"
    _head("The whole map of interventions", "what | map, ms", ("one by one, from the same states",))
    seconds = interleaved(contest.contestants)
    ratios = seconds["one by one"] / interventions.SAMPLE * contest.runs / seconds["map"]
    print(f"| {what} | {np.median(seconds['map']) * 1e3:.0f} | {Spread.of(ratios)} |", flush=True)


def _patterns(rng: np.random.Generator) -> None:
    steps = f"{patterns.TEXTS * patterns.LENGTH:,} steps, {patterns.UNITS} units"
    _head("Where else units do the same", "what | bits, ms", ("counted as booleans",))
    seconds = interleaved(patterns.contestants(rng))
    ratio = Spread.of(seconds["booleans"] / seconds["bits"])
    print(f"| {steps} | {np.median(seconds['bits']) * 1e3:.1f} | {ratio} |", flush=True)


def _several(rng: np.random.Generator) -> None:
    title = f"{several.INPUTS} inputs of {several.SHORTEST} to {several.LONGEST} steps"
    _head(title, "what | at once, ms", ("one by one",))
    contests = {
        f"engine, D, H = {width}, {hidden}": several.in_the_engine(rng, width, hidden)
        for width, hidden in WIDTHS
    }
    contests |= {
        f"{model_id}, with its answers": several.contestants(rng, model_id)
        for model_id in several.MODELS
    }
    for name, contest in contests.items():
        seconds = interleaved(contest)
        ratio = Spread.of(seconds["one by one"] / seconds["at once"])
        print(f"| {name} | {np.median(seconds['at once']) * 1e3:.1f} | {ratio} |", flush=True)


def _head(title: str, first: str, columns: tuple[str, ...]) -> None:
    print(f"\n{title}\n\n| {first} | {' | '.join(columns)} |")
    print("|---" * (first.count("|") + 1 + len(columns)) + "|")


def _row(first: str, seconds: Mapping[str, Array], peers: tuple[str, ...]) -> str:
    ratios = [str(Spread.of(seconds[peer] / seconds["engine"])) for peer in peers]
    return f"| {first} | {' | '.join(ratios)} |"


if __name__ == "__main__":
    main()
