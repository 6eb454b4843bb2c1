"""The founding text's sentence: its toy vectors and what they mean beside what a network measured.

The text writes "I love France" as (3, 1, 0), low importance; (5, 1, 0), useful context; (2, 1, 1),
important, may influence the output. The toy stores numbers; a real LSTM stores context.
"""

from dataclasses import dataclass

from gate_explorer.analysis.roles import Roles, roles
from gate_explorer.analysis.words import number
from gate_explorer.runs.inputs import Options, Text, Vectors
from gate_explorer.zoo import registry

from ..address.state import parse_vectors, query_string
from ..equation.explorer import FOUNDING_TEXT, FOUNDING_VECTORS
from .context import Context

INTUITIONS = ("low importance", "useful context", "important, may influence the output")
RULES, SENTENCES = "toy-rules", "sentiment"


@dataclass(frozen=True)
class FoundingWord:
    """A word, its toy vector and intuition; store, reset and output in the toy and the network."""

    word: str
    vector: str
    intuition: str
    toy: tuple[str, ...]
    real: tuple[str, ...]
    now: bool


@dataclass(frozen=True)
class FoundingPanel:
    """The table, and the same sentence as the other model reads it."""

    words: tuple[FoundingWord, ...]
    other: str
    other_words: str


def title(context: Context) -> str:
    """The tab's words."""
    return "Words and numbers"


def has(context: Context) -> bool:
    """Where the founding text's sentence is read, or its vectors are."""
    tokens = [token.key for token in context.run.tokens or ()]
    return tokens == FOUNDING_TEXT.lower().split() or context.state.x == FOUNDING_VECTORS


def founding(context: Context) -> FoundingPanel:
    """The founding text's words in the toy, and in the sentence model."""
    vectors, text = FOUNDING_VECTORS, FOUNDING_TEXT
    toy = registry.get(RULES).run(Vectors(parse_vectors(vectors)), None, Options())
    real = context.run
    if not context.run.tokens:
        real = registry.get(SENTENCES).run(Text(text), None, Options())
    readings = zip(roles(toy.layers[0]), roles(real.layers[-1]), strict=True)
    words = tuple(
        FoundingWord(
            word,
            f"({vector.replace(',', ', ')})",
            intuition,
            _words(a),
            _words(b),
            t == context.explorer.t,
        )
        for t, (word, vector, intuition, (a, b)) in enumerate(
            zip(text.split(), vectors.split(";"), INTUITIONS, readings, strict=True), 1
        )
    )
    if context.run.tokens:
        other = context.links.opening(query_string({"x": vectors}), RULES)
        return FoundingPanel(words, other, "Open these vectors in the toy")
    other = context.links.opening(query_string({"text": text}), SENTENCES)
    return FoundingPanel(words, other, "Open these words in the trained network")


def _words(role: Roles) -> tuple[str, ...]:
    return tuple(number(value) for value in (role.store, role.reset, role.output))
