"""Files that visitors bring, over HTTP: opened, shown, run as PyTorch runs them, and taken back."""

import html
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pytest
import safetensors.numpy

from gate_explorer.engine import lstm
from gate_explorer.weights import torch
from gate_explorer.weights.files import read
from gate_explorer.zoo.samples import SAMPLES as SAMPLES_OF_OURS
from gate_explorer.zoo.samples import Sample
from tests.engine.builders import draw_lstm
from tests.server import running_server
from tests.web.reading import read_html
from tests.weights.samples import npz, samples, two_layers

SAMPLES = samples()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("uploads")
    environment = {"GATE_EXPLORER_UPLOADS": str(folder), "GATE_EXPLORER_MAX_UPLOAD": "700000"}
    with running_server(environment) as server, httpx.Client(base_url=server.url) as client:
        client.timeout = httpx.Timeout(60)
        yield client


def brought(site: httpx.Client, data: bytes, **choices: str) -> dict[str, Any]:
    answer = site.post("/api/v1/models", files={"file": ("mine", data)}, data=choices)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == found["links"]["self"]
    return found


def drawn(seed: int = 3) -> tuple[lstm.LSTMParameters, bytes]:
    cell = draw_lstm(np.random.default_rng(seed), 3, 2, np.float32)
    tensors = {
        "weight_ih_l0": cell.weight_ih,
        "weight_hh_l0": cell.weight_hh,
        "bias_ih_l0": cell.bias,
        "bias_hh_l0": np.zeros_like(cell.bias),
    }
    return cell, safetensors.numpy.save(tensors)


def take_back(site: httpx.Client, found: dict[str, Any], token: str | None = None) -> int:
    headers = {"Authorization": f"Bearer {token or found['token']}"}
    return site.delete(found["links"]["self"], headers=headers).status_code


@pytest.mark.parametrize("name", SAMPLES)
def test_file_of_every_kind_opens_with_every_drawer(site: httpx.Client, name: str) -> None:
    found = brought(site, SAMPLES[name])
    assert found["provenance"] == "uploaded"
    assert found["interpretation"]["network"] in found["interpretation"]["networks"]
    trace = site.get(f"{found['links']['trace']}?{found['examples'][0]}")
    assert len(trace.json()["steps"]) == 12
    page = found["links"]["page"]
    for drawer in ("none", "unit", "hold", "run", "gradients", "table", "about"):
        assert site.get(f"{page}?drawer={drawer}").status_code == 200, drawer
    for address in (f"/embed{page}", f"/compare?a={found['id']}", f"{page}?t=3&names=symbols"):
        assert site.get(address, follow_redirects=True).status_code == 200, address
    assert take_back(site, found) == 204


def test_numbers_are_those_of_the_engine_on_the_file_s_own_weights(site: httpx.Client) -> None:
    cell, data = drawn()
    found = brought(site, data)
    vectors = [[0.5, -1.0, 2.0], [1.0, 0.25, -0.5], [0.0, 3.0, 1.0]]
    trace = site.post(found["links"]["trace"], json={"vectors": vectors}).json()
    h = [step["layers"][0]["hidden_state"] for step in trace["steps"]]
    expected = lstm.forward(cell, np.array(vectors, np.float32)[:, None]).h[:, 0]
    np.testing.assert_allclose(h, expected, rtol=0, atol=1e-6)


def test_form_names_its_json_twin_before_a_file_and_after(site: httpx.Client) -> None:
    for answer in (site.get("/open"), site.post("/open", files={"file": drawn(32)[1]})):
        twin = read_html(answer.text).one("link", rel="alternate", type="application/json")
        found = site.get(twin.get("href")).json()
        assert ("models" if answer.status_code == 200 else "id") in found


