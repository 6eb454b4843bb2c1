"""Everything that can go wrong on purpose, as one tree.

    ExplorerError               500
      InputError                422  what came in can't be used
        ShapeError                     an array has the wrong shape
        NonFiniteError                 an array holds NaN or infinity
          GrowthError                  a run's state grows beyond all numbers
        ChoiceError                    it can be read in several ways, and not in this one
        LimitError                     more steps, words or digits than are served
          FileSizeError       413        a file has more bytes than are read
      MalformedError            400  the request can't be read at all
      NotFoundError             404  no such model, page or file
      MethodError               405  the address doesn't take this method
      SlowError                 408  the request body took too long to arrive
      TooLargeError             413  the request body is too long
      MediaTypeError            415  the body is of a kind that isn't read
      HostError                 421  the request is for another host
      HeadError                 431  address and headers are too long
      LaterError                     not now: says when to ask again
        RateError               429  too many requests
        OverloadError           503  no room for the request now
          NotReadyError                a model can't be opened
        RoomError           507  no room to keep what was brought
      DataError                 500  a file of the project's own is missing or damaged

Each says what came, what was expected and how to mend it. `errors` names the fields at fault.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar, Self

MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field at fault: where it stands (`("x", 2, "x2")`) and what is wrong with it."""

    loc: tuple[str | int, ...]
    msg: str


class ExplorerError(Exception):
    """The base of all errors raised on purpose; `detail` is a sentence for the person who asked."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong here"

    def __init__(self, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)


class InputError(ExplorerError):
    """What came in can't be used as it is."""

    status = 422
    title = "The input can't be used"

    @classmethod
    def telling(cls, faults: Iterable[FieldError]) -> Self:
        """The error of one or more faults: the first MOST_TOLD of them, and how many more.

        The others are counted and forgotten, so that ever so many faults make no large answer.
        """
        rest = iter(faults)
        told = tuple(islice(rest, MOST_TOLD))
        beyond = sum(1 for _ in rest)
        more = f"{len(told) - 1} more below" + (f", {beyond:,} more beyond those" if beyond else "")
        detail = told[0].msg if len(told) == 1 else f"{told[0].msg} ({more}.)"
        return cls(detail, told)


class ShapeError(InputError, ValueError):
    """An array doesn't have the shape the equation needs."""

    title = "An array has the wrong shape"


class NonFiniteError(InputError, ValueError):
    """An array holds NaN or infinity."""

    title = "A number is not finite"


class GrowthError(NonFiniteError):
    """A run's state grows beyond all numbers at `step`, 0-based, of the batch's `sequence`."""

    title = "A run grows beyond all numbers"

    def __init__(self, what: str, step: int, sequence: int = 0) -> None:
        super().__init__(
            f"{what} at step {step}: the activations have no bound to hold it."
            " Shorten the run before that step, or make its inputs smaller."
        )
        self.what, self.step, self.sequence = what, step, sequence

    def at(self, step: int) -> "GrowthError":
        """The same, at the step by the time of a longer run, of which this one is a part."""
        return GrowthError(self.what, step, self.sequence)


class ChoiceError(InputError):
    """What came can't be read in the way that was asked for, or needs a choice first.

    choices: the values that each field at fault can take.
    """

    title = "The file can't be read that way"

    def __init__(self, detail: str, choices: Mapping[str, Sequence[str]]) -> None:
        super().__init__(detail)
        self.choices = {name: tuple(values) for name, values in choices.items()}


class LimitError(InputError):
    """The input is longer or larger than what is served."""

    title = "The input is too long"


class FileSizeError(LimitError):
    """A file is larger than what is read, though its request isn't."""

    status = 413
    title = "The file is too large"


class MalformedError(ExplorerError):
    """The request can't be read: its body isn't JSON, or its address isn't UTF-8."""

    status = 400
    title = "The request can't be read"


class NotFoundError(ExplorerError):
    """Nothing stands at this address."""

    status = 404
    title = "Not found"


class MethodError(ExplorerError):
    """The address doesn't take this method."""

    status = 405
    title = "The address doesn't take this method"


class SlowError(ExplorerError):
    """The request body took too long to arrive."""

    status = 408
    title = "The request came too slowly"


class TooLargeError(ExplorerError):
    """The request body is longer than what is read."""

    status = 413
    title = "The request is too large"


class MediaTypeError(ExplorerError):
    """The request body is of a kind that isn't read."""

    status = 415
    title = "The request body's media type isn't supported"


class LaterError(ExplorerError):
    """Not now: `retry_after` says in how many seconds it is worth asking again."""

    title = "Not now"

    def __init__(
        self, detail: str, errors: Sequence[FieldError] = (), *, retry_after: int = 1
    ) -> None:
        super().__init__(detail, errors)
        self.retry_after = retry_after


class RateError(LaterError):
    """The caller asks more often than is served."""

    status = 429
    title = "Too many requests"


class HostError(ExplorerError):
    """The request names a host that isn't served here."""

    status = 421
    title = "Another host is meant"


class HeadError(ExplorerError):
    """The request's address and headers are longer than what is read."""

    status = 431
    title = "The address or the headers are too long"


class OverloadError(LaterError):
    """The server has no room for the request now."""

    status = 503
    title = "The server is busy"


class RoomError(LaterError):
    """What was brought can't be kept: the disk is full, or may not be written."""

    status = 507
    title = "There is no room to keep it"


class NotReadyError(OverloadError):
    """A model can't be opened, so the server can't do all its work."""

    title = "The server is not ready"


class DataError(ExplorerError):
    """A file that the project reads is missing, damaged or not what it should be."""

    title = "A data file can't be used"
