"""Drawings made by hand: an SVG file set into the page, so that its words and colours are ours."""

import re
from pathlib import Path

#: What could run, load from elsewhere or leave the page's own style.
REFUSED = re.compile(r'<(?:script|foreignObject|a)\b|\s(?:on\w+|style)=|\bhref=.(?!#)[^"\']*')
_HEAD = re.compile(r'<svg\b[^>]*?\bviewBox="([^"]+)"[^>]*>')


def read(path: Path, name: str) -> dict[str, str]:
    """A drawing for the page (``wide``) and for the phone (``narrow``), each an SVG element.

    One for the phone may lie beside ``path`` as ``name-phone.svg``.  Each id begins with the
    figure's name, so that ids stay unique on the page; the style stands in the page's own sheet.
    Raises ``ValueError`` if a file is missing, is no SVG, or holds what could run or load.
    """
    phone = path.with_name(f"{path.stem}-phone.svg")
    return {
        "wide": _inline(path, name, "wide"),
        "narrow": _inline(phone if phone.exists() else path, name, "narrow"),
    }


def _inline(path: Path, name: str, width: str) -> str:
    if not path.exists():
        raise ValueError(f"there is no drawing {path.name}")
    text = re.sub(r"<style>.*?</style>\s*", "", path.read_text("utf-8"), flags=re.DOTALL)
    if found := REFUSED.search(text):
        raise ValueError(f"{path.name} holds {found[0].strip()}, which a page does not take")
    head = _HEAD.search(text)
    if head is None:
        raise ValueError(f"{path.name} is no SVG with a viewBox")
    across, down = head[1].split()[2:]
    inside = re.sub(r'(\bid="|href="#|url\(#)', rf"\1{name}-{width}-", text[head.end() :])
    return (
        f'<svg class="{width} drawing" viewBox="{head[1]}" width="{across}" height="{down}" '
        f'aria-hidden="true" focusable="false">{inside.strip()}'
    )
