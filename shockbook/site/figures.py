"""Charts: a numbered figure with its words as text, its picture drawn while the page is read.

The picture stands in the page in two widths, and a style rule shows the one that fits.  The live
chart's specification and the data lie in files beside the page and are asked for by the reader.
"""

import copy
import html

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from shockbook import charts
from shockbook.charts.figure import NAME
from shockbook.charts.render import widths
from shockbook.charts.steps import split
from shockbook.site import live, tables
from shockbook.site.book import Book, warn
from shockbook.site.markup import fill
from shockbook.site.pictures import picture, size
from shockbook.site.writer import typeset
from shockbook.site.writing import handlers, link, skip

CHART_MIMES = (charts.MIME, "application/vnd.vegalite.v6+json")
# Where the files of live charts and the CSV files lie in the built site.
FOLDER = "charts"
#: Where the pages lie that show one figure alone.
EMBED = "embed"


class chart_figure(nodes.Part, nodes.Element):
    """A numbered figure; its paragraphs are the caption and the line of source and date."""


class chart_head(nodes.Part, nodes.Element):
    """The title, and a paragraph with the measure and its unit, above the picture."""


class chart_title(nodes.TextElement):
    """The finding."""


class chart_picture(nodes.Element):
    """The picture in its two widths, and the place where the live chart will stand."""


class chart_steps(chart_picture):
    """Several pictures of the same marks; the list of their words, an item for each."""


class chart_step(nodes.Element):
    """One of them, with its words."""


class chart_alt(nodes.TextElement):
    """What the picture shows, for who does not see it: part of the picture, never written."""


class chart_data(nodes.Element):
    """The disclosure with the data table."""


def chart_nodes(renderer, data) -> list[nodes.Node]:
    """Turn one chart output into a figure with a label that ``{numref}`` finds."""
    spec = copy.deepcopy(data.content)
    document = renderer.renderer.document
    try:
        meta = charts.meta(spec)
        figure = _figure(spec, meta)
    except ValueError as problem:
        renderer.logger.warning(f"chart left out: {problem}", subtype="chart", line=data.line)
        return []
    figure["names"] = [meta["name"]]
    document.note_explicit_target(figure, figure)
    return [figure]


def _axes(node, found: dict) -> dict:
    """The titles, most often units, that a specification gives to columns at its axes."""
    for part in node if isinstance(node, list) else node.values():
        if isinstance(part, dict | list):
            _axes(part, found)
    if isinstance(node, dict) and isinstance(node.get("field"), str):
        title = node.get("title") or (node.get("axis") or {}).get("title")
        if isinstance(title, str) and title.strip():
            found.setdefault(node["field"], title)
    return found


def _figure(spec: dict, meta: dict) -> chart_figure:
    """Return the figure of one chart, without a label yet."""
    name = meta["name"]
    if "steps" in meta:
        return _stepped(spec, meta)
    if not NAME.fullmatch(name):  # it becomes a file's name and an anchor
        raise ValueError(f"{name!r} is no name of a figure, like fig-line")
    pictures = {width: picture(spec, width) for width in widths(meta)}
    csv = charts.table_csv(spec)
    figure = chart_figure("", name=name, title="", live=live.package(spec), csv=csv)
    figure["axes"] = _axes({k: v for k, v in spec.items() if k not in ("datasets", "usermeta")}, {})
    figure["classes"] += [word for word in ("wide", "alive") if meta.get(word)]
    figure += [chart_picture("", **pictures), chart_data("")]
    figure["data"] = meta.get("data")
    return figure


def _stepped(spec: dict, meta: dict) -> chart_figure:
    """Return the figure of a chart in steps, with the words of none of them yet."""
    name = meta["name"]
    csv = charts.table_csv(spec)
    figure = chart_figure("", name=name, title="", live={"labels": meta["labels"]}, csv=csv)
    page, phone = split(spec)
    shown = chart_steps("")
    for number, pair in enumerate(zip(page, phone, strict=True), start=1):
        drawn = {
            width: picture(one, width, f"{name}-{number}")
            for width, one in zip(live.WIDTHS, pair, strict=True)
        }
        shown += chart_step("", **drawn)
    for width in live.WIDTHS:
        shown[width] = shown[0][width]
    figure += [shown, chart_data("")]
    return figure


def give_words(figure, title: list, parts: dict[str, list], listed=None) -> None:
    """Set title, measure, alt text and caption, each a list of nodes, into a figure."""
    head = chart_head("", chart_title("", "", *title))
    if "subtitle" in parts:
        head += nodes.paragraph("", "", *parts["subtitle"], classes=["chart-subtitle"])
    shown = next(iter(figure.findall(chart_picture)))
    steps, told = list(shown.findall(chart_step)), listed.children if listed is not None else []
    if len(told) != len(steps):
        raise ValueError(f"its list of steps has {len(told)} items, its cell draws {len(steps)}")
    for step, item in zip(steps, told, strict=True):
        step += item.children
    shown += chart_alt("", "", *parts.get("alt", ()))
    figure.insert(0, head)
    if "caption" in parts:
        figure.insert(-1, nodes.paragraph("", "", *parts["caption"], classes=["chart-caption"]))
    figure["title"] = head[0].astext()


def _here(translator, name: str, folder: str = FOLDER) -> str:
    """Return the address of a chart's file from the page that is being written."""
    docname = getattr(translator.builder, "current_docname", "")
    up = "" if translator.builder.name == "singlehtml" else "../" * docname.count("/")
    return f"{up}{folder}/{name}"


