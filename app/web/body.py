"""A request body: JSON, strictly, as one of the models of `views.documents.schema`."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from starlette.requests import Request

from gate_explorer.errors import FieldError, InputError, MalformedError, MediaTypeError

from ..views.documents import schema
from .errors import from_validation

# Half of a pair that stands for one character, as JSON can write it and UTF-8 can't.
HALF = re.compile("[\ud800-\udfff]")
ESCAPED_HALF = re.compile(rb"\\u[dD][89a-fA-F]")

DEEPEST_LOC = 4

Loc = tuple[str | int, ...]
Body = TypeVar("Body", bound=schema.Request)


async def read_body(request: Request, model: type[Body]) -> Body:
    """The body as the model.

    Raises: MediaTypeError, MalformedError; InputError naming the fields at fault; SlowError and
    TooLargeError as the body comes in.
    """
    _check_media_type(request)
    document = parse_json(await request.body())
    if not isinstance(document, dict):
        raise InputError('The body should be a JSON object, such as {"vectors": [[3, 1, 0]]}.')
    try:
        return model.model_validate(document)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise from_validation(_worded(fault, model) for fault in faults) from None


def _worded(fault: Mapping[str, Any], model: type[schema.Request]) -> Mapping[str, Any]:
    """A fault, with the right name for a field that isn't one."""
    if fault["type"] != "extra_forbidden":
        return fault
    return {**fault, "msg": model.refusal(fault["loc"])}


def parse_json(body: bytes) -> Any:
    """Parse JSON in UTF-8; NaN and Infinity come through, for the model to refuse by name.

    Raises: MalformedError; InputError for a field that comes twice, a number too long to read, or
    half a character.
    """
    document = _loaded(body)
    if ESCAPED_HALF.search(body):
        _refuse_halves(document)
    return document


def _loaded(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_without_repeats)
    except UnicodeDecodeError as error:
        raise MalformedError(f"The body isn't UTF-8: see byte {error.start + 1}.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MalformedError(f"The body isn't JSON: {error.msg} ({where}).") from None
    except RecursionError:
        raise MalformedError("The body's lists or objects are nested too deeply.") from None
    except ValueError:
        raise InputError("A number in the body has too many digits.") from None


def _check_media_type(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise MediaTypeError("Send the body as JSON, with Content-Type: application/json.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise MediaTypeError("Send the body as it is, without Content-Encoding.")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        repeated = next(name for name, count in counts.items() if count > 1)
        words = "This field comes twice; give it once."
        raise InputError(
            f"A field of the body comes twice: {repeated[:40]}", [FieldError((repeated,), words)]
        )
    return fields


def _refuse_halves(document: Any) -> None:
    """Raise InputError naming a text of the document that UTF-8 couldn't write."""
    for loc, text in _texts(document):
        if HALF.search(text):
            words = "It holds half of a surrogate pair (\\ud800 to \\udfff), which is no character."
            raise InputError(f"A text of the body can't be read. {words}", [FieldError(loc, words)])


def _texts(document: Any) -> Iterator[tuple[Loc, str]]:
    """Every text and name of a document, and where it stands, as deep as a place is told."""
    left: list[tuple[Loc, Any]] = [((), document)]
    while left:
        loc, value = left.pop()
        if isinstance(value, str):
            yield loc, value
        elif isinstance(value, list):
            left.extend((_within(loc, n), each) for n, each in enumerate(value))
        elif isinstance(value, dict):
            left.extend((_within(loc, pair[0]), each) for pair in value.items() for each in pair)


def _within(loc: Loc, part: str | int) -> Loc:
    return loc if len(loc) == DEEPEST_LOC else (*loc, part)
