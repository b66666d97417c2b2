"""Slides from the chapters: one self-contained page for each, made for a room without a network.

A slide is a figure under its title, as drawn for the site.  The words beside it are the chapter's
own, shown on request.  Without JavaScript the slides stand one below another.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt

from shockbook import charts
from shockbook.notebooks import ROOT
from shockbook.teach import page

STYLE = Path(__file__).parent / "static" / "slides.css"
SCRIPT = Path(__file__).parent / "static" / "slides.js"
PER_SLIDE = 6  # rows of verdicts that a room can read
FRAME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{slides}
</main>
<script>{script}</script>
</body>
</html>
"""
KEYS = "Arrow keys turn the slides, N shows the notes, P prints."


def html(text: str) -> str:
    """Markdown as HTML; raw HTML in it is shown as text."""
    return MarkdownIt("commonmark", {"html": False}).render(text)


def _slide(kind: str, title: str, body: str, notes: str = "", level: int = 2) -> str:
    aside = f'<aside class="notes">{notes}</aside>' if notes else ""
    return (
        f'<section class="slide {kind}" tabindex="-1"><h{level}>{title}</h{level}>\n'
        f"{body}\n{aside}</section>"
    )


def slides(chapter: page.Chapter) -> list[str]:
    """The slides of a chapter: title and aims, one for each figure, verdicts, last words, talk."""
    aims = "".join(f"<li>{_inline(chapter, aim)}</li>" for aim in chapter.aims)
    opening = f"<p>After this you can</p><ul>{aims}</ul><p class='keys'>{KEYS}</p>"
    found = [_slide("opening", _inline(chapter, chapter.title), opening, level=1)]
    for spec in chapter.figures:
        found.append(_figure(chapter, spec))
    rows = [
        f"<tr><td>{v['claim']}</td><td>{escape(v['paraphrase'])}</td>"
        f"<td>{escape(v['verdict'])}</td></tr>"
        for v in chapter.verdicts
    ]
    for start in range(0, len(rows), PER_SLIDE):
        table = "".join(rows[start : start + PER_SLIDE])
        head = "<thead><tr><th>Claim</th><th>It says</th><th>Verdict</th></tr></thead>"
        table = f"<table>{head}<tbody>{table}</tbody></table>"
        found.append(_slide("verdicts", "Verdicts", table))
    if chapter.last_words:
        words = html(chapter.plain(chapter.last_words))
        found.append(_slide("words", "In short", words))
    for exercise in chapter.exercises:
        if not exercise.solution:
            body = html(chapter.plain(exercise.body))
            found.append(_slide("words", "To talk about", body))
    return found


def _inline(chapter: page.Chapter, text: str) -> str:
    return MarkdownIt("commonmark", {"html": False}).renderInline(chapter.plain(text))


def _figure(chapter: page.Chapter, spec: dict) -> str:
    about = charts.meta(spec)
    written = chapter.words.get(about["name"], {}).items()
    about = {**about, **{key: chapter.plain(text) for key, text in written}}
    drawing = charts.svg(charts.view(spec, "wide"), about["name"])
    picture = f'<div role="img" aria-label="{escape(about["alt"])}">{drawing}</div>'
    body = (
        f'<p class="measure">{escape(about["subtitle"])}</p><figure>{picture}</figure>'
        f'<p class="source">{escape(about["source"])}</p>'
    )
    note = chapter.notes.get(about["name"], "")
    notes = html(chapter.plain(note)) if note else ""
    return _slide("figure", escape(about["title"]), body, notes)


def deck(chapter: page.Chapter) -> str:
    """The whole page of a chapter's slides."""
    style, script = STYLE.read_text("utf-8"), SCRIPT.read_text("utf-8")
    every = "\n".join(slides(chapter))
    title = escape(chapter.plain(chapter.title))
    return FRAME.format(title=title, style=style, script=script, slides=every)


def build(root: Path, target: Path, names: list[str] = ()) -> list[Path]:
    """Write a deck for each numbered chapter and a page that lists them; replace ``target`` whole.

    Raises
    ------
    FileNotFoundError
        If there is no such chapter.
    """
    paths = [p for p in page.chapters(root) if not names or p.stem in names]
    if not paths:
        raise FileNotFoundError(f"there is no numbered chapter called {', '.join(names) or 'so'}.")
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=".slides-"))
    try:
        items = []
        for path in paths:
            chapter = page.read(path)
            (fresh / f"{path.stem}.html").write_text(deck(chapter), "utf-8")
            count = len(chapter.figures)
            items.append(
                f'<li><a href="{path.stem}.html">{escape(chapter.plain(chapter.title))}</a>'
                f" <small>{count} figures</small></li>"
            )
        body = _slide("opening", "Slides", f"<ol>{''.join(items)}</ol>", level=1)
        (fresh / "index.html").write_text(
            FRAME.format(title="Slides", style=STYLE.read_text("utf-8"), script="", slides=body),
            "utf-8",
        )
        fresh.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        os.replace(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return sorted(target.glob("*.html"))


def add_parser(commands) -> None:
    """Add ``slides`` to the commands of ``python -m shockbook``."""
    parser = commands.add_parser("slides", help="make slides from the chapters' figures")
    parser.add_argument("names", nargs="*", help="for instance nvidia; all chapters if none")
    parser.add_argument("--to", type=Path, default=ROOT / "_build" / "slides")
    parser.set_defaults(run=main)


def main(options) -> int:
    """Make the slides; 1 and one sentence if a chapter is not there."""
    try:
        made = build(ROOT, options.to, options.names)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(made) - 1} decks: open {options.to}/index.html")
    return 0
