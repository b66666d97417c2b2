"""*Run your own event* runs for every example, and speaks of that event alone."""

import ast
import json
import os
import re
import shutil

import nbformat
import pages
import pytest

from shockbook import charts, event, stored
from shockbook.book import chapter, declared, prose
from shockbook.event_book import TAG

NOTEBOOK = pages.ROOT / "chapters" / "your-event.ipynb"
GALLERY = sorted(event.ROOT.glob("events/gallery/*.toml"))
#: A coin, a firm of another exchange with a file of its own, an industry; the rest take a minute.
QUICK = ("ether-2025", "sap-2025", "banks-2025")
EXAMPLES = [
    *sorted(event.ROOT.glob("events/*.toml")),
    *(path for path in GALLERY if path.stem in QUICK or "SOAK" in os.environ),
]
#: The event of the book, in whatever form it might be named.
THIS_BOOK = re.compile(r"nvidia|nvda|deepseek", re.I)


class Run:
    """The cells of the notebook, run in this process for one event, without the pictures."""

    def __init__(self, path, monkeypatch, **given):
        monkeypatch.setenv("SHOCKBOOK_EVENT", str(path))
        monkeypatch.setattr(chapter, "display", self._show)
        self.figures, figure = {}, charts.figure

        def kept(chart, name, **others):
            made = figure(chart, name, **others)
            self.figures[name] = made.to_dict()
            return made

        monkeypatch.setattr(charts, "figure", kept)
        self.notebook = nbformat.read(NOTEBOOK, as_version=4)
        cells = self.notebook.cells
        self.notebook.cells = [c for c in cells if TAG not in c.metadata.get("tags", [])]
        self.space = {"print": lambda *words: self._show({"text/plain": " ".join(words)})}
        for cell in self.notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = self.outputs = []
                self._run(cell)
                if "parameters" in cell.metadata.get("tags", []):
                    self.space |= given
        prose.fill(self.notebook)
        self.records = {r["key"]: r for _, r in stored.numbers(self.notebook)}
        self.told = "\n".join(told["text"] for _, told in self._of(stored.PROSE))

    def _run(self, cell):
        """Run a cell; keep what its last line is, as a notebook would show it."""
        body, value = ast.parse(cell.source, cell.id).body, None
        if body and isinstance(body[-1], ast.Expr):
            value = compile(ast.Expression(body.pop().value), cell.id, "eval")
        exec(compile(ast.Module(body, []), cell.id, "exec"), self.space)
        if value and (made := eval(value, self.space)) is not None:
            html = getattr(made, "_repr_html_", str)()
            self._show({"text/plain": repr(made), "text/html": html})

    def _show(self, bundle, raw=True):
        if isinstance(bundle, dict):  # not the line that says how old the data are
            self.outputs.append(nbformat.v4.new_output("display_data", bundle))

    def _of(self, kind):
        return stored.outputs(self.notebook, kind)


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda p: p.stem)
def done(request):
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield Run(request.param, monkeypatch)


def test_every_word_of_the_page_agrees_with_its_numbers(done):
    about = declared.read(NOTEBOOK.with_suffix(".toml"))
    found = prose.faults("your-event", done.notebook, about, prose.Book(NOTEBOOK.parent))
    assert found == []


def test_each_picture_is_drawn_or_gives_way(done):
    names = {f"fig-event-{n}" for n in (
        "price", "days", "compare", "placebo", "path", "curve", "members", "groups")}  # fmt: skip
    left_out = stored.left_out(done.notebook)
    assert set(done.figures) | left_out == names and not set(done.figures) & left_out
    one = done.space["mine"]  # the members' prices run from 2023 to 2025, and are New York's
    beyond = one.date.year not in (2024, 2025) or one.exchange != "XNYS"
    assert ("fig-event-members" in left_out) is beyond is ("members" not in done.records)


def test_the_page_counts_the_random_days(done):
    few, many, found = (done.records[k]["value"] for k in ("few", "many", "rejected"))
    assert done.records["random-days"]["value"] == 200
    assert done.records["promised"]["value"] == 10
    word = "no more often than" if few <= found <= many else "often than"
    assert word in done.records["honest"]["text"]


