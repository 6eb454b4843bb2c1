"""Numbers and tokens as a person would write them, one form for stories and pages."""

import numpy as np

from gate_explorer.engine.checks import Array

SPACES = {" ": "␣", "\n": "⏎", "\t": "⇥"}
MINUS = "\N{MINUS SIGN}"
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 2) -> str:
    """A number for reading: whole numbers bare, others to `digits` places, tiny or huge as 1.2e-7.

    Zero has no sign, and a minus is a real minus.
    """
    value = float(value)
    if value == int(value) and abs(value) < 1e6:
        text = str(int(value))
    elif abs(value) >= 1e6 or abs(value) < 0.5 * 10**-digits:
        text = f"{value:.{digits}e}"
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
    else:
        text = f"{value:.{digits}f}"
    return text.replace("-", MINUS)


def signed(value: float, digits: int = 2) -> str:
    """The same with a plus before positive numbers."""
    text = number(value, digits)
    return f"+{text}" if value > 0 else text


def numbers(values: Array, digits: int = 2, *, plus: bool = False) -> list[str]:
    """Many numbers, (n,), each as `number` or, with a plus, `signed` writes it, but sooner."""
    values = values.astype(np.float64)
    size = np.abs(values)
    plain = (size >= 0.5 * 10**-digits) & (size < 1e6) & (values != np.trunc(values))
    form = f"%{'+' if plus else ''}.{digits}f "
    texts = (form * len(values) % tuple(values.tolist())).replace("-", MINUS).split()
    one = signed if plus else number
    for place in np.flatnonzero(~plain).tolist():
        texts[place] = one(float(values[place]), digits)
    return texts


def percent(share: float) -> str:
    """A share as whole per cent; 100 % and 0 % are true to 0.01 %, else it reads >99 % or <1 %."""
    whole = round(share * 100)
    if whole == 0 and share > 1e-4:
        return "<1 %"
    if whole == 100 and share < 1 - 1e-4:
        return ">99 %"
    return f"{whole} %"


def share_words(share: float) -> str:
    """How much is left of something: `120 %`, `35 %`, `4·10⁻⁷`, `0 %`."""
    if share == 0 or share >= 0.01:
        return percent(share)
    mantissa, exponent = f"{share:.0e}".split("e")
    return f"{mantissa}·{power(int(exponent))}"


def power(n: int) -> str:
    """A power of ten: `1`, `10⁻⁷`."""
    return "1" if n == 0 else f"10{str(n).translate(RAISED)}"


def quoted(token: str) -> str:
    """A token in quotation marks."""
    return f"“{visible(token)}”"


def visible(token: str) -> str:
    """A token as it is, but for one that is only white space, which gets a sign for itself."""
    return "".join(SPACES.get(sign, sign) for sign in token) if token.isspace() else token
