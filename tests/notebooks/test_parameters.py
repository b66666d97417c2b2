"""A chapter that papermill gives another choice is about that one, and says so; or it refuses."""

import pages
import pytest
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from shockbook import book, catalog, stored
from shockbook.book import chapter as chapters

#: Chapters whose text tells one choice, with a value that cannot be set and what is said of it.
REFUSED = [
    ("dots", "DAY", "2025-04-05", "one of 501, such as 2025-04-04, 2025-04-07"),
    ("nvidia", "BENCHMARK", "XLK", "SPY, RSP, QQQ, SMH"),
    ("sequel", "FIRM", "MSFT", "NVDA, AVGO, AMD, TSM"),
    ("your-event", "LEVEL", 0.5, "0.1, 0.05, 0.01"),
]


@pytest.fixture
def run(monkeypatch):
    """Run the cells of a chapter, up to one and but for some, as papermill sets it."""
    shown = []
    monkeypatch.setattr(chapters, "display", lambda bundle, **_: shown.append(bundle))

    def cells(name, until, without=(), **given):
        notebook = load_notebook_node(str(pages.ROOT / "chapters" / f"{name}.ipynb"))
        notebook = parameterize_notebook(notebook, given)
        space = {}
        for cell in notebook.cells:
            if cell.cell_type == "code" and cell.id not in without:
                exec(compile(cell.source, cell.id, "exec"), space)
            if cell.id == until:
                break
        shown_here = [one for one in shown if isinstance(one, dict)]
        told = [one[stored.PROSE]["text"] for one in shown_here if stored.PROSE in one]
        numbers = [n for one in shown_here for n in one.get(stored.NUMBERS, {}).get("numbers", ())]
        return space, told, {n["key"]: n for n in numbers}

    return cells


def test_dots_of_another_day_are_all_of_that_day(run):
    _, told, found = run("dots", "dollars-where-shares-are-counted", DAY="2025-04-03")
    value = {key: number["value"] for key, number in found.items()}
    closes = catalog.load("sp500-prices").pivot(index="date", columns="ticker")["adj_close"]
    move = closes.pct_change(fill_method=None).loc["2025-04-03"].dropna()
    groups = catalog.load("groups").set_index("ticker")["theme"]
    trades = ["chips", "servers and storage", "network and optics", "data centres", "power"]
    supplies = move.index.isin(groups.index[groups.isin(trades)])
    assert value["day"] == "2025-04-03" and value["members"] == len(move)
    assert value["rose"] == (move > 0).sum() == 95
    assert value["suppliers-fell"] == (move[supplies] < 0).sum()
    assert value["others-rose"] == (move[~supplies] > 0).sum()
    price = catalog.load("prices").query("ticker == 'NVDA'").set_index("date")["close"]
    loss = 24.4 * (price["2025-04-02"] - price["2025-04-03"])  # billion shares, by the last report
    assert value["nvidia"] == pytest.approx(loss, rel=1e-6)
    assert found["rose"]["what"].endswith("3 April 2025")
    assert told == ["**DAY is 2025-04-03 in this run.** Text and titles were written for "
                    "27 January 2025."]  # fmt: skip


def test_dots_count_shares_as_prices_do_before_a_split(run):
    *_, found = run("dots", "dollars-where-shares-are-counted", DAY="2024-04-19")
    assert 200 < found["nvidia"]["value"] < 225  # the press had $212 billion


def test_nvidia_beside_another_fund_names_it(run):
    _, told, found = run("nvidia", "record-abnormal-return", ["record-bars"], BENCHMARK="QQQ")
    assert told == ["**BENCHMARK is QQQ in this run.** Text and titles were written for SPY."]
    assert found["beta"]["what"] == "NVIDIA's beta on QQQ in the estimation window"
    assert found["abnormal"]["what"] == "Abnormal return of NVIDIA on 27 January 2025 beside QQQ"
    assert found["spy"]["what"] == "Return of SPY on 27 January 2025"


def test_the_sequel_of_another_firm_names_it(run):
    slow = ["how-small-an-effect", "record-the-power", "draw-the-releases", "draw-the-scares"]
    drawn = ["draw-attention", "draw-sales"]
    space, told, found = run("sequel", "record-baskets", [*slow, *drawn], FIRM="AMD")
    assert told == ["**FIRM is AMD in this run.** Text and titles were written for NVIDIA."]
    assert list(space["shown"]["maker"].unique()) == ["AMD", "NVIDIA", "Broadcom", "TSMC"]
    assert space["groups"]["group"][0] == "AMD"
    assert "of AMD" in found["mean"]["what"] and "after which AMD" in found["beyond"]["what"]
    assert "NVIDIA's data centre" in found["sales-now"]["what"]


@pytest.mark.parametrize(("name", "parameter", "value", "offered"), REFUSED)
def test_what_cannot_be_set_is_one_sentence(run, name, parameter, value, offered):
    with pytest.raises(book.BookError) as error:
        run(name, "", **{parameter: value})
    assert str(error.value) == f"{parameter} is {value!r}: what can be set is {offered}"


@pytest.mark.parametrize("name", [name for name, *_ in REFUSED])
def test_the_stored_choice_is_not_mentioned(name):
    page = pages.Page.read(pages.ROOT / "chapters" / f"{name}.ipynb")
    (cell,) = [c for c in page.code if "chapter.choose(" in c.source]
    assert cell.outputs == []
