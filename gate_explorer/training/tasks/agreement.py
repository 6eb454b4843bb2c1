"""A small English grammar of our own, in which the verb agrees with a subject far before it.

    S     -> the N(n) Between* V(n) Rest .         none to four phrases between noun and verb
    Between -> P the N(m)  |  that the N(m) V2(m)  m and n are singular or plural, at random
    V     -> is/are, was/were, has/have;  P -> to, of, near, behind, with, from

After every word the network says which comes next. At the main verb the number of the last noun
misleads: only a memory of the subject tells "is" from "are".
The question, asked of English itself: Linzen, Dupoux & Goldberg 2016, "Assessing the ability of
LSTMs to learn syntax-sensitive dependencies".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gate_explorer.analysis.damage import Claim, Trial
from gate_explorer.runs.card import Figure, Limit
from gate_explorer.training.cells.model import Recipe
from gate_explorer.training.cells.project import Project, example
from gate_explorer.training.cells.release import release_project
from gate_explorer.training.cells.task import NO_TARGET, Batch, Drawn
from gate_explorer.training.measures import SEED, TRIED, either, listed, tried_by
from gate_explorer.zoo.cell_network import CellNetwork
from gate_explorer.zoo.symbols import NONE, one_hot

NOUNS = (
    ("key", "keys"),
    ("cabinet", "cabinets"),
    ("dog", "dogs"),
    ("author", "authors"),
    ("book", "books"),
    ("picture", "pictures"),
    ("child", "children"),
    ("friend", "friends"),
    ("house", "houses"),
    ("tree", "trees"),
    ("woman", "women"),
    ("man", "men"),
)
MAIN = (("is", "are"), ("was", "were"), ("has", "have"))
OBJECTIVE = (("sees", "see"), ("knows", "know"), ("likes", "like"), ("finds", "find"))
PREPOSITIONS = ("to", "of", "near", "behind", "with", "from")
AFTER_BE = ("here", "old", "new", "lost", "famous")
AFTER_HAVE = ("come", "gone", "changed")
OTHERS = ("the", "that", ".")
SYMBOLS = tuple(
    [word for pair in (*NOUNS, *MAIN, *OBJECTIVE) for word in pair]
    + [*PREPOSITIONS, *AFTER_BE, *AFTER_HAVE, *OTHERS]
)
PLACE = {word: place for place, word in enumerate(SYMBOLS)}
MOST_BETWEEN = 4
BEYOND = (10, 30, 60)
SENTENCES = 1000

T = TypeVar("T")


@dataclass(frozen=True)
class Sentence:
    """A sentence's words; where its main verb stands, the wrong form of that verb, its number.

    between: how many phrases stand before the verb; misleading: whether the noun nearest to the
    verb has the other number than the subject.
    """

    words: tuple[str, ...]
    verb: int
    wrong: str
    plural: bool
    between: int
    misleading: bool


def sentence(rng: np.random.Generator, between: int | None = None) -> Sentence:
    """A random sentence of the grammar."""
    count = int(rng.integers(MOST_BETWEEN + 1)) if between is None else between
    number = int(rng.integers(2))
    others = rng.integers(2, size=count).tolist()
    words = ["the", _one(NOUNS, rng)[number]]
    for other in others:
        words += _phrase(other, rng)
    forms = _one(MAIN, rng)
    rest = _one(AFTER_HAVE if forms[0] == "has" else AFTER_BE, rng)
    misleading = count > 0 and others[-1] != number
    whole = (*words, forms[number], rest, ".")
    return Sentence(whole, len(words), forms[1 - number], number == 1, count, misleading)


def _phrase(other: int, rng: np.random.Generator) -> list[str]:
    """A phrase between the subject and its verb, with one noun of the number `other`."""
    noun = _one(NOUNS, rng)[other]
    if rng.random() < 0.3:
        return ["that", "the", noun, _one(OBJECTIVE, rng)[other]]
    return [_one(PREPOSITIONS, rng), "the", noun]


def _one(choices: Sequence[T], rng: np.random.Generator) -> T:
    return choices[int(rng.integers(len(choices)))]


def encode(sentences: Sequence[Sentence]) -> Batch:
    """Sentences side by side; what is wanted after a word is the next."""
    shape = (max(len(one.words) for one in sentences) - 1, len(sentences))
    places, targets = np.full(shape, NONE), np.full(shape, NO_TARGET)
    for column, one in enumerate(sentences):
        found = [PLACE[word] for word in one.words]
        places[: len(found) - 1, column], targets[: len(found) - 1, column] = found[:-1], found[1:]
    return Batch(one_hot(places, len(SYMBOLS)), targets)


def agrees(network: CellNetwork, sentences: Sequence[Sentence]) -> NDArray[np.bool_]:
    """Whether the verb's right form is likelier than its wrong one, in each sentence."""
    z = network.read(encode(sentences).x)
    return np.array(
        [
            z[one.verb - 1, column, PLACE[one.words[one.verb]]]
            > z[one.verb - 1, column, PLACE[one.wrong]]
            for column, one in enumerate(sentences)
        ]
    )


