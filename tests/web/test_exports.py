"""The exports from outside: every file holds the trace, every picture can be opened."""

import csv
import io
import json
import re
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import httpx
import numpy as np
import pytest
from PIL import Image, ImageSequence

from app.views.cost import most_frames
from gate_explorer.analysis.words import number, signed
from gate_explorer.zoo.registry import get
from tests.web.asking import EVERY_MODEL, INPUTS, MODEL_IDS, api, given, problem, trace
from tests.web.reading import read_html

FIELDS = (
    "forget_gate", "input_gate", "candidate", "output_gate", "cell_state", "hidden_state",
)  # fmt: skip
ENDINGS = {
    "csv": "text/csv; charset=utf-8",
    "npz": "application/octet-stream",
    "ndjson": "application/x-ndjson",
    "svg": "image/svg+xml",
    "png": "image/png",
    "gif": "image/gif",
    "html": "text/html; charset=utf-8",
}
LOOKED_AT = ("svg", "png", "gif", "html")
LONG = " ".join(["A good film, not bad"] * 85)
HOSTILE = (
    "<script>alert(1)</script> &amp; \"quoted\" 'single'",
    "]]> <!-- --> <![CDATA[",
    "\x00\x01\x0b\x1f control \x7f",
    "\ufffe \uffff \u202e turned \u2066",
    "漢字 שלום 😍 e\u0301\u0301\u0301 " + "w" * 400,
)


def export(
    client: httpx.Client, model_id: str, ending: str, query: str | None = None, **headers: str
) -> httpx.Response:
    """An export, which has to succeed, of its media type."""
    query = given(model_id) if query is None else query
    response = client.get(api(model_id, f"/trace.{ending}?{query}"), headers=headers)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == ENDINGS[ending]
    return response


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_csv_is_the_trace(client: httpx.Client, model_id: str) -> None:
    rows = list(csv.DictReader(io.StringIO(export(client, model_id, "csv").text, newline="")))
    wanted = [
        {
            "t": step["t"],
            "token": step["token"] or "",
            "layer": k,
            "direction": layer["direction"],
            "unit": unit + 1,
            **{field: layer[field][unit] if layer[field] else "" for field in FIELDS},
        }
        for step in trace(client, model_id)["steps"]
        for k, layer in enumerate(step["layers"], 1)
        for unit in range(len(layer["hidden_state"]))
    ]
    found = [
        {**row, **{name: int(row[name]) for name in ("t", "layer", "unit")}}
        | {field: float(row[field]) if row[field] else "" for field in FIELDS}
        for row in rows
    ]
    assert found == wanted


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_npz_is_the_trace(client: httpx.Client, model_id: str) -> None:
    steps = trace(client, model_id)["steps"]
    content = export(client, model_id, "npz").content
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        arrays = dict(archive)
    for field in FIELDS:
        if steps[0]["layers"][0][field] is None:  # a vanilla RNN has no gates
            assert f"{field}_l0" not in arrays
            continue
        array = arrays[f"{field}_l0"]
        wanted = np.array([step["layers"][0][field] for step in steps], array.dtype)
        assert np.array_equal(array, wanted)
    assert np.array_equal(arrays["x"], np.array([s["x"] for s in steps], arrays["x"].dtype))
    assert arrays["t"].tolist() == [step["t"] for step in steps]
    assert ("tokens" in arrays) == (steps[0]["token"] is not None)
    if "tokens" in arrays:
        assert arrays["tokens"].tolist() == [step["token"] for step in steps]
        assert arrays["known"].tolist() == [step["known"] for step in steps]
    outputs_agree(arrays, [step["output"] for step in steps])


def outputs_agree(arrays: dict[str, np.ndarray], outputs: list[dict[str, Any]]) -> None:
    """The outputs as arrays are those of the steps, whatever their kind."""
    if outputs[0]["kind"] == "number":
        assert arrays["output_value"].tolist() == [each["value"] for each in outputs]
        assert arrays["output_shown"].tolist() == [each["shown"] for each in outputs]
        return
    if outputs[0]["kind"] == "classes":
        labels = arrays["labels"].tolist()
        for row, each in zip(arrays["probabilities"].tolist(), outputs, strict=True):
            assert dict(zip(labels, row, strict=True)) == each["probabilities"]
        if "score" in arrays:
            assert arrays["score"].tolist() == [each["score"] for each in outputs]
        return
    tops = zip(arrays["next_tokens"].tolist(), arrays["next_probabilities"].tolist(), strict=True)
    for (tokens, shares), each in zip(tops, outputs, strict=True):
        pairs = [(top["token"], top["probability"]) for top in each["top"]]
        assert list(zip(tokens, shares, strict=True)) == pairs


@pytest.mark.parametrize("model_id", EVERY_MODEL)
def test_ndjson_is_the_trace_a_step_a_line(client: httpx.Client, model_id: str) -> None:
    text = export(client, model_id, "ndjson").text
    assert text.endswith("\n")
    assert [json.loads(line) for line in text.splitlines()] == trace(client, model_id)["steps"]


