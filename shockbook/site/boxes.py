"""Boxes: a chapter in three lines, an aside in the margin, a guess before a figure."""

from html import escape

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from shockbook.site.book import Book
from shockbook.site.evidence import number
from shockbook.site.writing import handlers, nothing

#: A guess is called close when it is off by no more than this share of the range.
NEAR = 0.05


class Margin(SphinxDirective):
    """``{margin}``: an aside, beside the text where the window has the room."""

    has_content = True

    def run(self):
        """Return a container with the parsed text."""
        box = nodes.container("", classes=["margin"])
        self.state.nested_parse(self.content, self.content_offset, box)
        return [box]


class guess(nodes.General, nodes.Element):
    """A question, the means to guess, and the answer, which is the last child."""


class guess_row(nodes.Element):
    """The slider and its buttons, for pages whose scripts run."""


class Guess(SphinxDirective):
    """``{guess} key``: a question whose answer is a number of this page.

    Options: ``from`` and ``to`` (the ends of the slider), ``step``, ``unit`` (a word or two behind
    the number).  The text of the directive is the question.
    """

    required_arguments = 1
    option_spec = {
        "from": directives.unchanged_required,
        "to": directives.unchanged_required,
        "step": directives.unchanged,
        "unit": directives.unchanged,
    }
    has_content = True

    def run(self):
        """Return the box; its answer leads to its evidence as any number does."""
        key, unit = self.arguments[0], self.options.get("unit", "")
        box = guess("", key=key, page=self.env.docname, classes=["guess"])
        self.state.nested_parse(self.content, self.content_offset, box)
        question = " ".join(self.content)
        box["low"], box["high"] = self.options["from"], self.options["to"]
        box += guess_row(
            "", question=question, unit=unit, step=self.options.get("step", "1"), **{
                "low": box["low"], "high": box["high"]
            }
        )
        shown = number("", "", page=self.env.docname, key=key)
        self.set_source_info(shown)
        answer = nodes.paragraph("", "The answer: ", shown, classes=["guess-answer"])
        answer += nodes.Text(".")
        box += answer
        return [box]


def _visit_guess(self, node):
    book: Book = self.builder.env.get_domain("shockbook")
    record = book.figure(node["page"], node["key"]) or {"value": ""}
    near = NEAR * (float(node["high"]) - float(node["low"]))
    self.body.append(f'<div class="guess" data-answer="{record["value"]}" data-near="{near:g}">\n')


def _visit_row(self, node):
    low, high = float(node["low"]), float(node["high"])
    self.body.append(
        f'<div class="guess-row needs-script"><input type="range" min="{low:g}" max="{high:g}" '
        f'step="{escape(node["step"])}" value="{(low + high) / 2:g}" '
        f'aria-label="{escape(node["question"])}"><span><output></output> {escape(node["unit"])}'
        '</span><button type="button" class="guess-set">That is my guess</button>'
        '<button type="button" class="guess-skip">Just show me</button></div>\n'
    )
    raise nodes.SkipNode


def name_boxes(app, doctree):
    """A block quote that opens with **In short** is the chapter in three lines."""
    for quote in doctree.findall(nodes.block_quote):
        strong = next(iter(quote.findall(nodes.strong)), None)
        if strong is not None and strong.astext().rstrip(".") == "In short":
            quote["classes"].append("in-short")


def setup(app):
    """Register directives and nodes."""
    app.add_directive("margin", Margin)
    app.add_directive("guess", Guess)
    app.add_node(guess, **handlers(_visit_guess, "</div>\n"))
    app.add_node(guess_row, **handlers(_visit_row, nothing, other=(nothing, nothing)))
    app.connect("doctree-read", name_boxes)
