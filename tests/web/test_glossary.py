"""The glossary and the tips: what each gate asks, and where to read on."""

import re

import httpx
import pytest

from gate_explorer.runs.cells import LSTM

QUESTIONS = {
    "forget": "Is this still worth remembering?",
    "input": "Which parts of the new are useful?",
    "candidate": "What draft shall be written?",
    "output": "What shall be shown now?",
}
READINGS = (
    "https://colah.github.io/posts/2015-08-Understanding-LSTMs/",
    "https://www.deep-ml.com/problems/59",
)


@pytest.mark.parametrize(("role", "question"), QUESTIONS.items())
@pytest.mark.parametrize("names", ["", "&names=symbols"])
def test_tip_of_a_gate_asks_its_question(
    client: httpx.Client, role: str, question: str, names: str
) -> None:
    page = client.get(f"/models/sentiment?text=I+love+France&t=2{names}").text
    (tip,) = re.findall(rf'<aside id="tip-{role}".*?</aside>', page, re.DOTALL)
    assert f'<p class="question">{question}</p>' in tip


def test_tip_is_there_for_every_gate_of_the_desk_to_open(client: httpx.Client) -> None:
    page = client.get("/models/sentiment?text=I+love+France&t=2").text
    asked = {quantity.role for quantity in LSTM.held}
    assert asked == QUESTIONS.keys()
    for role in asked:
        assert f'popovertarget="tip-{role}"' in page


def test_tip_of_what_is_no_gate_asks_nothing(client: httpx.Client) -> None:
    page = client.get("/models/sentiment?text=I+love+France").text
    assert page.count('class="question"') == len(QUESTIONS)


def test_glossary_asks_each_question_once(client: httpx.Client) -> None:
    page = client.get("/glossary").text
    assert all(page.count(question) == 1 for question in QUESTIONS.values())


@pytest.mark.parametrize("address", READINGS)
def test_glossary_links_to_what_to_read_on_in_a_tab_of_its_own(
    client: httpx.Client, address: str
) -> None:
    page = client.get("/glossary").text
    (link,) = re.findall(rf'<a [^>]*href="{re.escape(address)}"[^>]*>', page)
    assert 'target="_blank"' in link
    assert 'rel="noopener"' in link


def test_glossary_opens_the_exercise_as_a_model(client: httpx.Client) -> None:
    page = client.get("/glossary").text
    assert '<a href="/models/exercise">' in page
    about = client.get("/models/exercise?x=1;2;3&drawer=about").text
    assert f'<a href="{READINGS[1]}" target="_blank" rel="noopener">' in about
    assert "np.tanh(Wc @ [h, x] + b)" in about
