"""What a chapter says of itself: title, aims, time, last words, figures, verdicts, exercises."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from shockbook import charts, claims, evidence
from shockbook.teach.student import Exercise, split

SIDE = re.compile(
    r"(`{3,}|:{3,})\{dropdown\} Claims, aims[^\n]*\n(:class-container: side\n)?(?P<body>.*?)\n\1", re.S
)
ITEM = re.compile(r"^- (.+?)[;.]?$", re.M)
TIME = re.compile(r"\*\*Time:?\*\*:? *(.+)")
HEADING = re.compile(r"^## +(.+)$", re.M)
LINK = re.compile(r"\[([^\]]*)\]\([^)\s]*\)")
ROLE = re.compile(r"\{(?P<role>[a-z:]+)\}`(?P<text>[^`]*)`")


@dataclass(frozen=True)
class Chapter:
    """One chapter as its notebook gives it; texts are MyST, as written."""

    path: Path
    title: str
    aims: tuple[str, ...]
    time: str
    last_words: str
    figures: tuple[dict, ...]
    verdicts: tuple[dict, ...]
    exercises: tuple[Exercise, ...]
    notes: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)

    def plain(self, text: str) -> str:
        """A text with its links and roles resolved to words: numbers, terms, claims."""
        return ROLE.sub(self._word, LINK.sub(r"\1", text)).replace("\\$", "$")

    def _word(self, match: re.Match) -> str:
        role, text = match["role"], match["text"]
        if role == "num":
            return self.said[text]
        if role.startswith("cite"):
            return ""
        if role == "numref":
            return "the figure"
        return re.sub(r"\s*<[^>]*>$", "", text)


def read(path: Path) -> Chapter:
    """Read a chapter's notebook; nothing is run."""
    notebook = nbformat.read(path, as_version=4)
    prose = [c.source for c in notebook.cells if c.cell_type == "markdown"]
    text = "\n\n".join(prose)
    side = SIDE.search(text)
    body = side["body"] if side else ""
    time = TIME.search(body)
    bundles = [
        o.data for c in notebook.cells if c.cell_type == "code" for o in c.outputs if "data" in o
    ]
    figures = tuple(d[charts.MIME] for d in bundles if charts.MIME in d)
    notes = {}
    for spec in figures:
        name = charts.meta(spec)["name"]
        marks = (f"{{numref}}`{name}`", f"(#{name})")
        told = (p for p in text.split("\n\n") if not p.startswith("**[Figure]"))
        notes[name] = next((p for p in told if any(m in p for m in marks)), "")
    return Chapter(
        path=path,
        title=re.search(r"^# +(.+)$", text, re.M)[1],
        aims=tuple(ITEM.findall(body)),
        time=time[1].strip().rstrip(".") if time else "",
        last_words=_section(text, "What we now know"),
        figures=figures,
        verdicts=tuple(d[claims.MIME] for d in bundles if claims.MIME in d),
        exercises=tuple(split(notebook)[1]),
        notes=notes,
        said={d[evidence.MIME]["key"]: d[evidence.MIME]["text"] for d in bundles
              if evidence.MIME in d},
    )  # fmt: skip


def _section(text: str, heading: str) -> str:
    parts = HEADING.split(text)
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        if title.strip() == heading:
            return body.strip()
    return ""
