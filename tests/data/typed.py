"""Treebank tokens back to text, as a person would type it."""

import re

NO_SPACE_BEFORE = {".", ",", "!", "?", ";", ":", "''", "'", "-RRB-", "%", "..."}
NO_SPACE_AFTER = {"``", "`", "-LRB-", "$", "#"}
SUFFIX = re.compile(r"n't|'(?:s|re|ve|ll|d|m)", re.IGNORECASE)
TYPED = {"``": '"', "''": '"', "`": "'", "-LRB-": "(", "-RRB-": ")"}


def as_typed(words: tuple[str, ...]) -> str:
    """The tokens joined to a text with ordinary spacing, quotes and brackets."""
    text, glued = "", True
    for word in words:
        if not (glued or word in NO_SPACE_BEFORE or SUFFIX.fullmatch(word)):
            text += " "
        text += TYPED.get(word, word).replace("\\/", "/").replace("\\*", "*")
        glued = word in NO_SPACE_AFTER
    return text
