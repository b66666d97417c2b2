"""How a page is written: with fewer elements than Sphinx's own writer takes, and typeset.

Prose has curly quotes from its Markdown.  The texts of tables, verdicts, evidence and charts get
theirs here, and what reads badly when a line ends inside it is held together.
"""

import re

from docutils import nodes
from pygments.formatters import HtmlFormatter
from pygments.token import Token
from sphinx import addnodes
from sphinx.highlighting import PygmentsBridge
from sphinx.writers.html5 import HTML5Translator

#: Parts of code that the style gives no colour: half of the elements of a page, for nothing.
PLAIN = (
    Token.Name, Token.Name.Builtin, Token.Name.Attribute, Token.Name.Variable, Token.Name.Entity,
    Token.Operator, Token.Punctuation, Token.Text.Whitespace, Token.Error,
)  # fmt: skip
#: What needs no paragraph around a single one.
PLACES = (nodes.entry, nodes.definition, nodes.field_body, addnodes.desc_content)
#: Characters beyond which code in prose may be broken.
LONG = 22
# Names that fall apart at their hyphen when a line ends there.
_NAME = re.compile(r"\b(?:GPT|R1|o1|V3|MATH)-\w+|\b[pt]-(?:value|statistic)s?\b")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_TIED = re.compile(
    rf"(?<=\d) (?=(?:million|billion|trillion|per cent|{_MONTHS})\b)"
    r"|(?<=\bFigure) (?=\d)|(?<=S&P) (?=500)|(?<=S&amp;P) (?=500)|(?<=\bRMB) (?=\d)"
    r"|(?<=\bp) (?=(?:= \d|below\b))|(?<=\bp =) (?=\d)|(?<=\bp below) (?=\d)"
)
_OPENS = re.compile(r"(?:(?<=[\s(\[/])|^)(\"|&quot;)(?=\S)")
WITHIN = re.compile(r"(?<=\w)(?:'|&#x27;|&#39;)(?=\w)|(?<=s)(?:'|&#x27;|&#39;)(?=[\s.,;:)])")
# What fills a cell and reads badly when broken; a day in words is too long for a phone.
_DATE = r"(?:\d{4}-\d\d(?:-\d\d)?|Q[1-4] \d{4}|\d{4}Q[1-4]|(?P<day>\d\d? [A-Z][a-z]+ \d{4}))"
_CELL = re.compile(
    rf'<(t[dh])\b((?:(?! class=)[^>])*)(?: class="([^">]*)")?([^>]*)>(?={_DATE}</\1>)'
)
# Text between tags; code, formulas and scripts are passed over whole, a drawing is told apart.
_TEXT = re.compile(
    r"<(pre|code|script|style|math|textarea)\b.*?</\1>|<!--.*?-->"
    r'|<span class="whole">[^<]*</span>|<[^>]*>|([^<]+)', re.S
)
_SVG = re.compile(r"(<svg\b.*?</svg>)", re.S)


def curly(text: str) -> str:
    """A text with curly quotes, and without breaks inside amounts and dates."""
    text = _TIED.sub("\N{NO-BREAK SPACE}", WITHIN.sub("’", text))
    if '"' in text or "&quot;" in text:
        text = _OPENS.sub("“", text).replace("&quot;", "”").replace('"', "”")
    return text


def held(text: str) -> str:
    """HTML whose names do not break at their hyphens."""
    return _NAME.sub(r'<span class="whole">\g<0></span>', text)


def typeset(html: str) -> str:
    """HTML that did not come from this writer, typeset: a table that a cell printed, a drawing."""

    def marked(match: re.Match) -> str:
        kind = f"{match[3] or ''} {'day' if match['day'] else 'whole'}".lstrip()
        return f'<{match[1]}{match[2]} class="{kind}"{match[4]}>'

    def text(match: re.Match) -> str:
        return match[0] if match[2] is None else held(curly(match[2]))

    def drawn(match: re.Match) -> str:  # in a drawing no element of the page may stand
        return match[0] if match[2] is None else curly(match[2])

    parts = _SVG.split(_CELL.sub(marked, html))
    return "".join(_TEXT.sub(drawn if i % 2 else text, part) for i, part in enumerate(parts))


class Code(HtmlFormatter):
    """Coloured code that spends no element on what has no colour."""

    def __init__(self, **options):
        super().__init__(**options)
        self.span_element_openers.update(dict.fromkeys(PLAIN, ""))

    def wrap(self, source):
        yield 0, "<pre>"
        yield from source
        yield 0, "</pre>"


class Writer(HTML5Translator):
    """Sphinx's writer of pages, but lighter and typeset."""

    def starttag(self, node, tagname, suffix="\n", empty=False, **attributes):
        """Leave out what no style asks for; a reference is a plain item of its list."""
        if attributes.get("class") == "reference internal":
            del attributes["class"]
        if attributes.get("role") == "doc-biblioentry":
            attributes["role"] = "listitem"
        return super().starttag(node, tagname, suffix, empty, **attributes)

    def add_permalink_ref(self, node, title):
        """Sphinx's link of a heading to itself, for a mouse only.

        Who listens would hear a second link in every heading, and who tabs would stop at it; the
        list of sections leads to the same places.
        """
        at = len(self.body)
        super().add_permalink_ref(node, title)
        self.body[at:] = [
            link.replace(" href=", ' aria-hidden="true" tabindex="-1" href=', 1)
            for link in self.body[at:]
        ]

    def add_fignumber(self, node):
        """The number of a figure, held together with the word before it."""
        at = len(self.body)
        super().add_fignumber(node)
        self.body[at:] = [p if p.startswith("<") else curly(p) for p in self.body[at:]]

    def visit_paragraph(self, node):
        """A paragraph; none if it is all that a cell of a table or a definition has."""
        if not _alone(node):
            super().visit_paragraph(node)

    def depart_paragraph(self, node):
        if not _alone(node):
            super().depart_paragraph(node)

    def visit_entry(self, node):
        """A cell; a date that fills it stays on one line."""
        if date := re.fullmatch(_DATE, node.astext()):
            kind = "day" if date["day"] else "whole"
            node["classes"] += [kind] * (kind not in node["classes"])
        super().visit_entry(node)

    def visit_literal(self, node):
        """Code in prose as one element."""
        if node["classes"] or node["ids"]:
            super().visit_literal(node)
            return
        text = node.astext()
        long = ' class="long"' if len(text) > LONG else ""
        self.body.append(f"<code{long}>{self.encode(text)}</code>")
        raise nodes.SkipNode

    def visit_Text(self, node):
        if self.protect_literal_text or isinstance(node.parent, nodes.FixedTextElement):
            super().visit_Text(node)
        else:
            self.body.append(held(self.encode(curly(node.astext()))))

    def visit_raw(self, node):
        """HTML from elsewhere, typeset."""
        at = len(self.body)
        try:
            super().visit_raw(node)
        finally:  # it always leaves by an exception
            self.body[at:] = [typeset("".join(self.body[at:]))]


def _alone(node) -> bool:
    inside = isinstance(node.parent, PLACES) and len(node.parent) == 1
    return inside and not node["ids"] and not node["classes"]


def count_lines(app, doctree, docname):
    """Say of the code of a cell how many lines it has: an editor takes its place in that height."""
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") == "cell_code_source":
            lines = cell.astext().strip("\n").count("\n") + 1
            cell["style"] = f"--lines:{lines}"


def setup(app):
    PygmentsBridge.html_formatter = Code
    for builder in ("html", "dirhtml", "singlehtml", "epub"):
        app.set_translator(builder, Writer, override=True)
    app.connect("doctree-resolved", count_lines)