class Agreement(Drawn[list[Sentence]]):
    """The task as the training loop sees it."""

    input_size = output_size = len(SYMBOLS)
    symbols = SYMBOLS

    def batch(self, step: int, size: int, rng: np.random.Generator) -> Batch:
        """Random sentences."""
        return encode([sentence(rng) for _ in range(size)])

    def drawn(self, rng: np.random.Generator) -> list[Sentence]:
        """Random sentences."""
        return [sentence(rng) for _ in range(SENTENCES)]

    def figures(self, network: CellNetwork, sentences: list[Sentence]) -> Mapping[str, float]:
        """How often the verb is right, and where the nearest noun misleads."""
        right = agrees(network, sentences)
        misleading = np.array([one.misleading for one in sentences])
        return {"agreement": float(right.mean()), "misleading": float(right[misleading].mean())}

    def limits(self, network: CellNetwork) -> tuple[Limit, ...]:
        """How often its verbs are right after more phrases than it ever learned from."""
        rng = np.random.default_rng(SEED)
        many = {count: [sentence(rng, count) for _ in range(TRIED)] for count in BEYOND}
        shares = listed(
            [f"{agrees(network, some).mean():.0%} with {count}" for count, some in many.items()]
        )
        note = (
            f"It learned from at most {MOST_BETWEEN} phrases between subject and verb; the verb is"
            f" right in {shares}."
        )
        return (Limit(note.replace("%", " %")),)

    def trial(self, again: bool = False) -> Trial:
        """Random sentences whose last noun misleads; a unit is erased midway to the verb."""
        rng = tried_by(again)
        many = [sentence(rng) for _ in range(4 * TRIED)]
        chosen = [one for one in many if one.misleading][:TRIED]
        batch = encode(chosen)
        verbs = np.array([one.verb - 1 for one in chosen])
        right = np.array([PLACE[one.words[one.verb]] for one in chosen])
        wrong = np.array([PLACE[one.wrong] for one in chosen])
        steps = np.arange(len(batch.x))[:, None]
        inside = (steps >= 1) & (steps <= verbs)
        number = np.where([one.plural for one in chosen], 1.0, -1.0)
        claim = Claim(
            "holds the subject’s number", "whether the subject is one or many, until its verb",
            np.broadcast_to(number, batch.x.shape[:2]), inside, 0, holds=True,
            moments={"until the verb": inside & (steps > 1)},
        )  # fmt: skip
        measures = either("the verb’s right form from its wrong one", verbs, right, wrong)
        return Trial(
            f"{len(chosen)} random sentences whose nearest noun misleads", "midway to the verb",
            batch.x, (verbs + 2) // 2, measures, (claim,),
        )  # fmt: skip


PROJECT = Project(
    name="agreement",
    title="Agreement",
    description=(
        "An LSTM of 16 units on a small English grammar of our own: after every word it says which"
        " comes next. The verb agrees with a subject that may stand far before it."
    ),
    task=(
        "Subject and verb agree across up to four phrases, as in “the keys to the cabinet … are”."
        " The figure: is the verb’s right form likelier than its wrong one? The hard half: where"
        " the noun nearest to the verb has the other number. A vanilla RNN of the same size learns"
        " it too, at the right learning rate: here gates are a help, not a need."
    ),
    input="words",
    output="next_token",
    make=lambda _: Agreement(),
    recipe=Recipe(hidden=16, updates=4000, batch=32, learning_rate=1e-2),
    twin_rates=(1e-3, 3e-3, 1e-2),
    figures=(
        Figure("misleading", "verbs right where the nearest noun misleads",
               "1000 random sentences", "share"),
        Figure("agreement", "verbs right", "1000 random sentences", "share"),
    ),
    examples=(
        example("The keys … are",
                "After “cabinet” are, were and have are each likelier than is, was and has: the"
                " number of “keys” has held.",
                text="The keys to the cabinet are lost."),
        example("The key … is",
                "The other way round: “cabinets” are many, but the key is one.",
                text="The key to the cabinets is lost."),
        example("Four phrases in between",
                "Four nouns of the other number, and it still expects a plural verb.",
                text="The dogs near the house behind the tree with the child from the picture"
                     " are here."),
        example("A verb in between",
                "“likes” belongs to the woman; the books still are.",
                text="The books that the woman likes are old."),
    ),
    order=70,
    string_end=r"(^| )\.$",
    limits=(
        Limit("It knows 55 words. A subject that isn’t among them leaves no number behind.",
              "The unicorns to the cabinet"),
    ),
)  # fmt: skip

release = partial(release_project, PROJECT)
