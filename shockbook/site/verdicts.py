"""Verdicts on claims: the block at a chapter's verdict cell, and the ledger of them all."""

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from shockbook import grounds
from shockbook.site import folds, reviews, writing
from shockbook.site.book import Book, warn
from shockbook.site.markup import fill
from shockbook.site.notebooks import record_node
from shockbook.site.tables import make_table
from shockbook.site.told import SHAPES, claimed, found, outcome
from shockbook.site.writing import handlers, link
from shockbook.words import write


class badge(nodes.Inline, nodes.TextElement):
    """A verdict in its word, its colour and its shape."""


class claim_link(nodes.Inline, nodes.TextElement):
    """A link to a claim, until every page is read."""


def make_badge(verdict: str) -> badge:
    """Return the badge of one verdict."""
    return badge("", verdict, verdict=verdict)


def _visit_badge(self, node):
    icon = ""
    if shape := SHAPES.get(node["verdict"]):
        icon = '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">'
        icon += f'<path d="{shape}"/></svg>'
    self.body.append(f'<span class="badge badge-{nodes.make_id(node["verdict"])}">{icon}')


def _parts(record: dict) -> nodes.Node:
    asked = [claimed(part) for part in record["parts"]]
    rows = []
    for part, one in zip(record["parts"], asked, strict=True):
        row = [part["statement"], one, found(part), outcome(part)]
        rows.append([[nodes.Text(text)] for text in row])
    head = ["Part of the claim", "Claimed or asked", "Found", "Outcome"]
    if any(asked):
        return make_table(head, rows, classes=["verdict-parts"])
    del head[1]
    for row in rows:
        del row[1]
    return make_table(head, rows, classes=["verdict-parts", "nothing-asked"])


def _how(record: dict) -> folds.fold:
    """The rule of a verdict and what it was decided on, folded; its code joins them later."""
    held = [f"rule {record['rule']}"]
    if count := len(record["parts"]):
        held.append(write(count, "{:words} part") + "s" * (count > 1))
    summary = folds.fold_summary("", f"How it was judged: {', '.join(held)}")
    rule = nodes.paragraph("", "", nodes.strong("", f"Rule {record['rule']}. "))
    rule += nodes.Text(record["condition"])
    rule["classes"] = ["verdict-rule"]
    found = [_parts(record)] if record["parts"] else []
    return folds.fold("", summary, *found, rule, *_readings(record), classes=["verdict-more"])


def _readings(record: dict) -> list[nodes.Node]:
    """What other readings of the claim would give, or why none was tried."""
    said = [
        nodes.paragraph("", "", nodes.strong("", "Read otherwise. "),
                        nodes.Text(f"{one['reading']}: "), make_badge(one["verdict"]))
        for one in record.get("readings", ())
    ]  # fmt: skip
    if not said and (why := grounds.only_reading(record["claim"])):
        said = [nodes.paragraph("", f"No other reading was tried. {why}")]
    for paragraph in said:
        paragraph["classes"] = ["verdict-rule"]
    return said


def _said(record: dict) -> list[nodes.Node]:
    """The paraphrase, marked where the article says it only between the lines."""
    mark = [nodes.Text(" "), nodes.emphasis("", "(implied)")] if record["implied"] else []
    return [nodes.Text(record["paraphrase"]), *mark]


def _line(text: str | None, kind: str) -> list[nodes.Node]:
    """A text on a line of its own, if there is one."""
    return [nodes.Text(" "), nodes.inline("", text, classes=[kind])] if text else []


class ResolveVerdicts(SphinxPostTransform):
    """Show each verdict record as a block, and set the links to claims."""

    default_priority = 6  # after myst-nb chose among the mime types

    def run(self, **kwargs):
        book: Book = self.env.get_domain("shockbook")
        self.ledger_page = book.ledger()
        for mark in list(self.document.findall(record_node)):
            mark.replace_self(self._block(mark["content"]))
        verdicts = {v["claim"]: v for v in book.verdicts()}
        for node in list(self.document.findall(claim_link)):
            node.replace_self(self._claim(node, verdicts))

    def _block(self, record: dict) -> nodes.Node:
        claim = record["claim"]
        classes = ["verdict", f"verdict-{nodes.make_id(record['verdict'])}"]
        block = nodes.container("", ids=[f"verdict-{claim}"], classes=classes)
        head = nodes.paragraph("", "", make_badge(record["verdict"]), nodes.Text(" "))
        head["classes"] = ["verdict-head"]
        head += link(self.env, self.ledger_page, f"claim-{claim}", nodes.Text(f"Claim {claim}"))
        block += head
        block += nodes.paragraph("", "", *_said(record), classes=["verdict-claim"])
        if record.get("why"):
            block += nodes.paragraph("", record["why"], classes=["verdict-why"])
        if record.get("condition"):
            block += _how(record)
        return block

    def _claim(self, node, verdicts) -> nodes.Node:
        claim = node["claim"]
        text = nodes.Text(node.astext() or claim)
        if claim in verdicts and self.ledger_page is None:
            return link(self.env, verdicts[claim]["docname"], f"verdict-{claim}", text)
        if claim not in verdicts:
            told = "no verdict on claim %s in the book: judge it in its home chapter"
            warn("claim", node, told, claim)
            return text
        return link(self.env, self.ledger_page, f"claim-{claim}", text)


def listed(env) -> nodes.Node:
    """Return what ``{ledger}`` shows: every verdict of the book in one table."""
    verdicts = env.get_domain("shockbook").verdicts()
    rows, evidence = [], grounds.weakest(verdicts)
    for verdict in verdicts:
        claim = verdict["claim"]
        title = env.titles[verdict["docname"]].astext()
        number = env.toc_secnumbers.get(verdict["docname"], {}).get("")
        place = nodes.Text(f"Chapter {number[0]}" if number else title)
        where = link(env, verdict["docname"], f"verdict-{claim}", place)
        where["reftitle"] = title
        rows.append(
            [
                [nodes.target("", "", ids=[f"claim-{claim}"]), nodes.Text(claim)],
                [
                    *_said(verdict),
                    *_line(verdict.get("why"), "ledger-why"),
                    *_line(evidence.get(claim), "ledger-read"),
                ],
                [nodes.Text(verdict["type"])],
                [make_badge(verdict["verdict"])],
                [where],
            ]
        )
    head = ["Claim", "What the article says", "Type", "Verdict", "Worked out in"]
    caption = f"All {len(rows)} claims with their verdicts"
    table = make_table(head, rows, caption, classes=["ledger"])
    file = "../" * env.docname.count("/") + reviews.FILE
    tools = fill("ledger.html", count=len(rows), file=env.app.builder.name == "html" and file)
    raw = nodes.raw("", tools, format="html")
    return nodes.container("", raw, table, classes=["ledger-box"])


def ledger(env) -> nodes.Node:
    """Note that this page has the list, which links to claims lead to, and keep its place."""
    env.get_domain("shockbook").data["ledger"][env.docname] = True
    return writing.place("", name="ledger")


def _visit_claim(self, node):
    self.visit_Text(nodes.Text(node.astext() or node["claim"]))
    raise nodes.SkipNode


def setup(app):
    app.add_node(badge, **handlers(_visit_badge, "</span>"))
    app.add_node(claim_link, **handlers(_visit_claim))
    writing.part(app, "ledger", ledger)
    app.shockbook_later["ledger"] = listed
    app.add_post_transform(ResolveVerdicts)
