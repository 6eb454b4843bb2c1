"""Files brought, kept and opened again: the same file is the same model, until taken back."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from app.storage.store import Quota, Store
from app.storage.uploads import KEPT_OPEN, Uploads
from gate_explorer.errors import InputError, NotFoundError
from gate_explorer.runs.inputs import Options as RunOptions
from gate_explorer.runs.inputs import Vectors
from gate_explorer.weights import torch
from gate_explorer.weights.files import Options
from gate_explorer.weights.worker import Workers

from ..weights.samples import cell, samples, state_dict

GOOD = save(state_dict())
ROWS = Vectors([[0.1, -0.2, 0.3], [1.0, 0.5, -0.5]])


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(1) as made:
        yield made


def test_file_that_was_brought_opens_again_after_a_restart(
    tmp_path: Path, workers: Workers
) -> None:
    receipt = Uploads(Store(tmp_path), workers).bring(GOOD, Options(), "Mine")
    expected = receipt.model.run(ROWS, None, RunOptions())

    model = Uploads(Store(tmp_path), workers).model(receipt.model.card.id)

    assert model.card == receipt.model.card
    assert model.card.title == "Mine"
    assert model.opened.interpretation == receipt.model.opened.interpretation
    found = model.run(ROWS, None, RunOptions())
    for ours, theirs in zip(found.layers, expected.layers, strict=True):
        np.testing.assert_allclose(ours.h, theirs.h, rtol=0, atol=1e-6)


def test_same_file_is_the_same_model_and_other_choices_another(
    tmp_path: Path, workers: Workers
) -> None:
    uploads = Uploads(Store(tmp_path), workers)
    first, again = uploads.bring(GOOD, Options()), uploads.bring(GOOD, Options())
    turned = uploads.bring(GOOD, Options(gate_order="iofg"))

    assert first.model.card.id == again.model.card.id != turned.model.card.id
    assert len({first.token, again.token, turned.token}) == 3


def test_model_is_there_until_its_last_token_takes_it_back(
    tmp_path: Path, workers: Workers
) -> None:
    uploads = Uploads(Store(tmp_path), workers)
    first, again = uploads.bring(GOOD, Options()), uploads.bring(GOOD, Options())
    name = first.model.card.id

    uploads.take_back(name, first.token)
    assert uploads.model(name).card.id == name
    with pytest.raises(NotFoundError, match="no model of that name") as wrong:
        uploads.take_back(name, first.token)
    uploads.take_back(name, again.token)

    for gone in (name, "own-never"):
        with pytest.raises(NotFoundError) as caught:
            uploads.model(gone)
        assert caught.value.detail == wrong.value.detail


def test_file_that_cant_be_read_is_not_kept(tmp_path: Path, workers: Workers) -> None:
    uploads = Uploads(Store(tmp_path), workers)
    with pytest.raises(InputError, match="no kind that is known"):
        uploads.bring(b"not weights", Options())
    assert uploads.store.names() == []


def test_models_that_are_not_asked_for_are_closed_and_opened_again(
    tmp_path: Path, workers: Workers
) -> None:
    uploads = Uploads(Store(tmp_path, Quota(networks=100)), workers)
    names = [
        uploads.bring(save(torch.to_torch(cell(k))), Options()).model.card.id
        for k in range(KEPT_OPEN + 2)
    ]
    first = uploads.model(names[0])
    assert first.stack.layers[0][0].parameters.bias.tolist() == cell(0).bias.tolist()
    assert uploads.model(names[0]) is first


@pytest.mark.parametrize("name", samples())
def test_every_kind_of_file_can_be_brought(name: str, tmp_path: Path, workers: Workers) -> None:
    uploads = Uploads(Store(tmp_path), workers)
    card = uploads.bring(samples()[name], Options()).model.card
    assert Uploads(Store(tmp_path), workers).model(card.id).card == card
