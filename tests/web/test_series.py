"""A series pasted into the form: sent on to an address, or told what is wrong, over HTTP."""

import re
import statistics
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.views.documents import schema
from tests.web.asking import answer, api

Answer = httpx.Response
MARK = "<b>x</b>"
UNSCALED = {"scaling": "none"}


def paste(client: httpx.Client, text: str, model_id: str = "forecast", **fields: str) -> Answer:
    form = {"series": text, "scaling": "spread", **fields}
    return client.post(f"/models/{model_id}/series", data=form)


def query_of(response: httpx.Response) -> dict[str, str]:
    assert response.status_code == 303, response.text
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def test_pasted_series_becomes_an_address_that_says_it(client: httpx.Client) -> None:
    answered = paste(client, "year,flow (m³/s)\n1871,1120\n1872,1160\n1873,963")
    assert query_of(answered) == {
        "x": "1120;1160;963", "columns": "flow (m³/s)", "rows": "1871", "scaling": "spread",
        "drawer": "series",
    }  # fmt: skip
    page = client.get(answered.headers["Location"])
    assert page.status_code == 200
    for told in ("1873", "963 m³/s".replace(" ", "\xa0"), "for 1874 it expects", "flow (m³/s)"):
        assert told in page.text
    spread = statistics.pstdev([1120, 1160, 963])
    assert f"less 1081, by {spread:.6g}" in page.text


def test_file_is_read_as_what_is_pasted(client: httpx.Client) -> None:
    file = ("flow.csv", "\ufeffmonth;Pegel\n2020-01;1,5\n2020-02;2\n".encode(), "text/csv")
    answered = client.post("/models/forecast/series", files={"file": file}, data=UNSCALED)
    assert query_of(answered)["x"] == "1.5;2"


def test_trace_of_the_address_has_what_the_cell_received(client: httpx.Client) -> None:
    query = "x=3;1;7;5&columns=flow&scaling=spread"
    found = answer(client.get(api("forecast", f"/trace?{query}")), schema.Trace)
    scaled = [(v - 4) / 5**0.5 for v in (3, 1, 7, 5)]
    assert [step["x"][0] for step in found["steps"]] == pytest.approx(scaled, abs=1e-6)
    (column,) = found["series"]["columns"]
    assert (column["name"], column["unit"], column["mean"]) == ("flow", "", 4)
    assert column["spread"] == pytest.approx(5**0.5)
    raw = ";".join(repr(v) for v in scaled)
    plain = answer(client.get(api("forecast", f"/trace?x={raw}")), schema.Trace)
    assert found["state"] == plain["state"]


def test_bad_cells_are_listed_and_what_was_pasted_stays(client: httpx.Client) -> None:
    answered = paste(client, f"v,{MARK}\n1,oops\n2,\n3,4", column="2")
    assert answered.status_code == 422
    assert "Row 2, column &lt;b&gt;x&lt;/b&gt;: “oops” came" in answered.text
    assert "Row 3, column &lt;b&gt;x&lt;/b&gt;: nothing came" in answered.text
    assert MARK not in answered.text
    area = re.search(r"<textarea[^>]*aria-invalid[^>]*>\n([^<]*)<", answered.text)
    assert area
    assert "1,oops" in area[1]
    assert '<option value="spread" selected>' in answered.text
    assert re.search(r'<input id="field"[^>]* value="1120; 1160; ', answered.text)


@pytest.mark.parametrize(
    "path",
    [
        "/models/forecast?",
        "/embed/models/forecast?",
        "/share/models/forecast?",
        "/api/v1/models/forecast/trace.svg?",
        "/api/v1/models/forecast/trace.html?",
    ],
)
def test_pasted_names_and_labels_are_escaped_everywhere(client: httpx.Client, path: str) -> None:
    location = paste(client, f'date,"{MARK} ({MARK})"\n{MARK},1\n"""q",2').headers["Location"]
    query = urlsplit(location).query
    for t in (1, 2):
        page = client.get(f"{path}{query}&t={t}", follow_redirects=True)
        assert page.status_code == 200, page.text
        assert MARK not in page.text


