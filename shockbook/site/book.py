"""What the whole book knows: its figures in prose and its verdicts, kept with Sphinx's environment.

A Sphinx domain is the right place: it is stored between builds, and cleared page by page.
"""

from sphinx.domains import Domain
from sphinx.util import logging

logger = logging.getLogger(__name__)


def warn(kind: str, place, message: str, *values) -> None:
    """A warning of this site: its kind, where it arose (a page or a node), what is wrong."""
    logger.warning(message, *values, location=place, type="shockbook", subtype=kind)


def page_of(docname: str) -> str:
    """Return the short name of a page, as authors write it: ``nvidia``."""
    return docname.rsplit("/", 1)[-1]


class Book(Domain):
    """All records of the book, by page."""

    name = "shockbook"
    label = "shockbook"
    data_version = 3
    initial_data = {"figures": {}, "verdicts": {}, "ledger": {}}

    def clear_doc(self, docname):
        """Forget what one page said."""
        for part in self.initial_data:
            self.data[part].pop(docname, None)

    def add_figure(self, content: dict, location) -> None:
        """Keep one figure; its key must be new on its page."""
        page = self.data["figures"].setdefault(content["docname"], {})
        old = page.get(content["key"])
        if old is not None and (old["text"], old["anchor"]) != (content["text"], content["anchor"]):
            told = "the key %r is said twice on this page; give the second one its own name"
            warn("num", location, told, content["key"])
        page[content["key"]] = content

    def add_verdict(self, content: dict, location) -> None:
        """Keep one verdict; a claim is judged once in the book."""
        for docname, found in self.data["verdicts"].items():
            if any(v["claim"] == content["claim"] for v in found):
                told = "claim %s is judged twice: here and on %s; keep one verdict cell"
                warn("verdict", location, told, content["claim"], docname)
        self.data["verdicts"].setdefault(content["docname"], []).append(content)

    def docname(self, page: str) -> str | None:
        """Return the full name of a page from its short one, None if there is no such page."""
        names = self.env.found_docs
        if page in names:
            return page
        return next((n for n in sorted(names) if page_of(n) == page), None)

    def figure(self, docname: str, key: str) -> dict | None:
        """Return the record of one figure, None if that page never says it."""
        return self.data["figures"].get(docname, {}).get(key)

    def ledger(self) -> str | None:
        """Return the page that lists all verdicts, None if no page does."""
        return min(self.data["ledger"], default=None)

    def verdicts(self) -> list[dict]:
        """Return all verdicts in the order of the claims' ids."""
        every = (v for found in self.data["verdicts"].values() for v in found)
        return sorted(every, key=lambda v: (len(v["claim"]), v["claim"]))  # C2 before C10
