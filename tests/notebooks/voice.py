"""What a machine can hear of a page: its length, and turns that nobody would say aloud."""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from pathlib import Path

LONGEST_TITLE, ALIKE = 12, 3  # words; sentences in a row

FOLD = re.compile(r"^(:{3,}|`{3,})\{(?:dropdown|solution)[^\n]*\n.*?^\1 *$", re.M | re.S)
LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\]]*\])*)\]\([^()]*\)")
MARKS = re.compile(r"<!--.*?-->|^[`~]{3,}(?!\{).*?^[`~]{3,} *$|\$\$.*?\$\$", re.M | re.S)
DIRECTIVE = re.compile(r"^(?::{3,}|`{3,}|:[\w-]+:|\([\w-]+\)=$).*$", re.M)
UNSEEN = re.compile(r"^\*(?:In words|Source):\*.*$", re.M)
TITLE = re.compile(r"^(?:#+ |\*\*\[Figure\]\(#[\w-]+\)\. )(.+?)(?:\*\*)?$", re.M)
LABEL = re.compile(r"^(?:Caption|In words|Claimed|Found|How sure): ")
SENTENCE = re.compile(r"(?<=[.!?…])[”\"’)]*\s+(?=[“\"‘(]*[A-Z0-9$−])")
COUNT = r"(?:\d[\d,.]*|both|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
TURNS = {
    "opens with Of": re.compile(rf"^Of (?:(?:the|these|its|all) )?{COUNT}\b|^Of the \w+ "),
    "N of N": re.compile(rf"\b({COUNT}) of (?:the )?\1\b", re.I),
    "nought": re.compile(r"\bnought\b", re.I),
    "session number": re.compile(r"\bsession number\b", re.I),
    "a bare 1 or 0": re.compile(
        r"^[01] [a-z]|\b(?:is|are|was|were|number|of) [01](?=[.;,](?!\d)|$)"
    ),
}


@cache
def cells(path: Path) -> list[str]:
    """The Markdown of a page: of a notebook cell by cell, of a text file whole."""
    text = path.read_text("utf-8")
    if path.suffix != ".ipynb":
        return [text]
    return [
        "".join(cell["source"])
        for cell in json.loads(text)["cells"]
        if cell["cell_type"] == "markdown"
    ]


def reasons(path: Path) -> list[str]:
    """The reasons of a page's verdicts."""
    about = path.with_suffix(".toml")
    text = about.read_text("utf-8") if about.is_file() else ""
    return list(tomllib.loads(text).get("verdicts", {}).values())


def bare(markdown: str) -> str:
    """Markdown as words: links by their text, without marks, comments, code and directives."""
    text = LINK.sub(r"\1", LINK.sub(r"\1", MARKS.sub("", markdown)))
    return re.sub(r"[*_`>#|\\]", "", DIRECTIVE.sub("", text))


def count(texts: list[str], reasons: list[str] = ()) -> int:
    """The words that a reader meets before the exercises with folds closed, verdicts' included."""
    text = re.split(r"^## Exercises", "\n\n".join(texts), flags=re.M)[0]
    seen = "\n\n".join([UNSEEN.sub("", FOLD.sub("", text)), *reasons])
    return len(bare(seen).split())


def opening(texts: list[str]) -> int:
    """The words of title, scene and question."""
    return len(bare(texts[0].split("> **In short**")[0]).split())


def faults(markdown: str) -> list[str]:
    """The turns of a text that nobody would say, and its titles that are too long."""
    found = []
    for title in TITLE.findall(MARKS.sub("", markdown)):
        if len(bare(title).split()) > LONGEST_TITLE:
            found.append(f"a title of more than {LONGEST_TITLE} words: {bare(title)}")
    for block in re.split(r"\n(?:>? *\n)+|\n(?=\s*(?:[-*]|\d+\.) |\|)", bare(markdown)):
        sentences = SENTENCE.split(LABEL.sub("", " ".join(block.split())))
        openings = [words[0].strip("“‘(") for s in sentences if (words := s.split())]
        for i in range(len(openings) - ALIKE + 1):
            if len(set(openings[i : i + ALIKE])) == 1:
                found.append(f"{ALIKE} sentences open alike: {sentences[i]}")
        found += [
            f"{name}: {sentence}"
            for sentence in sentences
            for name, turn in TURNS.items()
            if turn.search(sentence)
        ]
    return found
