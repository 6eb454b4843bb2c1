"""Where the site lies on its host: at the root, or under a path that a proxy takes off.

A notebook's or a school's proxy answers at `/gates/…` and asks the explorer for `/…`. So routes
know nothing of the path, and every address that a page, a document or a header gives has it first.
"""

from ...settings import settings


def rooted(path: str) -> str:
    """The address on this host of a path of the site, both from their first slash."""
    return settings().root_path + path


def unrooted(path: str) -> str | None:
    """The path of the site that an address on this host leads to; None if that lies elsewhere."""
    root = settings().root_path
    if path == root:
        return "/"
    return path.removeprefix(root) if path.startswith(f"{root}/") else None
