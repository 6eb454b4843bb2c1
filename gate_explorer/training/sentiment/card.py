"""The model card of the sentence model: what it is, how it was made, what it can and can't do.

Figures are measured when the card is written; the sentences that claim something about the
shipped weights (examples, limits) are checked by the tests.
"""

from collections.abc import Sequence
from dataclasses import asdict
from statistics import mean, stdev
from typing import Any

from gate_explorer.training.sentiment.evaluation import Figures
from gate_explorer.training.sentiment.train import Report
from gate_explorer.training.sentiment.treebank import SPLITS, Sentence
from gate_explorer.training.sentiment.units import ranked_units
from gate_explorer.zoo.sentiment_network import LABELS, SentimentNetwork, binary_score
from gate_explorer.zoo.tokenizer import tokenize

TITLE = "Sentence"
DESCRIPTION = (
    "A real LSTM of {hidden} units, trained with this project's own engine on sentences of film"
    " reviews. After every word it says how likely each of five labels is for the text so far."
)
DATA = (
    {
        "name": "Stanford Sentiment Treebank",
        "citation": "Socher, Perelygin, Wu, Chuang, Manning, Ng & Potts 2013: Recursive deep models"
        " for semantic compositionality over a sentiment treebank. EMNLP.",
        "use": "sentences and phrases with their labels; official splits",
        "licence": "none stated; the authors ask to be cited",
    },
    {
        "name": "GloVe, 6 billion tokens, 100 wide",
        "citation": "Pennington, Socher & Manning 2014: GloVe: global vectors for word"
        " representation. EMNLP.",
        "use": "the embedding starts from them; rows of words that training never saw stay so;"
        " those of the rarest are left out once epoch and seed are chosen",
        "licence": "Public Domain Dedication and License 1.0",
    },
)
UNKNOWN_WORD = (
    "A word that is not in the vocabulary is read as <unk>, one row for all such words. Training"
    " read it in place of words seen once that have no vector, and now and then in place of other"
    " words seen once; so it stands for a rare word, and says little about the verdict."
)
EXAMPLES = (
    {
        "text": "I love France",
        "note": "Neutral at “I”; from “love” on the score is positive, and “France” changes little."
        " Of the five classes positive is the first at the end and neutral the second: two words"
        " say little.",
    },
    {
        "text": "The acting is superb, but the plot is a mess.",
        "note": "Of the five units that follow the verdict most closely, one keeps its memory over"
        " “the” and lets nearly all of it go at “but”; “mess” turns the sentence.",
    },
    {
        "text": "The plot is thin, but the acting is superb.",
        "note": "The same words the other way round end positive.",
    },
    {
        "text": "The movie was not good.",
        "note": "It turns negative at “not”, before “good” is read, and stays there.",
    },
    {
        "text": "Without a doubt the funniest film this year.",
        "note": "“Without” looks bad at first; “doubt” turns it, and “funniest” makes it surer.",
    },
    {
        "text": "I dont like it 😀",
        "note": "“dont” is read as do + n't; the emoji is no word of the vocabulary, so the model"
        " sees <unk>.",
    },
    {
        "text": "The movie is not bad.",
        "note": "“Not” turns it negative, and “bad” turns it back: it ends neutral, and leans"
        " positive.",
    },
)
LIMITS = (
    {
        "text": "Nobody could call this film boring.",
        "note": "It reads “not bad” well, but a negation farther off passes it by: this ends"
        " negative.",
    },
    {
        "text": "It fails to disappoint.",
        "note": "So does a negation in a word that is bad itself: this ends very negative.",
    },
    {
        "text": "The villain is evil and cruel.",
        "note": "What a film tells of is taken for what is thought of it: this ends negative.",
    },
    {
        "text": "Yeah, right, what a great film.",
        "note": "Irony passes it by: this ends positive.",
    },
    {
        "text": "I",
        "note": "The binary score alone calls a plain “I” positive; the five classes say neutral.",
    },
)
UNITS = 5
HOW = (
    "Every phrase that begins no longer one is read left to right; each word that completes a"
    " labelled phrase is asked for its label (cross-entropy over five classes, and for what is not"
    " neutral over positive against negative).{taught} Adam, gradients by backpropagation through"
    " time; the mean of the weights is kept; the epoch and the seed are those with the best binary"
    " accuracy on dev, while every word that has a vector is known; the figures are those of the"
    " {kept:,} rows that are kept. Checkpoints keep cell and readout; the embedding, which is"
    " trained too, is the final one in all of them."
)
TAUGHT = (
    " The labels are not all it learns from: {teachers} Tree-LSTMs of {hidden} units, which read a"
    " sentence as the treebank draws it, phrases inside phrases (Tai, Socher & Manning 2015), were"
    " trained on the same labels before, and teach it (knowledge distillation, Hinton, Vinyals &"
    " Dean 2015). At a labelled phrase it is asked for {share:.0%} of their mean prediction and the"
    " rest of the label; after other words for what they say of the tree cut there; and it reads"
    " texts made of the treebank's own phrases, which the teachers alone judge. The teachers are"
    " the same for all seeds, so the spread is that of the model, not of theirs; nothing but"
    " treebank and word vectors was read by any of them. The model itself reads words from left to"
    " right alone, and needs neither tree nor teacher to be run."
)