def test_gradients_of_a_file_are_of_a_unit_and_have_no_twin(site: httpx.Client) -> None:
    found = brought(site, drawn(31)[1])
    address = f"{found['links']['gradients']}?{found['examples'][0]}"
    answer = site.get(f"{address}&of=2").json()
    assert (answer["of"], answer["rnn"], answer["trained_there"]) == ("unit 2", None, None)
    assert len(answer["steps"]) == 12
    last = answer["steps"][-1]
    assert (last["hidden_gradient_norm"], last["forget_product"]) == (1, 1)
    assert all(step["cell_gradient_norm"] > 0 for step in answer["steps"])
    assert site.get(address).json()["of"] in {"unit 1", "unit 2"}
    assert site.get(f"{address}&of=3").status_code == 422
    page = site.get(f"{found['links']['page']}?drawer=gradients").text
    assert "The answer after step 12 is what unit" in html.unescape(page)
    assert "of its logit" not in page


def test_gradients_of_a_file_that_reads_backwards_are_refused_in_words(site: httpx.Client) -> None:
    found = brought(site, SAMPLES["torch.safetensors"])
    refused = site.get(f"{found['links']['gradients']}?{found['examples'][0]}")
    assert refused.status_code == 422
    assert "Open the forward layer alone" in refused.json()["detail"]
    page = site.get(f"{found['links']['page']}?drawer=gradients").text
    assert "Open the forward layer alone" in html.unescape(page)


def test_same_file_is_the_same_model_until_its_last_token_is_given_up(site: httpx.Client) -> None:
    first, second = (brought(site, drawn(5)[1]) for _ in range(2))
    assert first["id"] == second["id"]
    assert first["token"] != second["token"]
    assert take_back(site, first, "another") == 404
    assert take_back(site, first) == 204
    assert site.get(first["links"]["page"]).status_code == 200
    assert take_back(site, second) == 204
    assert take_back(site, second) == 404
    for link in ("page", "self"):
        assert site.get(first["links"][link]).status_code == 404


def test_no_answer_about_a_model_outlives_it(site: httpx.Client) -> None:
    found = brought(site, drawn(8)[1])
    query = found["examples"][0]
    addresses = [
        f"{found['links']['page']}?{query}",
        f"{found['links']['trace']}?{query}",
        f"{found['links']['trace']}.png?{query}",
        f"/compare?a={found['id']}?{query}&b=toy-rules?x=3,1,0&t=1",
    ]
    for address in addresses:
        answer = site.get(address, follow_redirects=True)
        assert answer.status_code == 200, address
        assert answer.headers["cache-control"] == "no-store", address
        assert "etag" not in answer.headers
    assert take_back(site, found) == 204
    for address in addresses:
        assert site.get(address, follow_redirects=True).status_code in {404, 422}, address


def test_wide_network_has_an_example_whose_address_can_be_asked_for(site: httpx.Client) -> None:
    cell = draw_lstm(np.random.default_rng(9), 900, 2, np.float32)
    found = brought(site, safetensors.numpy.save(torch.to_torch(cell)))
    assert len(found["examples"][0]) < 16_000
    assert site.get(found["links"]["page"]).status_code == 200
    trace = site.get(f"{found['links']['trace']}?{found['examples'][0]}").json()
    assert len(trace["steps"]) == 2


def test_choices_are_another_model_and_are_said(site: httpx.Client) -> None:
    data = SAMPLES["stacked.npz"]
    plain, chosen = brought(site, data), brought(site, data, gate_order="iofg")
    assert plain["id"] != chosen["id"]
    assert chosen["interpretation"]["gate_order"] == "iofg"


def test_models_brought_are_in_no_list(site: httpx.Client) -> None:
    found = brought(site, drawn(6)[1])
    listed = site.get("/api/v1/models").json()["models"]
    assert found["id"] not in {card["id"] for card in listed}


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"hello", 422),
        (b"\x80\x04K\x01.", 415),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", 422),
        (bytes(700_001), 413),
        (bytes(900_000), 413),
        (b"[]", 422),
    ],
    ids=["text", "pickle", "pointer", "large", "larger", "nothing"],
)
def test_what_cant_be_opened_is_refused_in_words(
    site: httpx.Client, data: bytes, status: int
) -> None:
    answer = site.post("/api/v1/models", files={"file": ("mine", data)})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.json()["detail"]) > 40
    assert "called ." not in answer.json()["detail"]
    assert site.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"data": {"layout": "keras"}, "files": {"other": b""}}, 422, "no such field"),
        ({"files": {"layout": (None, "keras")}}, 422, "no file"),
        ({"files": [("file", b"a"), ("file", b"b")]}, 422, "several files"),
        ({"json": {}}, 415, "multipart/form-data"),
        (
            {"files": {"file": SAMPLES["gates.npz"]}, "data": {"vocabulary": "a"}},
            422,
            "no embedding",
        ),
        ({"files": {"file": b"a"}, "data": {"vocabulary": "{}"}}, 422, "vocabulary’s JSON"),
        ({"files": {"file": b"a"}, "data": {"layout": "mine"}}, 422, "layout"),
    ],
)
def test_form_that_is_not_right_is_told_what_is_wrong(
    site: httpx.Client, sent: dict[str, Any], status: int, words: str
) -> None:
    answer = site.post("/api/v1/models", **sent)
    assert answer.status_code == status, answer.text
    assert words in answer.text


