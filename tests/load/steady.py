"""Memory and open files under mixed load for ten minutes: `python -m tests.load.steady`.

Pages, steps, traces, pictures and files that are brought and taken back, from a few readers at
once, hardly any request like another. After a warm-up, in which everything that is kept fills up, a
line a minute says what the server and its processes hold; the last compares with the warm-up.
"""

import argparse
import random
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import httpx

from tests.processes import family, memory
from tests.server import RunningServer, running_server
from tests.weights.samples import samples

READERS, WARM_MINUTES, LONG_RUNS = 4, 2.0, 60
WORDS = ("the", "movie", "was", "not", "very", "good", "bad", "dull", "funny", "I", "loved", "it")
HTMX = {"HX-Request": "true"}


def open_files(pid: int) -> int:
    """The descriptors of a process and all below it."""
    return sum(len(list(Path(f"/proc/{each}/fd").iterdir())) for each in family(pid))


class Load:
    """Readers that ask until they are told to end."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.statuses: Counter[str] = Counter()
        self.ended = threading.Event()
        self.files = [data for name, data in samples().items() if name.endswith("npz")]
        self.threads = [threading.Thread(target=self._read, args=(n,)) for n in range(READERS)]

    def fill(self) -> None:
        """Long runs, so that what the process for pictures keeps is full too: it draws few."""
        draw = random.Random(READERS)
        with httpx.Client(base_url=self.server.url, timeout=60) as client:
            for _ in range(LONG_RUNS):
                text = "+".join(draw.choices(WORDS, k=300))
                answer = client.get(f"/api/v1/models/sentiment/trace.png?text={text}&t=3")
                self.statuses[f"fill {answer.status_code}"] += 1

    def _read(self, seed: int) -> None:
        draw = random.Random(seed)
        kinds = (self._page, self._step, self._trace, self._picture, self._upload)
        with httpx.Client(base_url=self.server.url, timeout=60) as client:
            while not self.ended.is_set():
                kind = draw.choices(kinds, weights=(6, 12, 4, 1, 1))[0]
                status = kind(client, draw)
                self.statuses[f"{kind.__name__[1:]} {status}"] += 1

    def _query(self, draw: random.Random) -> str:
        text = "+".join(draw.choices(WORDS, k=draw.randint(3, 12)))
        return f"text={text}&t={draw.randint(1, 3)}&unit={draw.randint(1, 48)}"

    def _page(self, client: httpx.Client, draw: random.Random) -> int:
        return client.get(f"/models/sentiment?{self._query(draw)}").status_code

    def _step(self, client: httpx.Client, draw: random.Random) -> int:
        return client.get(f"/models/sentiment?{self._query(draw)}", headers=HTMX).status_code

    def _trace(self, client: httpx.Client, draw: random.Random) -> int:
        text = " ".join(draw.choices(WORDS, k=20))
        return client.post("/api/v1/models/sentiment/trace", json={"text": text}).status_code

    def _picture(self, client: httpx.Client, draw: random.Random) -> int:
        address = f"/api/v1/models/sentiment/trace.png?{self._query(draw)}"
        return client.get(address).status_code

    def _upload(self, client: httpx.Client, draw: random.Random) -> int:
        files = {"file": ("mine.npz", draw.choice(self.files))}
        answer = client.post("/api/v1/models", files=files)
        if answer.status_code == 201:
            brought = answer.json()
            client.get(brought["links"]["page"])
            bearer = {"Authorization": f"Bearer {brought['token']}"}
            client.delete(brought["links"]["self"], headers=bearer)
        return answer.status_code


def measure(minutes: float) -> None:
    """Run it, and print."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server({"GATE_EXPLORER_UPLOADS": folder, "GATE_EXPLORER_RATE": "0"}) as server,
    ):
        load = Load(server)
        load.fill()
        for thread in load.threads:
            thread.start()
        time.sleep(60 * WARM_MINUTES)
        warm = _said("warm", server, load)
        for minute in range(1, int(minutes) + 1):
            time.sleep(60)
            _said(f"{minute} min", server, load)
        load.ended.set()
        for thread in load.threads:
            thread.join()
        time.sleep(15)  # connections that idle end
        last = _said("after", server, load)
        print(f"memory {last[0] - warm[0]:+.1f} MB, open files {last[1] - warm[1]:+d}")
        print(dict(sorted(load.statuses.items())))


def _said(when: str, server: RunningServer, load: Load) -> tuple[float, int]:
    found = memory(server.pid), open_files(server.pid)
    count = load.statuses.total()
    print(f"{when:>7}: {found[0]:6.1f} MB, {found[1]} open files, {count:,} requests", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    measure(parser.parse_args().minutes)


if __name__ == "__main__":
    main()
