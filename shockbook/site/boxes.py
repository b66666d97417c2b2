"""Boxes: a chapter in three lines, an aside in the margin, a guess before a figure."""

from docutils import nodes
from sphinx import addnodes

from shockbook import words
from shockbook.site.book import Book, warn
from shockbook.site.evidence import number
from shockbook.site.markup import fill
from shockbook.site.writing import handlers

#: A guess is called close when it is off by no more than this share of the range.
NEAR = 0.05


class guess(nodes.General, nodes.Element):
    """A question, the means to guess, and the answer, which is the last child."""


class guess_row(nodes.Element):
    """The slider and its buttons, for pages whose scripts run."""


def set_guesses(app, doctree):
    """A block quote that ends with ``[From 0 to 50 days](#guess-key)`` asks for a number.

    Its words are the question; the link's are the ends of the slider and the unit.
    """
    for link in list(doctree.findall(addnodes.pending_xref)):
        before, _, key = (link.get("reftarget") or "").partition("guess-")
        if before or not key:
            continue
        paragraph, said = link.parent, words.guess_range(link.astext())
        if not said or not isinstance(paragraph.parent, nodes.block_quote):
            warn("guess", link, "a guess is a block quote ending with a link '[From 0 to 50 days]'")
            continue
        low, high, unit = said
        quote = paragraph.parent
        paragraph.remove(link)
        box = guess("", paragraph, key=key, page=app.env.docname, low=low, high=high,
                    classes=["guess"])  # fmt: skip
        box += guess_row("", question=paragraph.astext().strip(), unit=unit, low=low, high=high)
        shown = number("", "", page=app.env.docname, key=key)
        shown.source, shown.line = link.source, link.line
        box += nodes.paragraph("", "The answer: ", shown, nodes.Text("."), classes=["guess-answer"])
        quote.replace_self(box)


def _visit_guess(self, node):
    book: Book = self.builder.env.get_domain("shockbook")
    record = book.figure(node["page"], node["key"]) or {"value": ""}
    near = NEAR * (node["high"] - node["low"])
    self.body.append(f'<div class="guess" data-answer="{record["value"]}" data-near="{near:g}">\n')


def _visit_row(self, node):
    self.body.append(fill("guess.html", **node.attributes))
    raise nodes.SkipNode


def name_boxes(app, doctree):
    """Block quotes that open in bold: **In short**, a chapter in three lines; **Aside.**

    An aside stands beside the text where the window has the room, without that word.
    """
    for quote in list(doctree.findall(nodes.block_quote)):
        strong = next(iter(quote.findall(nodes.strong)), None)
        name = strong.astext().rstrip(".") if strong is not None else ""
        if name == "In short":
            quote["classes"].append("in-short")
        elif name == "Aside":
            rest = strong.next_node(nodes.Text, descend=False, siblings=True)
            rest.parent.replace(rest, nodes.Text(rest.lstrip()))
            strong.parent.remove(strong)
            quote.replace_self(nodes.container("", *quote.children, classes=["margin"]))


def setup(app):
    app.add_node(guess, **handlers(_visit_guess, "</div>\n"))
    app.add_node(guess_row, **handlers(_visit_row))
    app.connect("doctree-read", name_boxes)
    app.connect("doctree-read", set_guesses, priority=80)  # before the other links are taken
