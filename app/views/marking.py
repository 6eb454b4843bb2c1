"""The gates' names in a text, each marked so that it wears its row's colour."""

import re

from markupsafe import Markup, escape

from gate_explorer.runs.cells import LSTM

ROLES = {q.nickname: q.role for q in LSTM.held}
TERM_ROLES = {q.term: q.role for q in LSTM.held}
NAME = re.compile(rf"\b({'|'.join([*ROLES, *TERM_ROLES])})\b")


def marked(text: str) -> Markup:
    """The text as safe HTML, each gate's name in a span of its role; the rest is escaped."""
    return Markup(NAME.sub(_span, str(escape(text))))


def tight(share: str) -> Markup:
    """A share such as `62 %` as safe HTML, its sign small and near."""
    return Markup(f"{escape(share.removesuffix(' %'))}<small>%</small>")


def role_of(name: str) -> str:
    """The role whose colour a gate's name wears."""
    return ROLES.get(name) or TERM_ROLES[name]


def _span(match: re.Match[str]) -> str:
    return f'<b class="f-{role_of(match[1])}">{match[1]}</b>'
