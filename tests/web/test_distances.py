"""The experiment's page over HTTP: its address is its state, and it works without a script."""

import httpx

from tests.web.asking import problem
from tests.web.reading import HTML, HTMX, read_html

PAGE = "/models/adding/distances"


def test_page_tells_what_the_network_learned(client: httpx.Client) -> None:
    before, after = (
        read_html(client.get(f"{PAGE}?checkpoint={name}").text).one(id="told").text
        for name in ("step-722", "step-1700")
    )
    assert "doesn’t hold" in before or "holds less" in before
    assert "the network has learned to hold" in after


def test_page_names_its_twin_as_json_which_has_the_same_figures(client: httpx.Client) -> None:
    page = read_html(client.get(PAGE).text)
    twin = page.one("link", rel="alternate", type="application/json").get("href")
    lines = client.get(twin).json()["lines"]
    line = next(
        one for one in lines
        if (one["model"], one["checkpoint"], one["of"]) == ("adding", "step-4000", "memory")
    )  # fmt: skip
    assert f"{line['mean'][2] * 100:.0f} %" in page.one("tbody").text


def test_slider_without_a_script_goes_to_the_checkpoints_address(client: httpx.Client) -> None:
    answer = client.get(f"{PAGE}?point=6", follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PAGE}?checkpoint=step-722")
    last = client.get(f"{PAGE}?point=8", follow_redirects=False)
    assert last.headers["Location"] == PAGE


def test_slider_with_htmx_gets_the_part_and_its_address(client: httpx.Client) -> None:
    answer = client.get(f"{PAGE}?point=6", headers=HTMX)
    assert answer.headers["HX-Replace-Url"] == f"{PAGE}?checkpoint=step-722"
    assert answer.text.lstrip().startswith("<title>")
    assert "<html" not in answer.text
    assert "HX-Request" in answer.headers["Vary"]


def test_page_of_what_isnt_there_says_what_is(client: httpx.Client) -> None:
    assert client.get("/models/counter/distances").status_code == 404
    assert client.get("/models/none/distances").status_code == 404
    problem(client.get("/api/v1/models/counter/gradients/distances"), 404)
    wrong = client.get(f"{PAGE}?checkpoint=step-5", headers=HTML)
    assert wrong.status_code == 422
    assert "there are step-0, step-10" in wrong.text


def test_experiment_is_linked_from_tip_glossary_and_drawer(client: httpx.Client) -> None:
    link = f'href="{PAGE}"'
    assert link in client.get("/glossary").text
    assert link in client.get("/models/counter?text=aabb").text
    assert client.get("/models/counter?text=aabb&drawer=gradients").text.count(link) == 2
    assert link not in client.get("/embed/models/counter?text=aabb").text
