"""What a chapter says of itself: title, aims, time, last words, figures, verdicts, exercises."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import yaml

from shockbook import charts, claims, stored
from shockbook.notebooks import ROOT
from shockbook.teach.student import Exercise, split

SIDE = re.compile(
    r"(`{3,}|:{3,})\{dropdown\} (?:Claims, a|A)ims[^\n]*\n"
    r"(?P<body>.*?)\n\1",
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
ANSWER = re.compile(
    r"(?P<f>`{3,}|:{3,})\{solution\} (?P<label>\S+)\n(?::[^\n]*\n)*\n*(?P<body>.*?)\n(?P=f)", re.S
)
HEADING = re.compile(r"^## +(.+)$", re.M)
LINK = re.compile(r"\[([^\]]*)\]\([^)\s]*\)")


@dataclass(frozen=True)
class Chapter:
    """One chapter as its notebook gives it; texts are MyST, as written."""

    path: Path
    title: str
    aims: tuple[str, ...]
    time: str
    last_words: str
    scene: str
    doubt: str
    figures: tuple[dict, ...]
    verdicts: tuple[dict, ...]
    exercises: tuple[Exercise, ...]
    answers: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)

    def plain(self, text: str) -> str:
        """A text with its links as their words: numbers, terms, claims."""
        return LINK.sub(r"\1", text).replace("\\$", "$")


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
    text = "\n\n".join(map(_prose, notebook.cells))
    side = SIDE.search(text)
    body = side["body"] if side else ""
    time = TIME.search(body)
    figures, notes = [], {}
    for at, cell in enumerate(notebook.cells):
        for spec in (d[charts.MIME] for d in _bundles(cell) if charts.MIME in d):
            figures.append(spec)
            notes[charts.meta(spec)["name"]] = _told(notebook.cells[at + 1 :])
    return Chapter(
        path=path,
        title=re.search(r"^# +(.+)$", text, re.M)[1],
        aims=tuple(ITEM.findall(body)),
        time=time[1].strip().rstrip(".") if time else "",
        last_words=_last_words(text),
        scene=_told(notebook.cells),
        doubt=_section(text, "How sure are we?").partition("\n\n")[0],
        figures=tuple(figures),
        verdicts=tuple(record for _, record in stored.outputs(notebook, claims.MIME)),
        exercises=tuple(split(notebook)[1]),
        answers={m["label"]: m["body"] for m in ANSWER.finditer(text)},
        notes=notes,
        words=figure_words(prose),
    )


def _bundles(cell) -> list[dict]:
    return [o.data for o in cell.get("outputs", ()) if "data" in o]


def _prose(cell) -> str:
    """What a cell says: its Markdown, or what it told."""
    if cell.cell_type == "markdown":
        return cell.source
    return "\n\n".join(d[stored.PROSE]["text"] for d in _bundles(cell) if stored.PROSE in d)


def _told(cells: list) -> str:
    """The first paragraph of plain text in some cells, before their next figure."""
    for cell in cells:
        text = "" if FIGURE.search(_prose(cell)) else _prose(cell)
        for paragraph in filter(None, map(str.strip, text.split("\n\n"))):
            if not re.match(r"[#>:`|!<]|\*\*\[|- ", paragraph):
                return paragraph
        if any(charts.MIME in bundle for bundle in _bundles(cell)):
            break
    return ""


def _last_words(text: str) -> str:
    """The chapter in three lines, or an event's page in its summary."""
    if box := BOX.search(text):
        return re.sub(r"^> ?", "", box["body"], flags=re.M).strip()
    return _section(text, "The summary, on one page")


def _section(text: str, heading: str) -> str:
    parts = HEADING.split(text)
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        if title.strip() == heading:
            return body.strip()
    return ""
