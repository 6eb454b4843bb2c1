"""What becomes of a model without each of its units: the findings that its names rest on.

`units.json`, beside a model's weights, is written by `gate_explorer.training.name_units` and read
here. A unit is named by what happens without it, never by what it resembles alone.
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from gate_explorer.errors import DataError
from gate_explorer.runs.card import Card, Damage, UnitFact

UNITS = "units.json"


@dataclass(frozen=True)
class Repeat:
    """A unit's, or a group's, damage on some held-out data, by the figure that its name rests on.

    erased, deviation: the figure's mean and standard deviation where it was erased at random steps,
    several times over; None where that isn't asked. The ranks are among the model's units, or among
    groups of the same size.
    """

    data: str
    whole: float
    silenced: float
    rank: int
    erased: float | None = None
    deviation: float | None = None
    erased_rank: int | None = None


@dataclass(frozen=True)
class Unit:
    """A unit, from 1: its name or that of its group, what it follows, and what happens without it.

    correlation: Pearson's r of its memory with `of`, -1 to 1; None where nothing is asked.
    damage: by the figure that the model's units are ranked by; also: by others. gates: the means
    of its gates, 0 to 1, at the moments that matter to its name. repeats: the same elsewhere, on
    the data and on data drawn anew.
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
    repeats: tuple[Repeat, ...] = ()


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
    repeats: tuple[Repeat, ...] = ()


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


def card_with(card: Card, findings: Findings) -> Card:
    """The card with the units that bear a name, and the unit to show first."""
    facts = tuple(_fact(one, findings) for one in findings.units if one.name)
    return replace(card, units=facts, first_unit=findings.first)


def _fact(unit: Unit, findings: Findings) -> UnitFact:
    """A named unit as the card has it; the words of a group's are the group's."""
    if unit.name is None or unit.correlation is None:
        raise ValueError(f"expected a unit that bears a name, got {unit}")
    return UnitFact(
        unit=unit.unit,
        name=unit.name,
        correlation=unit.correlation,
        words=_words(unit, findings),
        gates=dict(unit.gates),
        of=unit.of,
        group=unit.group or (),
        damage=unit.damage,
    )


def _words(unit: Unit, findings: Findings) -> str:
    """A named unit's own words; of a group's, the first to be shown tells the whole."""
    mates = [one.unit for one in findings.units if one.group and one.group == unit.group]
    if not mates or unit.unit == mates[0]:
        return unit.words or ""
    r = f"{unit.correlation:+.2f}".replace("-", "\N{MINUS SIGN}")
    return (
        f"{unit.name}, with {len(mates) - 1} others (see unit {mates[0]}); the correlation of its"
        f" memory with {unit.of} is {r}"
    )


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
            "repeats": _repeats(facts),
        }
    )


def _group(facts: dict[str, Any]) -> Group:
    return Group(
        tuple(facts["units"]),
        facts["name"],
        tuple(Damage(**one) for one in facts["damage"]),
        facts["compared"],
        facts["words"],
        _repeats(facts),
    )


def _repeats(facts: dict[str, Any]) -> tuple[Repeat, ...]:
    return tuple(Repeat(**one) for one in facts["repeats"])
