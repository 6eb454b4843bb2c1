"""The gradient's way back as the page shows it: its sentence, its lines, its scale."""

import pytest

from app.views.address.state import ExplorerState
from app.views.panels.gradients import Flow, gradients, has
from app.views.walk import walk_state
from gate_explorer.analysis.gradients import highway
from gate_explorer.analysis.words import share_words
from gate_explorer.runs.inputs import Options
from gate_explorer.zoo import registry
from tests.views.panels.page import page_of

FOUNDING = "3,1,0;5,0,1;2,1,0;3,0,1"
HUNDRED = registry.get("adding").card.examples[0].query["x"]


def shown(model_id: str, **fields: object) -> Flow:
    return gradients(page_of(registry.get(model_id), **fields))


def keys(found: Flow) -> list[str]:
    return [line.key for line in found.lines]


@pytest.mark.parametrize(
    ("share", "words"),
    [(1.0, "100 %"), (1.2, "120 %"), (0.354, "35 %"), (0.01, "1 %"), (0.0096, "1·10⁻²"),
     (4.2e-7, "4·10⁻⁷"), (1.3e-12, "1·10⁻¹²"), (0.0, "0 %")],
)  # fmt: skip
def test_share_reads_as_per_cent_or_as_a_power_of_ten(share: float, words: str) -> None:
    assert share_words(share) == words


def test_flow_of_a_memory_task_sets_the_twin_beside_it() -> None:
    found = shown("adding", x=HUNDRED)
    assert keys(found) == ["cell", "path", "hidden", "twin"]
    assert "that on the memory 101 %" in found.words
    assert found.words.endswith(
        "In the RNN without gates, which hasn’t learned the task, the hidden state’s has 2·10⁻¹²;"
        " the LSTM keeps more of it here."
    )
    assert found.ticks == ("1", "10⁻³", "10⁻⁶", "10⁻⁹", "10⁻¹²")


def test_flow_of_a_sentence_names_the_answer_and_has_no_twin() -> None:
    found = shown("sentiment", text="a superb film", t=3)
    assert found.words.startswith("The answer after step 3 is “very positive”.")
    assert found.of_logit
    assert keys(found) == ["cell", "path", "hidden"]


def test_flow_asks_about_the_step_shown_where_the_network_answers_there() -> None:
    assert shown("counter", text="aaabbb", t=4).words.startswith("The answer after step 4 is")
    assert shown("counter", text="aaabbb", t=1).words.startswith("The answer after step 6 is")
    assert shown("adding", x=HUNDRED, t=9).words.startswith("The answer after step 100 is")
    text = "The keys to the cabinet are lost."
    last = shown("agreement", text=text, t=8).words
    assert last.startswith("The answer after step 7 is “.”. What follows doesn’t count for it.")


def test_flow_in_textbook_names_has_no_nickname() -> None:
    found = shown("counter", text="aaabbb", names="symbols", tables="shown")
    assert found.table is not None
    said = " ".join(
        [found.words, found.why, *found.table.heads, *(line.name for line in found.lines)]
    )
    assert "Eraser" not in said
    assert "the forget gate’s path alone" in said


def test_flow_of_an_rnn_is_that_of_its_hidden_state() -> None:
    found = shown("counter-rnn", text="aaabbb")
    assert keys(found) == ["hidden"]
    assert "the gradient on the hidden state has 235 % of its size there." in found.words


def test_flow_of_the_rules_has_the_memory_alone() -> None:
    found = shown("toy-rules", x=FOUNDING)
    assert keys(found) == ["cell"]
    assert "the memory has 100 % of its size" in found.words
    assert not found.of_logit


@pytest.mark.parametrize("model_id", ["toy-rules", "toy-lstm"])
def test_flow_from_a_step_that_shows_nothing_says_so(model_id: str) -> None:
    found = shown(model_id, x="3,1,0;5,1,0")
    assert found.lines == ()
    assert found.ticks == ()
    assert found.words.endswith("shows nothing, so no gradient flows back from it.")


@pytest.mark.parametrize("t", [2, 6])
def test_flow_says_what_is_left_at_the_first_step(t: int) -> None:
    model = registry.get("counter")
    _, run = walk_state(model, ExplorerState(text="aaabbb"))
    cell = highway(model, run, Options(), t=t).own.cell
    assert cell is not None
    first = {line.key: line.now for line in shown("counter", text="aaabbb", t=t).lines}
    assert first["cell"] == share_words(cell[0] / cell[t - 1])


def test_flow_lines_stay_within_their_scale() -> None:
    for line in shown("adding", x=HUNDRED).lines:
        points = [tuple(map(float, point.split(","))) for point in line.points.split()]
        assert [x for x, _ in points] == [t + 0.5 for t in range(100)]
        assert all(-3 <= y <= 40 for _, y in points)


def test_flow_has_a_table_where_tables_are_asked_for() -> None:
    found = shown("counter", text="aaabbb", tables="shown", t=2)
    assert found.table is not None
    assert [row.head for row in found.table.rows] == ["1 a", "2 a", "3 a", "4 b", "5 b", "6 b"]
    assert [row.now for row in found.table.rows] == [False, True, False, False, False, False]
    assert len(found.table.heads) == 1 + len(found.lines)
    assert found.table.rows[1].cells == ("100 %",) * len(found.lines)
    assert found.table.rows[2].cells == ("0 %",) * len(found.lines)


def test_flow_is_there_where_there_is_a_step_to_look_back_to_and_nothing_held() -> None:
    assert has(page_of(registry.get("counter"), text="aaabbb"))
    assert not has(page_of(registry.get("counter"), text="a"))
    assert not has(page_of(registry.get("counter"), text="aaabbb", clamp="forget_gate:0@2"))
