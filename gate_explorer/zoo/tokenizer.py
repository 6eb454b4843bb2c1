"""Text as people type it -> tokens like those of the treebank, each with the key to look up.

The Penn Treebank's conventions (don't -> do n't, quotes as `` and ''), widened to what people
type today: curly quotes, missing apostrophes, dashes, emoji, addresses, any script. No visible
character is lost: the tokens' texts, joined, are the input without white space and control
characters (and without format characters that stand alone, such as a byte order mark).
Source of the conventions: Marcus, Santorini & Marcinkiewicz 1993, "Building a large annotated
corpus of English: the Penn Treebank"; grapheme clusters after Unicode Standard Annex 29, reduced
to what can be told from character categories.

A text is read as clusters (a character with its combining marks; a whole emoji), and each cluster
is stood for by one character of a skeleton on which the patterns work.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_JOINER = "\u200d"
_KEYCAP = "\u20e3"
_EMOJI = "\u263a"  # stands for every emoji and pictograph in a skeleton
_PLAIN = {"\u2019": "'", "\u02bc": "'", "\u2032": "'", "\u201b": "'", "\u2018": "\u2018"}

APOSTROPHES = "\u2019\u2018\u02bc\u2032\u201b\u00b4`"  # what is typed for '
_BETWEEN = re.compile(rf"(?<=[^\W\d_])[{APOSTROPHES}](?=[^\W\d_])")
_SIGNS_OF_SEX = "\u2640\u2642"

_OPENING = "\u201c\u201e\u201f\u00ab"
_CLOSING = "\u201d\u00bb\u2033"
_DASHES = "\u2012\u2013\u2014\u2015\u2e3a\u2e3b"

_LETTER = r"[^\W_]"
_ATOM = rf"(?:\d+(?:[.,:]\d+)+{_LETTER}*|{_LETTER}+)"
_SHORTENED = (
    "mr|mrs|ms|dr|prof|st|jr|sr|vs|etc|bros|inc|ltd|co|corp|rev|gen|gov|capt|lt|sgt"
    "|jan|feb|aug|sept|oct|nov|dec|wash|al"
)
_PATTERN = re.compile(
    rf"""
    (?P<whole>
        (?:https?://|www\.)[^\s<>"]*[^\s<>".,;:!?)\]'*]         # address
      | [\w.+-]{{1,64}}@[\w-]{{1,64}}(?:\.[\w-]{{1,64}}){{1,4}}  # mail address
      | -[LR][RSC]B-                                            # the treebank's brackets
      | (?<!\S)[:;=][-^']?[()\[\]dDpPoO/\\|*3]+(?=[\s.,!?]|$)   # emoticon
      | (?<!\S)</?3(?!\w)                                       # typed heart
      | [^\W\d_](?:\.[^\W\d_])+(?!\w)\.?                       # U.S., J.R.R., i.e.
      | (?i:{_SHORTENED})\.                                     # Mr.
      | [A-HJ-Z]\.(?=\s+[A-Z])                                  # initial of a name
      | (?i:no)\.(?=\s*\d)                                      # No. 1
      | ['\u2018](?i:em|til|cause|tis|twas|n'?|\d\ds?)(?!\w)    # 'em, '70s
      | (?i:ol)'(?!\w)
      | '(?i:s|re|ve|ll|d|m)(?!\w)                              # a suffix on its own
      | [.\u2026]{{2,}} | \u2026
      | -{{2,}} | [{_DASHES}]+
      | [!?]+
      | (?:\\\*)+ | \*+ | \\/
      | ([\#=~^_+|])\2*
      | `` | ''
    )
  | (?P<word> {_ATOM}(?:(?:[-'/&]|\\/){_ATOM})*(?:\.(?:com|org|net|tv)(?!\w))? )
  | (?P<quote> ["'`\u2018{_OPENING}{_CLOSING}] )
  | (?P<other> \S )
    """,
    re.VERBOSE,
)
_SUFFIX = re.compile(r".('(?:s|re|ve|ll|d|m))$", re.IGNORECASE)
_NOT = re.compile(r".(n't)$|^can(not)$", re.IGNORECASE)
# Every auxiliary that "not" is joined to; without its apostrophe none of the forms is a word that
# people use otherwise ("cant" and "wont" are rare as words of their own).
_AUXILIARIES = (
    "do", "does", "did", "is", "are", "was", "were", "has", "have", "had", "ca", "could", "wo",
    "would", "sha", "should", "must", "might", "may", "need", "ought", "dare", "ai",
)  # fmt: skip
# Form -> where it is cut; what follows is n't. The ending alone is read so too, as a step gives it.
BARE = {word + "nt": len(word) for word in ("", *_AUXILIARIES)}

_KEYS = {
    "-lrb-": "(", "-rrb-": ")", "-lsb-": "[", "-rsb-": "]", "-lcb-": "{", "-rcb-": "}",
}  # fmt: skip
_QUOTE_KEYS = {**dict.fromkeys(_OPENING, "``"), **dict.fromkeys(_CLOSING, "''"), "\u2018": "`"}
_MARKS = re.compile(rf"(?P<dots>\.{{2,}})|(?P<dashes>-{{2,}}|[{_DASHES}]+)|(?P<ends>[!?]+)")


@dataclass(frozen=True)
class Piece:
    """One token: the text as typed, and the key under which a vocabulary knows it."""

    text: str
    key: str


def tokenize(text: str) -> list[Piece]:
    """Split a text into tokens; a text without a visible character gives []."""
    clusters = _clusters(text)
    skeleton = _BETWEEN.sub("'", "".join(_stand_in(cluster) for cluster in clusters))
    pieces: list[Piece] = []
    quoted = False
    for match in _PATTERN.finditer(skeleton):
        if match.lastgroup == "quote":
            key = _quote_key(skeleton, match.start(), quoted)
            quoted = key == "``" or (quoted and key != "''")
            pieces.append(Piece("".join(clusters[match.start() : match.end()]), key))
            continue
        cuts = _cuts(match[0]) if match.lastgroup == "word" else [0]
        pieces.extend(_pieces(clusters[match.start() : match.end()], match[0], cuts))
    return pieces


def key_of(text: str) -> str:
    """The key of a single token: lower case, compatibility forms and punctuation made plain.

    `-LRB-` -> `(`, `\\/` -> `/`, `…` -> `...`, `—` -> `--`, `!!!` -> `!`, `?!` -> `!?`. An emoji
    loses colour of skin and sign of sex.
    """
    visible = "".join(char for char in text if not _is_format(char) and not _is_skin_tone(char))
    if _is_emoji(visible[:1]):
        visible = visible.rstrip(_SIGNS_OF_SEX) or visible
    plain = unicodedata.normalize("NFKC", visible).lower().translate(_TO_PLAIN)
    plain = "".join(plain.split()).replace("\\/", "/").replace("\\*", "*")
    if plain in _QUOTE_KEYS:
        return _QUOTE_KEYS[plain]
    marks = _MARKS.fullmatch(plain)
    if marks is None:
        return _KEYS.get(plain, plain) or text
    if marks["dots"]:
        return "..."
    if marks["dashes"]:
        return "--"
    return plain[0] if len(set(plain)) == 1 else "!?"


_TO_PLAIN = str.maketrans({char: plain for char, plain in _PLAIN.items() if char != plain})


def _pieces(clusters: list[str], skeleton: str, cuts: list[int]) -> Iterator[Piece]:
    """The parts of a word between its cuts; a bare `nt` has the key of `n't`."""
    bare = BARE.get(skeleton.lower())
    for start, stop in zip(cuts, [*cuts[1:], len(clusters)], strict=True):
        text = "".join(clusters[start:stop])
        signs = zip(clusters[start:stop], skeleton[start:stop], strict=True)
        plain = "".join("'" if sign == "'" else cluster for cluster, sign in signs)
        yield Piece(text, "n't" if start == bare else key_of(plain))


def _cuts(word: str) -> list[int]:
    """Where a word is cut: `wouldn't've` -> [0, 5, 8]."""
    cuts: list[int] = []
    end = len(word)
    # The pattern sees the end alone, so that a word of suffixes costs what its length is.
    while (suffix := _SUFFIX.search(word[max(end - 4, 0) : end])) is not None:
        end -= len(suffix[1])
        cuts.append(end)
    negation = _NOT.search(word[:end])
    if negation is not None:
        cuts.append(negation.start(negation.lastindex or 0))
    elif BARE.get(word.lower()):
        cuts.append(BARE[word.lower()])
    return [0, *reversed(cuts)]


def _quote_key(skeleton: str, at: int, quoted: bool) -> str:
    """`` or '' for a double quote, ` or ' for a single one, by what stands around it."""
    mark = skeleton[at]
    if mark in _QUOTE_KEYS:
        return _QUOTE_KEYS[mark]
    before = skeleton[at - 1] if at else " "
    after = skeleton[at + 1] if at + 1 < len(skeleton) else " "
    opens = not after.isspace() and (before.isspace() or before in f"([{{-/`{_DASHES}{_OPENING}")
    if mark == '"':
        alone = before.isspace() and after.isspace()
        return "``" if opens or (alone and not quoted) else "''"
    return "`" if mark == "`" or (opens and after.isalnum()) else "'"


def _clusters(text: str) -> list[str]:
    """Characters with what belongs to them; white space and controls become one blank each.

    A format character (category Cf) belongs to the visible character before it, else to the one
    after it; where neither is visible it is dropped.
    """
    clusters = [" "]
    ahead = ""  # format characters that wait for a visible one
    for char in text:
        if char.isascii() and char.isprintable() and not char.isspace():
            clusters.append(ahead + char)
            ahead = ""
        elif char.isspace() or unicodedata.category(char) == "Cc":
            clusters.append(" ")
            ahead = ""
        elif clusters[-1] != " " and _extends(clusters[-1], char):
            clusters[-1] += char
        elif _is_format(char):
            ahead += char
        else:
            clusters.append(ahead + char)
            ahead = ""
    return clusters[1:]


def _extends(cluster: str, char: str) -> bool:
    """Whether a character belongs to the visible cluster before it."""
    if unicodedata.category(char)[0] == "M" or _is_format(char) or _is_skin_tone(char):
        return True
    if cluster.endswith(_JOINER):
        return _is_emoji(char) and _is_emoji(_base(cluster))
    return len(cluster) == 1 and _is_flag_letter(cluster) and _is_flag_letter(char)


def _stand_in(cluster: str) -> str:
    """The one character that stands for a cluster in the skeleton."""
    if cluster == " " or (len(cluster) == 1 and cluster.isascii()):
        return cluster
    base = _base(cluster)
    if _KEYCAP in cluster or _is_emoji(base):
        return _EMOJI
    plain = unicodedata.normalize("NFKC", base)
    return _PLAIN.get(base, plain if len(plain) == 1 and not plain.isspace() else base)


def _base(cluster: str) -> str:
    return next(char for char in cluster if not _is_format(char))


def _is_format(char: str) -> bool:
    """Invisible: zero-width, direction, soft hyphen, tags; and variation selectors."""
    return not char.isascii() and (
        unicodedata.category(char) == "Cf" or 0xFE00 <= ord(char) <= 0xFE0F
    )


def _is_emoji(char: str) -> bool:
    return (
        bool(char)
        and not char.isascii()
        and (unicodedata.category(char) == "So" or 0x1F000 <= ord(char) <= 0x1FAFF)
    )


def _is_skin_tone(char: str) -> bool:
    return 0x1F3FB <= ord(char) <= 0x1F3FF


def _is_flag_letter(char: str) -> bool:
    return 0x1F1E6 <= ord(char) <= 0x1F1FF