def test_form_that_is_no_form_is_malformed(site: httpx.Client) -> None:
    part = b"--x\r\nA: b\r\n\r\nc\r\n--x--"
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data"):
        headers = {"Content-Type": kind}
        answer = site.post("/api/v1/models", content=part, headers=headers)
        assert answer.status_code == 400, answer.text


def test_network_that_is_not_there_is_answered_with_those_that_are(site: httpx.Client) -> None:
    answer = site.post(
        "/api/v1/models",
        files={"file": SAMPLES["graph.keras"]},
        data={"network": "none"},
    )
    assert answer.status_code == 422
    assert (
        brought(site, SAMPLES["graph.keras"])["interpretation"]["networks"]
        == (answer.json()["choices"]["network"])
    )


def test_form_shows_what_was_understood_and_what_is_at_fault(site: httpx.Client) -> None:
    assert 'enctype="multipart/form-data"' in site.get("/open").text
    page = site.post("/open", files={"file": ("<b>.npz", SAMPLES["stacked.npz"])})
    assert page.status_code == 201
    assert "the gates stand in the order ifgo" in page.text
    refused = site.post("/open", files={"file": ("a", b"hello")})
    assert refused.status_code == 422
    assert "of no kind that is known" in refused.text


def test_site_without_a_folder_takes_nothing(client: httpx.Client) -> None:
    assert client.post("/api/v1/models", files={"file": b"a"}).status_code == 404
    assert client.get("/open").status_code == 404
    assert client.get("/models/own-0").status_code == 404


def test_layer_looked_at_is_in_pictures_pages_and_lanes_and_not_in_data(
    site: httpx.Client,
) -> None:
    found = brought(site, npz(torch.stack_to_torch(two_layers())))
    page, trace = found["links"]["page"], found["links"]["trace"]
    query = f"{found['examples'][0]}&t=3"
    lower = f"{query}&layer=1-backward"
    for ending in ("svg", "html"):
        both = [site.get(f"{trace}.{ending}?{each}").text for each in (query, lower)]
        assert both[0] != both[1]
        assert "In layer 1, backward, at step 3" in both[1]
    assert f"trace.csv?{query[:-4]}" in site.get(f"{page}?{lower}").text
    refused = site.get(f"{trace}.svg?{query}&layer=7")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["loc"] == ["layer"]
    lane = f"{found['id']}?{found['examples'][0]}"
    other = f"{lane}%26layer=1-backward"
    beside = site.get(f"/compare?a={lane}&b={other}&t=3", follow_redirects=True)
    assert beside.status_code == 200
    assert "They are different layers" in beside.text
    assert "They read the same; what they make of it is no answer." in beside.text
    assert "B: Your LSTM, layer 1, backward" in beside.text


def test_kept_file_is_read_again_with_other_choices_and_nothing_sent(site: httpx.Client) -> None:
    first = brought(site, SAMPLES["stacked.npz"])
    form = {"again": (None, first["id"]), "gate_order": (None, "oifg"), "layout": (None, "auto")}
    page = site.post("/open", files=form)
    assert page.status_code == 201, page.text
    other = page.text.split('href="/models/')[-1]
    addresses = [part.split('"')[0] for part in page.text.split('class="primary" href="')[1:]]
    direct = brought(site, SAMPLES["stacked.npz"], gate_order="oifg")
    assert f"/models/{direct['id']}" in addresses, other[:80]
    assert direct["id"] != first["id"]
    gone = site.post("/open", files={"again": (None, "own-" + "0" * 30)})
    assert gone.status_code == 404