def test_exports_keep_their_names(client: httpx.Client) -> None:
    names = {
        ending: export(client, "toy-rules", ending, "x=3,1,0;5,0,1&t=1").headers[
            "content-disposition"
        ]
        for ending in ENDINGS
    }
    assert names["csv"] == 'attachment; filename="toy-rules-trace.csv"'
    assert names["svg"] == 'inline; filename="toy-rules-step-1.svg"'
    assert names["html"] == 'attachment; filename="toy-rules-step-1.html"'


@pytest.mark.parametrize("text", HOSTILE)
def test_svg_is_safe_xml_for_any_text(client: httpx.Client, text: str) -> None:
    count = len(trace(client, "sentiment", text=text)["steps"])
    for t in {1, (count + 1) // 2, count}:
        response = export(client, "sentiment", "svg", f"text={quote(text)}&t={t}")
        root = ElementTree.fromstring(response.content)
        tags = {element.tag.removeprefix("{http://www.w3.org/2000/svg}") for element in root.iter()}
        assert tags <= {
            "svg", "title", "desc", "defs", "pattern", "g", "rect", "path", "text", "tspan",
        }  # fmt: skip
        for element in root.iter():
            assert not [name for name in element.attrib if name.startswith("on") or "href" in name]
            assert not re.search(r"url\((?!#)", " ".join(element.attrib.values()))


def test_svg_may_load_and_run_nothing(client: httpx.Client) -> None:
    for ending in ("svg", "html"):
        policy = export(client, "toy-rules", ending).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "sandbox" in policy
        assert "unsafe" not in policy


def test_svg_shows_the_step_and_unit_asked_for(client: httpx.Client) -> None:
    step = trace(client, "sentiment")["steps"][3]
    query = f"{given('sentiment')}&t=4&unit=7"
    root = ElementTree.fromstring(export(client, "sentiment", "svg", query).content)
    texts = ["".join(element.itertext()) for element in root.iter() if element.tag.endswith("text")]
    units = len(step["layers"][0]["cell_state"])
    assert f"step 4 of 12 · unit 7 of {units}" in texts
    for field in ("forget_gate", "input_gate", "output_gate"):
        assert number(step["layers"][0][field][6]) in texts
    assert signed(step["layers"][0]["candidate"][6]) in texts
    assert step["story"].split()[0] in " ".join(texts)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("model_id", MODEL_IDS)
def test_png_is_a_picture_of_its_size(client: httpx.Client, model_id: str, theme: str) -> None:
    response = export(client, model_id, "png", f"{given(model_id)}&t=2&theme={theme}")
    with Image.open(io.BytesIO(response.content)) as image:
        assert (image.format, image.size) == ("PNG", (1200, 630))
        pixels = image.convert("RGB")
    colours = pixels.getcolors(1 << 20)
    assert colours
    assert len(colours) > 50
    ground = max(colours)[1]
    assert isinstance(ground, tuple)
    assert (sum(ground) > 600) == (theme == "light")
    # There is something to see in the title, the tape, the words and the equation.
    for box in (
        (40, 25, 170, 50),
        (40, 70, 400, 100),
        (40, 118, 520, 142),
        (40, 200, 1160, 525),
    ):
        assert len(pixels.crop(box).getcolors(1 << 20) or ()) > 10, box


def frames(response: httpx.Response) -> int:
    with Image.open(io.BytesIO(response.content)) as image:
        assert image.format == "GIF"
        assert image.size == (600, 315)
        assert image.info["loop"] == 0
        return len([frame.load() for frame in ImageSequence.Iterator(image)])


@pytest.mark.parametrize("model_id", MODEL_IDS)
def test_gif_has_a_frame_a_step(client: httpx.Client, model_id: str) -> None:
    steps = trace(client, model_id)["steps"]
    assert frames(export(client, model_id, "gif")) == len(steps)


def test_exports_of_the_longest_run_are_bounded(client: httpx.Client) -> None:
    query = f"text={quote(LONG)}&t=300"
    assert len(trace(client, "sentiment", text=LONG)["steps"]) > 500
    sizes = {ending: len(export(client, "sentiment", ending, query).content) for ending in ENDINGS}
    assert frames(export(client, "sentiment", "gif", query)) == most_frames(
        get("sentiment").card, 512
    )
    assert sizes["svg"] < 30_000
    assert sizes["png"] < 300_000
    assert max(sizes.values()) < 4_000_000


def test_snapshot_needs_nothing_from_outside(client: httpx.Client) -> None:
    text = export(client, "sentiment", "html", f"{given('sentiment')}&t=4").text
    page = read_html(text.replace("<!doctype html>", ""))
    for tag in ("script", "link", "img", "iframe", "object", "form", "base"):
        assert not page.has(tag)
    assert not re.search(r"@import|url\((?!#)|src=", text)
    assert (
        page.one("meta", **{"http-equiv": "Content-Security-Policy"})
        .get("content")
        .startswith("default-src 'none'")
    )
    (link,) = [a.get("href") for a in page.all("a")]
    assert link.startswith(f"{client.base_url}/models/sentiment?text=I+didn")
    assert link.endswith("&t=4")
    assert client.get(link).status_code == 200


def test_snapshot_has_every_step_s_numbers_and_story(client: httpx.Client) -> None:
    steps = trace(client, "sentiment")["steps"]
    page = read_html(export(client, "sentiment", "html").text.replace("<!doctype html>", ""))
    items = page.all("li")
    for item, step in zip(items, steps, strict=True):
        assert item.one("h3").text == f"{step['t']}. {step['token']}"
        assert item.one("p").text == step["story"]
        rows = [[float(td.text) for td in tr.all("td")] for tr in item.one("tbody").all("tr")]
        columns = [step["layers"][0][field] for field in FIELDS]
        assert rows == [list(row) for row in zip(*columns, strict=True)]


@pytest.mark.parametrize("text", HOSTILE)
def test_snapshot_escapes_any_text(client: httpx.Client, text: str) -> None:
    page = export(client, "sentiment", "html", f"text={quote(text)}").text
    assert not read_html(page.replace("<!doctype html>", "")).has("script")


@pytest.mark.parametrize("ending", ENDINGS)
def test_export_in_hand_is_not_sent_again(client: httpx.Client, ending: str) -> None:
    first = export(client, "sentiment", ending, "text=love")
    whose = "private" if ending == "html" else "public"  # it names the site
    assert first.headers["cache-control"] == f"{whose}, max-age=300"
    path = api("sentiment", f"/trace.{ending}?text=love")
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert client.get(path, headers={"If-None-Match": 'W/"other"'}).status_code == 200


@pytest.mark.parametrize("ending", ["npz", "png", "gif"])
def test_export_is_the_same_bytes_each_time(client: httpx.Client, ending: str) -> None:
    first, again = (export(client, "sentiment", ending, "text=love").content for _ in range(2))
    assert first == again


def test_export_tags_differ_where_the_pictures_do(client: httpx.Client) -> None:
    queries = ("", "&t=1", "&unit=4", "&theme=dark", "&names=symbols")
    tags = {
        export(client, "sentiment", "png", f"text=I+love{query}").headers["etag"]
        for query in queries
    }
    assert len(tags) == len(queries)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    ("model_id", "query", "status"),
    [
        ("none", "x=3,1,0", 404),
        ("toy-rules", "", 422),
        ("toy-rules", "x=3,7,0", 422),
        ("toy-rules", "x=1,0,0&x=2,0,0", 422),
        ("toy-rules", "x=1,0,0&text=a", 422),
        ("toy-rules", "text=a", 422),
        ("toy-rules", "x=1,0,0&sharpness=4", 422),
        ("toy-rules", "x=1,0,0&clamp=forget_gate:0@2", 422),
        ("toy-rules", "x=" + "1,0,0;" * 513, 422),
        ("sentiment", "text=a&checkpoint=none", 422),
        ("sentiment", "text=%ff", 400),
    ],
)
def test_export_errors_are_those_of_the_trace(
    client: httpx.Client, ending: str, model_id: str, query: str, status: int
) -> None:
    found = problem(client.get(api(model_id, f"/trace.{ending}?{query}")), status)
    assert found == problem(client.get(api(model_id, f"/trace?{query}")), status)


