"""What a trained network's units are called: tried on held-out data, written beside its card."""

from pathlib import Path
from typing import Protocol

from gate_explorer.analysis.damage import Subject, Trial
from gate_explorer.analysis.repeats import find_steady
from gate_explorer.engine.cells import LSTMParameters
from gate_explorer.engine.checks import Array
from gate_explorer.engine.rnn import RNNParameters
from gate_explorer.runs.card_file import read_card, write_card
from gate_explorer.zoo.units import UNITS, Findings, card_with, to_json


class Network(Protocol):
    """A cell with a linear readout (K, H), (K,)."""

    @property
    def cell(self) -> LSTMParameters | RNNParameters:
        """The cell."""
        ...

    @property
    def readout_weight(self) -> Array:
        """(K, H)."""
        ...

    @property
    def readout_bias(self) -> Array:
        """(K,)."""
        ...


def subject_of(network: Network) -> Subject:
    """A network as what a trial is made with."""
    return Subject(network.cell, network.readout_weight, network.readout_bias)


def write_units(folder: Path, network: Network, trial: Trial, again: Trial) -> Findings:
    """Try a network's units; write `units.json`, and into the card the units that bear a name.

    again: the same trial over other held-out data, on which a name has to stand too.
    """
    findings = find_steady(subject_of(network), trial, again)
    (folder / UNITS).write_text(to_json(findings), encoding="utf-8")
    write_card(folder, card_with(read_card(folder), findings))
    return findings
