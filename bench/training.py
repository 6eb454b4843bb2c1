"""The contestants of a training step: gather rows of an embedding, run, read out, go back, update.

All take the same step: T words of N sequences out of a vocabulary of 16,000, an LSTM, five classes
after every word, cross-entropy, the gradients' common norm clipped, Adam. The engine with the
project's own training code and torch "same algorithm" update only the rows that were read; nn.LSTM
does the passes there, and the kernel of torch's fused Adam the updates. "fused Adam" and "default
Adam" are torch as one writes it: nn.Embedding, and torch.optim.Adam over the whole table.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from bench.peers import Array, Call
from gate_explorer.engine import lstm
from gate_explorer.training.adam import (
    Moments,
    clip,
    summed_rows,
    update,
    update_rows,
)
from gate_explorer.training.losses import cross_entropy

VOCABULARY, WIDTH, CLASSES = 16_000, 100, 5
STEPS, BATCH = 20, 32
RATE, LIMIT = 1e-3, 1.0
WARM_UP, TOLERANCE = 3, 1e-4

Weights = dict[str, Array]


@dataclass(frozen=True)
class Batch:
    """Rows of the embedding and labels, (T, N)."""

    rows: NDArray[np.intp]
    labels: NDArray[np.int8]


def contestants(rng: np.random.Generator, hidden: int) -> dict[str, Call]:
    """A step of each, from the same weights on the same batch; their losses were seen to agree."""
    weights = _draw(rng, hidden)
    batch = Batch(
        rng.integers(0, VOCABULARY, (STEPS, BATCH)),
        rng.integers(0, CLASSES, (STEPS, BATCH)).astype(np.int8),
    )
    calls: dict[str, Callable[[], float]] = {
        "engine": _engine(weights, batch),
        "same algorithm": _torch_rows(weights, batch),
        "fused Adam": _torch_table(weights, batch, fused=True),
        "default Adam": _torch_table(weights, batch, fused=False),
    }
    losses = {name: [call() for _ in range(WARM_UP)] for name, call in calls.items()}
    for name, values in losses.items():
        apart = np.abs(np.subtract(values, losses["engine"])).max()
        if not apart <= TOLERANCE:
            raise SystemExit(f"The losses of {name} and the engine differ by {apart:.2e}.")
    return dict(calls)


def _draw(rng: np.random.Generator, hidden: int) -> Weights:
    bound = hidden**-0.5
    shapes = {
        "embedding": (VOCABULARY, WIDTH),
        "weight_ih": (4 * hidden, WIDTH),
        "weight_hh": (4 * hidden, hidden),
        "bias": (4 * hidden,),
        "readout": (CLASSES, hidden),
        "readout_bias": (CLASSES,),
    }
    drawn = {k: rng.uniform(-bound, bound, s).astype(np.float32) for k, s in shapes.items()}
    return drawn | {"embedding": drawn["embedding"] / np.float32(bound)}


def _engine(weights: Weights, batch: Batch) -> Callable[[], float]:
    own = {name: array.copy() for name, array in weights.items()}
    moments = {name: Moments.zeros_like(array) for name, array in own.items()}
    count = 0

    def step() -> float:
        nonlocal count
        count += 1
        loss, gradients, d_x = _engine_gradients(own, batch)
        rows, d_rows = summed_rows(batch.rows.ravel(), d_x.reshape(-1, WIDTH))
        clip([*gradients.values(), d_rows], LIMIT)
        for name, gradient in gradients.items():
            update(own[name], moments[name], gradient, RATE, count)
        update_rows(own["embedding"], moments["embedding"], rows, d_rows, RATE, count)
        return loss

    return step


def _engine_gradients(own: Weights, batch: Batch) -> tuple[float, Weights, Array]:
    """The loss, the gradients of all but the embedding, and those of what was read from it."""
    cell = lstm.LSTMParameters(own["weight_ih"], own["weight_hh"], own["bias"])
    trace = lstm.forward(cell, own["embedding"][batch.rows])
    h, labels = trace.h.reshape(-1, cell.hidden_size), batch.labels.ravel()
    logits = h @ own["readout"].T + own["readout_bias"]
    loss = cross_entropy(logits, labels, np.ones(labels.size, np.float32))
    found = lstm.backward(cell, trace, (loss.d_logits @ own["readout"]).reshape(trace.h.shape))
    gradients = {
        "weight_ih": found.d_weight_ih,
        "weight_hh": found.d_weight_hh,
        "bias": found.d_bias,
        "readout": loss.d_logits.T @ h,
        "readout_bias": loss.d_logits.sum(axis=0),
    }
    return loss.value, gradients, found.d_x


class _Network(torch.nn.Module):  # type: ignore[misc, unused-ignore]
    """LSTM and readout; the words come as vectors."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        hidden = weights["weight_hh"].shape[1]
        self.lstm = torch.nn.LSTM(WIDTH, hidden, bias=True)
        self.readout = torch.nn.Linear(hidden, CLASSES)
        given = {
            "lstm.weight_ih_l0": weights["weight_ih"],
            "lstm.weight_hh_l0": weights["weight_hh"],
            "lstm.bias_ih_l0": weights["bias"],
            "lstm.bias_hh_l0": np.zeros_like(weights["bias"]),
            "readout.weight": weights["readout"],
            "readout.bias": weights["readout_bias"],
        }
        self.load_state_dict({name: torch.tensor(array) for name, array in given.items()})
        self.lstm.bias_hh_l0.requires_grad_(False)  # one bias, as the engine has

    def loss(self, x: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        logits = self.readout(self.lstm(x)[0]).flatten(0, 1)
        return torch.nn.functional.cross_entropy(logits, labels)


def _torch_rows(weights: Weights, batch: Batch) -> Callable[[], float]:
    network, labels = _Network(weights), torch.tensor(batch.labels.ravel(), dtype=torch.long)
    table = torch.tensor(weights["embedding"])
    means, squares = torch.zeros_like(table), torch.zeros_like(table)
    dense = [p for p in network.parameters() if p.requires_grad]
    dense_m, dense_v = ([torch.zeros_like(p) for p in dense] for _ in range(2))
    counts = [torch.zeros(()) for _ in range(len(dense) + 1)]

    def step() -> float:
        rows, place = torch.tensor(batch.rows).unique(return_inverse=True)
        read = table[rows].requires_grad_()
        loss = network.loss(read[place], labels)
        leaves = [*dense, read]
        gradients = list(torch.autograd.grad(loss, leaves))
        _clip(gradients)
        m, v = means[rows], squares[rows]
        _fused_adam(leaves, gradients, [*dense_m, m], [*dense_v, v], counts)
        table[rows], means[rows], squares[rows] = read.detach(), m, v
        return float(loss.item())

    return step


def _fused_adam(
    leaves: list[torch.Tensor],
    gradients: list[torch.Tensor],
    m: list[torch.Tensor],
    v: list[torch.Tensor],
    counts: list[torch.Tensor],
) -> None:
    """The kernel under torch.optim.Adam(fused=True), on tensors of one's own choice."""
    own = [leaf.detach() for leaf in leaves]
    settings = {"lr": RATE, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}
    torch._foreach_add_(counts, 1)
    torch._fused_adam_(own, gradients, m, v, [], counts, amsgrad=False, maximize=False, **settings)


def _torch_table(weights: Weights, batch: Batch, *, fused: bool) -> Callable[[], float]:
    network, labels = _Network(weights), torch.tensor(batch.labels.ravel(), dtype=torch.long)
    embedding = torch.nn.Embedding.from_pretrained(torch.tensor(weights["embedding"]), freeze=False)
    rows = torch.tensor(batch.rows)
    every = [p for p in (*network.parameters(), *embedding.parameters()) if p.requires_grad]
    adam = torch.optim.Adam(every, RATE, fused=fused)

    def step() -> float:
        adam.zero_grad()
        loss = network.loss(embedding(rows), labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(every, LIMIT)
        adam.step()
        return float(loss.item())

    return step


def _clip(gradients: list[torch.Tensor]) -> None:
    norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
    if norm > LIMIT:
        torch._foreach_mul_(gradients, LIMIT / norm)
