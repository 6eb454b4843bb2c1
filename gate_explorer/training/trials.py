"""What each model's units are tried by: held-out data, what is measured, and the names to prove.

Nothing here was learned from, and no choice was made by it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from gate_explorer.analysis.damage import Claim, Measure, Steps, Trial
from gate_explorer.engine.checks import Array
from gate_explorer.engine.lstm import forward
from gate_explorer.training.cells.task import NO_TARGET
from gate_explorer.training.cells.units import since, speaker
from gate_explorer.training.sentiment.evaluation import figures
from gate_explorer.training.sentiment.phrases import sentence_keys
from gate_explorer.training.sentiment.treebank import read_split
from gate_explorer.training.sentiment.units import FUNCTION_WORDS, TURN
from gate_explorer.training.tasks import adding, agreement, counter, reber
from gate_explorer.zoo.sentiment_network import SentimentNetwork, binary_score, log_softmax
from gate_explorer.zoo.symbols import Symbols, one_hot

SEED, SEQUENCES = 3003, 500
WINDOW, RUN_IN = 150, 100  # characters: read, and of these before the unit is erased


def of_adding() -> Trial:
    """Random sequences of STEPS steps; a unit is erased midway between the two marks."""
    x, sums = adding.sequences(SEQUENCES, adding.STEPS, np.random.default_rng(SEED))
    marked = x[..., 1] == 1
    between = marked.cumsum(axis=0) == 1
    steps = np.arange(len(x))[:, None]
    middle = np.where(marked, steps, 0).sum(axis=0) // 2
    middle = np.maximum(middle, marked.argmax(axis=0) + 1)
    claim = Claim(
        "holds the first number, to add the second to it",
        "the number marked first, from then until the second",
        x.prod(axis=2).cumsum(axis=0), between, 0, holds=True,
        moments={"at marked numbers": marked, "at the others": ~marked},
    )  # fmt: skip
    error = Measure(
        "the mean squared error of the last answer",
        lambda z: float(((z[-1, :, 0] - sums) ** 2).mean()),
    )
    return Trial(
        f"{SEQUENCES} random sequences of {adding.STEPS} steps",
        "midway between the two marks", x, middle, (error,), (claim,),
    )  # fmt: skip


def of_counter() -> Trial:
    """Random strings of at most LONGEST a's; a unit is erased at the last a before the first b."""
    rng = np.random.default_rng(SEED)
    texts = [counter.random_string(rng, counter.LONGEST) for _ in range(SEQUENCES)]
    batch = counter.encode(texts)
    asked = batch.targets != NO_TARGET
    at_a = (batch.x[..., 0] == 1) & asked
    right = np.where(asked, batch.targets, 0).astype(np.intp)
    waiting = np.where(at_a, 1, -1).cumsum(axis=0)
    sound = asked & (right < counter.LABELS.index("broken"))
    claim = Claim(
        "counts", "how many a’s wait for their b", waiting.astype(float), sound, 0, holds=True,
        moments={"at a": at_a, "at b": asked & ~at_a},
    )  # fmt: skip
    measures = (
        Measure("bits an answer", lambda z: _bits(z, right, asked)),
        Measure("the share of strings with every answer right",
                lambda z: float(((z.argmax(axis=-1) == right) | ~asked).all(axis=0).mean()),
                more=True),
    )  # fmt: skip
    last_a = np.array([max(text.find("b") - 1, 0) if "b" in text else 0 for text in texts])
    return Trial(
        f"{SEQUENCES} random strings of at most {counter.LONGEST} a’s",
        "at the last a before the first b", batch.x, last_a, measures, (claim,),
    )  # fmt: skip


def of_reber() -> Trial:
    """Random strings; a unit is erased in the middle of the string."""
    rng = np.random.default_rng(SEED)
    texts = [reber.embedded(rng) for _ in range(SEQUENCES)]
    batch = reber.encode(texts)
    ends = np.array([len(text) - 3 for text in texts])
    kept = np.array([text[1] for text in texts])
    right = np.array([reber.SYMBOLS.index(symbol) for symbol in kept])
    wrong = np.array([reber.SYMBOLS.index("TP"[symbol == "T"]) for symbol in kept])
    steps = np.arange(len(batch.x))[:, None]
    claim = Claim(
        "holds the second symbol", "which of T and P came second, from then until it comes back",
        np.broadcast_to(np.where(kept == "T", 1.0, -1.0), batch.x.shape[:2]),
        (steps >= 1) & (steps <= ends), 0, holds=True,
        moments={"until it comes back": (steps > 1) & (steps <= ends)},
    )  # fmt: skip
    measures = _either("T from P where the string closes", ends, right, wrong)
    return Trial(
        f"{SEQUENCES} random strings of {reber.INNER} inner strings", "in the middle of the string",
        batch.x, (ends + 3) // 2, measures, (claim,),
    )  # fmt: skip


def of_agreement() -> Trial:
    """Random sentences whose last noun misleads; a unit is erased midway to the verb."""
    rng = np.random.default_rng(SEED)
    many = [agreement.sentence(rng) for _ in range(4 * SEQUENCES)]
    chosen = [one for one in many if one.misleading][:SEQUENCES]
    batch = agreement.encode(chosen)
    verbs = np.array([one.verb - 1 for one in chosen])
    right = np.array([agreement.PLACE[one.words[one.verb]] for one in chosen])
    wrong = np.array([agreement.PLACE[one.wrong] for one in chosen])
    steps = np.arange(len(batch.x))[:, None]
    inside = (steps >= 1) & (steps <= verbs)
    number = np.where([one.plural for one in chosen], 1.0, -1.0)
    claim = Claim(
        "holds the subject’s number", "whether the subject is one or many, until its verb",
        np.broadcast_to(number, batch.x.shape[:2]), inside, 0, holds=True,
        moments={"until the verb": inside & (steps > 1)},
    )  # fmt: skip
    measures = _either("the verb’s right form from its wrong one", verbs, right, wrong)
    return Trial(
        f"{len(chosen)} random sentences whose nearest noun misleads", "midway to the verb",
        batch.x, (verbs + 2) // 2, measures, (claim,),
    )  # fmt: skip


