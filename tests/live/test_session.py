"""A chapter is live as a whole or not at all, and says which."""

from __future__ import annotations

import dataclasses
import re
import types

import nbformat
import pytest
from live_data import QUICK, run_refresh

from shockbook import catalog, live, notebooks
from shockbook import data as flat
from shockbook.data import files
from shockbook.live import fill, session
from shockbook.live.registry import LIVE, of_chapter
from shockbook.site import guard

ANALYSIS = ["launch", "cost", "nvidia", "market", "capex", "enterprise"]


@pytest.fixture
def asked(monkeypatch):
    monkeypatch.setenv("SHOCKBOOK_LIVE", "1")
    monkeypatch.setattr(session, "CHAPTER", dataclasses.replace(QUICK, tries=2))


def broken(path):
    """A fault: 500 for one path."""

    def fault(request, reply):
        return dataclasses.replace(reply, code=500) if path in request.path else reply

    return fault


@pytest.mark.parametrize("chapter", ANALYSIS)
def test_every_analysis_chapter_has_a_live_dataset(chapter):
    assert of_chapter(chapter, flat.snapshot())


def test_the_registry_fits_the_descriptors():
    for name, entry in LIVE.items():
        fields = {field["name"] for field in catalog.describe(name)["schema"]["fields"]}
        rules = entry.rules
        assert {*rules.key, *rules.values, *rules.texts, *rules.fresh} <= fields, name
        assert list(rules.key) == catalog.describe(name)["schema"]["primaryKey"], name


