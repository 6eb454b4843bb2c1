"""`python -m gate_explorer.training.name_units`: what becomes of each model without each unit.

Writes `units.json` beside the weights of the models that are given, or of all, and into their cards
the units that bear a name and the limits that are measured; nothing is trained. The sentence model
is tried on the treebank and the characters on the plays, which `--data` holds.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gate_explorer.analysis.damage import Trial
from gate_explorer.errors import InputError
from gate_explorer.runs.card import Card
from gate_explorer.runs.card_file import read_card, write_card
from gate_explorer.training.registry import projects
from gate_explorer.training.sentiment.trial import of_treebank
from gate_explorer.training.units import Network, write_units
from gate_explorer.zoo import registry
from gate_explorer.zoo.cell_network import CellNetwork
from gate_explorer.zoo.learned import Learned
from gate_explorer.zoo.sentence import Sentiment

DATA = Path(".cache/data")


def trained() -> list[str]:
    """The models that were trained."""
    cards = [model.card for model in registry.all_models()]
    return [card.id for card in cards if card.provenance == "trained"]


def network_of(model_id: str) -> Network:
    """A trained model's network. Raises: InputError for a model that wasn't trained."""
    model = registry.get(model_id)
    if isinstance(model, Learned):
        return model.network()
    if isinstance(model, Sentiment):
        return model.network
    raise InputError(f"{model_id} wasn't trained; {', '.join(trained())} were.")


def trial_of(model_id: str, data: Path, again: bool = False) -> Trial:
    """What a model's units are tried by; `data` is read for the sentences and the plays alone.

    again: the same over other held-out data.
    Raises: InputError for a model that wasn't trained; DataError where its data is missing.
    """
    model = registry.get(model_id)
    if isinstance(model, Sentiment):
        return of_treebank(model.network, data, again)
    project = projects().get(model_id.removesuffix("-rnn"))
    if project is None:
        raise InputError(f"{model_id} wasn't trained; {', '.join(trained())} were.")
    return project.make(data).trial(again)


def with_limits(card: Card, data: Path) -> Card:
    """A card with the limits of its project and those that are measured; others as they are."""
    project = projects().get(card.id.removesuffix("-rnn"))
    if project is None:
        return card
    network = network_of(card.id)
    if not isinstance(network, CellNetwork):
        raise TypeError(f"expected a cell with a readout, got {network}")
    written = project.limits if card.cell == "lstm" else ()
    return replace(card, limits=(*written, *project.make(data).limits(network)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Try every model that is named and write what was found."""
    parser = argparse.ArgumentParser(
        prog="python -m gate_explorer.training.name_units",
        description=(__doc__ or "").partition("\n\n")[2],
    )
    parser.add_argument("models", nargs="*", help=f"of {', '.join(trained())}; all if left out")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the data (%(default)s)")
    options = parser.parse_args(arguments)
    for model_id in options.models or trained():
        folder = registry.ZOO / model_id
        trials = (trial_of(model_id, options.data), trial_of(model_id, options.data, again=True))
        findings = write_units(folder, network_of(model_id), *trials)
        write_card(folder, with_limits(read_card(folder), options.data))
        named = [f"{one.unit} {one.name}" for one in findings.units if one.name]
        print(f"{model_id}: {'; '.join(named) or 'no unit bears a name'}", flush=True)


if __name__ == "__main__":
    main()
