"""What a model says, in words: a tone by stated thresholds.

    |tone| < LEANS                neutral
    LEANS <= |tone| < TAKES       neutral, leaning positive (or negative)
    TAKES <= |tone|               positive; very positive where that class is the likelier

Where neither side is rarer than neutral, the text isn't neutral but both at once: it is mixed.
"""

from gate_explorer.analysis.words import signed
from gate_explorer.runs.outputs import SIDES, ClassesOutput

LEANS, TAKES = 0.1, 0.4
SMALLEST = 0.005


def tone_in_words(output: ClassesOutput) -> str:
    """The verdict on a scale of classes, such as `neutral, leaning negative`.

    Raises: ValueError for classes that are no scale.
    """
    tone = output.tone
    if tone is None:
        raise ValueError(f"expected a scale from negative to positive, got {output}")
    side = "positive" if tone > 0 else "negative"
    if abs(tone) >= TAKES:
        p = output.probabilities
        return f"very {side}" if p.get(f"very {side}", 0.0) > p[side] else side
    between = "mixed" if _is_mixed(output) else "neutral"
    return between if abs(tone) < LEANS else f"{between}, leaning {side}"


def tone_in_figures(tone: float) -> str:
    """A tone to two places, such as `+0.41`; what they don't show is 0."""
    return signed(tone if abs(tone) >= SMALLEST else 0.0)


def _is_mixed(output: ClassesOutput) -> bool:
    """Whether both sides are likelier than what lies between them."""
    shares = {-1.0: 0.0, 0.0: 0.0, 1.0: 0.0}
    for name, p in output.probabilities.items():
        shares[SIDES.get(name, 0.0)] += p
    return shares[0.0] < min(shares[-1.0], shares[1.0])
