"""What a PDF of the book holds, from its plain parts: Chromium packs only the drawings."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

_TEXT = re.compile(rb"\bBT\b")
_STREAM = re.compile(rb"/Length (\d+)[^>]*>>\s*stream\r?\n", re.S)


def _drawing(body: bytes) -> bytes:
    """The stream of an object, unpacked; empty if there is none."""
    begin = _STREAM.search(body)
    length = int(begin[1]) if begin else 0
    return zlib.decompress(body[begin.end() :][:length]) if length else b""


def _below(bodies: dict, number: int, kind: bytes | None = None):
    """All elements below one in the tree of tags, those of one kind only if it is given."""
    for child in map(int, re.findall(rb"\b(\d+) 0 R", bodies[number])):
        body = bodies.get(child, b"")
        if b"/StructElem" in body and re.search(rb"/P %d 0 R" % number, body):
            if kind is None or re.search(rb"/S /%s\b" % kind, body):
                yield child
            yield from _below(bodies, child, kind)


def _on(bodies: dict, number: int) -> set:
    """The pages on which an element of the tree of tags is drawn."""
    places = [number, *_below(bodies, number)]
    return {page for place in places for page in re.findall(rb"/Pg (\d+) 0 R", bodies[place])}


def _tables(bodies: dict) -> tuple[int, int]:
    """How many tables with a head run over several pages, and how many lack it on one of them."""
    long = headless = 0
    for number in [n for n, body in bodies.items() if re.search(rb"/S /Table\b", body)]:
        heads = [h for h in _below(bodies, number, b"TH") if b"/Scope /Column" in bodies[h]]
        if heads:
            cells = set().union(*(_on(bodies, c) for c in _below(bodies, number, b"TD")))
            shown = set().union(*(_on(bodies, h) for h in heads))
            long += len(cells) > 1
            headless += not cells <= shown
    return long, headless


def read(path: Path) -> dict:
    """Return title, pages, pages without text, figures, tables over pages, and links.

    Of the tables those with a head count: how many run over pages, and how many of all lack
    the head on a page with their cells.  Of the links: out, the number inside, the dead ones.

    Raises ``ValueError`` if the file is no PDF that can be read this way.
    """
    content = path.read_bytes()
    if not content.startswith(b"%PDF-1.4"):
        raise ValueError(f"{path.name} is not a PDF of the version that Chromium writes")
    bodies = {}
    for number, body in re.findall(rb"\n(\d+) 0 obj\n(.*?)\nendobj", content, re.S):
        bodies[int(number)] = body
    empty = []
    pages = [b for b in bodies.values() if re.search(rb"/Type /Page\b", b)]
    for place, page in enumerate(pages, start=1):
        drawing = bodies[int(re.search(rb"/Contents (\d+) 0 R", page)[1])]
        if not _TEXT.search(_drawing(drawing)):
            empty.append(place)
    long, headless = _tables(bodies)
    inside = set(re.findall(rb"/Dest /([^\s/\[\]<>()]+)", content))
    known = set(re.findall(rb"/([^\s/\[\]<>()]+) \[\d+ 0 R /XYZ", content))
    return {
        "title": re.search(rb"/Title \(([^)]*)\)", content)[1].decode(),
        "pages": len(pages),
        "empty": empty,
        "figures": len(re.findall(rb"/S /Figure\b", content)),
        "long": long,
        "headless": headless,
        "out": [u.decode() for u in re.findall(rb"/URI \(([^)]*)\)", content)],
        "inside": len(re.findall(rb"/Dest /", content)),
        "dead": sorted(name.decode() for name in inside - known),
    }
