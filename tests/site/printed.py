"""What a PDF of the book holds, from its plain parts: Chromium packs only the drawings."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

_TEXT = re.compile(rb"\bBT\b")
_STREAM = re.compile(rb"/Length \d+[^>]*>>\s*stream\r?\n(.*?)\r?\nendstream", re.S)


def read(path: Path) -> dict:
    """Return title, pages, pages without a mark, figures, links out, links inside and dead ones.

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
        stream = _STREAM.search(drawing)
        if not stream or not stream[1] or not _TEXT.search(zlib.decompress(stream[1])):
            empty.append(place)
    inside = set(re.findall(rb"/Dest /([^\s/\[\]<>()]+)", content))
    known = set(re.findall(rb"/([^\s/\[\]<>()]+) \[\d+ 0 R /XYZ", content))
    return {
        "title": re.search(rb"/Title \(([^)]*)\)", content)[1].decode(),
        "pages": len(pages),
        "empty": empty,
        "figures": len(re.findall(rb"/S /Figure\b", content)),
        "out": [u.decode() for u in re.findall(rb"/URI \(([^)]*)\)", content)],
        "inside": len(re.findall(rb"/Dest /", content)),
        "dead": sorted(name.decode() for name in inside - known),
    }