def test_about_shows_how_the_file_was_read_and_what_can_be_chosen(site: httpx.Client) -> None:
    found = brought(site, SAMPLES["graph.keras"])
    about = site.get(f"{found['links']['page']}?drawer=about").text
    assert f'name="again" value="{found["id"]}"' in about
    for network in found["interpretation"]["networks"]:
        assert html.escape(network) in about


def test_vocabulary_makes_texts_of_indices(site: httpx.Client) -> None:
    data = SAMPLES["torch.safetensors"]
    embedding = read(data).embedding
    assert embedding
    words = [f"w{n}" for n in range(len(embedding.matrix))]
    found = brought(site, data, vocabulary="\n".join(words))
    assert found["input"] == "words"
    trace = site.get(found["links"]["trace"], params={"text": "w1 nothing w0"}).json()
    assert [step["known"] for step in trace["steps"]] == [True, False, True]
    np.testing.assert_allclose(trace["steps"][0]["x"], embedding.matrix[1], rtol=1e-6)
    page = site.get(f"{found['links']['page']}?text=w1+nothing+w0&t=2").text
    assert "not in its vocabulary" in page
    files = {"file": data, "vocabulary": json.dumps(dict.fromkeys(words, 0)).encode()}
    refused = site.post("/api/v1/models", files=files)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["loc"] == ["vocabulary"]
    assert "to “w0” and to “w1”" in refused.json()["detail"]


SCRIPT = "<script>alert(1)</script>"


def test_names_and_words_of_a_file_are_escaped_everywhere(site: httpx.Client) -> None:
    """Scripts as names of tensors, of what is left unread, and as words of the vocabulary."""
    rng = np.random.default_rng(4)
    cell = draw_lstm(rng, 3, 2, np.float32)
    tensors = {f"{SCRIPT}.lstm.{name}": each for name, each in torch.to_torch(cell).items()}
    tensors[f"{SCRIPT}.embedding.weight"] = rng.normal(size=(4, 3)).astype(np.float32)
    tensors[f"{SCRIPT}.unread"] = np.zeros(3, np.float32)
    words = [f"{SCRIPT}{n}" for n in range(3)]
    files: dict[str, tuple[str | None, bytes]] = {
        "file": (f"{SCRIPT}.safetensors", safetensors.numpy.save(tensors)),
        "vocabulary": (None, "\n".join([*words, "\"'><img src=x>"]).encode()),
    }
    opened = site.post("/open", files=files)
    assert opened.status_code == 201
    found = site.post("/api/v1/models", files=files).json()
    page, query = found["links"]["page"], f"text={quote(' '.join([words[0], SCRIPT]))}"
    drawers = ("none", "unit", "hold", "run", "gradients", "about")
    addresses = (
        *(f"{page}?{query}&drawer={drawer}&tables=shown&t=1" for drawer in drawers),
        f"/embed{page}?{query}",
        f"/share{page}?{query}",
        f"/compare?a={found['id']}?{quote(query)}&b={found['id']}",
        f"{found['links']['trace']}.svg?{query}",
        f"{found['links']['trace']}.html?{query}",
        f"{page}?layer={SCRIPT}",
        f"{page}?text={quote(SCRIPT)}",
    )
    pages = [site.get(address, follow_redirects=True).text for address in addresses]
    assert sum("script&gt;" in each for each in pages) > len(pages) / 2
    for each in (opened.text, *pages):
        assert "<script>alert" not in each
        assert "<img src=x" not in each


