"""What becomes of a model without each of its units: the findings that its names rest on.

`units.json`, beside a model's weights, is written by `gate_explorer.training.name_units` and read
here. A unit is named by what happens without it, never by what it resembles alone.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gate_explorer.errors import DataError

UNITS = "units.json"


@dataclass(frozen=True)
class Damage:
    """What a figure falls to, or rises to, without a unit or a group of units.

    measure: the figure, in words; more: whether more of it is better. whole: with every unit.
    silenced: with its output gate at 0 throughout. erased: with its forget gate at 0 at one step;
    None where that isn't asked. rank, erased_rank: by how much worse that makes it, 1 the worst,
    among all units, or among groups of the same size.
    """

    measure: str
    more: bool
    whole: float
    silenced: float
    rank: int
    erased: float | None = None
    erased_rank: int | None = None


@dataclass(frozen=True)
class Unit:
    """A unit, from 1: its name or that of its group, what it follows, and what happens without it.

    correlation: Pearson's r of its memory with `of`, -1 to 1; None where nothing is asked.
    damage: by the figure that the model's units are ranked by; also: by others. gates: the means
    of its gates, 0 to 1, at the moments that matter to its name.
    """

    unit: int
    name: str | None
    group: tuple[int, ...] | None
    correlation: float | None
    of: str | None
    damage: Damage
    also: tuple[Damage, ...] = ()
    gates: tuple[tuple[str, float], ...] = ()
    words: str | None = None


@dataclass(frozen=True)
class Group:
    """Units that do a thing together: what happens without all of them, and with them alone.

    compared: how many groups of the same size the ranks are among, itself included. alone: the
    first damage's figure with every other unit silenced; alone_best: the best of the others so.
    """

    units: tuple[int, ...]
    name: str
    damage: tuple[Damage, ...]
    compared: int
    words: str


@dataclass(frozen=True)
class Findings:
    """All units of a model, the most telling first; data, erasure: on what, and when erased."""

    data: str
    erasure: str
    units: tuple[Unit, ...]
    groups: tuple[Group, ...] = ()

    @property
    def first(self) -> int:
        """The unit to show first: the first that has a name, else the most missed."""
        named = [one for one in self.units if one.name]
        return (named or list(self.units))[0].unit

    def of(self, unit: int) -> Unit:
        """A unit by its number, from 1."""
        return next(one for one in self.units if one.unit == unit)


def to_json(findings: Findings) -> str:
    """The findings as `units.json` holds them."""
    return json.dumps(asdict(findings), indent=1, ensure_ascii=False) + "\n"


def load(folder: Path) -> Findings | None:
    """A model's findings; None where its folder has none. Raises: DataError for a damaged file."""
    path = folder / UNITS
    if not path.is_file():
        return None
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Findings(
            facts["data"],
            facts["erasure"],
            tuple(_unit(one) for one in facts["units"]),
            tuple(_group(one) for one in facts["groups"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} is not a file of units: {error}") from error


def _unit(facts: dict[str, Any]) -> Unit:
    return Unit(
        **{
            **facts,
            "group": tuple(facts["group"]) if facts["group"] else None,
            "damage": Damage(**facts["damage"]),
            "also": tuple(Damage(**one) for one in facts["also"]),
            "gates": tuple((name, value) for name, value in facts["gates"]),
        }
    )


def _group(facts: dict[str, Any]) -> Group:
    return Group(
        tuple(facts["units"]),
        facts["name"],
        tuple(Damage(**one) for one in facts["damage"]),
        facts["compared"],
        facts["words"],
    )
