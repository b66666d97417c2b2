"""Slides from the chapters: one self-contained page for each, made for a room without a network.

A slide is a figure under its title, as drawn for the site.  The words beside it are the chapter's
own, shown on request.  Without JavaScript the slides stand one below another.
"""

import re
import sys
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt

from shockbook import charts
from shockbook.data.files import whole_folder
from shockbook.notebooks import ROOT
from shockbook.teach import page

STYLE = Path(__file__).parent / "static" / "slides.css"
SCRIPT = Path(__file__).parent / "static" / "slides.js"
PER_SLIDE = 5  # rows of verdicts that a room can read
#: Above these heights, at 700 wide, a drawing gets the room of the margins, or two slides: words
#: of 12 pixels must come out at 18 on a projector of 1,280 by 720.
TALL, TALLEST = 345, 426
#: The notebooks of a small site, which have run when it was built.
SMALL = {"event": "index.ipynb", "ledger": "*.ipynb"}
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
    opening = f"<p class='keys'>{KEYS}</p>"
    if chapter.aims:
        aims = "".join(f"<li>{_inline(chapter, aim)}</li>" for aim in chapter.aims)
        opening = f"<p>After this you can</p><ul>{aims}</ul>{opening}"
    notes = _notes(chapter, Time=chapter.time, Begin=chapter.scene)
    found = [_slide("opening", _inline(chapter, chapter.title), opening, notes, level=1)]
    for spec in chapter.figures:
        found += _figure(chapter, spec)
    for start in range(0, len(chapter.verdicts), PER_SLIDE):
        some = chapter.verdicts[start : start + PER_SLIDE]
        rows = "".join(
            f"<tr><td>{v['claim']}</td><td>{escape(v['paraphrase'])}</td>"
            f"<td>{escape(v['verdict'])}</td></tr>"
            for v in some
        )
        table = "<thead><tr><th>Claim</th><th>It says</th><th>Verdict</th></tr></thead>"
        table = f"<table>{table}<tbody>{rows}</tbody></table>"
        why = _notes(chapter, **{v["claim"]: v["why"] for v in some})
        found.append(_slide("verdicts", "Verdicts", table, why))
    if chapter.last_words:
        words = html(chapter.plain(chapter.last_words))
        found.append(_slide("words", "In short", words, _notes(chapter, Doubt=chapter.doubt)))
    for exercise in chapter.exercises:
        if not exercise.solution:
            answer = _notes(chapter, Listen_for=chapter.answers.get(exercise.label, ""))
            body = html(chapter.plain(exercise.body))
            found.append(_slide("words", "To talk about", body, answer))
    return found


def _inline(chapter: page.Chapter, text: str) -> str:
    return MarkdownIt("commonmark", {"html": False}).renderInline(chapter.plain(text))


def _notes(chapter: page.Chapter, **parts: str) -> str:
    """What a speaker can say: each part after its name; the empty ones left out."""
    said = (f"**{k.replace('_', ' ')}.** {chapter.plain(v)}" for k, v in parts.items() if v)
    return html("\n\n".join(said))


def panels(spec: dict) -> list[dict]:
    """A view as it fits on slides: one too tall is cut between its panels."""
    key = next((k for k in ("vconcat", "concat") if k in spec), "")
    if not key or height(charts.svg(spec, "x")) <= TALLEST:
        return [spec]
    half = (len(spec[key]) + 1) // 2
    return [{**spec, key: spec[key][:half]}, {**spec, key: spec[key][half:]}]


def height(drawing: str) -> float:
    """How tall a drawing is where 700 is its width."""
    _, _, wide, tall = map(float, re.search(r'viewBox="([^"]+)"', drawing)[1].split())
    return 700 * tall / max(wide, 700)


def _figure(chapter: page.Chapter, spec: dict) -> list[str]:
    about = charts.meta(spec)
    written = chapter.words.get(about["name"], {}).items()
    about = {**about, **{key: chapter.plain(text) for key, text in written}}
    notes = _notes(chapter, It_shows=about["alt"], The_chapter=chapter.notes.get(about["name"], ""),
                   Beware=about.get("caption", ""), Source=about["source"])  # fmt: skip
    parts, found = panels(charts.view(spec, "wide")), []
    for at, part in enumerate(parts):
        drawing = charts.svg(part, f"{about['name']}-{at}" if at else about["name"])
        title = escape(about["title"]) + (f" ({at + 1} of {len(parts)})" if len(parts) > 1 else "")
        picture = f'<div role="img" aria-label="{escape(about["alt"])}">{drawing}</div>'
        body = f'<p class="measure">{escape(about["subtitle"])}</p><figure>{picture}</figure>'
        kind = "figure tall" if height(drawing) > TALL else "figure"
        found.append(_slide(kind, title, body, notes))
    return found


def deck(chapter: page.Chapter) -> str:
    """The whole page of a chapter's slides."""
    style, script = STYLE.read_text("utf-8"), SCRIPT.read_text("utf-8")
    found = slides(chapter)
    every = "\n".join(
        slide.replace("</section>", f'<p class="number">{at} / {len(found)}</p></section>')
        for at, slide in enumerate(found, 1)
    )
    title = escape(chapter.plain(chapter.title))
    return FRAME.format(title=title, style=style, script=script, slides=every)


def find(root: Path, names: list[str]) -> list[Path]:
    """The notebooks meant by names of chapters, or of a small site that was built.

    Raises ``FileNotFoundError`` if there is no such chapter, or the small site is not there yet.
    """
    known, found = {p.stem: [p] for p in page.chapters(root)}, []
    there = ", ".join([*known, *SMALL])
    for name in names or list(known):
        if name in SMALL:
            known[name] = sorted((root / "_build" / name / "source").glob(SMALL[name]))
        if not known.get(name):
            why = "is not built yet: make book BOOK=" + name if name in SMALL else "is no chapter"
            raise FileNotFoundError(f"{name} {why}; there are: {there}.")
        found += known[name]
    return found


def build(root: Path, target: Path, names: list[str] = ()) -> list[Path]:
    """Write a deck for each notebook and a page that lists them; replace ``target`` whole."""
    paths = find(root, names)
    with whole_folder(target) as fresh:
        items = []
        for path in paths:
            chapter = page.read(path)
            name = "event" if path.stem == "index" else path.stem  # index lists the decks
            (fresh / f"{name}.html").write_text(deck(chapter), "utf-8")
            count = len(chapter.figures)
            items.append(
                f'<li><a href="{name}.html">{escape(chapter.plain(chapter.title))}</a>'
                f" <small>{count} figures</small></li>"
            )
        body = _slide("opening", "Slides", f"<ol>{''.join(items)}</ol>", level=1)
        style = STYLE.read_text("utf-8")
        listed = FRAME.format(title="Slides", style=style, script="", slides=body)
        (fresh / "index.html").write_text(listed, "utf-8")
    return sorted(target.glob("*.html"))


def add_parser(commands) -> None:
    """Add ``slides`` to the commands of ``python -m shockbook``."""
    parser = commands.add_parser("slides", help="make slides from the chapters' figures")
    parser.add_argument("names", nargs="*", help="nvidia …, event, ledger; all chapters if none")
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
