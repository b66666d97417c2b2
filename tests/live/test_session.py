"""A chapter is live as a whole or not at all, and says which."""

from __future__ import annotations

import dataclasses
import json
import re
import types

import nbformat
import pytest
from live_data import QUICK, run_refresh

from shockbook import catalog, live, live_report, notebooks
from shockbook.live import session
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
    assert of_chapter(chapter)


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
    load = r"\bcatalog\.load\(\s*[\"']{}[\"'](?!\s*,\s*live=False)"
    loaded = {name for name in LIVE if re.search(load.format(name), code)}
    if "event_data.load(" in code:
        loaded.add("prices")
    assert {entry.dataset for entry in of_chapter(path.stem)} == loaded
    assert (f'live.banner("{path.stem}")' in code) == bool(loaded)


def test_unasked_the_banner_says_the_snapshot_s_dates(data, monkeypatch):
    banner = live.banner("nvidia")
    assert banner.state == "snapshot"
    assert banner.text == live.banner("nvidia").text, "the same in every run"
    for name in ("prices", "nvda-since-1999", "usdcny"):
        assert f"{name} as of " in banner.text
    assert 'class="live-banner live-banner-snapshot"' in banner._repr_html_()


def test_live_the_whole_chapter_is_live(data, truth, serve, asked, capfd):
    serve(truth)
    banner = live.banner("nvidia")
    assert banner.state == "live"
    assert "prices as of 28 March 2025 from Yahoo, retrieved " in banner.text
    for name in ("prices", "nvda-since-1999", "usdcny"):
        frame = catalog.load(name)
        assert frame.attrs["live"] and frame["date"].max().day == 28
        assert list(frame) == list(catalog.load(name, live=False))
        assert (frame.dtypes == catalog.load(name, live=False).dtypes).all()
    assert not catalog.load("tickers").attrs["live"]
    assert not catalog.load("prices", live=False).attrs["live"]
    assert capfd.readouterr() == ("", "")


def test_one_failure_and_none_is_live(data, truth, serve, asked):
    serve(truth, broken("/fredgraph.csv"))
    banner = live.banner("nvidia")
    assert banner.text.startswith("Live failed: FRED is out of order (answer 500) after 2 tries. ")
    for name in ("prices", "nvda-since-1999", "usdcny"):
        assert not catalog.load(name).attrs["live"]


def test_a_copy_is_handed_out(data, truth, serve, asked):
    serve(truth)
    live.banner("nvidia")
    mine = catalog.load("usdcny")
    mine.loc[:, "cny_per_usd"] = 0.0
    assert catalog.load("usdcny")["cny_per_usd"].min() > 6


def test_answers_are_kept_for_a_day(data, truth, serve, asked, tmp_path):
    server = serve(truth)
    first = live.banner("enterprise")
    assert len(server.seen) == 1
    live.forget()
    assert live.banner("enterprise").text == first.text and len(server.seen) == 1
    note = tmp_path / "cache" / "api-prices.json"
    told = json.loads(note.read_text())
    note.write_text(json.dumps(told | {"retrieved": "2026-01-01T00:00:00+00:00"}))
    live.banner("enterprise")
    assert len(server.seen) == 2, "too old"
    run_refresh("api-prices")
    asked_by_refresh = len(server.seen)
    live.banner("enterprise")
    assert len(server.seen) == asked_by_refresh + 1, "the snapshot has changed since"
    (tmp_path / "cache" / "api-prices.csv.gz").write_bytes(b"damaged")
    live.banner("enterprise")
    assert len(server.seen) == asked_by_refresh + 2


def test_without_a_banner_a_dataset_decides_for_itself(data, truth, serve, monkeypatch, capfd):
    serve(truth, broken("/fredgraph.csv"))
    monkeypatch.setattr(session, "CHAPTER", QUICK)
    assert catalog.load("api-prices", live=True).attrs["live"]
    frame = catalog.load("usdcny", live=True)
    assert not frame.attrs["live"]
    said = capfd.readouterr()
    assert said.out.startswith("Live failed: FRED is out of order") and said.err == ""


@pytest.fixture(scope="module")
def notebook(pattern, tmp_path_factory):
    """A chapter of three cells, with outputs stored from the snapshot."""
    path = tmp_path_factory.mktemp("chapters") / "nvidia.ipynb"
    cells = [
        "from shockbook import catalog, live\nfrom shockbook.evidence import say\n"
        'live.banner("nvidia")',
        'rates = catalog.load("usdcny")\n'
        'say("last", rates["date"].max(), "{}", "the last day with a rate", "usdcny")\n'
        'say("first", rates["date"].min(), "{}", "the first day with a rate", "usdcny");',
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
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOCKBOOK_DATA", str(pattern))
        notebooks.write(notebooks.run(path), path)
    return path


def test_a_live_run_lists_what_would_change(data, truth, serve, notebook, capsys):
    serve(truth)
    path, stored = notebook, notebook.read_bytes()
    assert "Data: the snapshot" in path.read_text()
    assert live_report._report(path) == 0
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
    said = live_report.banner(book)
    assert said.startswith("Live failed: ") and "could not be reached" in said
    assert live_report.moved(nbformat.read(notebook, as_version=4), book) == []


def test_published_pages_never_ask_the_live_sources(asked):
    guard.check_data(types.SimpleNamespace())
    assert not session.asked()
