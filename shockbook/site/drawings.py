"""Drawings made by hand: an SVG file set into the page, so that its words and colours are ours."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

SVG = "http://www.w3.org/2000/svg"
#: What a drawing may hold; all else could run, or load from elsewhere.
ALLOWED = {
    "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan",
    "defs", "marker", "use", "symbol", "clipPath", "title", "desc", "style",
}  # fmt: skip
#: The two pictures of a figure whose drawing could not be read.
EMPTY = dict.fromkeys(
    ("wide", "narrow"), '<svg class="wide narrow" viewBox="0 0 700 10" width="700" height="10"/>'
)
ET.register_namespace("", SVG)


def read(path: Path, name: str) -> dict[str, str]:
    """A drawing for the page and for the phone, ``wide`` and ``narrow``, each an SVG element.

    ``path`` is its file; one for the phone may lie beside it as ``name-phone.svg``.  The figure's
    ``name`` begins each id, so that ids stay unique.  Its style stands in the page's own sheet.

    Raises ``ValueError`` if a file is missing, is no SVG, or holds what could run or load.
    """
    phone = path.with_name(f"{path.stem}-phone.svg")
    return {
        "wide": _inline(path, name, "wide"),
        "narrow": _inline(phone if phone.exists() else path, name, "narrow"),
    }


def _inline(path: Path, name: str, width: str) -> str:
    try:
        top = ET.fromstring(path.read_text("utf-8"))
    except OSError:
        raise ValueError(f"there is no drawing {path.name}") from None
    except ET.ParseError as problem:
        raise ValueError(f"{path.name} is no SVG: {problem}") from None
    box = top.get("viewBox", "").split()
    if top.tag != f"{{{SVG}}}svg" or len(box) != 4:
        raise ValueError(f"{path.name} needs an <svg> with xmlns and a viewBox")
    ids = {e.get("id") for e in top.iter() if e.get("id")}
    for element in top.iter():
        tag = str(element.tag).removeprefix(f"{{{SVG}}}")
        if tag not in ALLOWED:
            raise ValueError(f"{path.name} holds <{tag}>, which a page does not take")
        for key, value in list(element.attrib.items()):
            element.set(key, _attribute(path, key, value, ids, f"{name}-{width}"))
        for child in [c for c in element if c.tag == f"{{{SVG}}}style"]:
            element.remove(child)
    top.attrib = {
        "class": f"{width} drawing", "viewBox": top.get("viewBox"), "width": box[2],
        "height": box[3], "aria-hidden": "true", "focusable": "false",
    }  # fmt: skip
    return ET.tostring(top, encoding="unicode").strip()


def _attribute(path: Path, key: str, value: str, ids: set, prefix: str) -> str:
    """An attribute with ids of this page."""
    if key.startswith("on") or key == "style":
        raise ValueError(f"{path.name} has {key}=: use the classes of charts.md")
    if key == "id":
        return f"{prefix}-{value}"
    if key.endswith("href") and not value.startswith("#"):
        raise ValueError(f"{path.name} asks for {value}: a drawing holds all that it shows")
    if key.endswith("href"):
        return f"#{prefix}-{value[1:]}" if value[1:] in ids else value
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", value)

