"""*Run your own event* runs for every example, and speaks of that event alone."""

import json
import re

import nbformat
import orphans
import pages
import pytest

from shockbook import charts, event, evidence, telling
from shockbook.event_book import TAG

NOTEBOOK = pages.ROOT / "chapters" / "your-event.ipynb"
EXAMPLES = sorted(event.ROOT.glob("events/*.toml"))
#: The event of the book, in whatever form it might be named.
THIS_BOOK = re.compile(r"nvidia|nvda|deepseek", re.I)


class Run:
    """The cells of the notebook, run in this process for one event, without the pictures."""

    def __init__(self, path, monkeypatch):
        self.records, self.told, self.figures = {}, [], {}
        self.shown = []
        monkeypatch.setenv("SHOCKBOOK_EVENT", str(path))
        monkeypatch.setattr(evidence, "SAID", evidence.SAID.__class__())
        monkeypatch.setattr(telling, "SAID", evidence.SAID)
        monkeypatch.setattr(evidence, "display", self._show)
        monkeypatch.setattr(telling, "display", self._show)
        figure = charts.figure

        def kept(chart, *, name, **words):
            made = figure(chart, name=name, **words)
            self.figures[name] = made.to_dict()
            return made

        monkeypatch.setattr(charts, "figure", kept)
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        self.cells = [c for c in notebook.cells if TAG not in c.metadata.get("tags", [])]
        space = {"print": lambda *words: self.shown.append(" ".join(map(str, words)))}
        for cell in self.cells:
            if cell.cell_type == "code":
                self._run(cell, space)
        self.space = space

    def _run(self, cell, space):
        """Run a cell; keep what its last line is, as a notebook would show it."""
        *body, last = cell.source.rstrip().split("\n")
        try:
            value = compile(last, cell.id, "eval")
        except SyntaxError:
            exec(compile(cell.source, cell.id, "exec"), space)
            return
        exec(compile("\n".join(body), cell.id, "exec"), space)
        self.shown.append(repr(eval(value, space)))

    def _show(self, bundle, raw):
        if evidence.MIME in bundle:
            self.records[bundle[evidence.MIME]["key"]] = bundle[evidence.MIME]
        if telling.MIME in bundle:
            self.told.append(bundle[telling.MIME])

    def prose(self):
        typed = [c.source for c in self.cells if c.cell_type == "markdown"]
        return "\n".join([*typed, *(t["text"] for t in self.told)])


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda p: p.stem)
def done(request):
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield Run(request.param, monkeypatch)


def test_every_number_and_chart_of_the_prose_is_there(done):
    prose = done.prose()
    assert set(re.findall(r"\{num\}`([^`]+)`", prose)) <= set(done.records)
    assert set(re.findall(r"\{numref\}`([^`]+)`", prose)) <= set(done.figures)
    for told in done.told:
        if not told["given"]:
            for text in pages.read_prose(told["text"]).texts:
                assert not orphans.orphans(text)


def test_records_agree_with_their_values(done):
    for record in done.records.values():
        assert orphans.agrees(record["text"], record["value"]), record


def test_each_picture_is_drawn_or_gives_way(done):
    names = {f"fig-event-{n}" for n in (
        "price", "days", "compare", "placebo", "path", "curve", "members", "groups")}  # fmt: skip
    left_out = [text for text in done.shown if text.startswith("A picture is left out here")]
    assert set(done.figures) <= names and len(done.figures) + len(left_out) == len(names)
    late = done.space["mine"].date.year == 2026  # the members' prices end in 2025
    assert ("fig-event-members" in done.figures) is not late


def test_the_page_counts_the_random_days(done):
    few, many = done.records["few"]["value"], done.records["many"]["value"]
    assert done.records["random-days"]["value"] == 200
    assert done.records["promised"]["value"] == 10
    said = next(t["text"] for t in done.told if "{num}`rejected`" in t["text"])
    word = "about as often as" if few <= done.records["rejected"]["value"] <= many else "often than"
    assert word in said


def test_the_summary_says_what_the_tests_say(done):
    p, quiet = done.records["p"]["value"], done.records["quiet-p"]["value"]
    summary = next(t["text"] for t in done.told if t["text"].startswith("**{num}`event-name`"))
    agree = "Both tests agree: this was no ordinary day"
    neither = "Neither test can tell the return from that of an ordinary day"
    assert (agree in summary) is (p < 0.05 and quiet < 0.05)
    assert (neither in summary) is (p >= 0.05 and quiet >= 0.05)


def test_nothing_speaks_of_the_event_of_the_book_unless_it_is_this_one(done):
    words = [done.prose(), *done.shown, *(c.source for c in done.cells)]
    words += [json.dumps(d) for d in [*done.records.values(), *done.figures.values()]]
    found = THIS_BOOK.findall("\n".join(words))
    theirs = THIS_BOOK.search(done.space["mine"].firm)
    assert bool(found) is bool(theirs)
