"""The numbers that decide how the sentence model is trained; the defaults made ours."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Teaching:
    """How many teachers there are, what they are, and what they teach beside the labels."""

    teachers: int = 6
    hidden: int = 150
    epochs: int = 9
    batch: int = 32  # sentences
    learning_rate: float = 4e-3
    embedding_rate: float = 4e-3
    input_dropout: float = 0.5
    output_dropout: float = 0.3
    share: float = 0.9  # of the teachers in what is asked for at a labelled word
    unlabelled_weight: float = 0.5  # of what they say at other words, against a phrase's 1
    made: float = 5.0  # texts without labels for each sentence of the treebank

    def texts(self, sentences: int) -> int:
        """How many texts are made of so many sentences."""
        return round(self.made * sentences)


@dataclass(frozen=True)
class SentenceRecipe:
    """Sizes, rates and shares of one training run.

    Chosen on the development split.
    """

    hidden: int = 48
    epochs: int = 6
    batch: int = 128
    learning_rate: float = 4e-3  # peak, of the cell and the readout
    embedding_rate: float = 3e-3  # peak, of the embedding's rows
    warm_up: int = 100  # steps
    final_rate: float = 0.05  # share of the peak at the last step
    clip: float = 5.0  # norm of all gradients together
    input_dropout: float = 0.3
    output_dropout: float = 0.05
    polarity_weight: float = 2.0  # of positive against negative, beside the five classes' 1
    sentence_weight: float = 4.0  # of a whole sentence's label against a phrase's
    rare_to_unknown: float = 0.1  # share of words seen once that are read as <unk>
    word_to_unknown: float = 0.02  # share of all other words that are
    average_every: int = 16  # steps between the weights that are averaged
    averaged: int = 48  # how many of them the average remembers, about one epoch here
    everyday: int = 30_000  # everyday sentences that a grammar makes
    everyday_weight: float = 1.5  # of what is asked for at their end
    teaching: Teaching | None = Teaching()  # None: the labels alone
