"""Clamps as an address writes them: read, placed on a run, and refused with words that help."""

from typing import Any

import numpy as np
import pytest

from gate_explorer.errors import InputError
from gate_explorer.runs.clamps import MOST_CLAMPS, held, parse, written


def places(*texts: str, first: int = 1, steps: int = 4, units: int = 3) -> dict[str, list[object]]:
    """Where each gate is held: (step, unit, value), from 1."""
    (arrays,) = held(parse(texts), first, steps, {"1": units}, 1.0)
    assert arrays is not None
    return {
        name: [
            (int(t) + first, int(u) + 1, float(array[t, u])) for t, u in np.argwhere(array == array)
        ]
        for name, array in arrays._asdict().items()
        if not np.isnan(array).all()
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("forget_gate:0@3", {"f": [(3, 1, 0), (3, 2, 0), (3, 3, 0)]}),
        ("output_gate:1@2-3/1,3", {"o": [(2, 1, 1), (2, 3, 1), (3, 1, 1), (3, 3, 1)]}),
        ("input_gate:0.5@2,4/2", {"i": [(2, 2, 0.5), (4, 2, 0.5)]}),
        ("candidate:-1@*/3", {"g": [(t, 3, -1) for t in (1, 2, 3, 4)]}),
        ("candidate:+.25@1/*", {"g": [(1, u, 0.25) for u in (1, 2, 3)]}),
        ("forget_gate:1e-2@1,3-4/1-2", {"f": [(t, u, 0.01) for t in (1, 3, 4) for u in (1, 2)]}),
    ],
)
def test_clamp_holds_its_gate_at_its_places(text: str, expected: dict[str, object]) -> None:
    assert places(text) == expected


def test_clamp_that_names_a_place_often_holds_it_once() -> None:
    """Ranges that overlap are merged: what they cost is what they cover, not their product."""
    everywhere = ",".join(["1-4"] * 64)
    units = ",".join(["1-3", "2", "3-3"] * 21)
    assert places(f"forget_gate:0@{everywhere}/{units}") == places("forget_gate:0@*")
    clamp = parse([f"forget_gate:0@{','.join(['1-512'] * 64)}/{','.join(['1-128'] * 64)}"])
    (found,) = held(clamp, 1, 512, {"1": 128}, 1.0)
    assert found is not None
    assert found.f.shape == (512, 128)


def test_clamps_that_meet_leave_the_last_one() -> None:
    assert places("forget_gate:0@*/1", "forget_gate:1@2/1") == {
        "f": [(1, 1, 0), (2, 1, 1), (3, 1, 0), (4, 1, 0)]
    }


