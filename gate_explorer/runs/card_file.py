"""A card as the file `card.json` in its model's folder: the one place that writes and reads it.

The file has the card's fields under their names; those at their default are left out. The id is
the folder's name, so it isn't in the file.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from gate_explorer.errors import DataError
from gate_explorer.runs.card import Card

CARD = "card.json"


def read_card(folder: Path) -> Card:
    """The card in a model's folder. Raises: DataError naming the file, and the field at fault."""
    path = folder / CARD
    try:
        return from_json(path.read_text(encoding="utf-8"), folder.name)
    except FileNotFoundError as error:
        raise DataError(f"{path} is missing") from error
    except DataError as error:
        raise DataError(f"{path}: {error.detail}") from error
    except ValueError as error:
        raise DataError(f"{path} is not JSON in UTF-8: {error}") from error


def write_card(folder: Path, card: Card) -> None:
    """Write the card into its model's folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CARD).write_text(to_json(card), encoding="utf-8")


def to_json(card: Card) -> str:
    """A card as JSON text, a line a fact; what is at its default is left out, and the id."""
    facts = {name: fact for name, fact in _record(card).items() if name != "id"}
    return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


def from_json(text: str, model_id: str) -> Card:
    """The card that a text holds.

    Raises: ValueError for what isn't JSON; DataError naming a field that is missing, unknown or of
    another kind than the card has.
    """
    facts = json.loads(text)
    if not isinstance(facts, dict):
        raise DataError(f"expected an object with the fields of a card, got {_shown(facts)}")
    card: Card = _read(Card, {**facts, "id": model_id}, "card")
    return card


def _record(value: Any) -> dict[str, Any]:
    """A dataclass's fields that aren't at their default."""
    named = {field.name: getattr(value, field.name) for field in fields(value)}
    defaults = {field.name: field.default for field in fields(value)}
    return {name: _plain(one) for name, one in named.items() if one != defaults[name]}


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if is_dataclass(value):
        return _record(value)
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


def _read(kind: Any, value: Any, where: str) -> Any:
    """A JSON value as the kind that its field is annotated with."""
    origin = get_origin(kind)
    if is_dataclass(kind):
        return _read_record(kind, value, where)
    if origin in {Union, UnionType}:
        return _read_union(kind, value, where)
    if origin is tuple:
        return _read_tuple(get_args(kind), value, where)
    if origin is Literal:
        words = get_args(kind)
        return _checked(value in words, value, " or ".join(words), where)
    if origin is not None:
        of = get_args(kind)[1]
        items = _checked(isinstance(value, dict), value, "an object", where)
        return {name: _read(of, one, f"{where}.{name}") for name, one in items.items()}
    return _read_plain(kind, value, where)


def _read_record(kind: Any, value: Any, where: str) -> Any:
    facts: dict[str, Any] = _checked(isinstance(value, dict), value, "an object", where)
    kinds, known = get_type_hints(kind), fields(kind)
    missing = [one.name for one in known if one.name not in facts and _is_needed(one)]
    unknown = sorted(facts.keys() - {one.name for one in known})
    if missing or unknown:
        faults = [f"lacks {', '.join(missing)}"] if missing else []
        faults += [f"has unknown fields {', '.join(unknown)}"] if unknown else []
        raise DataError(f"{where} {' and '.join(faults)}")
    return kind(**{name: _read(kinds[name], one, f"{where}.{name}") for name, one in facts.items()})


def _is_needed(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _read_union(kind: Any, value: Any, where: str) -> Any:
    """One of several kinds, or null; where only one isn't null, the fault is told of that one."""
    kinds = [one for one in get_args(kind) if one is not NoneType]
    if value is None and NoneType in get_args(kind):
        return None
    for one in kinds[:-1]:
        try:
            return _read(one, value, where)
        except DataError:
            continue
    return _read(kinds[-1], value, where)


def _read_tuple(kinds: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    items = _checked(isinstance(value, list), value, "a list", where)
    if kinds[-1] is Ellipsis:
        kinds = kinds[:1] * len(items)
    _checked(len(items) == len(kinds), value, f"{len(kinds)} of them", where)
    pairs = zip(kinds, items, strict=True)
    return tuple(_read(kind, one, f"{where}[{n}]") for n, (kind, one) in enumerate(pairs))


def _read_plain(kind: Any, value: Any, where: str) -> Any:
    """A number, a text or a truth value; a whole number stands for any number."""
    kinds = (int, float) if kind is float else (kind,)
    fits = isinstance(value, kinds) and (kind is bool or not isinstance(value, bool))
    return _checked(fits, value, f"a value of kind {kind.__name__}", where)


def _checked(fits: bool, value: Any, expected: str, where: str) -> Any:
    if not fits:
        raise _refused(value, expected, where)
    return value


def _refused(value: Any, expected: str, where: str) -> DataError:
    return DataError(f"{where}: expected {expected}, got {_shown(value)}")


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:60]
