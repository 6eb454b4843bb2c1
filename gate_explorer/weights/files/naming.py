"""What the names of one's own code say of an array: input or recurrent matrix, bias, which gate.

Nobody agrees on such names; what can be agreed on is that a layer's arrays share what is left of
their names once these parts are taken out. `W_enc`, `U_enc`, `b_enc` are a layer called enc.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

INPUT, RECURRENT, JOINED, BIAS = "input", "recurrent", "joined", "bias"

# Longest first: the first that fits is taken. A name's part ends where letters end.
_STACKED = {
    INPUT: ("recurrent_input", "weights_input", "weight_ih", "W_input", "W_ih", "W_xh", "w_ih",
            "w_xh", "Wih", "Wxh", "kernel", "W_x", "w_x", "Wx", "wx", "W", "w"),
    RECURRENT: ("recurrent_kernel", "weights_hidden", "recurrent_weights", "weight_hh", "W_hidden",
                "W_hh", "w_hh", "W_rec", "Whh", "W_h", "w_h", "Wh", "wh", "U", "u", "R"),
    BIAS: ("bias_ih", "bias_hh", "biases", "bias", "b_ih", "b_hh", "bih", "bhh", "b_h", "bh",
           "b", "B"),
}  # fmt: skip
_ROLE_OF = {word: role for role, words in _STACKED.items() for word in words}
_WORDS = "|".join(sorted(_ROLE_OF, key=len, reverse=True))
_EDGE = r"(?:(?<=[^A-Za-z])|^)"
_END = r"(?=$|[^A-Za-z])"
_STACKED_PART = re.compile(rf"{_EDGE}({_WORDS}){_END}")

_LETTER = re.compile(
    rf"{_EDGE}([WwUuRbB])_?(?:([xhui])_?([ifcgoaz])|([ifcgoa])_?([xhu])|([ifcgoaz])){_END}"
)
_FLAX = re.compile(r"(?:(?<=[/.])|^)([ih])([ifgo])[/.](kernel|bias)$")
_WORD = re.compile(
    r"(?i)(?:^|(?<=[^a-z]))(forget|input|output|candidate|cell|update)_?(?:gate|state)?"
    r"[._/](weight|bias|kernel)$"
)
_GATE_WORDS = {
    "forget": "f", "input": "i", "output": "o", "candidate": "g", "cell": "g", "update": "g",
}  # fmt: skip
_GATES = {"i": "i", "f": "f", "c": "g", "g": "g", "a": "g", "z": "g", "o": "o"}


@dataclass(frozen=True)
class Part:
    """What one array is: role, gate (None where all four lie in it), and the layer's stem.

    marker: "x" or "h" where the name says which of the two it meets.
    """

    name: str
    stem: str
    role: str
    gate: str | None = None
    marker: str | None = None


def parts_of(name: str) -> Iterator[Part]:
    """Every way to read a name, the more telling first."""
    plain = name.removesuffix(":0")
    if match := _FLAX.search(plain):
        role = BIAS if match[3] == "bias" else INPUT if match[1] == "i" else RECURRENT
        marker = "x" if match[1] == "i" else "h"
        yield Part(name, _stem(plain, match), role, _GATES[match[2]], marker)
        return
    if match := _WORD.search(plain):
        role = BIAS if match[2].lower() == "bias" else JOINED
        yield Part(name, _stem(plain, match), role, _GATE_WORDS[match[1].lower()])
    if match := _LETTER.search(plain):
        yield _letter(name, _stem(plain, match), match)
    for match in _STACKED_PART.finditer(plain):
        yield Part(name, _stem(plain, match), _ROLE_OF[match[1]])


def _letter(name: str, stem: str, match: re.Match[str]) -> Part:
    """A matrix or bias of one gate, by letters: Wf, W_xf, U_i, b_hf."""
    letter = match[1]
    told, gate = match[2] or match[5], match[3] or match[4] or match[6]
    marker = None if told is None else "x" if told in "xi" else "h"
    if letter in "bB":
        role = BIAS
    elif letter in "UuR" or marker == "h":
        role = RECURRENT
    else:
        role = INPUT if marker == "x" else JOINED
    return Part(name, stem, role, _GATES[gate], marker)


def _stem(name: str, match: re.Match[str]) -> str:
    return f"{name[: match.start()]}*{name[match.end() :]}"


def title_of(stem: str) -> str:
    """The layer's own name: what is left of its arrays' names, or lstm where nothing is."""
    words = re.sub(r"[\s_./:*-]*\*[\s_./:*-]*", "_", stem).strip("_./:- ")
    return words or "lstm"


def grouped(names: Mapping[str, object]) -> dict[tuple[str, bool], list[Part]]:
    """The parts by stem and by whether they are one gate's; a name in each that it may be of."""
    found: dict[tuple[str, bool], list[Part]] = {}
    for name in names:
        for part in parts_of(name):
            found.setdefault((part.stem, part.gate is not None), []).append(part)
    return found
