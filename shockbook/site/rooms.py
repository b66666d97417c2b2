"""The room that a section will take, so that it may be laid out only when a reader comes near."""

from docutils import nodes
from sphinx_design.dropdown import dropdown_main

from shockbook.site.figures import chart_figure
from shockbook.site.folds import fold
from shockbook.site.pictures import size

# A section that is lower than this is always laid out: there is little to save.
LEAST = 220  # CSS pixels
# One that is higher is laid out by its own sections; the style sheet knows none so deep.
MOST = 8000
SKIP = "content-visibility:auto;contain-intrinsic-height:auto var(--room)"
# Letters in a line and pixels from line to line, on a desk and on a phone; a figure's words.
WIDE = {"letters": 74, "line": 29.2, "gap": 20, "code": 20.5, "figure": 190, "cell": 26}
NARROW = {"letters": 40, "line": 27.5, "gap": 19, "code": 19.4, "figure": 230, "cell": 18}


def height(node: nodes.Node, page: dict, width: str) -> float:
    """Estimate the height of a node in CSS pixels, ``width`` being ``wide`` or ``narrow``."""
    if isinstance(node, chart_figure):
        picture = next((n for n in node.children if n.get(width)), None)
        drawn = size(picture[width])[1] if picture is not None else 300
        return drawn + page["figure"]
    if isinstance(node, fold | dropdown_main):
        words = node.children[0].findall(nodes.Text) if node.children else ()
        letters = sum(len(w) for w in words if not isinstance(w.parent, nodes.raw))  # no icon
        return 36 + page["line"] * (letters // page["letters"])
    if isinstance(node, nodes.literal_block):
        return page["code"] * (node.astext().count("\n") + 1) + 56
    if isinstance(node, nodes.row):
        cells = [len(n.astext()) / page["cell"] for n in node.children]
        return 13 + 20.6 * max(1, round(max(cells, default=1) * min(1, len(cells) / 4)))
    if isinstance(node, nodes.title):
        return 90
    if isinstance(node, nodes.term):
        return 0  # it stands beside what it explains
    if isinstance(node, nodes.TextElement):
        text = node.astext()
        return page["line"] * (len(text) // page["letters"] + 1) + page["gap"] if text else 0
    if isinstance(node, nodes.Element):
        part = 0.65 if "verdict" in node.get("classes", ()) else 1  # set closer than text
        return part * sum(
            height(n, page, width) for n in node.children if isinstance(n, nodes.Element)
        )
    return 0


def rules(doctree) -> str:
    """Return the style rules that reserve the room of a page's high sections.

    A section that is very high is laid out as its own sections come near, not at once.
    """
    if doctree is None:
        return ""
    top = next(iter(doctree.findall(nodes.section)), None)
    wide, narrow = [], []
    for section in _sections(top) if top is not None else ():
        across = height(section, WIDE, "wide")
        if across < MOST:
            parts, skip = [section], "--skip:auto"
        else:
            parts, skip = [*_sections(section)] or [section], SKIP
        for part in parts:
            across = height(part, WIDE, "wide")
            if across < LEAST:
                continue
            name = part["ids"][0].replace(".", r"\.")  # a module's name has points
            wide.append(f"#{name}{{--room:{across:.0f}px;{skip}}}")
            narrow.append(f"#{name}{{--room:{height(part, NARROW, 'narrow'):.0f}px}}")
    return f"{''.join(wide)}@media(max-width:719px){{{''.join(narrow)}}}" if wide else ""


def _sections(node: nodes.section) -> list[nodes.section]:
    """The sections right below one that can be named."""
    return [s for s in node.children if isinstance(s, nodes.section) and s["ids"]]
