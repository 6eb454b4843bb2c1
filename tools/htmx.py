"""Keep a copy of htmx's bytes: what the server falls back on, and the browser tests answer with.

`python -m tools.htmx` fetches them once into a folder that git ignores: from the npm package, or
where npm is missing or fails from the CDN itself. They are held against the hashes below, which
were computed from the npm package; the pages name their own, and the browser compares the two.
"""

import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from pathlib import Path

PACKAGE = "htmx.org@4.0.1"
CDN = f"https://cdn.jsdelivr.net/npm/{PACKAGE}/"
INTEGRITY = {
    "dist/htmx.min.js": "sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn",
}
# How long a source may take.
SECONDS = 12
CACHE = Path(__file__).resolve().parents[1] / ".cache" / PACKAGE


def integrity(content: bytes) -> str:
    """The content's hash as the `integrity` attribute of a script writes it (SHA-384)."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def cached(name: str) -> bytes | None:
    """The kept bytes of one file, or None if they are missing or not those of the hash."""
    path = CACHE / name
    content = path.read_bytes() if path.is_file() else b""
    return content if integrity(content) == INTEGRITY[name] else None


def fetch() -> dict[str, bytes]:
    """All files, from the first source that gives them with the right hashes.

    Raises: RuntimeError saying what each source answered.
    """
    failures = []
    for source in (_from_npm, _from_cdn):
        try:
            files = {name: source(name) for name in INTEGRITY}
        except (OSError, KeyError, subprocess.SubprocessError, tarfile.TarError) as error:
            failures.append(f"{source.__doc__}: {error}")
            continue
        wrong = [name for name, content in files.items() if integrity(content) != INTEGRITY[name]]
        if not wrong:
            return files
        failures.append(f"{source.__doc__}: other bytes than expected in {', '.join(wrong)}")
    raise RuntimeError(
        f"The bytes of {PACKAGE} are needed, and neither source gave them.\n"
        + "\n".join(failures)
        + "\nInstall npm, or connect to the internet, and try again."
    )


def _from_npm(name: str) -> bytes:
    """npm pack"""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", PACKAGE, "--silent", "--pack-destination", folder]
        subprocess.run(
            command,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=SECONDS,
        )
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as package:
            member = package.extractfile(f"package/{name}")
            return member.read() if member else b""


def _from_cdn(name: str) -> bytes:
    """the CDN"""
    with urllib.request.urlopen(CDN + name, timeout=SECONDS) as response:
        content: bytes = response.read()
    return content


def main() -> int:
    if all(cached(name) is not None for name in INTEGRITY):
        return 0
    try:
        files = fetch()
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    for name, content in files.items():
        path = CACHE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
