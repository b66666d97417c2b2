"""The picture that a link to a page carries elsewhere: its title, and its first figure."""

import textwrap
from pathlib import Path
from xml.sax.saxutils import escape

import vl_convert

from shockbook.charts import theme
from shockbook.site.figures import chart_figure, chart_picture
from shockbook.site.pictures import ink_rules, size

#: The size that networks ask for, and the room that a figure gets in it.
WIDTH, HEIGHT, EDGE, TOP = 1200, 630, 70, 60
FOLDER = "_static/shockbook/cards"
CARD = """<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}"
 font-family="Liberation Sans"><rect width="{w}" height="{h}" fill="{ground}"/>
<rect width="{w}" height="10" fill="{accent}"/>{words}{figure}</svg>"""


def _words(title: str, book: str) -> tuple[str, int]:
    """The title in lines, the book's name below, and where they end."""
    lines = textwrap.wrap(title, 38)[:3]
    y, out = TOP + 48, []
    for line in lines:
        out.append(
            f'<text x="{EDGE}" y="{y}" font-weight="bold" font-size="52" '
            f'fill="{theme.INK}">{escape(line)}</text>'
        )
        y += 60
    out.append(f'<text x="{EDGE}" y="{y - 10}" font-size="26" fill="{theme.MUTED}">'
               f"{escape(book)}</text>")  # fmt: skip
    return "".join(out), y + 14


def card(title: str, book: str, drawing: str = "") -> bytes:
    """Return the PNG for one page: its title, the book's, and the SVG of its first figure."""
    words, below = _words(title, book if title != book else "")
    figure = ""
    if drawing:
        across, high = size(drawing)
        scale = min((WIDTH - 2 * EDGE) / across, (HEIGHT - below - 30) / high)
        inks = ink_rules().replace("var(--paper)", "white")  # of a drawing made by hand
        figure = (f'<style>{inks}</style><g transform="translate({EDGE} {below}) '
                  f'scale({scale:.4f})">{drawing}</g>')  # fmt: skip
    svg = CARD.format(w=WIDTH, h=HEIGHT, ground="#ffffff", accent=theme.DEEPSEEK, words=words,
                      figure=figure)  # fmt: skip
    return vl_convert.svg_to_png(svg)


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
