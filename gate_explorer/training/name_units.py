"""`python -m gate_explorer.training.name_units`: what becomes of each model without each unit.

Writes `units.json` beside the weights of the models that are given, or of all, and the units that
bear a name into their cards; nothing is trained.
The sentence model is tried on the treebank and the characters on the plays, which `--data` holds.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from gate_explorer.analysis.damage import Subject, Trial, find
from gate_explorer.errors import InputError
from gate_explorer.runs.card_file import read_card, write_card
from gate_explorer.training import trials
from gate_explorer.training.tasks.characters import Characters, read_text
from gate_explorer.zoo import registry
from gate_explorer.zoo.learned import Learned
from gate_explorer.zoo.sentence import Sentiment
from gate_explorer.zoo.units import UNITS, Findings, card_with, to_json

DATA = Path(".cache/data")


def subject_of(model_id: str) -> Subject:
    """A trained model's cell and readout. Raises: InputError for a model that wasn't trained."""
    model = registry.get(model_id)
    if not isinstance(model, Learned | Sentiment):
        raise InputError(f"{model_id} wasn't trained; {', '.join(trained())} were.")
    network = model.network() if isinstance(model, Learned) else model.network
    return Subject(network.cell, network.readout_weight, network.readout_bias)


def trial_of(model_id: str, data: Path) -> Trial:
    """What a model's units are tried by; `data` is read for the sentences and the plays alone.

    Raises: InputError for a model that wasn't trained; DataError where its data is missing.
    """
    model = registry.get(model_id)
    task = model_id.removesuffix("-rnn")
    if task in trials.GENERATED:
        return trials.GENERATED[task]()
    if isinstance(model, Sentiment):
        return trials.of_treebank(model.network, data)
    if isinstance(model, Learned) and model.symbols:
        return trials.of_characters(model.symbols, Characters(read_text(data)).held_out)
    raise InputError(f"{model_id} wasn't trained; {', '.join(trained())} were.")


def trained() -> list[str]:
    """The models that were trained."""
    cards = [model.card for model in registry.all_models()]
    return [card.id for card in cards if card.provenance == "trained"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Try every model that is named and write what was found."""
    parser = argparse.ArgumentParser(
        prog="python -m gate_explorer.training.name_units",
        description=(__doc__ or "").split("\n")[2],
    )
    parser.add_argument("models", nargs="*", help=f"of {', '.join(trained())}; all if left out")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the data (%(default)s)")
    options = parser.parse_args(arguments)
    for model_id in options.models or trained():
        findings = find(subject_of(model_id), trial_of(model_id, options.data))
        write(registry.ZOO / model_id, findings)
        named = [f"{one.unit} {one.name}" for one in findings.units if one.name]
        print(f"{model_id}: {'; '.join(named) or 'no unit bears a name'}", flush=True)


def write(folder: Path, findings: Findings) -> None:
    """Write `units.json`, and into the card the units that bear a name."""
    (folder / UNITS).write_text(to_json(findings), encoding="utf-8")
    write_card(folder, card_with(read_card(folder), findings))


if __name__ == "__main__":
    main()
