"""Formulas as MathML, made while the book is built: no script, no font, nothing to wait for.

latex2mathml does the work.  What it does not know it passes through as text, which a reader would
take for a formula; so whatever is left of TeX in its answer is a warning here.
"""

import re
from xml.etree import ElementTree

from docutils import nodes
from latex2mathml.converter import convert_to_element
from sphinx.util.math import get_node_equation_number

from shockbook.site.book import warn

# ``split`` is the same layout under a name that latex2mathml reads rightly.
_ALIGNED = re.compile(r"\\(begin|end)\{aligned\}")
_STARRED = re.compile(r"\\operatorname\*")
# Operators whose limits stand below them in a displayed formula.
_LIMITS = {"min", "max", "lim", "sup", "inf", "arg min", "arg max"}
_LEFT = re.compile(r"[\\&#]")


def mathml(tex: str, display: bool) -> tuple[str, list[str]]:
    """Return a formula as MathML, and the pieces of it that were not understood."""
    tex = _STARRED.sub(r"\\operatorname", _ALIGNED.sub(r"\\\1{split}", tex.strip()))
    tex = tex.replace(r"\operatorname{arg\,min}", r"\operatorname{arg min}")
    tex = tex.replace(r"\operatorname{arg\,max}", r"\operatorname{arg max}")
    root = convert_to_element(tex, display="block" if display else "inline")
    unknown = []
    for element in root.iter():
        text = element.text or ""
        if element.tag == "mi" and text in ("~", "&#x0007E;"):
            element.tag, element.text = "mo", "\N{TILDE OPERATOR}"
        elif element.tag != "mtext" and _LEFT.search(re.sub(r"&#x\w+;", "", text)):
            unknown.append(text)
        variant = element.get("mathvariant")
        if variant and variant != "normal":  # browsers draw no other
            unknown.append(f"mathvariant {variant}")
        base = element[0] if len(element) else None
        if display and base is not None and base.tag == "mo" and base.text in _LIMITS:
            element.tag = {"msub": "munder", "msubsup": "munderover"}.get(element.tag, element.tag)
    text = ElementTree.tostring(root, encoding="unicode")
    # latex2mathml writes entities into its texts, which are then escaped once too often
    return re.sub(r"&amp;(#x\w+;)", r"&\1", text), unknown


def _write(self, node, display: bool) -> str:
    tex = node.astext()
    try:
        text, unknown = mathml(tex, display)
    except Exception as problem:  # the library raises many kinds; all mean the same to an author
        text, unknown = f"<code>{self.encode(tex)}</code>", [str(problem) or type(problem).__name__]
    if unknown:
        told = "this formula cannot be set: %s in %s. Write it with other commands"
        warn("math", node, told, ", ".join(unknown), tex)
    return text


def _inline(self, node):
    self.body.append(_write(self, node, display=False))
    raise nodes.SkipNode


def _block(self, node):
    anchor = f' id="{node["ids"][0]}"' if node["ids"] else ""
    self.body.append(f'<div class="math"{anchor}>{_write(self, node, display=True)}')
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})</span>')
    self.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    """Register the renderer ``html_math_renderer = "mathml"``."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
