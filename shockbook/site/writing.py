"""How the site's own nodes are written, and the places that wait until every page is read."""

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from shockbook.site.book import page_of


def skip(self, node):
    """A visitor that leaves the node out."""
    raise nodes.SkipNode


def _visitor(what):
    return (lambda self, node: self.body.append(what)) if isinstance(what, str) else what


def handlers(visit, depart=None) -> dict:
    """Return what ``app.add_node`` wants: a pair of visitors, or texts that they would write."""
    return {"html": (_visitor(visit), _visitor(depart))}


def link(env, docname: str | None, anchor: str, *content: nodes.Node) -> nodes.Node:
    """Return a link from the current page to a place in the book; its words alone without one."""
    if docname is None:
        return nodes.inline("", "", *content)
    return make_refnode(env.app.builder, env.docname, docname, anchor, [*content])


class place(nodes.General, nodes.Element):
    """What a directive stands for, until every page is read."""


class PartDirective(SphinxDirective):
    """A directive without options that :func:`part` registered."""

    def run(self):
        return [self.env.app.shockbook_parts[self.name](self.env)]


class FillPlaces(SphinxPostTransform):
    """Put what was made of the whole book in its places."""

    default_priority = 7  # after the numbers and the verdicts

    def run(self, **kwargs):
        for node in list(self.document.findall(place)):
            node.replace_self(self.app.shockbook_later[node["name"]](self.env))


def part(app, name: str, make) -> None:
    """Register the directive ``{name}``, which ``make(env)`` turns into a node.

    In a notebook a paragraph that is only a link to ``#part-name`` stands for it, because
    JupyterLab warns at a directive that it does not know; there its words are read.
    """
    app.shockbook_parts[name] = make
    app.add_directive(name, PartDirective)


def later(app, name: str, make) -> None:
    """Register a part in whose place ``make(env)`` stands once every page is read."""
    app.shockbook_later[name] = make
    part(app, name, lambda env: place("", name=name))


def one_page_as_many(app):
    """Let the builder of a single page write every node as the builder of pages does.

    Sphinx looks for visitors under a builder's name, and looks under its format only when nothing
    at all is registered under the name; one extension that does so hides all others.
    """
    found = app.registry.translation_handlers
    if app.builder.format == "html" and app.builder.name != "html":
        found[app.builder.name] = {**found.get("html", {}), **found.get(app.builder.name, {})}


def ids_once(app, doctree, docname):
    """Let each id stand once where all pages are one: two pages may call a section alike.

    The second of two takes its page's name in front, and so do the links to it.
    """
    if app.builder.name != "singlehtml":
        return
    env, seen, moved = app.env, set(), {}
    parts = [*doctree.findall(addnodes.start_of_file)]
    inside = {id(node): part["docname"] for part in parts for node in part.findall(nodes.Element)}
    for node in doctree.findall(nodes.Element):
        home = inside.get(id(node), docname)
        for place, name in enumerate(node["ids"]):
            if name in seen:
                node["ids"][place] = moved[home, name] = f"{page_of(home)}--{name}"
                numbers = env.toc_secnumbers.setdefault(home, {})
                numbers[f"#{page_of(home)}--{name}"] = numbers.get(f"#{name}")
            seen.add(node["ids"][place])
    for link in doctree.findall(nodes.reference):
        home = inside.get(id(link), docname)
        if (home, link.get("refid")) in moved:
            link["refid"] = moved[home, link["refid"]]
        page, _, name = link.get("refuri", "").removeprefix("#document-").partition("#")
        if (page, name) in moved:
            link["refuri"] = f"#document-{page}#{moved[page, name]}"


def setup(app):
    app.shockbook_later, app.shockbook_parts = {}, {}
    app.add_node(place)
    app.add_post_transform(FillPlaces)
    app.connect("builder-inited", one_page_as_many)
    app.connect("doctree-resolved", ids_once, priority=950)
