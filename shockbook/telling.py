"""Prose that a cell writes, for pages whose findings are not known beforehand.

The text is Markdown as in the other cells, with ``{num}`key``` for figures and ``{numref}`` for
charts.  The site reads it as its own, so numbers lead to their evidence; other viewers get the
figures filled in.
"""

from __future__ import annotations

import re

from IPython.display import display

from shockbook import stored
from shockbook.evidence import SAID

MIME = stored.PROSE
_ROLE = re.compile(r"\{(num|numref|term|doc|eq)\}`([^`<>]*?)(?:\s*<([^<>`]*)>)?`")


def tell(*paragraphs: str, given: bool = False) -> None:
    """Show paragraphs of Markdown.

    Parameters
    ----------
    paragraphs : str
        Empty ones are left out.
    given : bool
        The text is the reader's own, from the event's file, and may hold typed numbers.

    Raises
    ------
    KeyError
        If a figure has not been said before.
    """
    text = "\n\n".join(p for p in paragraphs if p)
    if text:
        record = {"text": text, "given": given}
        display({MIME: record, "text/markdown": _ROLE.sub(_plain, text)}, raw=True)


def _plain(match: re.Match) -> str:
    """A role as a viewer without roles should see it."""
    role, text, _ = match.groups()
    if role == "num":
        if text not in SAID:
            raise KeyError(f"no figure {text!r} was said before this cell")
        return SAID[text]
    return "the chart" if role == "numref" else text