def test_compare_shows_a_series_by_its_labels(client: httpx.Client) -> None:
    location = paste(client, f"date,{MARK}\n2001,1\n2002,2").headers["Location"]
    lane = "forecast?" + urlsplit(location).query.replace("&", "%26")
    address = f"/compare?a={lane}&b={lane.replace('forecast', 'forecast-rnn')}"
    page = client.get(address, follow_redirects=True)
    assert page.status_code == 200
    assert "2002" in page.text
    assert MARK not in page.text


def test_too_many_rows_say_how_to_mend_it_and_the_last_can_be_taken(client: httpx.Client) -> None:
    text = "\n".join(map(str, range(700)))
    refused = paste(client, text)
    assert refused.status_code == 422
    assert "The series has 700 rows; at most 512 steps are run. Take the last 512" in refused.text
    assert query_of(paste(client, text, last="1"))["x"].startswith("188;189;")


def test_series_whose_address_would_be_too_long_is_refused(client: httpx.Client) -> None:
    names = ",".join("n" * 9 + str(k) for k in range(3))
    answered = paste(client, f"{names}\n" + "\n".join("9" * 15 + f".{k}" for k in range(400)))
    assert answered.status_code == 422
    digits = "\n".join(f"0.{k:03}{'7' * 90}" for k in range(500))
    answered = paste(client, digits)
    assert answered.status_code == 303, "digits beyond a float's are no longer"
    labels = "\n".join(f"label {'x' * 16}{k % 7},{k}" for k in range(500))
    long = "\n".join(f"{'é' * 20}{k % 7},0.{k:03}4567890123456" for k in range(500))
    assert paste(client, labels).status_code == 303
    refused = paste(client, long)
    assert refused.status_code == 422
    assert "makes an address of" in refused.text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"season": "a dozen"}, "“a dozen” came; a whole number from 1 to 400"),
        ({"season": "401"}, "A year of 401 steps came"),
        ({"scaling": "log"}, "The scaling is “log”"),
        ({"column": "z"}, "There is no column “z”"),
    ],
)
def test_choices_that_are_none_are_told(
    client: httpx.Client, fields: dict[str, str], told: str
) -> None:
    answered = paste(client, "v\n1\n2", **fields)
    assert answered.status_code == 422
    assert told in answered.text


def test_file_that_is_no_text_is_told(client: httpx.Client) -> None:
    answered = client.post("/models/forecast/series", files={"file": ("a.csv", b"\xff\xfe1")})
    assert answered.status_code == 422
    assert "isn't text in UTF-8" in answered.json()["detail"]


def test_model_whose_numbers_have_a_meaning_takes_none(client: httpx.Client) -> None:
    assert paste(client, "1\n2", "adding").status_code == 404
    refused = client.get("/models/adding?x=0.5,1;0.2,1&scaling=spread")
    assert refused.status_code == 422
    assert "takes no series" in refused.text


def test_typed_numbers_keep_names_and_scaling(client: httpx.Client) -> None:
    page = client.get("/models/forecast?x=3;1&columns=flow+(m)&rows=1871&scaling=spread").text
    form = re.search(r'<form id="feed".*?</form>', page, re.DOTALL)
    assert form
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    assert {name: hidden[name] for name in ("columns", "rows", "scaling")} == {
        "columns": "flow (m)", "rows": "1871", "scaling": "spread",
    }  # fmt: skip


@pytest.mark.parametrize("query", ["columns=a,b", "rows=a,b,c", "season=0", "scaling=odd"])
def test_address_of_a_series_that_does_not_fit_is_a_422(client: httpx.Client, query: str) -> None:
    assert client.get(f"/models/forecast?x=1;2&{query}").status_code == 422
    assert client.get(api("forecast", f"/trace?x=1;2&{query}")).status_code == 422