def test_the_summary_says_what_the_tests_say(done):
    p, quiet = done.records["p"]["value"], done.records["quiet-p"]["value"]
    agree = "Both tests agree: this was no ordinary day"
    neither = "Neither test can tell the return from that of an ordinary day"
    assert (agree in done.told) is (p < 0.05 and quiet < 0.05)
    assert (neither in done.told) is (p >= 0.05 and quiet >= 0.05)
    assert done.records["side"]["text"] == ("outside" if p < 0.05 else "inside")


def test_nothing_speaks_of_the_event_of_the_book_unless_it_is_this_one(done):
    found = THIS_BOOK.findall(json.dumps([done.notebook, done.figures]))
    assert bool(found) is bool(THIS_BOOK.search(done.space["mine"].firm))


def test_what_is_particular_to_an_event_is_said(done):
    one = done.space["mine"]
    assert one.why in done.told and (not one.prices or "The prices of" in done.told)
    assert ("| Group | Firms |" in done.told) is (one.firm in one.baskets)
    assert ("left out: the factors are" in done.told) is False  # no file of ours asks for them


def test_words_and_intervals_keep_to_the_level(monkeypatch):
    """The day lies outside nine in ten ordinary ones, and inside nineteen in twenty."""
    done = Run(event.ROOT / "events" / "placebo-day.toml", monkeypatch, LEVEL=0.1)
    about = declared.read(NOTEBOOK.with_suffix(".toml"))
    assert prose.faults("your-event", done.notebook, about, prose.Book(NOTEBOOK.parent)) == []
    low, actual, high = (done.records[k]["value"] for k in ("low", "actual", "high"))
    assert 0.05 < done.records["p"]["value"] < 0.1
    assert actual < low < high and done.records["side"]["text"] == "outside"
    assert "[90%](#num-cover) of ordinary occasions" in done.told and ", level 10%." in done.told
    whole = json.dumps([done.notebook, done.figures])
    assert "twenty " not in whole.replace("twenty minutes", "") and "95%" not in whole
    row = done.space["versus"].set_index("against").loc["market model, SPY"]
    reach, band = (done.space[name] for name in ("result", "groups"))
    assert row["car_high"] - row["car"] == pytest.approx(100 * reach.margin["KO"])
    ordinary = 100 * done.space["ordinary"].days.car[band["group"]]
    assert band["low"].tolist() == pytest.approx(ordinary.quantile(0.05).tolist())


def test_an_index_needs_no_benchmark(tmp_path, monkeypatch):
    text = (event.ROOT / "events" / "gallery" / "nasdaq-2025.toml").read_text("utf-8")
    text = text.replace('benchmark = "^GSPC"\n', "").replace('model = "market"', 'model = "mean"')
    (tmp_path / "index.toml").write_text(text, "utf-8")
    done = Run(tmp_path / "index.toml", monkeypatch)
    assert "There is no benchmark but ^IXIC itself" in done.told
    assert {"fig-event-price", "fig-event-placebo"} <= set(done.figures)


def test_a_short_file_leaves_out_what_it_cannot_carry(tmp_path, monkeypatch):
    folder = event.ROOT / "events" / "gallery"
    rows = (folder / "frankfurt.csv").read_text("utf-8").splitlines()
    day = next(i for i, row in enumerate(rows) if row.startswith("22.04.2025"))
    kept = [*rows[:2], *rows[day - 275 : day + 5]]
    (tmp_path / "frankfurt.csv").write_text("\n".join(kept) + "\n", "utf-8")
    shutil.copy(folder / "sap-2025.toml", tmp_path)
    done = Run(tmp_path / "sap-2025.toml", monkeypatch)
    assert set(done.figures) == {"fig-event-compare"}
    assert "A check is left out here: it needs 40 ordinary days" in done.told
    assert "Does it hang on a choice?" not in done.told and "What caused it" not in done.told
    about = declared.read(NOTEBOOK.with_suffix(".toml"))
    assert prose.faults("your-event", done.notebook, about, prose.Book(NOTEBOOK.parent)) == []
