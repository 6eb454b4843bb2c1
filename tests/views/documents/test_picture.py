"""The picture: the page's scales and numbers as places, colours from the style sheet, safe text."""

import dataclasses
import io
import re
from functools import cached_property
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from app.views.address.state import ExplorerState
from app.views.documents.picture import (
    BARS_LEFT,
    BARS_RIGHT,
    HEIGHT,
    WIDTH,
    Drawn,
    Picture,
    Theme,
    animation,
    clip,
    colours,
    columns,
    grounds,
    inks,
    printable,
    wrap,
)
from app.views.documents.raster import to_gif, to_png
from app.views.equation.explorer import OF_THE_STEP, WINDOW, Explorer
from app.web.pages import templates
from gate_explorer.runs.inputs import Options, Text, Token, Vectors
from gate_explorer.runs.outputs import NextTokenOutput
from gate_explorer.runs.run import RNNLayer, Run, gated
from gate_explorer.zoo.registry import get

BAR = re.compile(r"M([\d.]+) ([\d.-]+)h([\d.]+)v([\d.]+)h-[\d.]+z")
SIGNED = [(3.0, 1.0, 0.0), (-5.0, 1.0, 1.0), (2.0, -1.0, 0.0), (-0.5, 1.0, 1.0)]
RUNS: dict[str, Run] = {
    "toy": get("toy-rules").run(Vectors([(3, 1, 0), (5, 0, 1)]), None, Options()),
    "signed": get("toy-rules").run(Vectors(SIGNED), None, Options()),
    "soft": get("toy-lstm").run(Vectors(SIGNED), None, Options(sharpness=2.0)),
    "sentiment": get("sentiment").run(Text("The plot is a mess, but I loved it."), None, Options()),
}
SENTENCE = RUNS["sentiment"]
HIDDEN = SENTENCE.layers[0].h
UNITS = HIDDEN.shape[1]
RUNS["rnn"] = dataclasses.replace(
    SENTENCE,
    card=dataclasses.replace(SENTENCE.card, cell="rnn"),
    layers=(RNNLayer("forward", np.vstack([np.zeros_like(HIDDEN[:1]), HIDDEN[:-1]]), HIDDEN),),
)
RUNS["next"] = dataclasses.replace(
    SENTENCE,
    card=dataclasses.replace(SENTENCE.card, output="next_token"),
    outputs=tuple(
        NextTokenOutput((*"abcdefghijk", "\n", "<&>"), (*[0.04] * 11, 0.5, 0.06)) for _ in HIDDEN
    ),
)
each_run = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)


def picture(run: Run, t: int = 2, theme: Theme = "light", **state: object) -> Picture:
    return Picture(Explorer(run, ExplorerState.model_validate({"t": t, **state})), theme)


def svg(drawn: Picture) -> str:
    return templates.env.get_template("picture.svg").render(picture=drawn).strip()


def heights(drawn: Drawn, kind: str) -> dict[int, float]:
    """Each bar's height by its place from 0, up positive, in the drawing's units."""
    found = {}
    for name, path in drawn.paths:
        if name == kind:
            for x, y, width, height in (map(float, bar) for bar in BAR.findall(path)):
                middle = x + width / 2 - drawn.x
                place = int(middle / drawn.width * len(drawn.row.bars.sizes))
                found[place] = height if y < drawn.zero - 0.1 else -height
    return found


@each_run
def test_picture_bars_are_the_values_on_the_page_s_scales(run: Run) -> None:
    for t in range(1, len(run) + 1):
        shown = picture(run, t)
        for drawn in shown.rows:
            key = drawn.row.key
            values = getattr(run.layers[-1], key)[t - 1]
            found = heights(drawn, "draft" if drawn.row.bars.passing is not None else "bar")
            room = drawn.zero - drawn.y
            for place, value in enumerate(values[np.array(shown.explorer.drawn) - 1].tolist()):
                # In whole per cent of the scale; what isn't zero can be seen.
                share = value / shown.explorer.top(key)
                wanted = np.copysign(max(round(abs(share) * 100), 1), share) if value else 0.0
                assert found.get(place, 0.0) == pytest.approx(wanted / 100 * room, abs=0.11), key


@each_run
def test_picture_bars_stay_within_their_rows(run: Run) -> None:
    for t in range(1, len(run) + 1):
        for drawn in picture(run, t).rows:
            for _, path in drawn.paths:
                for x, y, width, height in (map(float, bar) for bar in BAR.findall(path)):
                    assert drawn.x - 0.1 <= x <= x + width <= drawn.x + drawn.width + 0.1
                    assert drawn.y - 0.2 <= y <= y + height <= drawn.y + drawn.height + 0.2


