"""Two thousand texts of our own: a thousand of everyday talk, a thousand reviews.

The method: a topic has things to talk of and what can be said of each thing, well, ill or plainly,
all written by hand so that every pair makes sense. A text is one such statement or two of the same
topic, joined in a stated way: alone, after an opener, by "and" where both go the same way, by "but"
where they don't, or denied. Which ones is drawn from a fixed seed, none twice. They stand in
`zoo/sentiment/corpus.txt`, where they were read through.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

COUNT, SEED = 1000, 6006

Way = Literal["well", "ill", "plainly"]
T = TypeVar("T")


@dataclass(frozen=True)
class Topic:
    """Things, one or (after a +) many, and what can be said of each of them; {be}: was or were."""

    things: tuple[str, ...]
    well: tuple[str, ...]
    ill: tuple[str, ...]
    plainly: tuple[str, ...]


EVERYDAY = (
    Topic(
        ("the soup", "the coffee", "the bread from the corner shop", "my lunch", "the cake",
         "the rice at that place", "breakfast at the hotel", "the apple pie"),
        ("{be} delicious", "{be} wonderful", "{be} warm and fresh", "{be} better than I expected",
         "made us all smile"),
        ("{be} cold and bland", "{be} awful", "{be} far too sweet", "{be} a disappointment",
         "made me feel sick"),
        ("{be} on the table", "came with a glass of water", "{be} from the shop next door",
         "cost about five pounds"),
    ),
    Topic(
        ("the train", "the bus to town", "the early flight", "the ride home", "the ferry",
         "the taxi we took", "the night bus"),
        ("{be} on time", "{be} quick and comfortable", "{be} clean and quiet",
         "got us home safely", "{be} a pleasant surprise"),
        ("{be} late again", "{be} uncomfortable", "made us miss the concert",
         "{be} far too expensive", "{be} a torture"),
        ("began at half past eight", "took about an hour", "went through the old town"),
    ),
    Topic(
        ("the meeting", "my first day at work", "the interview", "the new project", "the lesson",
         "the talk on Friday", "the exam"),
        ("went very well", "{be} useful and short", "{be} easier than I feared",
         "left everybody happy", "{be} a great success"),
        ("went badly", "{be} a waste of time", "{be} long and boring", "left me tired and sad",
         "{be} harder than I feared"),
        ("began at nine", "{be} much as last year", "took two hours", "{be} on the second floor"),
    ),
    Topic(
        ("+our neighbours", "+the children", "+my parents", "+her friends",
         "+the people upstairs", "+the teachers at that school", "+the nurses"),
        ("{be} kind and helpful", "{be} lovely", "helped us with the boxes",
         "made us feel at home", "always had time for a chat"),
        ("{be} rude to us", "{be} loud all night", "shouted at us", "never said thank you",
         "{be} cold and distant"),
        ("moved here last year", "{be} in the garden", "came by train", "lived near the park"),
    ),
    Topic(
        ("the afternoon in the park", "the weekend", "our holiday", "the walk along the river",
         "the evening by the sea", "the trip to the mountains"),
        ("{be} beautiful", "{be} perfect", "did me good", "{be} warm and sunny",
         "{be} the best part of the month"),
        ("{be} miserable", "{be} ruined by the rain", "{be} a disaster", "{be} cold and grey",
         "made everyone grumpy"),
        ("{be} much as usual", "{be} the same as last year", "began early",
         "{be} shorter than last year's"),
    ),
    Topic(
        ("my new phone", "the washing machine", "the old laptop", "the radio", "the camera",
         "the lamp in the hall", "the bike I bought"),
        ("works like a charm", "{be} worth every penny", "{be} easy to use", "{be} a joy",
         "still runs perfectly"),
        ("broke after a week", "{be} useless", "{be} a waste of money", "makes a horrible noise",
         "never worked"),
        ("{be} in the other room", "{be} grey and black", "came in a large box",
         "{be} a present from my aunt"),
    ),
    Topic(
        ("the flat", "the little square", "the hotel room", "the library", "the small café",
         "the park behind the school", "the old town hall"),
        ("{be} bright and clean", "{be} quiet and friendly", "{be} a lovely place",
         "{be} full of flowers", "felt like home"),
        ("{be} dirty and dark", "{be} noisy", "{be} far too small", "{be} a depressing place",
         "felt unsafe at night"),
        ("{be} near the station", "{be} behind the church", "{be} at the end of the road",
         "{be} next to the bakery"),
    ),
    Topic(
        ("the cook", "the man at the desk", "the woman on the phone", "the mechanic",
         "the nurse", "the driver", "the girl in the shop"),
        ("{be} excellent", "{be} quick and friendly", "{be} very helpful", "saved my day",
         "{be} a pleasure to talk to"),
        ("{be} terrible", "{be} slow and careless", "{be} no help at all", "ruined my day",
         "{be} rude to everyone"),
        ("took ten minutes", "{be} there at noon", "asked for our names", "gave us a number"),
    ),
)  # fmt: skip
REVIEWS = (
    Topic(
        ("the film", "the movie", "this thriller", "the sequel", "this little comedy",
         "the documentary", "the drama", "this western", "the remake"),
        ("{be} a delight from start to finish", "{be} clever and moving", "{be} gripping",
         "works beautifully", "{be} full of warmth", "{be} one of the year's best surprises",
         "stays with you for days"),
        ("{be} a mess", "{be} dull and predictable", "{be} far too long", "falls flat",
         "{be} a chore to sit through", "makes no sense", "{be} forgettable"),
        ("runs for two hours", "{be} set in Paris", "{be} based on a novel",
         "begins with a wedding", "{be} in black and white", "takes place in one night"),
    ),
    Topic(
        ("the lead actor", "the young actress", "the villain", "her partner",
         "the man in the title role", "the boy who plays the son", "the newcomer"),
        ("{be} superb", "steals every scene", "{be} funny and touching", "{be} a revelation",
         "gives the film its heart", "{be} better than ever"),
        ("{be} miscast", "{be} wooden", "never convinces", "{be} painful to watch",
         "looks bored throughout", "ruins the best scenes"),
        ("{be} from Ireland", "appears in the first scene", "wears a red coat",
         "made three films before this one"),
    ),
    Topic(
        ("+the jokes", "+the voices", "+the songs", "+the characters", "+the action scenes",
         "+the special effects", "+the performances", "+the costumes"),
        ("{be} brilliant", "{be} fresh and inventive", "{be} a joy", "win you over",
         "{be} wonderfully done", "lift the whole film"),
        ("{be} stale", "{be} embarrassing", "{be} cheap", "get on your nerves",
         "{be} painfully bad", "drag the whole film down"),
        ("{be} there from the first minute", "{be} much as in the first part",
         "{be} the work of two people"),
    ),
    Topic(
        ("the script", "the music", "the camera work", "the pacing", "the humour", "the story",
         "the love story", "the final twist", "the sound", "the plot", "the ending",
         "the second half", "the dialogue"),
        ("{be} excellent", "{be} sharp and inventive", "{be} a triumph", "{be} surprisingly good",
         "carries the film", "hits every note"),
        ("{be} awful", "{be} lazy and clumsy", "{be} a disaster", "{be} hopelessly bad",
         "kills the film", "misses every note"),
        ("{be} the work of two people", "{be} much as in the first part",
         "{be} hard to describe"),
    ),
)  # fmt: skip
OPENERS = {
    EVERYDAY: ("To be honest", "As my sister said", "In the end", "If you ask me",
               "Strange as it sounds", "As far as I remember"),
    REVIEWS: ("To be fair", "In the end", "As my brother said", "For me", "Against all odds",
              "Whatever the papers say"),
}  # fmt: skip
DENIED = ("I can't say that {one}.", "Nobody would say that {one}.", "It isn't true that {one}.",
          "I don't think that {one}.")  # fmt: skip


def texts(topics: tuple[Topic, ...], rng: np.random.Generator, count: int = COUNT) -> list[str]:
    """So many different texts, in the order drawn."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[_text(topics, rng)] = None
    return list(found)


