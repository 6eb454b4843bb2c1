"""The gates' nicknames, marked in a text so that each wears its panel's colour."""

import re

from markupsafe import Markup, escape

ROLES = {"Eraser": "forget", "Filter": "input", "Writer": "candidate", "Presenter": "output"}
NICKNAME = re.compile(rf"\b({'|'.join(ROLES)})\b")


TERMS = {
    "Writer’s draft": "candidate",
    "Eraser": "forget gate",
    "Filter": "input gate",
    "Writer": "candidate",
    "Presenter": "output gate",
}


def without_nicknames(text: str) -> str:
    """The text in the field's own words."""
    for nickname, term in TERMS.items():
        text = re.sub(rf"\b{nickname}\b", term, text)
    return text


def marked_nicknames(text: str) -> Markup:
    """The text as safe HTML, each nickname in a span of its gate's role; the rest is escaped."""
    return Markup(NICKNAME.sub(_span, str(escape(text))))


def _span(match: re.Match[str]) -> str:
    return f'<b class="f-{ROLES[match[1]]}">{match[1]}</b>'
