"""The article retold with its verdicts in the running text, and how its story changed on its way.

``{retelling}`` shows the dataset ``retelling``: sentences in our own words, those that state a
claim tinted by its verdict, with a mark for who sees no colour.  ``{story}`` shows the dataset
``story-changes``: a sentence at its three stations, and what became of it.
"""

from collections import Counter

from docutils import nodes

from shockbook import catalog
from shockbook.site import folds
from shockbook.site.book import Book
from shockbook.site.verdicts import SHAPES, make_badge
from shockbook.site.writing import handlers, later, link


class mark(nodes.Inline, nodes.Element):
    """The sign of a verdict, with its name for who listens."""


def _visit_mark(self, node):
    shape = SHAPES.get(node["verdict"], "")
    self.body.append(
        f'<svg class="said-mark" viewBox="0 0 16 16" width="13" height="13" aria-hidden="true">'
        f'<path d="{shape}"/></svg><span class="visually-hidden"> ({node["verdict"]})</span>'
    )
    raise nodes.SkipNode


class Article:
    """Both, made from the data and from the verdicts of the whole book for one page."""

    def __init__(self, env):
        book: Book = env.get_domain("shockbook")
        self.env, self.page = env, book.ledger()
        self.verdicts = {v["claim"]: v for v in book.verdicts()}

    def _link(self, claim: str, *children) -> nodes.Node:
        return link(self.env, self.page, f"claim-{claim}", *children)

    def _said(self, claim: str, text: str) -> nodes.Node:
        verdict = self.verdicts.get(claim, {}).get("verdict", "")
        words, _, last = text.rpartition(" ")  # the mark stays with the last word
        end = nodes.inline("", "", nodes.Text(last), mark("", verdict=verdict), classes=["whole"])
        said = self._link(claim, nodes.Text(f"{words} " if words else ""), end)
        if self.page is not None:
            said["classes"] += ["said", f"said-{nodes.make_id(verdict)}"]
        return said

    def retold(self) -> nodes.Node:
        """Return the article in our own words, each claim tinted by its verdict."""
        table = catalog.load("retelling").sort_values("order", kind="stable").fillna("")
        box = nodes.container("", classes=["retold"])
        for _, rows in table.groupby("paragraph", sort=True):
            paragraph = nodes.paragraph("")
            for claim, text in zip(rows["claim"], rows["text"], strict=True):
                if len(paragraph):
                    paragraph += nodes.Text(" ")
                paragraph += self._said(claim, text) if claim else nodes.Text(text)
            box += paragraph
        counts = Counter(v["verdict"] for v in self.verdicts.values())
        key = nodes.paragraph("", classes=["said-key"])
        for verdict in SHAPES:
            if counts[verdict]:
                words = nodes.inline("", f"{counts[verdict]} ")
                key += nodes.inline("", "", words, make_badge(verdict), nodes.Text(" "))
        items = nodes.bullet_list("")
        for claim in dict.fromkeys(filter(None, table["claim"])):
            record = self.verdicts.get(claim)
            if record is None:
                continue
            line = nodes.paragraph("", "", self._link(claim, nodes.Text(claim)))
            line += nodes.Text(f" {record['paraphrase']}. ")
            line += nodes.strong("", f"{record['verdict']}. ")
            line += nodes.Text(record.get("why") or "")
            items += nodes.list_item("", line)
        line = folds.fold_summary("", "The same as a list, with reasons")
        return nodes.container("", key, box, folds.fold("", line, items, classes=["said-list"]),
                               classes=["article"])  # fmt: skip

    def story(self) -> nodes.Node:
        """Return how sentences of the story changed on their way to the article."""
        table = catalog.load("story-changes")
        schema = catalog.describe("story-changes")["schema"]
        fields = {field["name"]: field["title"] for field in schema["fields"]}
        names = list(fields)  # the stations stand between the claims and the change
        stops = names[names.index("claims") + 1 : names.index("change")]
        box = nodes.container("", classes=["story"])
        for row in table[table["change"] != "none"].fillna("").to_dict("records"):
            claims = row["claims"].split(";")
            head = nodes.paragraph("", classes=["story-head"])
            for claim in claims:
                head += self._link(claim, nodes.Text(claim))
                head += nodes.Text(" ")
            head += nodes.strong("", f"{row['change'].capitalize()}: ")
            head += nodes.Text(f"{row['what']}. ")
            sure = f"How sure: {row['how_sure']}."
            head += nodes.inline("", sure, classes=["unit"])
            stations = nodes.container("", classes=["story-row"])
            for column in stops:
                text = row[column] or "not found in the parts that were read"
                classes = ["story-end"] if column == stops[-1] else []
                classes += [] if row[column] else ["story-gap"]
                station = nodes.container("", classes=["story-station", *classes])
                station += nodes.paragraph("", fields[column], classes=["story-name"])
                station += nodes.paragraph("", text)
                stations += station
            box += nodes.container("", head, stations, classes=["story-change"])
        told = table["claims"].str.split(";").explode()
        rest = {
            "Unchanged, where an earlier wording was found: ":
                sorted(told[table["change"] == "none"]),
            "No earlier wording was found in what we read, or none was noted: ":
                sorted(set(self.verdicts) - set(told)),
        }  # fmt: skip
        for words, ids in rest.items():
            links = [n for c in ids for n in (nodes.Text(", "), self._link(c, nodes.Text(c)))][1:]
            box += nodes.paragraph("", "", nodes.Text(words), *links, nodes.Text("."))
        return box


def setup(app):
    app.add_node(mark, **handlers(_visit_mark))
    later(app, "retelling", lambda env: Article(env).retold())
    later(app, "story", lambda env: Article(env).story())