@each_run
def test_picture_rows_are_the_cells_own_and_do_not_overlap(run: Run) -> None:
    shown = picture(run)
    assert [drawn.row.key for drawn in shown.rows] == [q.key for q in run.equation.quantities]
    for above, below in pairwise(shown.rows):
        if shown.is_fat:
            assert above.x + above.width < below.x
        else:
            assert above.y + above.height < below.y
    assert all(drawn.y + drawn.height <= HEIGHT for drawn in shown.rows)


def test_picture_row_is_few_paths_whatever_the_number_of_units() -> None:
    for drawn in picture(RUNS["sentiment"]).rows:
        assert len(drawn.paths) <= 3
        assert len(drawn.row.bars.sizes) == UNITS


def test_picture_marks_the_chosen_unit_in_one_outline() -> None:
    for unit in (1, UNITS):
        shown = picture(RUNS["sentiment"], unit=unit)
        x, width = shown.column
        place = shown.explorer.drawn.index(unit)
        assert x == pytest.approx(BARS_LEFT + (BARS_RIGHT - BARS_LEFT) * place / UNITS)
        assert svg(shown).count('class="chosen"') == 1
        assert width == pytest.approx((BARS_RIGHT - BARS_LEFT) / UNITS)


@each_run
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_picture_is_xml_in_the_theme_s_colours_alone(run: Run, theme: Theme) -> None:
    text = svg(picture(run, theme=theme))
    root = ElementTree.fromstring(text)
    assert (root.get("width"), root.get("height")) == (str(WIDTH), str(HEIGHT))
    used = set(re.findall(r"(?:fill|stroke)=\"([^\"]+)\"", text)) - {"none"}
    assert used <= set(colours()[theme].values())
    assert "<style" not in text
    assert "style=" not in text
    assert "<script" not in text
    assert "href" not in text


def test_picture_has_words_for_those_who_cannot_see_it() -> None:
    shown = picture(RUNS["sentiment"])
    root = ElementTree.fromstring(svg(shown))
    named = {element.get("id"): "".join(element.itertext()) for element in root.iter()}
    assert root.get("aria-labelledby") == "picture-title picture-story"
    assert named["picture-title"] == f"plot, step 2 of 11: {SENTENCE.card.title}"
    assert named["picture-story"].split() == shown.explorer.story.split()


def test_picture_of_an_rnn_has_its_state_alone() -> None:
    first, last = picture(RUNS["rnn"]).rows
    assert (first.row.name, last.row.name) == ("Shown before", "Shown now")


def test_picture_of_what_comes_next_shows_the_likeliest() -> None:
    shown = picture(RUNS["next"])
    assert shown.headline == ["⏎"]
    assert len(shown.classes) == 5
    assert shown.classes[0].value == 0.5
    assert [share.label for share in shown.classes[1:2]] == ["<&>"]
    assert "&lt;&amp;&gt;" in svg(shown)


def test_picture_with_textbook_names_has_no_nicknames() -> None:
    text = svg(picture(RUNS["sentiment"], names="symbols"))
    assert "Forget gate" in text
    assert not re.search("Eraser|Filter|Writer|Presenter", text)


def with_token(text: str) -> Run:
    run = RUNS["sentiment"]
    assert run.tokens
    tokens = (run.tokens[0], Token(text, text, known=False), *run.tokens[2:])
    return dataclasses.replace(run, tokens=tokens)


@given(st.text(st.characters(codec=None, categories=None), min_size=1, max_size=60))
def test_picture_is_xml_for_any_token(text: str) -> None:
    root = ElementTree.fromstring(svg(picture(with_token(text))).encode())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))


@pytest.mark.parametrize(
    "text",
    ["\ud800", "\x00\x07", "\ufffe", "]]><script>alert(1)</script>", '"&<>', "\u202e\u2066a"],
)
def test_picture_of_a_hostile_token_can_be_drawn(text: str) -> None:
    drawn = svg(picture(with_token(text)))
    assert "<script>" not in drawn
    with Image.open(io.BytesIO(to_png(drawn))) as image:
        assert image.size == (WIDTH, HEIGHT)


def test_picture_of_a_long_run_keeps_the_step_on_its_tape() -> None:
    run = get("sentiment").run(Text(" ".join(f"word{n}" for n in range(1, 301))), None, Options())
    for t in (1, 150, 300):
        shown = picture(run, t)
        now = [text for text, when in shown.tape if when == "now" and text.strip()]
        assert now == [f"word{t}"]
        assert columns("".join(text for text, _ in shown.tape)) <= 56


