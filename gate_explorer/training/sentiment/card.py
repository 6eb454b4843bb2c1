"""The model card of the sentence model: what it is, how it was made, what it can and can't do.

Figures are measured when the card is written; the sentences that claim something about the
weights that are kept (examples, limits) are checked by the tests.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from statistics import mean, stdev

from gate_explorer import __version__
from gate_explorer.runs.card import (
    Card,
    CurvePoint,
    Example,
    Figure,
    Limit,
    Measured,
    Measurement,
    Source,
    Split,
    Training,
    UnitFact,
)
from gate_explorer.training.sentiment.evaluation import Figures
from gate_explorer.training.sentiment.everyday import whole
from gate_explorer.training.sentiment.train import SentenceReport
from gate_explorer.training.sentiment.treebank import Sentence
from gate_explorer.training.sentiment.units import VerdictUnit, ranked_units
from gate_explorer.training.sentiment.unknown import unknown_word
from gate_explorer.zoo.sentiment_network import LABELS, SentimentNetwork

TITLE = "Sentence"
ORDER = 20
DESCRIPTION = (
    "A real LSTM of {hidden} units, trained with this project's own engine on film reviews and"
    " everyday sentences. After every word it says how likely each of five labels is for the text"
    " so far."
)
DATA = (
    Source(
        "Stanford Sentiment Treebank",
        "Socher, Perelygin, Wu, Chuang, Manning, Ng & Potts 2013: Recursive deep models for"
        " semantic compositionality over a sentiment treebank. EMNLP.",
        "sentences and phrases with their labels; official splits",
        "none stated; the authors ask to be cited",
    ),
    Source(
        "GloVe, 6 billion tokens, 100 wide",
        "Pennington, Socher & Manning 2014: GloVe: global vectors for word representation. EMNLP.",
        "the embedding starts from them; a word that training never read moves as those trained"
        " words did whose vectors are nearest to its own",
        "Public Domain Dedication and License 1.0",
    ),
    Source(
        "Everyday sentences",
        "This project's own: a grammar, and 240 sentences with labels.",
        "texts of the grammar were learned; one half of the sentences was for choosing, the other"
        " only for the figures",
        "the project's own",
    ),
)
FIGURES = tuple(
    Figure(f"{split}_{name}", what, split, "share")
    for split in ("test", "dev")
    for name, what in (
        ("binary_accuracy", "positive or negative, neutral left out"),
        ("five_classes_accuracy", "all five classes"),
    )
)
HALVES = {"held": "everyday, held back", "choosing": "everyday, for choosing"}
UNKNOWN_WORD = (
    "A word that is not in the vocabulary is read as <unk>, one row for all such words. Training"
    " read it in place of {rare:.0%} of words seen once and of {other:.0%} of all others, the label"
    " kept; then its row was settled so that, after texts of the training, it moves what the model"
    " says as little as it can. At the end of {unknown.sentences} plain sentences it moves the log"
    " odds by {unknown.mean:+.2f} on average, by {unknown.mean_size:.2f} without the sign, and"
    " turns {unknown.turned} of their verdicts."
)


def _example(text: str, note: str) -> Example:
    return Example({"text": text}, text, note)


EXAMPLES = (
    _example(
        "The movie was not good.",
        "It turns negative at “not”, before “good” is read, and stays there.",
    ),
    _example(
        "I love France",
        "Neutral at “I”; from “love” on the score is positive, and “France” changes little. Of"
        " the five classes positive is the first at the end and neutral the second: two words"
        " say little.",
    ),
    _example(
        "The acting is superb, but the plot is a mess.",
        "Positive as far as “superb,”; “mess” turns the sentence.",
    ),
    _example(
        "The plot is thin, but the acting is superb.",
        "The same words the other way round end positive.",
    ),
    _example(
        "Nobody could call this film boring.",
        "“Nobody” makes it lean negative, and keeps it so until “boring”, which turns it round.",
    ),
    _example(
        "There is nothing I don't like about this book.",
        "Two negations: “nothing” turns it negative, “n't” turns it back, and it ends positive.",
    ),
    _example(
        "The movie is not bad.",
        "“Not” turns it negative, and “bad” turns it back: it ends positive.",
    ),
    _example(
        "horible servise, soooo slow",
        "Each misspelt word is read as the one it is meant for, and the drawn-out one as “so”.",
    ),
    _example(
        "I love Klopstock",
        "The vocabulary lacks the name: what it sees in its place hardly moves the verdict.",
    ),
)
LIMITS = (
    Limit(
        "A negation in a word that is bad itself passes it by: this ends negative.",
        "It fails to disappoint.",
        kind="negation in a verb",
    ),
    Limit(
        "What a text tells of is taken for what is thought of it: this ends negative.",
        "The villain is evil and cruel.",
        kind="what is told",
    ),
    Limit(
        "Irony passes it by where no turn of phrase gives it away: this ends positive.",
        "Delightful service, we left hungry.",
        kind="irony",
    ),
    Limit(
        "The binary score alone calls a plain “I” positive; the five classes say neutral.",
        "I",
        kind="nothing said yet",
    ),
)
UNITS = 5
KEEPS, EMPTIES = 0.95, 0.2
HOW = (
    "Every phrase that begins no longer one is read left to right; each word that completes a"
    " labelled phrase is asked for its label (cross-entropy over five classes, and for what is not"
    " neutral over positive against negative).{taught}{everyday} Adam, gradients by backpropagation"
    " through time; the mean of the weights is kept; the epoch and the seed are those with the best"
    " binary accuracy on dev, of the model as it is kept: {rows:,} rows of one byte a number,"
    " those that training never read moved by the mean shift of their nearest trained neighbours;"
    " where a word has no vector its row starts from neighbours that are stated. Checkpoints keep"
    " cell and readout; the embedding, which is trained too, is the final one in all of them."
)
EVERYDAY = (
    " It also reads {texts:,} everyday texts that a grammar of this project's own makes: of"
    " products, food, places, weather and people, plain facts and questions, negations near and"
    " far, contrast, ironic turns and emoji, their labels given by the rule. They share no sentence"
    " with the 240 by which the model is judged, but the same hands wrote both, the sentences"
    " first. One half of these, drawn by a fixed seed, was read while grammar and recipe were"
    " chosen, the other once, when the model was done."
)
TAUGHT = (
    " The labels are not all it learns from: {teachers} Tree-LSTMs of {hidden} units, which read a"
    " sentence as the treebank draws it, phrases inside phrases (Tai, Socher & Manning 2015), were"
    " trained on the same labels before, and teach it (knowledge distillation, Hinton, Vinyals &"
    " Dean 2015). At a labelled phrase it is asked for {share:.0%} of their mean prediction and the"
    " rest of the label; after other words for what they say of the tree cut there; and it reads"
    " texts made of the treebank's own phrases, which the teachers alone judge. The teachers are"
    " the same for all seeds, so the spread is that of the model, not of theirs; nothing but"
    " treebank and word vectors was read by the teachers. The model itself reads words from left to"
    " right alone, and needs neither tree nor teacher to be run."
)


def model_card(
    name: str,
    best: SentenceReport,
    reports: Sequence[SentenceReport],
    train_sentences: Sequence[Sentence],
    dev_sentences: Sequence[Sentence],
) -> Card:
    """Everything the card says, every figure measured."""
    network = best.network
    unknown = unknown_word(network)
    units = tuple(_unit_fact(one) for one in ranked_units(network, dev_sentences, UNITS))
    judged = sum(sentence.label != 2 for sentence in train_sentences)
    return Card(
        id=name,
        title=TITLE,
        description=DESCRIPTION.format(hidden=best.recipe.hidden),
        cell="lstm",
        input="words",
        input_size=network.cell.input_size,
        hidden_size=network.cell.hidden_size,
        output="classes",
        provenance="trained",
        examples=EXAMPLES,
        family="sentence",
        order=ORDER,
        checkpoints=tuple(best.checkpoints),
        first_unit=units[0].unit,
        figures=(*FIGURES, *_everyday(best)),
        measured=_measured(best, reports),
        training=_training(best, reports),
        trained_by=__version__,
        curve=tuple(_point(name, figures) for name, figures in best.curve.items()),
        units=units,
        limits=tuple(replace(one, score=_score(network, one.text or "")) for one in LIMITS),
        labels=LABELS,
        unknown_word=UNKNOWN_WORD.format(
            rare=best.recipe.rare_to_unknown,
            other=best.recipe.word_to_unknown,
            unknown=unknown,
        ),
        rows=len(network.vocabulary),
        trained_rows=network.vocabulary.trained,
        splits=(
            Split("train", len(train_sentences), judged),
            *(Split(n, f.sentences, f.not_neutral) for n, f in _judged(best).items()),
        ),
        data=DATA,
    )


def _judged(report: SentenceReport) -> dict[str, Figures]:
    return {"dev": report.dev, "test": report.test}


def _point(name: str, figures: Figures) -> CurvePoint:
    """A point of the learning curve: the dev figures of a checkpoint."""
    named = {
        "dev_binary_accuracy": _rounded(figures.binary),
        "dev_five_classes_accuracy": _rounded(figures.five_classes),
        "dev_binary_loss": _rounded(figures.binary_loss),
    }
    return CurvePoint(name, int(name.rpartition("-")[2]), named)


def _measured(best: SentenceReport, reports: Sequence[SentenceReport]) -> Measured:
    """Accuracies of the seed that is kept, and mean and standard deviation over all seeds."""
    found = {}
    for split, chosen in _judged(best).items():
        for measure in ("binary", "five_classes"):
            values = [getattr(_judged(report)[split], measure) for report in reports]
            name = f"{split}_{measure}_accuracy"
            found[name] = _measurement(getattr(chosen, measure), values)
    for figure, share in _everyday(best).items():
        values = [
            next(s for f, s in _everyday(report).items() if f == figure) for report in reports
        ]
        found[figure.name] = _measurement(share, values)
    return Measured(len(reports), found)


def _measurement(chosen: float, values: Sequence[float]) -> Measurement:
    deviation = stdev(values) if len(values) > 1 else 0.0
    return Measurement(*map(_rounded, (chosen, mean(values), deviation)))


def _everyday(report: SentenceReport) -> dict[Figure, float]:
    """The shares of everyday sentences that a model gets right: of each half, and by kind."""
    found = {}
    for half, split in HALVES.items():
        by_kind = report.everyday_figures[half]
        whole_half = whole(tuple(by_kind.values()))
        of_all = Figure(
            f"everyday_{half}_accuracy", "positive or negative, neutral left out", split, "share"
        )
        found[of_all] = whole_half.right / whole_half.judged
    for kind, one in report.everyday_figures["held"].items():
        name = f"everyday_held_{kind.replace(' ', '_')}"
        if one.judged:
            what = f"{kind}: positive or negative, of {one.judged}"
            found[Figure(name, what, HALVES["held"], "share")] = one.right / one.judged
        if one.neutral:
            what = f"{kind}: neutral the likeliest class, of {one.neutral}"
            found[Figure(f"{name}_neutral", what, HALVES["held"], "share")] = (
                one.plain / one.neutral
            )
    return found


def _training(best: SentenceReport, reports: Sequence[SentenceReport]) -> Training:
    teaching = best.recipe.teaching
    taught = TAUGHT.format(**asdict(teaching)) if teaching else ""
    everyday = EVERYDAY.format(texts=best.everyday) if best.everyday else ""
    return Training(
        how=HOW.format(taught=taught, everyday=everyday, rows=len(best.network.vocabulary)),
        seed=best.seed,
        seeds=tuple(report.seed for report in reports),
        recipe=asdict(best.recipe),
        epoch=best.best_epoch,
        phrases=best.readings,
        made_texts=best.made,
    )


def _unit_fact(unit: VerdictUnit) -> UnitFact:
    """What a unit does, in words, with the figures that they follow from.

    It keeps the verdict over function words if its forget gate averages KEEPS or more there, and
    empties at “but” if that falls to EMPTIES or less; it holds on where it stays at KEEPS.
    """
    on_words, at_but = unit.forget_gate_on_function_words, unit.forget_gate_at_but
    does = ["keeps it over function words"] if on_words >= KEEPS else []
    does += ["empties at “but”"] if at_but <= EMPTIES else []
    does += ["holds on through “but”"] if at_but >= KEEPS else []
    name = f"holds the verdict{', ' if does else ''}{' and '.join(does)}"
    correlation = f"{unit.correlation:+.2f}".replace("-", "\N{MINUS SIGN}")
    words = (
        f"{name} (correlation of its memory with the running verdict {correlation}; forget gate on"
        f" average {unit.forget_gate:.2f}, on function words {on_words:.2f}, at “but” {at_but:.2f})"
    )
    gates = {
        "forget gate": unit.forget_gate,
        "forget gate on function words": on_words,
        "forget gate at but": at_but,
        "input gate": unit.input_gate,
        "output gate": unit.output_gate,
    }
    return UnitFact(unit.unit, name, unit.correlation, words, gates, of="the running verdict")


def _score(network: SentimentNetwork, text: str) -> float:
    """Log odds of positive over negative at the end of a text."""
    return _rounded(network.verdict(text))


def _rounded(number: float) -> float:
    return round(number, 4)
