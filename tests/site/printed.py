"""What a PDF of the book holds, read with pypdf."""

from __future__ import annotations

from pathlib import Path

from pypdf import PdfReader

from shockbook.site import pdf as book


def _kids(element) -> list:
    """The elements and contents right below one in the tree of tags."""
    kids = element.get("/K", [])
    return [k.get_object() for k in (kids if isinstance(kids, list) else [kids])]


def _below(element):
    """Every element below one in the tree of tags."""
    for kid in _kids(element):
        if isinstance(kid, dict) and "/S" in kid:
            yield kid
            yield from _below(kid)


def _on(element) -> set[int]:
    """The pages, by their object's number, on which an element and what is below it are drawn."""
    found = set()
    for one in [element, *_below(element)]:
        for part in [one, *(k for k in _kids(one) if isinstance(k, dict))]:
            if "/Pg" in part:
                found.add(part.raw_get("/Pg").idnum)
    return found


def _is_column_head(element) -> bool:
    about = element.get("/A", [])
    about = about if isinstance(about, list) else [about]
    return element["/S"] == "/TH" and any(a.get_object().get("/Scope") == "/Column" for a in about)


def _tables(tree) -> tuple[int, int]:
    """How many tables with a head run over several pages, and how many lack it on one of them."""
    long = headless = 0
    for table in (e for e in _below(tree) if e["/S"] == "/Table"):
        inside = list(_below(table))
        heads = [e for e in inside if _is_column_head(e)]
        if heads:
            cells = set().union(*(_on(e) for e in inside if e["/S"] == "/TD"))
            long += len(cells) > 1
            headless += not cells <= set().union(*map(_on, heads))
    return long, headless


def read(path: Path) -> dict:
    """Return title, pages, pages without text or half empty, figures, tables over pages, links.

    Of the tables those with a head count: how many run over pages, and how many of all lack
    the head on a page with their cells.  Of the links: out, the number inside, the dead ones.
    """
    pdf = PdfReader(path)
    tree = pdf.trailer["/Root"].get("/StructTreeRoot", {})
    known = {name.removeprefix("/") for name in pdf.named_destinations}
    out, inside = [], []
    for page in pdf.pages:
        for link in (a.get_object() for a in page.get("/Annots", []) or []):
            if "/URI" in link.get("/A", {}):
                out.append(link["/A"]["/URI"])
            elif "/Dest" in link:
                inside.append(str(link["/Dest"]).removeprefix("/"))
    long, headless = _tables(tree)
    empty = [n for n, page in enumerate(pdf.pages, start=1) if not page.extract_text().strip()]
    return {
        "title": pdf.metadata.title,
        "pages": len(pdf.pages),
        "empty": empty,
        "half": [n for n, page in enumerate(pdf.pages, 1) if book.filled(page) < book.HALF],
        "figures": sum(e["/S"] == "/Figure" for e in _below(tree)),
        "long": long,
        "headless": headless,
        "out": out,
        "inside": len(inside),
        "dead": sorted(set(inside) - known),
    }
