"""Embedded Reber strings: walks through the graph that close as they open."""

import numpy as np

from gate_explorer.training.cells.task import NO_TARGET
from gate_explorer.training.tasks import reber
from gate_explorer.training.tasks.reber import Reber

RNG_SEED = 11


def test_reber_strings_are_walks_through_the_graph() -> None:
    rng = np.random.default_rng(RNG_SEED)
    for _ in range(200):
        text, node = reber.reber(rng), 0
        assert (text[0], text[-1]) == ("B", "E")
        for symbol in text[1:-1]:
            node = dict(reber.GRAPH[node])[symbol]
        assert node == 5


def test_reber_embedded_string_closes_as_it_opens() -> None:
    rng = np.random.default_rng(RNG_SEED)
    texts = [reber.embedded(rng) for _ in range(200)]
    assert all(text[1] == text[-2] for text in texts)
    assert {text[1] for text in texts} == {"T", "P"}


def test_reber_has_as_many_inner_strings_as_are_asked_for() -> None:
    rng = np.random.default_rng(RNG_SEED)
    inner = [reber.embedded(rng).count("B") - 1 for _ in range(300)]
    assert set(inner) == set(range(1, reber.INNER + 1))
    assert {reber.embedded(rng, 7, 7).count("B") - 1 for _ in range(20)} == {7}
    measured = [text.count("B") - 1 for text in Reber().test_data]
    assert set(measured) == set(range(1, reber.LONGEST + 1))
    assert not set(Reber().test_data) & set(Reber().dev_data)


def test_reber_wants_the_next_symbol_and_nothing_on_the_padding() -> None:
    batch = reber.encode(["BTXSE", "BPVVE"[:3]])
    assert [reber.SYMBOLS[k] for k in batch.targets[:, 0]] == list("TXSE")
    assert batch.targets[:, 1].tolist()[2:] == [NO_TARGET] * 2
    assert not batch.x[2:, 1].any()


def test_reber_batches_have_the_sizes_it_names() -> None:
    task = Reber()
    batch = task.batch(0, 5, np.random.default_rng(RNG_SEED))
    assert batch.x.shape == (*batch.targets.shape, task.input_size)
    assert batch.x.shape[1] == 5
    assert batch.x.dtype == np.float32
    assert not batch.goes_on


def test_reber_reads_as_many_symbols_as_it_has_inputs() -> None:
    assert len(Reber().symbols) == Reber().input_size