def _visit_figure(self, node):
    moves = ""
    if node["live"]:
        source = html.escape(_here(self, f"{node['name']}.js"))
        moves = f' data-chart="{node["name"]}" data-spec="{source}"'
    if "alive" in node["classes"]:  # their room is kept, so that nothing moves when they come
        moves += f' style="--controls:{node["live"]["fields"]}"'
    kind = " ".join(["chart", *node["classes"]])
    self.body.append(f'<figure class="{kind}" id="{node["ids"][0]}"{moves}>\n')


def _visit_title(self, node):
    self.body.append('<p class="chart-title">')
    figure = node.parent.parent
    if figure.get("repeats"):  # a figure has one number in the book, and it is elsewhere
        return
    self.add_fignumber(figure)


def _room(node) -> str:
    """Return the room that the two pictures take: a height, and height by width on a phone."""
    (_, wide), (across, narrow) = (size(node[width]) for width in live.WIDTHS)
    return f"--wide:{wide:g}px;--narrow:{narrow / across:.4f}"


def _visit_picture(self, node):
    drawn = typeset("\n".join(node[width] for width in live.EVERY if width in node))
    self.body.append(
        f'<div class="chart-frame" style="{_room(node)}"><div class="chart-picture" role="img"'
        f' aria-label="{html.escape(node.astext())}">\n{drawn}\n</div>'
        '<div class="chart-live"></div></div>\n'
    )
    raise nodes.SkipNode


def _visit_steps(self, node):
    drawn = [[size(step[width]) for step in node.findall(chart_step)] for width in live.WIDTHS]
    page, phone = (max(high for _, high in every) / every[0][0] for every in drawn)
    alt = html.escape(next(iter(node.findall(chart_alt))).astext())
    self.body.append(
        f'<p class="visually-hidden">{alt}</p>\n'
        f'<div class="steps" style="--page:{page:.3f};--phone:{phone:.3f}">\n'
        '<ol class="step-list">\n'
    )


def _visit_step(self, node):
    self.body.append(
        f'<li><div class="step-picture chart-frame" aria-hidden="true">{typeset(node["wide"])}\n'
        f'{typeset(node["narrow"])}</div><div class="step-words">'
    )


def _visit_data(self, node):
    figure, tools = node.parent, ""
    if figure["live"] and not next(iter(figure.findall(chart_steps)), None):
        word = "Explore this chart" if figure["live"]["controls"] else "Point at values"
        tools = f'<button type="button" class="chart-explore needs-script">{word}</button>'
    name, title = figure["name"], figure["title"]
    if figure["csv"]:  # a drawing has none
        tools += tables.disclosure(figure["csv"], title, _here(self, name))
    if not figure.get("repeats") and self.builder.name == "html":
        page = _here(self, f"{name}.html", EMBED)
        tools += fill("share.html", title=title, name=name, page=page)
    if tools:
        self.body.append(f'<div class="chart-tools">{typeset(tools)}</div>\n')
    raise nodes.SkipNode


class ChartDirective(SphinxDirective):
    """``{chart} page:fig-name``: the chart of another page again, without a second number."""

    required_arguments = 1
    has_content = False

    def run(self):
        page, _, name = self.arguments[0].partition(":")
        return [chart_again("", page=page, name=name)]


class chart_again(nodes.General, nodes.Element):
    """Stands for the chart of another page until every page is read."""


class RepeatCharts(SphinxPostTransform):
    """Put the charts of other pages in the place of :class:`chart_again`."""

    default_priority = 2

    def run(self, **kwargs):
        book: Book = self.env.get_domain("shockbook")
        for node in list(self.document.findall(chart_again)):
            docname = book.docname(node["page"])
            every = self.env.get_doctree(docname).findall(chart_figure) if docname else ()
            found = next((f for f in every if f["name"] == node["name"]), None)
            if found is None:
                told = "no chart %r on page %r: check the name in charts.figure(name=...)"
                warn("chart", node, told, node["name"], node["page"])
                node.parent.remove(node)
                continue
            figure = found.deepcopy()
            figure["ids"], figure["names"], figure["repeats"] = [f"{node['name']}-here"], [], True
            words = nodes.Text("How this was worked out")
            there = link(self.env, docname, node["name"], words)
            figure.insert(-1, nodes.paragraph("", "", there, classes=["chart-source"]))
            node.replace_self(figure)


def count_by_page(app, env) -> list[str]:
    """Let each page without a chapter number count its figures and tables from one."""
    for kinds in env.toc_fignumbers.values():
        for numbers in kinds.values():
            if all(len(number) == 1 for number in numbers.values()):
                numbers.update({anchor: (i,) for i, anchor in enumerate(numbers, 1)})
    return []


def setup(app):
    app.add_enumerable_node(
        chart_figure, "figure", lambda node: node["title"], **handlers(_visit_figure, "</figure>\n")
    )
    app.add_node(chart_head, **handlers('<figcaption class="chart-head">\n', "</figcaption>\n"))
    app.add_node(chart_title, **handlers(_visit_title, "</p>\n"))
    app.add_node(chart_picture, **handlers(_visit_picture))
    app.add_node(chart_steps, **handlers(_visit_steps, "</ol></div>\n"))
    app.add_node(chart_step, **handlers(_visit_step, "</div></li>\n"))
    app.add_node(chart_alt, **handlers(skip))
    app.add_node(chart_data, **handlers(_visit_data))
    app.add_node(chart_again)
    app.add_directive("chart", ChartDirective)
    app.add_post_transform(RepeatCharts)
    app.connect("env-get-updated", count_by_page, priority=900)  # after Sphinx has counted