def model_card(
    best: Report,
    reports: Sequence[Report],
    train_sentences: Sequence[Sentence],
    dev_sentences: Sequence[Sentence],
) -> dict[str, Any]:
    """Everything the card says, ready for JSON."""
    network = best.network
    judged = sum(sentence.label != 2 for sentence in train_sentences)
    sizes = (
        {"sentences": len(train_sentences), "not_neutral": judged},
        *({"sentences": f.sentences, "not_neutral": f.not_neutral} for f in (best.dev, best.test)),
    )
    return {
        "title": TITLE,
        "description": DESCRIPTION.format(hidden=best.recipe.hidden),
        "input_size": network.cell.input_size,
        "hidden_size": network.cell.hidden_size,
        "checkpoints": list(best.checkpoints),
        "curve": [_point(name, figures) for name, figures in best.curve.items()],
        "rows": len(network.vocabulary),
        "trained_rows": network.vocabulary.trained,
        "labels": list(LABELS),
        "unknown_word": UNKNOWN_WORD,
        "metrics": _metrics(best, reports),
        "training": _training(best, reports),
        "splits": dict(zip(SPLITS, sizes, strict=True)),
        "data": list(DATA),
        "examples": list(EXAMPLES),
        "limits": [{**limit, "score": _score(network, limit["text"])} for limit in LIMITS],
        "units": [asdict(unit) for unit in ranked_units(network, dev_sentences, UNITS)],
    }


def _point(name: str, figures: Figures) -> dict[str, Any]:
    """A point of the learning curve: the dev figures of a checkpoint."""
    return {
        "checkpoint": name,
        "step": int(name.rpartition("-")[2]),
        "dev_binary_accuracy": _rounded(figures.binary),
        "dev_five_classes_accuracy": _rounded(figures.five_classes),
        "dev_binary_loss": _rounded(figures.binary_loss),
    }


def _metrics(best: Report, reports: Sequence[Report]) -> dict[str, float | int]:
    """Accuracies of the shipped seed, and mean and standard deviation over all seeds."""
    figures: dict[str, float | int] = {"seeds": len(reports)}
    for split in ("test", "dev"):
        for measure in ("binary", "five_classes"):
            chosen: Figures = getattr(best, split)
            values = [getattr(getattr(report, split), measure) for report in reports]
            name = f"{split}_{measure}_accuracy"
            figures[name] = _rounded(getattr(chosen, measure))
            figures[f"{name}_mean"] = _rounded(mean(values))
            figures[f"{name}_deviation"] = _rounded(stdev(values) if len(values) > 1 else 0.0)
    return figures


def _training(best: Report, reports: Sequence[Report]) -> dict[str, Any]:
    teaching = best.recipe.teaching
    taught = TAUGHT.format(**asdict(teaching)) if teaching else ""
    return {
        "how": HOW.format(taught=taught, kept=len(best.network.vocabulary)),
        "phrases": best.readings,
        "made_texts": best.made,
        "seed": best.seed,
        "seeds": [report.seed for report in reports],
        "epoch": best.best_epoch,
        "recipe": asdict(best.recipe),
    }


def _score(network: SentimentNetwork, text: str) -> float:
    """Log odds of positive over negative at the end of a text."""
    logits = network.read([piece.key for piece in tokenize(text)])
    return _rounded(float(binary_score(logits[-1])))


def _rounded(number: float) -> float:
    return round(number, 4)