@pytest.mark.parametrize("ending", LOOKED_AT)
@pytest.mark.parametrize("query", ["t=0", "t=x", "unit=0", "theme=pink"])
def test_picture_of_what_cannot_be_shown_is_refused(
    client: httpx.Client, ending: str, query: str
) -> None:
    found = problem(client.get(api("toy-rules", f"/trace.{ending}?x=1,0,0&{query}")), 422)
    assert found["errors"][0]["loc"] == [query.partition("=")[0]]


def test_picture_beyond_the_last_step_is_the_last(client: httpx.Client) -> None:
    beyond, last = (
        export(client, "toy-rules", "svg", f"x=1,1,0;2,1,1&t={t}").text for t in (99, 2)
    )
    assert beyond == last


@pytest.mark.parametrize("ending", ENDINGS)
def test_export_takes_get_alone(client: httpx.Client, ending: str) -> None:
    response = client.post(api("toy-rules", f"/trace.{ending}"), json=INPUTS["toy-rules"])
    problem(response, 405)
    assert response.headers["allow"] == "GET, HEAD"


def test_document_lists_the_exports_with_their_media_types(client: httpx.Client) -> None:
    paths: dict[str, Any] = client.get("/openapi.json").json()["paths"]
    for ending, media_type in ENDINGS.items():
        content = paths[f"/api/v1/models/{{model_id}}/trace.{ending}"]["get"]["responses"]["200"][
            "content"
        ]
        assert list(content) == [media_type.partition(";")[0]]