@pytest.mark.parametrize(
    "path", sorted((notebooks.ROOT / "chapters").glob("*.ipynb")), ids=lambda path: path.stem
)
def test_a_banner_names_what_its_chapter_loads(path):
    """The live-capable datasets of the descriptors are those that the code loads live."""
    cells = nbformat.read(path, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    load = r"\b(?:catalog|chapter)\.load\(\s*[\"']{}[\"'](?!\s*,\s*live=False)"
    loaded = {name for name in LIVE if re.search(load.format(name), code)}
    if "event_data.load(" in code:
        loaded.add("prices")
    named = set(re.findall(r"\bchapter\.load\(\s*[\"']([\w-]+)", code))
    assert [n for n in named if path.stem not in catalog.describe(n)["usedBy"]] == []
    listed = {entry.dataset for entry in of_chapter(path.stem, flat.snapshot())}
    assert listed == loaded
    opened = f'book.open("{path.stem}")' in code or f'live.banner("{path.stem}")' in code
    assert opened or not loaded, "a chapter that is not opened stays on no folder"


def test_unasked_the_banner_says_the_snapshot_s_dates(data, monkeypatch):
    banner = live.banner("nvidia")
    assert banner.state == "snapshot"
    assert banner.text == live.banner("nvidia").text, "the same in every run"
    for name in ("prices", "nvda-since-1999", "usdcny"):
        assert f"{name} as of " in banner.text
    assert 'class="live-banner live-banner-snapshot"' in banner._repr_html_()


def test_live_a_chapter_is_on_one_folder(data, truth, serve, asked, capfd):
    serve(truth)
    banner = live.banner("nvidia")
    assert banner.state == "live"
    assert "prices as of 28 March 2025 from Yahoo, retrieved " in banner.text
    for name in ("prices", "nvda-since-1999", "usdcny"):
        frame, old = catalog.load(name), catalog.load(name, live=False)
        assert frame["date"].max().day == 28 and old["date"].max().day == 21
        assert list(frame) == list(old) and (frame.dtypes == old.dtypes).all()
    assert live.choose().package.folder != data
    assert live.choose().package.load("tickers")["last"].max().day == 28, "what is made of prices"
    assert capfd.readouterr() == ("", "")


def test_the_banner_tells_the_truth_after_a_fault_in_the_middle(data, truth, serve, asked):
    """FRED is out of order, the others are not: each dataset is said to be what it is."""
    serve(truth, broken("/fredgraph.csv"))
    banner = live.banner("nvidia")
    assert banner.state == "partly"
    assert banner.text.startswith("Data: partly live (prices as of 28 March 2025 from Yahoo, ")
    assert (
        "usdcny as of " in banner.text and "is the snapshot's: FRED is out of order" in banner.text
    )
    assert catalog.load("usdcny")["date"].max().day == 21
    assert catalog.load("prices")["date"].max().day == 28
    assert live.banner("capex").state == "live"


def test_where_nothing_can_be_had_it_is_the_snapshot(data, truth, serve, asked):
    serve(truth, broken("/"))
    banner = live.banner("nvidia")
    assert banner.state == "failed" and banner.text.startswith("Live failed: ")
    assert live.choose().package.folder == data


def test_a_page_without_live_data_does_not_say_that_live_failed(data, truth, serve, asked):
    serve(truth)
    banner = live.banner("a-page-of-words")
    assert banner.state == "snapshot"
    assert banner.text == "Data: the snapshot. Nothing here has a live source."


@pytest.mark.parametrize("kind", ["a file", "no space"])
def test_a_cache_that_cannot_be_written_to(data, truth, serve, asked, monkeypatch, tmp_path, kind):
    """A chapter ends with a sentence and the snapshot, not with a traceback (yfinance 1700)."""
    serve(truth)
    if kind == "a file":
        (tmp_path / "cache").write_text("mine")
    else:
        monkeypatch.setattr(
            fill, "write_whole", lambda *_: (_ for _ in ()).throw(OSError(28, "full"))
        )
    banner = live.banner("nvidia")
    assert banner.state == "failed" and "cannot be used (" in banner.text
    assert len(catalog.load("usdcny"))


def test_the_folder_is_kept_for_a_day(data, truth, serve, asked):
    server = serve(truth)
    first = live.banner("nvidia").text
    count = len(server.seen)
    live.forget()
    assert live.banner("nvidia").text == first and len(server.seen) == count
    package = fill.cached()
    note = package.descriptor["live"]
    old = {n: e | {"at": "2026-01-01T00:00:00+00:00"} for n, e in note["datasets"].items()}
    files.put(package, live=note | {"datasets": old})
    live.forget()
    live.banner("nvidia")
    assert len(server.seen) == 2 * count, "too old"
    (package.folder / "usdcny.csv").write_bytes(b"damaged")
    live.forget()
    assert live.banner("nvidia").state == "live" and len(server.seen) == 3 * count
    assert run_refresh("usdcny") == 0
    live.forget()
    assert live.banner("nvidia").state == "live"
    assert len(server.seen) == 4 * count, "the snapshot has changed since"


def test_what_is_asked_for_by_name(data, truth, serve, monkeypatch):
    serve(truth)
    monkeypatch.setattr(session, "CHAPTER", QUICK)
    assert catalog.load("usdcny", live=True)["date"].max().day == 28
    assert catalog.load("usdcny")["date"].max().day == 21


@pytest.fixture(scope="module")
def notebook(pattern, tmp_path_factory):
    """A chapter of three cells, with outputs stored from the snapshot."""
    path = tmp_path_factory.mktemp("chapters") / "nvidia.ipynb"
    cells = [
        "from shockbook import book\nchapter = book.open('nvidia')",
        'rates = chapter.load("usdcny")\n'
        'chapter.record(last=rates["date"].max(), first=rates["date"].min())',
        # two verdicts as their cells show them, one of which hangs on the newest rate
        "from shockbook import claims\n"
        'for claim, day in (("C98", "2023-11-01"), ("C99", "2025-03-21")):\n'
        '    last = str(rates["date"].max().date())\n'
        '    verdict = "True" if day in ("2023-11-01", last) else "Wrong"\n'
        "    record = {'claim': claim, 'verdict': verdict, 'paraphrase': 'On rates.'}\n"
        "    display({claims.MIME: record, 'text/plain': claim}, raw=True)",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    nbformat.write(book, path)
    path.with_suffix(".toml").write_text("".join(
        f"[numbers.{key}]\nwhat = 'the {key} day with a rate'\nform = '{{}}'\ndata = 'usdcny'\n"
        for key in ("last", "first")), "utf-8")  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOCKBOOK_DATA", str(pattern))
        notebooks.write(notebooks.run(path), path)
    return path


def test_a_live_run_lists_what_would_change(data, truth, serve, notebook, capsys):
    serve(truth)
    path, stored = notebook, notebook.read_bytes()
    assert "Data: the snapshot" in path.read_text()
    assert notebooks._report(path) == 0
    said = capsys.readouterr().out
    assert "nvidia: Data: live (" in said
    assert "figure last: 21 March 2025 becomes 28 March 2025 (the last day with a rate)" in said
    assert "verdict C99: True becomes Wrong (On rates.)" in said
    assert "figure first" not in said and "C98" not in said
    assert path.read_bytes() == stored


def test_without_a_network_a_chapter_ends_as_ever(data, notebook, monkeypatch):
    """How long it waits at most is tested in test_silence.py."""
    monkeypatch.setenv("SHOCKBOOK_LOOPBACK", "http://127.0.0.1:9")  # nobody listens there
    book = notebooks.run(notebook, live=True)  # raises for a traceback or a line on stderr
    said = notebooks.banner(book)
    assert said.startswith("Live failed: ") and "could not be reached" in said
    assert notebooks.moved(nbformat.read(notebook, as_version=4), book) == []


def test_published_pages_never_ask_the_live_sources(asked):
    guard.check_data(types.SimpleNamespace())
    assert not session.asked()
