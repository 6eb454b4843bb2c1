"""What the README says is so: its example prints what it shows, its tables are current."""

import re
import subprocess
import sys
from pathlib import Path

from app.settings import Settings
from gate_explorer.zoo.registry import MODELS, get

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_engine_example_prints_what_it_shows() -> None:
    code, printed = re.findall(r"```(?:python)?\n(.*?)```", README, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (printed, "")


def test_readme_settings_table_lists_every_setting_and_its_default() -> None:
    rows = set(re.findall(r"\| `GATE_EXPLORER_(\w+)` \|\s*([^|]*?)\s*\| ([^|]+) \|", README))
    assert rows == {
        (name.upper(), f"{field.default:,}" if field.default else "", field.description)
        for name, field in Settings.model_fields.items()
    }


def test_readme_model_table_lists_every_model_with_the_cards_figures() -> None:
    rows = dict(re.findall(r"^\| `([\w-]+)` \|.*\| ([^|]+) \|$", README, re.MULTILINE))
    assert set(rows) >= set(MODELS)
    card = get("sentiment").card
    assert card.measured
    shares = ("test_binary_accuracy", "test_five_classes_accuracy")
    assert all(
        f"{card.measured.figures[name].value * 100:.1f} %" in rows["sentiment"] for name in shares
    )