def test_animation_has_a_frame_a_step() -> None:
    frames = list(animation(Explorer(RUNS["sentiment"], ExplorerState(t=3)), "light", 60))
    assert [frame.explorer.t for frame in frames] == list(range(1, 12))
    assert {frame.note for frame in frames} == {""}
    assert svg(frames[4]) == svg(picture(RUNS["sentiment"], 5))


def test_animation_of_a_long_run_is_a_window_and_says_so() -> None:
    run = get("sentiment").run(Text("good bad " * 100), None, Options())
    frames = list(animation(Explorer(run, ExplorerState(t=100)), "dark", 60))
    assert len(frames) == WINDOW
    steps = [frame.explorer.t for frame in frames]
    assert 100 in steps
    assert frames[0].note == f"steps {steps[0]} to {steps[-1]} of 200"
    assert frames[0].note in svg(frames[0])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_gif_has_every_colour_of_the_theme_for_its_own(theme: Theme) -> None:
    frames = [svg(frame) for frame in animation(picture(RUNS["sentiment"]).explorer, theme, 60)]
    with Image.open(io.BytesIO(to_gif(frames, inks(theme), grounds(theme)))) as image:
        found = {colour for _, colour in image.convert("RGB").getcolors(1 << 20) or ()}
        assert len(list(ImageSequence.Iterator(image))) == len(frames)
        assert image.info["loop"] == 0
    for name in ("page", "panel", "bar-forget", "bar-input", "bar-output", "bar-hidden"):
        wanted = tuple(bytes.fromhex(colours()[theme][name][1:]))
        assert wanted in found, name


def test_colours_are_the_style_sheet_s_pairs() -> None:
    assert colours()["light"]["bar-forget"] == "#d55e00"
    assert colours()["light"].keys() == colours()["dark"].keys()
    assert len(colours()["light"]) >= 20


@pytest.mark.parametrize(
    ("text", "wide"), [("abc", 3), ("漢字", 4), ("e\u0301", 1), ("", 0), ("a\u200d", 1)]
)
def test_columns_count_what_is_seen(text: str, wide: int) -> None:
    assert columns(text) == wide


@given(st.text(), st.integers(2, 30))
def test_clip_keeps_to_its_room(text: str, most: int) -> None:
    clipped = clip(text, most)
    assert columns(clipped) <= most
    assert len(clipped) <= 2 * most
    assert clipped == text or len(text) > 2 * most or clipped.endswith("…")


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=1), max_size=40))
def test_wrap_keeps_to_its_lines(words: list[str]) -> None:
    lines = wrap(" ".join(words), 30, 2)
    assert len(lines) <= 2
    assert all(columns(line) <= 30 for line in lines)


@given(st.text(st.characters(codec=None, categories=None)))
def test_printable_text_can_stand_in_xml(text: str) -> None:
    shown = printable(text)
    escaped = shown.replace("&", "&amp;").replace("<", "&lt;")
    ElementTree.fromstring(f"<p>{escaped}</p>".encode())


@each_run
def test_picture_at_another_step_has_nothing_of_the_first(run: Run) -> None:
    known = [name for name, kind in vars(Explorer).items() if isinstance(kind, cached_property)]
    assert set(OF_THE_STEP) < set(known)
    first = Explorer(run, ExplorerState(t=1))
    for name in known:
        getattr(first, name)
    other, fresh = first.at(2), Explorer(run, ExplorerState(t=2))
    for name in known:
        assert np.all(getattr(other, name) == getattr(fresh, name)), name


def test_picture_of_sorted_units_draws_and_marks_each_at_its_place() -> None:
    moved = picture(SENTENCE, sort="similarity", only=8, unit=5)
    drawn_units = moved.explorer.drawn
    x, width = moved.column
    assert x == pytest.approx(BARS_LEFT + width * drawn_units.index(5))
    eraser = next(drawn for drawn in moved.rows if drawn.row.key == "f")
    room, found = eraser.zero - eraser.y, heights(eraser, "bar")
    for place, unit in enumerate(drawn_units):
        share = max(round(float(gated(SENTENCE.layers[0]).f[1, unit - 1]) * 100), 1)
        assert found[place] == pytest.approx(share / 100 * room, abs=0.11)


def test_pictures_of_who_guesses_end_at_the_step_shown() -> None:
    run = get("sentiment").run(Text("The movie was not good."), None, Options())
    explorer = Explorer(run, ExplorerState(t=4, guess="first"))
    drawn = list(animation(explorer, "light", 20))
    assert [picture.explorer.t for picture in drawn] == [1, 2, 3, 4]
    assert drawn[-1].curve is not None
    assert drawn[-1].curve.open_dots == ""
    free = list(animation(Explorer(run, ExplorerState(t=4)), "light", 20))
    assert len(free) == len(run)
