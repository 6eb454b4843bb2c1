"""Weight files that visitors bring: read in a process of its own, kept, and opened as models.

The same file with the same choices is the same model, under the same id, wherever and whenever it
is brought; each time it is brought has a token of its own that can take it back.
"""

import json
from collections import OrderedDict
from dataclasses import asdict, dataclass
from threading import Lock

import numpy as np

from gate_explorer.errors import DataError, InputError, NotFoundError
from gate_explorer.weights.files import Limits, Opened, Options, Reference
from gate_explorer.weights.files.packed import pack, unpack
from gate_explorer.weights.files.wording import FIELD, Vocabulary, with_vocabulary
from gate_explorer.weights.worker import Workers
from gate_explorer.zoo.brought import Brought, brought_card

from .store import Storage, id_of

KEPT_OPEN = 8  # models in memory
_GONE = "There is no model of that name: it was taken back, its time is over, or it never was."


@dataclass(frozen=True, eq=False)
class Receipt:
    """What whoever brings a file is given: the model, and the token that can take it back."""

    model: Brought
    token: str


class Uploads:
    """The models that visitors brought to one store. Any thread may call."""

    def __init__(self, store: Storage, workers: Workers, limits: Limits | None = None) -> None:
        self.store, self.workers, self.limits = store, workers, limits or Limits()
        self._open: OrderedDict[str, Brought] = OrderedDict()
        self._lock = Lock()

    def bring(
        self,
        data: bytes,
        options: Options,
        title: str = "Your LSTM",
        vocabulary: Vocabulary | None = None,
        reference: Reference | None = None,
    ) -> Receipt:
        """Read a file and keep its network, and the file, as durably as the store says.

        reference: an output that settles what the file leaves open. Raises: as `Workers.read`;
        InputError for a vocabulary that doesn't fit its embedding; TooLargeError where the store
        has no room for it.
        """
        choices = json.dumps(asdict(options), sort_keys=True)
        if reference is None:
            opened = self.workers.read(data, options, self.limits)
        else:
            opened = self.workers.settle(data, reference, options, self.limits)
            told = {name: np.asarray(value).tolist() for name, value in vars(reference).items()}
            choices += json.dumps(told, sort_keys=True)
        if vocabulary is not None:
            opened = with_vocabulary(opened, vocabulary)
            choices += json.dumps(asdict(vocabulary))
        name, packed = id_of(data, choices), b"".join(pack(opened))
        facts = {
            "title": title,
            "packed": len(packed),
            "options": asdict(options),
            "vocabulary": vocabulary and asdict(vocabulary),
        }
        token = self.store.put(name, packed + data, json.dumps(facts))
        return Receipt(self._kept(_made(name, title, opened, options)), token)

    def again(self, name: str, options: Options, vocabulary: Vocabulary | None = None) -> Receipt:
        """Read a file that is kept with other choices, as a model of its own.

        Without a vocabulary it has the one that it came with, where that fits. Raises: as `bring`;
        NotFoundError.
        """
        kept = self.store.get(name)
        facts = json.loads(kept.facts) if kept else {}
        if kept is None or "packed" not in facts:
            raise NotFoundError(_GONE)
        data, title = kept.data[facts["packed"] :], str(facts["title"])
        if vocabulary is None and facts["vocabulary"] is not None:
            words = facts["vocabulary"]
            indices = None if words["indices"] is None else tuple(words["indices"])
            try:
                return self.bring(data, options, title, Vocabulary(tuple(words["words"]), indices))
            except InputError as error:
                if [fault.loc[:1] for fault in error.errors] != [(FIELD,)]:
                    raise
        return self.bring(data, options, title, vocabulary)

    def model(self, name: str) -> Brought:
        """The model of that id. Raises: NotFoundError where it is gone, or never was."""
        if not self.store.has(name):
            raise NotFoundError(_GONE)
        with self._lock:
            if (model := self._open.get(name)) is not None:
                self._open.move_to_end(name)
                return model
        kept = self.store.get(name)
        if kept is None:
            raise NotFoundError(_GONE)
        facts = json.loads(kept.facts)
        try:
            opened = unpack(kept.data[: facts.get("packed")])
        except DataError:
            raise NotFoundError(_GONE) from None
        options = Options(**facts.get("options", {}))
        return self._kept(_made(name, str(facts["title"]), opened, options))

    def take_back(self, name: str, token: str) -> None:
        """Give up one token. Raises: NotFoundError for one that isn't that model's, as if it
        weren't there."""
        if not self.store.delete(name, token):
            raise NotFoundError(_GONE)

    def _kept(self, model: Brought) -> Brought:
        """The model, kept open in place of the one that was asked for longest ago."""
        with self._lock:
            self._open[model.card.id] = model
            self._open.move_to_end(model.card.id)
            while len(self._open) > KEPT_OPEN:
                self._open.popitem(last=False)
        return model


def _made(name: str, title: str, opened: Opened, options: Options) -> Brought:
    return Brought(brought_card(name, title, opened), opened, options)