def test_picker_of_a_comparison_offers_what_the_address_names_and_no_other(
    site: httpx.Client,
) -> None:
    own, other, third = (brought(site, drawn(seed)[1]) for seed in (21, 22, 23))
    both = f"/compare?a={own['id']}&b={other['id']}"
    page = site.get(both, follow_redirects=True).text
    for name, shown in ((own["id"], True), (other["id"], True), (third["id"], False)):
        assert (f'<option value="{name}"' in page) == shown
    picked = site.get(f"{both}&a_model={other['id']}", follow_redirects=True)
    assert str(picked.url.query, "ascii").startswith(f"a={other['id']}")
    assert site.get("/compare", follow_redirects=True).text.count('value="own-') == 0


@pytest.mark.parametrize("one", SAMPLES_OF_OURS, ids=lambda one: one.name)
def test_sample_of_ours_is_downloaded_and_opened_in_one_press(
    site: httpx.Client, one: Sample
) -> None:
    assert f"/open/samples/{one.name}" in site.get("/open").text
    assert site.get(f"/open/samples/{one.name}").content == one.data
    page = site.post("/open", files={"sample": (None, one.name)})
    assert page.status_code == 201, page.text
    desk = site.get(page.text.split('class="primary" href="')[1].split('"')[0])
    assert desk.status_code == 200
    assert one.name in desk.text
    assert site.get("/open/samples/none").status_code == 404
    assert site.post("/open", files={"sample": (None, "none")}).status_code == 404


def test_series_is_given_to_a_file_s_network_with_names_and_units(site: httpx.Client) -> None:
    cell, data = drawn(11)
    found = brought(site, data)
    rows = [[3.0, 1.0, 10.0], [5.0, 1.5, 30.0], [4.0, 4.5, 20.0]]
    text = "\n".join(f"2020-0{n + 1};{';'.join(map(str, row))}" for n, row in enumerate(rows))
    form = {"series": f"date;<i>a</i> (m);b;c [°C]\n{text}", "scaling": "spread"}
    answer = site.post(f"{found['links']['page']}/series", data=form)
    assert answer.status_code == 303, answer.text
    location = answer.headers["location"]
    page = site.get(location).text
    for told in (
        "&lt;i&gt;a&lt;/i&gt; (m) · b · c (°C)",
        "2020-03",
        "20\xa0°C",
        "less 4, by 0.816497",
    ):
        assert told in page, told
    assert "<i>a" not in page
    trace = site.get(f"{found['links']['trace']}?{location.partition('?')[2]}").json()
    x = np.array(rows)
    scaled = ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32)
    np.testing.assert_allclose([step["x"] for step in trace["steps"]], scaled, rtol=1e-6)
    h = [step["layers"][0]["hidden_state"] for step in trace["steps"]]
    np.testing.assert_allclose(h, lstm.forward(cell, scaled[:, None]).h[:, 0], rtol=0, atol=1e-6)
    take_back(site, found)


def test_series_of_another_width_is_told_what_the_network_reads(site: httpx.Client) -> None:
    found = brought(site, drawn(12)[1])
    for text, told in (
        ("a,b\n1,2", "The model reads 3 numbers at a step; the series has 2 columns: a, b"),
        ("a,b,c,d\n1,2,3,4", "Name the 3 to read"),
        ("a,b,c\n1,2,3e7", "Row 1: c is 3e+07; it should be -1e+06 to 1e+06"),
    ):
        form = {"series": text, "scaling": "none"}
        answer = site.post(f"{found['links']['page']}/series", data=form)
        assert answer.status_code == 422
        assert told in answer.text
    take_back(site, found)


def test_file_read_again_keeps_its_vocabulary_where_that_fits(site: httpx.Client) -> None:
    data = SAMPLES["words.keras"]
    embedding = read(data).embedding
    assert embedding
    words = "\n".join(f"w{n}" for n in range(len(embedding.matrix)))
    first = brought(site, data, vocabulary=words)
    assert first["input"] == "words"
    for network, reads in (("both > upper", "words in"), ("upper", "numbers a step in")):
        form = {"again": (None, first["id"]), "network": (None, network)}
        page = site.post("/open", files=form)
        assert page.status_code == 201, page.text
        assert reads in page.text
    direct = brought(site, data, vocabulary=words, network="both > upper")
    form = {"again": (None, first["id"]), "network": (None, "both > upper")}
    assert f"/models/{direct['id']}" in site.post("/open", files=form).text
