"""The picture that a link to a page carries elsewhere: its title, and its first figure."""

import textwrap
from pathlib import Path

import vl_convert

from shockbook.charts import theme
from shockbook.site.figures import chart_figure, chart_picture
from shockbook.site.markup import fill
from shockbook.site.pictures import ink_rules, size

#: The size that networks ask for, and the room that a figure gets in it.
WIDTH, HEIGHT, EDGE, TOP = 1200, 630, 70, 60
FOLDER = "_static/shockbook/cards"


def card(title: str, book: str, drawing: str = "") -> bytes:
    """Return the PNG for one page: its title, the book's, and the SVG of its first figure."""
    lines = textwrap.wrap(title, 38)[:3]
    below, scale = TOP + 62 + 60 * len(lines), 1.0
    if drawing:
        across, high = size(drawing)
        scale = min((WIDTH - 2 * EDGE) / across, (HEIGHT - below - 30) / high)
    return vl_convert.svg_to_png(fill(
        "card.svg", width=WIDTH, height=HEIGHT, edge=EDGE, top=TOP + 48, below=below, scale=scale,
        theme=theme, lines=lines, book=book if title != book else "", drawing=drawing,
        inks=ink_rules().replace("var(--paper)", "white"),  # of a drawing made by hand
    ))  # fmt: skip


def address(base: str, docname: str) -> str:
    """Return the whole address of a page's picture, as networks want it."""
    return f"{base.rstrip('/')}/{FOLDER}/{docname.replace('/', '-')}.png"


def write(app, exception):
    """Write one picture for each page of a site whose address is known."""
    if exception is not None or app.builder.name != "html" or not app.config.html_baseurl:
        return
    folder = Path(app.outdir, FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    for docname in sorted(app.env.found_docs):
        tree = app.env.get_doctree(docname)
        first = next(iter(tree.findall(chart_figure)), None)
        picture = next(iter(first.findall(chart_picture)), None) if first is not None else None
        title = app.env.titles[docname].astext()
        png = card(title, app.config.html_title, picture["wide"] if picture is not None else "")
        (folder / f"{docname.replace('/', '-')}.png").write_bytes(png)


def setup(app):
    app.connect("build-finished", write)
