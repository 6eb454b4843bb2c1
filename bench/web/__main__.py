"""`python -m bench.web`: the page's weight, speed and CPU time, and its peers', as tables."""

import argparse
import contextlib
from collections.abc import Sequence
from importlib.metadata import version

import numpy as np

from bench.timing import Spread
from bench.web import load
from bench.web.browser import Contestant, Visit, chromium, visit
from bench.web.servers import GRADIO, STREAMLIT, explorer_settings, serving

PAGE, SAVING = "Gate Explorer", "the same, nothing loaded ahead"
WORDS = ("superb", "awful", "lovely", "clever", "boring", "wooden", "moving", "stale", "fresh")
VEGA = "svg.marks [aria-roledescription=bar]"
SLIDER = "input[type=range]"
Visits = dict[str, list[Visit]]

# Of eight rows: two a row, its bars and their ground, and what a gate stops besides in those that
# meet one: memory before, candidate, squashed.
PATHS, LAST = 8 * 2 + 3, 2


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.web", description=__doc__)
    parser.add_argument("parts", nargs="*", help="of server, browser; both where left out")
    parser.add_argument("--rounds", type=int, default=7, help="visits to each contestant")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - {"server", "browser"}:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    packages = ("fastapi", "gradio", "streamlit", "playwright")
    print(", ".join(f"{name} {version(name)}" for name in packages) + "\n", flush=True)
    if "browser" not in arguments.parts:
        _server()
    if "server" not in arguments.parts:
        _browser(arguments.rounds)


def _server() -> None:
    with serving(settings=explorer_settings()) as server:
        spent = load.measure(server)
    bare = np.array(spent["bare JSON, /healthz"][0])
    print("| request | CPU, ms | times the bare one | p50, ms | p99, ms |\n|---|---|---|---|---|")
    for name, (cpu, latencies) in spent.items():
        half, most = load.tail(latencies)
        ratio = Spread.of(np.array(cpu) / bare)
        each = np.median(cpu) * 1e3
        print(f"| {name} | {each:.2f} | {ratio} | {half * 1e3:.1f} | {most * 1e3:.1f} |")
    print(flush=True)


def _browser(rounds: int) -> None:
    with contextlib.ExitStack() as stack:
        page = stack.enter_context(serving(settings=explorer_settings()))
        gradio = stack.enter_context(serving(GRADIO))
        streamlit = stack.enter_context(serving(STREAMLIT))
        ours = ("#desk [data-row] path", ".where", "#play:not([hidden])", PATHS, LAST)
        contestants = {
            PAGE: Contestant(page, *ours),
            SAVING: Contestant(page, *ours, saves_data=True),
            "Gradio": Contestant(gradio, VEGA, "p", SLIDER, focused=SLIDER),
            "Streamlit": Contestant(streamlit, VEGA, "p", SLIDER, focused=SLIDER),
        }
        browser = stack.enter_context(chromium())
        visits: Visits = {name: [] for name in contestants}
        names = list(contestants)
        for turn in range(rounds + 1):
            first = turn % len(names)
            for name in names[first:] + names[:first]:
                path = _path(name, turn)
                visited = visit(browser, contestants[name], path)
                if turn:  # the first warms up
                    visits[name].append(visited)
    _print_visits(visits)


def _path(name: str, turn: int) -> str:
    """What a contestant opens; the page a sentence that its server hasn't kept."""
    if name not in (PAGE, SAVING):
        return "/"
    adjective = WORDS[turn % len(WORDS)]
    noun = "plot" if name == PAGE else "end"
    return load.page_of(f"The acting is {adjective}, but the {noun} is thin", 1)


def _print_visits(visits: Visits) -> None:
    print(
        "| | requests | KiB | opening, s | times | next step, ms | times | CPU a step, ms | times |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    page = visits[PAGE]
    for name, all_of_it in visits.items():
        requests = round(_median([v.requests for v in all_of_it]))
        sent = _median([v.sent for v in all_of_it]) / 1024
        cells = [name, f"{requests}", f"{sent:.0f}"]
        for field, unit in (("opening", 1), ("step", 1e3), ("cpu", 1e3)):
            values = np.array([getattr(v, field) for v in all_of_it])
            against = np.array([getattr(v, field) for v in page])
            cells += [f"{np.median(values) * unit:.3g}", str(Spread.of(values / against))]
        print(f"| {' | '.join(cells)} |", flush=True)


def _median(values: Sequence[float]) -> float:
    return float(np.median(values))


if __name__ == "__main__":
    main()