def test_clamp_counts_steps_as_the_trace_does() -> None:
    assert places("forget_gate:0@6/1", first=5) == {"f": [(6, 1, 0)]}
    with pytest.raises(InputError, match=r"names step 4; the run has steps 5 to 8"):
        places("forget_gate:0@4", first=5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("forget_gate:0@5", r"names step 5; the run has steps 1 to 4"),
        ("forget_gate:0@3-9", r"names step 3-9; the run has steps 1 to 4"),
        ("forget_gate:0@0", r"names step 0; the run has steps 1 to 4"),
        ("forget_gate:0@3-2", r"names step 3-2"),
        ("forget_gate:0@1/4", r"names unit 4; the run has units 1 to 3"),
        ("forget_gate:1.5@1", r"holds it at 1.5; it can be 0 to 1"),
        ("input_gate:-0.1@1", r"holds it at -0.1; it can be 0 to 1"),
        ("candidate:1.1@1", r"holds it at 1.1; it can be -1 to 1"),
        ("forget_gate:1e999@1", r"too large"),
        ("eraser:0@1", r"no gate “eraser” to hold; there are input_gate, forget_gate"),
        ("cell_state:0@1", r"no gate “cell_state”"),
        ("forget_gate:nan@1", r"isn't a clamp; write one as forget_gate:0@3"),
        ("forget_gate:0", r"isn't a clamp"),
        ("forget_gate:@1", r"isn't a clamp"),
        ("forget_gate:0@", r"isn't a clamp"),
        ("forget_gate:0@1/", r"isn't a clamp"),
        ("forget_gate:0@1,,2", r"isn't a clamp"),
        ("forget_gate:0@-1", r"isn't a clamp"),
        ("forget_gate:0@١", r"isn't a clamp"),
        ("forget_gate:0@1/layer:2", r"names layer 2; the run has one layer, 1\."),
        ("forget_gate:0@1/layer:0", r"isn't a clamp"),
        ("forget_gate:0@1/layer:1-forward", r"isn't a clamp"),
        ("forget_gate:0@1/layer:", r"isn't a clamp"),
        ("forget_gate:0@1/layer:1/2", r"isn't a clamp"),
        ("x" * 10_000, r"“x{40}” isn't a clamp"),
    ],
)
def test_clamp_that_cant_be_used_is_refused_with_what_can(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        places(text)
    assert [fault.loc for fault in refused.value.errors] == [("clamp",)]


def test_clamps_too_many_are_refused() -> None:
    parse(["forget_gate:0@1"] * MOST_CLAMPS)
    with pytest.raises(InputError, match=f"There are {MOST_CLAMPS + 1} clamps; at most"):
        parse(["forget_gate:0@1"] * (MOST_CLAMPS + 1))


STACK = {"1": 3, "1-backward": 3, "2": 2, "2-backward": 2}


def layers_held(*texts: str) -> dict[str, list[tuple[int, int]]]:
    """Which steps and units, from 1, of each layer of a stack have their forget gate held."""
    found = held(parse(texts), 1, 4, STACK, 1.0)
    return {
        name: [(int(t) + 1, int(u) + 1) for t, u in np.argwhere(~np.isnan(each.f))]
        for name, each in zip(STACK, found, strict=True)
        if each is not None
    }


def test_clamp_without_a_layer_holds_all_that_have_its_units() -> None:
    everywhere = {name: [(2, u + 1) for u in range(units)] for name, units in STACK.items()}
    assert layers_held("forget_gate:0@2") == everywhere
    assert layers_held("forget_gate:0@2/2-3") == {
        "1": [(2, 2), (2, 3)], "1-backward": [(2, 2), (2, 3)], "2": [(2, 2)], "2-backward": [(2, 2)]
    }  # fmt: skip
    assert layers_held("forget_gate:0@2/3") == {"1": [(2, 3)], "1-backward": [(2, 3)]}


def test_clamp_of_a_layer_holds_that_direction_alone() -> None:
    assert layers_held("forget_gate:0@3/layer:2") == {"2": [(3, 1), (3, 2)]}
    assert layers_held("forget_gate:0@3/1/layer:1-backward") == {"1-backward": [(3, 1)]}
    assert layers_held("forget_gate:0@1/1/layer:1", "forget_gate:1@2/1/layer:1") == {
        "1": [(1, 1), (2, 1)]
    }
    with pytest.raises(InputError, match="names unit 3; layer 2 has units 1 to 2"):
        layers_held("forget_gate:0@3/3/layer:2")
    have = "names layer 3; the run has layers 1, 1-backward, 2, 2-backward"
    with pytest.raises(InputError, match=have):
        layers_held("forget_gate:0@3/layer:3")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("forget_gate:0@3", ("forget_gate", 0.0, 3)),
        ("output_gate:0@*/7", ("output_gate", 0, "*", "7")),
        ("input_gate:0.25@2/layer:1", ("input_gate", 0.25, 2, "*", "1")),
        ("candidate:-1@2/1-3/layer:2-backward", ("candidate", -1, 2, "1-3", "2-backward")),
    ],
)
def test_clamp_written_is_the_one_read(text: str, parts: tuple[Any, ...]) -> None:
    assert written(*parts) == text
    assert parse([text])[0].text == text