def of_characters(symbols: Symbols, text: str) -> Trial:
    """Windows of a text that wasn't learned; a unit is erased after RUN_IN characters of each."""
    windows = (len(text) - 1) // WINDOW
    places = symbols.places(text[: windows * WINDOW + 1])
    grid = np.arange(windows * WINDOW).reshape(windows, WINDOW).T
    right = places[grid + 1]
    line_end, space = (np.array([char == mark for char in text]) for mark in "\n ")
    naming = speaker(text) > 0
    judged = np.zeros(grid.shape, bool)
    judged[RUN_IN:] = True
    moments = {"at a line’s end": line_end[grid], "elsewhere": ~line_end[grid]}
    gap = space | line_end

    def bits(where: Array) -> Callable[[Array], float]:
        return lambda z: _bits(z, right, where)

    measures = (
        Measure("bits a character", bits(judged)),
        Measure("bits a character where a line ends", bits(judged & line_end[grid + 1])),
        Measure("bits a character in a speaker’s name", bits(judged & naming[grid + 1])),
        Measure("bits a character where a word ends", bits(judged & gap[grid + 1])),
    )
    claims = (
        Claim("measures the line", "how long the line is so far", since(line_end)[grid],
              judged, 1, holds=False, moments=moments),
        Claim("knows a speaker’s name", "whether a speaker is being named",
              speaker(text)[grid], judged, 2, holds=False, moments=moments),
        Claim("measures the word", "how long the word is so far", since(gap)[grid],
              judged, 3, holds=False,
              moments={"at a space": space[grid], "elsewhere": ~space[grid]}),
    )  # fmt: skip
    steps = np.full(windows, RUN_IN)
    return Trial(
        f"{windows * (WINDOW - RUN_IN):,} characters of held-out text, each window of"
        f" {WINDOW - RUN_IN} after {RUN_IN} that are read before",
        "at the first character of each window", one_hot(places[grid], len(symbols)), steps,
        measures, claims,
    )  # fmt: skip


def of_sentiment(network: SentimentNetwork, texts: Sequence[Sequence[str]],
                 labels: Sequence[int], data: str) -> Trial:  # fmt: skip
    """Labelled texts (0 to 4); a unit is erased in the middle of the text."""
    lengths = np.array([len(keys) for keys in texts])
    rows = np.zeros((lengths.max(), len(texts)), np.intp)
    for column, keys in enumerate(texts):
        rows[: len(keys), column] = network.vocabulary.rows(keys)
    x = network.embedding[rows].astype(np.float32)
    columns = np.arange(len(texts))
    read = np.arange(len(x))[:, None] < lengths
    running = binary_score(network.logits(forward(network.cell, x).h))

    def last(z: Array) -> Array:
        result: Array = z[lengths - 1, columns]
        return result

    def words_at(chosen: Collection[str]) -> Array:
        mask = np.zeros(read.shape, bool)
        for column, keys in enumerate(texts):
            mask[: len(keys), column] = [key in chosen for key in keys]
        return mask

    claim = Claim(
        "holds the verdict", "the running verdict", running, read, 0, holds=True,
        moments={
            "": read,
            "on function words": words_at(FUNCTION_WORDS),
            "at but": words_at({TURN}),
        },
    )  # fmt: skip
    measures = (
        Measure("the loss of positive against negative, in nats",
                lambda z: figures(last(z), labels).binary_loss),
        Measure("the share right of positive and negative",
                lambda z: figures(last(z), labels).binary, more=True),
        Measure("the share right of five classes",
                lambda z: figures(last(z), labels).five_classes, more=True),
    )  # fmt: skip
    return Trial(data, "in the middle of the text", x, lengths // 2, measures, (claim,))


def of_treebank(network: SentimentNetwork, data: Path) -> Trial:
    """The treebank's dev sentences, where the reader has fetched them."""
    sentences = read_split(data, "dev")
    texts = [sentence_keys(sentence) for sentence in sentences]
    labels = [sentence.label for sentence in sentences]
    words = f"the {len(sentences):,} dev sentences of the Stanford Sentiment Treebank"
    return of_sentiment(network, texts, labels, words)


GENERATED: Mapping[str, Callable[[], Trial]] = {
    "counter": of_counter,
    "adding": of_adding,
    "reber": of_reber,
    "agreement": of_agreement,
}


def _bits(z: Array, right: Array, where: Array) -> float:
    """-log2 p of what came, on average over the steps that count."""
    log_p = np.take_along_axis(log_softmax(z), right[..., None], axis=-1)[..., 0]
    return float(-log_p[where].mean() / np.log(2))


def _either(words: str, steps: Steps, right: Array, wrong: Array) -> tuple[Measure, Measure]:
    """Which of two is right, at one step of each sequence: in bits, and as the share right."""
    columns = np.arange(len(steps))

    def lead(z: Array) -> Array:
        result: Array = z[steps, columns, right] - z[steps, columns, wrong]
        return result

    return (
        Measure(f"bits to tell {words}",
                lambda z: float(np.logaddexp(0, -lead(z).astype(float)).mean() / np.log(2))),
        Measure(f"the share right in telling {words}", lambda z: float((lead(z) > 0).mean()),
                more=True),
    )  # fmt: skip
