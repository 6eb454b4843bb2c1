"""The models that visitors brought to this site, where a setting names a folder to keep them in."""

from functools import cache

from gate_explorer.errors import NotFoundError
from gate_explorer.weights.files import Limits
from gate_explorer.weights.worker import Workers
from gate_explorer.zoo import registry
from gate_explorer.zoo.brought import Brought

from ..settings import settings
from ..storage.store import PREFIX, Quota, Store
from ..storage.uploads import Uploads

SECONDS_A_DAY = 24 * 3600.0


@cache
def uploads() -> Uploads:
    """The models brought. Raises: NotFoundError where this site takes none."""
    folder = settings().uploads
    if folder is None:
        raise NotFoundError("This site takes no files: its owner has set no folder for them.")
    quota = Quota(
        bytes=settings().upload_bytes,
        networks=settings().upload_networks,
        seconds=settings().upload_days * SECONDS_A_DAY,
    )
    limits = Limits(file_bytes=settings().max_upload)
    return Uploads(Store(folder, quota), Workers(count=1), limits)


def model_of(name: str) -> Brought:
    """The model of that id. Raises: NotFoundError where it is gone, or never was."""
    return uploads().model(name)


def open_to_all() -> None:
    """Have the registry open what was brought, by its id."""
    registry.ELSEWHERE[PREFIX] = model_of
