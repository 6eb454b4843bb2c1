"""The desk's rows: bars that are the values on their scales, shares, what is held and ghosts."""

import numpy as np
import pytest

from app.views.drawing.bars import ZERO
from app.views.equation.rows import MOST_NUMBERED, rows
from gate_explorer.analysis.roles import roles
from gate_explorer.analysis.words import percent
from gate_explorer.runs import clamps
from gate_explorer.runs.inputs import Options, Text
from gate_explorer.runs.run import Run
from gate_explorer.zoo.registry import get
from tests.views.equation.runs import RUNS, at, each_run, of


def per_cent(value: float, top: float) -> int:
    """A value as a bar's size: whole per cent of the scale's end, 0 for zero alone."""
    return int(np.copysign(max(round(abs(value) / top * 100), 1), value)) if value else 0


@each_run
def test_rows_are_the_cells_quantities_from_top_to_bottom(run: Run) -> None:
    found = rows(at(run))
    assert [row.key for row in found] == [q.key for q in run.equation.quantities]
    assert [row.is_result for row in found] == [q.operator == "=" for q in run.equation.quantities]


@each_run
def test_rows_bars_are_the_values_on_their_scales(run: Run) -> None:
    for t in range(1, len(run) + 1):
        explorer = at(run, t)
        for row in rows(explorer):
            values = of(run, row.key, t)[explorer.columns]
            wanted = [per_cent(v, explorer.top(row.key)) for v in values.tolist()]
            assert [size - ZERO for size in row.bars.sizes] == wanted


@each_run
def test_rows_pass_what_their_gate_lets_through(run: Run) -> None:
    for t in range(1, len(run) + 1):
        explorer = at(run, t)
        for row in rows(explorer):
            gate = row.quantity.gate
            if gate is None:
                assert row.bars.passing is None
                continue
            product = (of(run, row.key, t) * of(run, gate, t))[explorer.columns]
            wanted = [per_cent(v, explorer.top(row.key)) for v in product.tolist()]
            assert row.bars.passing is not None
            assert [size - ZERO for size in row.bars.passing] == wanted


@each_run
def test_rows_numbers_stand_on_the_bars_of_few_units(run: Run) -> None:
    explorer = at(run, 1)
    for row in rows(explorer):
        assert bool(row.numbered) == (len(explorer.drawn) <= MOST_NUMBERED)
        assert [each.unit for each in row.numbered] in ([], list(explorer.drawn))


def test_rows_shares_are_the_steps_roles() -> None:
    run = RUNS["sentiment"]
    for t, role in enumerate(roles(run.layers[-1]), 1):
        shares = {row.key: row.share for row in rows(at(run, t)) if row.share}
        assert shares == {
            "f": percent(1 - role.reset), "i": percent(role.store), "o": percent(role.output),
        }  # fmt: skip


def test_rows_lead_on_to_the_next_word_and_to_the_verdict() -> None:
    leads = {row.key: row.leads for row in rows(at(RUNS["sentiment"], 1)) if row.leads}
    assert leads == {"c": "next word", "h": "verdict"}
    last = {row.key: row.leads for row in rows(at(RUNS["sentiment"])) if row.leads}
    assert last == {"h": "verdict"}


def test_rows_with_symbols_are_called_by_the_fields_words() -> None:
    names = [row.name for row in rows(at(RUNS["sentiment"], 1, names="symbols"))]
    assert names[1:4] == ["Forget gate", "Input gate", "Candidate"]
    assert all(row.term == "" for row in rows(at(RUNS["sentiment"], 1, names="symbols")))


@pytest.mark.parametrize(
    ("clamp", "key", "words"),
    [
        ("input_gate:0@2", "i", "held shut by you"),
        ("forget_gate:1@2", "f", "held open by you"),
        ("output_gate:0.5@2/3", "o", "held at 0.50 in unit 3"),
        ("output_gate:0@2/1-4", "o", "held shut in 4 units"),
        ("candidate:-0.5@2", "g", "held at −0.50 by you"),
    ],
)
def test_rows_say_what_is_held_and_keep_the_ghosts_of_gates(
    clamp: str, key: str, words: str
) -> None:
    text = Text("I love it")
    options = Options(clamps=clamps.parse([clamp]))
    run = get("sentiment").run(text, None, options)
    own = at(get("sentiment").run(text, None, Options()), 2)
    found = {row.key: row for row in rows(at(run, 2), own)}
    assert {k: row.held for k, row in found.items() if row.held} == {key: words}
    assert bool(found[key].ghost) == found[key].quantity.is_gate
    assert all(not row.held for row in rows(at(run, 1), own))


@each_run
def test_rows_give_each_gate_a_fader_at_the_units_value(run: Run) -> None:
    explorer = at(run, 2)
    for row in rows(explorer):
        if not row.quantity.is_gate:
            assert row.fader == ""
            continue
        value = float(of(run, row.key, 2)[explorer.unit - 1])
        assert float(row.fader) == pytest.approx(value, abs=0.0051)
