"""The chosen unit's sum in numbers, in the order of the desk's rows, with each term's name."""

from dataclasses import dataclass

from gate_explorer.analysis.arithmetic import Mixing, cell_of_mixing, mixing
from gate_explorer.analysis.words import signed
from gate_explorer.runs.cells import Quantity

from .explorer import Explorer


@dataclass(frozen=True)
class Term:
    """A number of the sum: the operator before it, its words, whose colours it wears, its name."""

    operator: str
    words: str
    role: str
    name: str


Line = tuple[Term, ...]


def numbers(explorer: Explorer) -> tuple[Line, ...]:
    """The lines of the sum: what the memory comes to, and what is shown of it.

    A cell without gates mixes all that it reads; its lines are that sum and its squash.
    """
    mixed = explorer_mixing(explorer)
    if mixed:
        return _mixed(explorer, mixed)
    lines: list[list[Term]] = [[]]
    for quantity in explorer.equation.quantities:
        # What follows a result starts a line of its own, from that result.
        if lines[-1] and lines[-1][-1].operator == "=" and quantity.operator != "=":
            lines.append([])
            if quantity.key != explorer.equation.squashed:
                lines[-1].append(_term(explorer, explorer.equation[explorer.equation.memory], ""))
        lines[-1].append(_term(explorer, quantity))
    return tuple(tuple(line) for line in lines)


def explorer_mixing(explorer: Explorer) -> Mixing | None:
    """What the chosen unit of a cell without gates mixes at this step."""
    if cell_of_mixing(explorer.run) is None:
        return None
    return mixing(explorer.run, explorer.t, explorer.unit)


def _term(explorer: Explorer, quantity: Quantity, operator: str | None = None) -> Term:
    sign = quantity.operator if operator is None else operator
    return Term(
        quantity.by if sign == "∫" else sign,
        explorer.short(quantity.key),
        quantity.role,
        _short(explorer, quantity),
    )


def _short(explorer: Explorer, quantity: Quantity) -> str:
    """The name that fits under a number: `before` for the memory before."""
    if explorer.symbols:
        return quantity.letter + {"t−1": "′"}.get(quantity.subscript, "")
    return (
        quantity.nickname.removeprefix("Memory ").lower()
        if _is_plain(quantity)
        else (quantity.nickname)
    )


def _is_plain(quantity: Quantity) -> bool:
    """Whether its name is an everyday word and no nickname."""
    return quantity.role in {"memory", "hidden"}


def _mixed(explorer: Explorer, mixed: Mixing) -> tuple[Line, ...]:
    shown = explorer.equation[explorer.equation.shown]
    token = explorer.read_word("input")
    mixed_term = Term("=", signed(mixed.total), "memory", "mixed")
    return (
        (
            Term("", signed(mixed.states), "hidden", "units before"),
            Term("+", signed(mixed.inputs), "", token),
            Term("+", signed(mixed.bias), "", "always"),
            mixed_term,
        ),
        (
            Term("tanh", mixed_term.words, "memory", "mixed"),
            Term("=", explorer.value_word(shown.key), "hidden", f"unit {explorer.unit} shown"),
        ),
    )