def all_texts() -> list[str]:
    """Everyday talk, then reviews."""
    rng = np.random.default_rng(SEED)
    return texts(EVERYDAY, rng) + texts(REVIEWS, rng)


def _text(topics: tuple[Topic, ...], rng: np.random.Generator) -> str:
    topic = topics[int(rng.integers(len(topics)))]
    forms: Sequence[Callable[[], str]] = (
        lambda: f"{_capital(_said(topic, _way(rng), rng))}.",
        lambda: f"{_one(OPENERS[topics], rng)}, {_said(topic, _way(rng), rng)}.",
        lambda: _joined(topic, "and", ("well", "well"), rng),
        lambda: _joined(topic, "and", ("ill", "ill"), rng),
        lambda: _joined(topic, "but", ("well", "ill"), rng),
        lambda: _joined(topic, "but", ("ill", "well"), rng),
        lambda: _one(DENIED, rng).format(one=_said(topic, _way(rng, 2), rng)),
    )
    return _one(forms, rng)()


def _joined(topic: Topic, word: str, ways: tuple[Way, Way], rng: np.random.Generator) -> str:
    first, second = (topic.things[k] for k in rng.permutation(len(topic.things))[:2])
    one, other = _of(first, topic, ways[0], rng), _of(second, topic, ways[1], rng)
    while one.split()[-2:] == other.split()[-2:]:  # the same said of both
        other = _of(second, topic, ways[1], rng)
    return f"{_capital(one)}, {word} {other}."


def _said(topic: Topic, way: Way, rng: np.random.Generator) -> str:
    return _of(_one(topic.things, rng), topic, way, rng)


def _of(thing: str, topic: Topic, way: Way, rng: np.random.Generator) -> str:
    many = thing.startswith("+")
    predicate = _one(getattr(topic, way), rng).format(be="were" if many else "was")
    return f"{thing.removeprefix('+')} {predicate}"


def _way(rng: np.random.Generator, among: int = 3) -> Way:
    ways: tuple[Way, ...] = ("well", "ill", "plainly")
    return _one(ways[:among], rng)


def _one(choices: Sequence[T], rng: np.random.Generator) -> T:
    return choices[int(rng.integers(len(choices)))]


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
