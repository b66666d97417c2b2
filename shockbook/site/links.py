"""Plain Markdown links that mean more on a page: ``[$592.7 billion](#num-loss)`` and its kin.

In a notebook they are links like any other.  Here they are taken before MyST looks for their
targets: a number leads to its evidence, a claim to its verdict, a term to the glossary, a source
to the bibliography, a dataset to the page of the data; an ink colours its words.
"""

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinxcontrib.bibtex.citation_target import CitationTarget
from sphinxcontrib.bibtex.roles import CitationRef

from shockbook import catalog, charts
from shockbook.site.book import Book, warn
from shockbook.site.evidence import DATA_PAGE, number
from shockbook.site.verdicts import claim_link
from shockbook.site.writing import handlers, link

TARGET = re.compile(r"(num|claim|term|cite|data|fig|tab|ink|part)-(.+)")
EXHIBIT = re.compile(r"(?:Figure|Table)\s+([\d.]*\d)")


class pending_link(nodes.Inline, nodes.TextElement):
    """A link of one ``kind`` to one ``name``, until every page is read."""


def take(app, doctree):
    """Turn the links of a page that mean more into nodes of their own."""
    env = app.env
    for node in list(doctree.findall(addnodes.pending_xref)):
        if node["reftype"] != "myst":
            continue
        in_page = node["refdomain"] == "doc"
        found = TARGET.fullmatch((node["reftargetid"] if in_page else node["reftarget"]) or "")
        if not found:
            continue
        kind, name = found.groups()
        if kind == "part":
            _set_part(app, node, name)
            continue
        words = node[0].children
        if kind == "num":
            page = node["reftarget"] if in_page else env.docname
            new = number("", "", *words, page=page, key=name)
        elif kind == "claim":
            new = claim_link("", "", *words, claim=name)
        elif kind == "ink":
            if name not in (inks := charts.colours.NAMES):
                warn("link", node, "there is no ink %r; there are: %s", name, ", ".join(inks))
            new = nodes.inline("", "", *words, classes=[f"ink-{name}"])
        else:
            new = pending_link("", "", *words, kind=kind, name=name)
            if kind == "cite":  # so that the bibliography lists it
                ref = CitationRef(doctree.set_id(new), env.docname, node.line or 0,
                                  [CitationTarget(key=name, pre="", post="")])  # fmt: skip
                env.get_domain("cite").citation_refs.append(ref)
        new.source, new.line = node.source, node.line
        node.replace_self(new)


def _set_part(app, node, name: str) -> None:
    """Put a part of the site in the place of the paragraph that is a link to it."""
    if name not in app.shockbook_parts:
        warn("link", node, "the site has no part %r: it has %s", name, [*app.shockbook_parts])
    elif not isinstance(node.parent, nodes.paragraph) or len(node.parent) > 1:
        warn("link", node, "a link to #part-%s has to be a paragraph of its own", name)
    else:
        node.parent.replace_self(app.shockbook_parts[name](app.env))


class ResolveLinks(SphinxPostTransform):
    """Set terms, sources, datasets and exhibits in their places."""

    default_priority = 5  # before MyST's own resolver, and Sphinx's, which sets the terms

    def run(self, **kwargs):
        for node in list(self.document.findall(pending_link)):
            new = getattr(self, f"_{node['kind']}")(node, node["name"])
            if new is None:
                told = "nothing is called #%s-%s: correct the link"
                warn("link", node, told, node["kind"], node["name"])
                new = nodes.inline("", "", *node.children, ids=node["ids"])
            node.replace_self(new)
        for here in self.document.findall(nodes.reference):
            if here.get("refid", "").startswith(("fig-", "tab-")):
                self._check(here, self.env.docname, here["refid"])

    def _link(self, node, docname: str | None, anchor: str) -> nodes.Node:
        return link(self.env, docname, anchor, nodes.inline("", "", *node.children))

    def _term(self, node, name):
        objects = self.env.get_domain("std").objects
        for kind, term in objects:
            if kind == "term" and re.sub(r"\W+", "-", term.lower()).strip("-") == name.lower():
                inner = nodes.inline("", "", *node.children, classes=["xref", "std", "std-term"])
                return addnodes.pending_xref(
                    "", inner, refdomain="std", reftype="term", reftarget=term,
                    refdoc=self.env.docname, refexplicit=True, refwarn=True)  # fmt: skip
        return None

    def _cite(self, node, name):
        for citation in self.env.get_domain("cite").citations:
            if citation.key == name:
                title = citation.tooltip_entry and citation.tooltip_entry.text.render_as("text")
                new = self._link(node, citation.bibliography_key.docname, citation.citation_id)
                if title:
                    new["reftitle"] = title.replace("\\url ", "")
                return nodes.inline("", "", new, ids=node["ids"], classes=["bibtex-citation"])
        return None

    def _data(self, node, name):
        if name == "none":
            return node.children
        book: Book = self.env.get_domain("shockbook")
        if name not in catalog.names():
            return None
        page = book.docname(DATA_PAGE)
        return self._link(node, page, f"data-{name}") if page else node.children

    def _fig(self, node, name):
        label = f"{node['kind']}-{name}"
        docname, anchor = self.env.get_domain("std").anonlabels.get(label, ("", ""))
        if not docname:
            return None
        new = self._link(node, docname, anchor)
        self._check(new, docname, anchor)
        return new

    _tab = _fig

    def _check(self, node, docname: str, anchor: str) -> None:
        """A number that a link names must be the exhibit's own."""
        said = EXHIBIT.match(node.astext())
        kinds = self.env.toc_fignumbers.get(docname, {}).values()
        found = next((numbers[anchor] for numbers in kinds if anchor in numbers), None)
        if said and found and said[1] != (told := ".".join(map(str, found))):
            warn("link", node, "the text says %s, but %s is number %s", node.astext(), anchor, told)


def setup(app):
    app.add_node(pending_link, **handlers("", ""))
    app.connect("doctree-read", take, priority=90)  # before titles and uses are collected
    app.add_post_transform(ResolveLinks)
