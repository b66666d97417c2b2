"""What a chapter says of itself: title, aims, time, last words, figures, verdicts, exercises."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import yaml

from shockbook import charts, claims, evidence
from shockbook.notebooks import ROOT
from shockbook.teach.student import Exercise, split

SIDE = re.compile(
    r"(`{3,}|:{3,})\{dropdown\} (?:Claims, a|A)ims[^\n]*\n"
    r"(:class-container: side\n)?(?P<body>.*?)\n\1",
    re.S,
)
ITEM = re.compile(r"^- (.+?)[;.]?$", re.M)
TIME = re.compile(r"\*\*Time:?\*\*:? *(.+)")
#: The words of a figure, as its Markdown cell has them: title, measure, labelled paragraphs.
FIGURE = re.compile(
    r"\*\*\[Figure\]\(#(?P<name>fig-[\w-]+)\)\.? *(?P<title>.+?)\*\*\n+(?P<subtitle>[^*\n].*)?"
)
LABELLED = {"caption": "Caption", "alt": "In words", "source": "Source"}
BOX = re.compile(r"^> \*\*In short\*\*\n(?P<body>(?:>.*\n?)+)", re.M)
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
    words: dict[str, dict[str, str]] = field(default_factory=dict)

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


def chapters(root: Path = ROOT) -> list[Path]:
    """The numbered chapters of a book, in the order of its table of contents."""
    toc = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    parts = (part for part in toc.get("parts", ()) if part.get("numbered"))
    files = (root / f"{chapter['file']}.ipynb" for part in parts for chapter in part["chapters"])
    return [path for path in files if path.is_file()]


def figure_words(prose: list[str]) -> dict[str, dict[str, str]]:
    """The words of figures by their names: title, subtitle, caption, alt and source, as written."""
    found = {}
    for text in prose:
        if match := FIGURE.search(text):
            words = {"title": match["title"], "subtitle": match["subtitle"] or ""}
            for key, label in LABELLED.items():
                part = re.search(rf"^\*{label}:\* *(.+(?:\n.+)*)", text, flags=re.M)
                words[key] = part[1] if part else ""
            found[match["name"]] = words
    return found


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
        last_words=_last_words(text),
        figures=figures,
        verdicts=tuple(d[claims.MIME] for d in bundles if claims.MIME in d),
        exercises=tuple(split(notebook)[1]),
        notes=notes,
        said={d[evidence.MIME]["key"]: d[evidence.MIME]["text"] for d in bundles
              if evidence.MIME in d},
        words=figure_words(prose),
    )  # fmt: skip


def _last_words(text: str) -> str:
    """The chapter in three lines, or what it ends with."""
    if box := BOX.search(text):
        return re.sub(r"^> ?", "", box["body"], flags=re.M).strip()
    return _section(text, "What we now know")


def _section(text: str, heading: str) -> str:
    parts = HEADING.split(text)
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        if title.strip() == heading:
            return body.strip()
    return ""
