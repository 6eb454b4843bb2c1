"""The command line: `gate-explorer serve`, `train` and `data`; in a checkout, `python -m app`.

What a command needs is imported when it runs, so that serving doesn't wait for training's modules.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import gate_explorer
from gate_explorer.errors import ExplorerError

DATA, CHECKPOINTS = Path(".cache/data"), Path(".cache/checkpoints")
ZOO = Path(gate_explorer.__file__).parent / "zoo"
# The bits of NumPy's products depend on how many threads share them.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
# What every x86 server of the last ten years has; other kinds of processor have no such names.
PORTABLE = {
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; what it raises on purpose is printed as one line. Returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except ExplorerError as error:
        print(f"error: {error.detail}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m app" if __package__ == "app" else "gate-explorer",
        description=(__doc__ or "").split("\n")[0],
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_serve(commands.add_parser("serve", help="serve the explorer and its API"))
    _add_train(commands.add_parser("train", help="train a model of the zoo"))
    _add_data(commands.add_parser("data", help="fetch the public data that training reads"))
    return parser


def _add_serve(parser: argparse.ArgumentParser) -> None:
    host = os.environ.get("HOST") or "127.0.0.1"
    port = os.environ.get("PORT") or "8000"
    parser.add_argument("--host", default=host, help="address to listen on (HOST, or 127.0.0.1)")
    parser.add_argument("--port", default=port, type=_port, help="port (PORT, or 8000)")
    parser.add_argument(
        "--workers", default=1, type=_count, help="processes that share the port (%(default)s)"
    )
    parser.set_defaults(run=_serve)


def _add_train(parser: argparse.ArgumentParser) -> None:
    from gate_explorer.training.registry import names

    add = parser.add_argument
    add("name", choices=[*names(), "all"], metavar="NAME", help=f"{', '.join(names())} or all")
    add("--data", type=Path, default=DATA, help="folder of the real data (%(default)s)")
    add("--out", type=Path, default=ZOO, help="where the models' folders lie (the zoo's own)")
    add("--seed", type=int, nargs="+", default=[], help="one run each instead of the card's seeds")
    add("--resume", action="store_true", help="go on where training stopped")
    add("--checkpoints", type=Path, default=CHECKPOINTS, help="where it keeps its place")
    parser.set_defaults(run=_train)


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, nargs="?", help=f"where to put it ({DATA})")
    parser.add_argument("--to", type=Path, help="the same")
    parser.set_defaults(run=_data)


def _serve(options: argparse.Namespace) -> None:
    try:
        from .settings import settings

        # The bits of NumPy's products depend on the processor's kind, too.
        _with(ONE_THREAD | (PORTABLE if settings().kernels == "portable" else {}))
        from .web.server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in {"app", "gate_explorer"}:
            raise
        raise ExplorerError(
            f"The site needs {error.name}, which isn't installed; it comes with the extra web:"
            " pip install 'gate-explorer[web]'."
        ) from error
    serve(options.host, options.port, options.workers)


def _train(options: argparse.Namespace) -> None:
    _with(ONE_THREAD)
    from gate_explorer.training.checkpoint import Checkpointing
    from gate_explorer.training.registry import names, release_of

    checkpoints = Checkpointing(options.checkpoints, options.resume)
    for name in names() if options.name == "all" else (options.name,):
        for released in release_of(name)(options.data, options.out, checkpoints, options.seed):
            print(released)


def _with(environment: dict[str, str]) -> None:
    """Start anew with these in the environment, unless they are: NumPy reads them when loaded."""
    if not environment.items() <= os.environ.items():
        os.execve(sys.executable, sys.orig_argv, {**os.environ, **environment})


def _data(options: argparse.Namespace) -> None:
    from gate_explorer.training.sources import fetch, fetch_text

    folder = options.to or options.folder or DATA
    print(fetch(folder))
    print(f"{fetch_text(folder)}: the plays of Shakespeare")


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError(text)
    return count


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError(text)
    return port
