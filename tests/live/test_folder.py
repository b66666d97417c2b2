"""The folder that a refresh fills: nobody else's files, and whole again after whatever happened."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil

import pandas as pd
import pytest
from live_data import QUICK, run_refresh
from test_faults import sums
from test_kill import in_child, kill_at

from shockbook import __main__, live
from shockbook import data as flat
from shockbook.data import files, pricefiles
from shockbook.live import fill, own, session


def foreign(folder) -> None:
    """Somebody's own data package."""
    resources = [{"name": "survey", "path": "survey.csv", "title": "Answers"}]
    (folder / "datapackage.json").write_text(json.dumps({"name": "x", "resources": resources}))
    (folder / "survey.csv").write_text("a,b\n1,2\n")
    (folder / "thesis.docx").write_text("all of it")


def other_clone(folder) -> None:
    """The data of another copy of the book, with work that is not committed."""
    for path in flat.snapshot().folder.glob("[!.]*"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "usdcny.csv").write_text("date,cny_per_usd\n")


@pytest.mark.parametrize("made", [foreign, other_clone])
def test_a_folder_of_somebody_else_s_is_refused(data, truth, serve, capsys, tmp_path, made):
    serve(truth)
    folder = tmp_path / "mine"
    folder.mkdir()
    made(folder)
    before = sums(folder)
    assert run_refresh("usdcny", to=str(folder)) == 2
    said = capsys.readouterr().err
    assert "holds other files than a refresh has put there (" in said and len(said) < 350
    assert ("thesis.docx" if made is foreign else "api-prices.csv") in said
    assert sums(folder) == before and not (folder / ".filling").exists()


@pytest.mark.parametrize("name", ["my-analysis.ipynb", "usdcny.csv"])
def test_what_somebody_put_into_a_filled_folder_stays(data, truth, serve, capsys, tmp_path, name):
    """A file of one's own, or one of ours with work in it: the folder is not made anew over it."""
    serve(truth)
    folder = tmp_path / "filled"
    assert run_refresh("usdcny", to=str(folder)) == 0
    (folder / name).write_text("work")
    (data / "datapackage.json").write_text((data / "datapackage.json").read_text() + "\n")
    before = sums(folder)
    capsys.readouterr()
    assert run_refresh("usdcny", to=str(folder)) == 2, "the snapshot has changed since"
    assert f"than a refresh has put there ({name}): move them away" in capsys.readouterr().err
    assert sums(folder) == before
    (folder / name).rename(tmp_path / name)
    assert run_refresh("usdcny", to=str(folder)) == 0
    assert not list(flat.Package(folder).changed())


@pytest.mark.parametrize("again", [False, True])
def test_a_copy_that_was_killed_anywhere_is_made_whole(data, tmp_path, again):
    """The first copy, and the one when the snapshot has changed since: none refuses itself."""
    package, snapshot, step = fill.at(tmp_path / "filled"), flat.snapshot(), 0
    description = data / "datapackage.json"
    while True:
        package.folder.mkdir(exist_ok=True)
        if again:
            fill.prepare(package, snapshot)
            description.write_text(description.read_text() + "\n")
        else:
            shutil.rmtree(package.folder)
            package.folder.mkdir()

        def work(step=step):
            kill_at(step, package.folder)
            fill.prepare(package, snapshot)

        done = os.waitpid(in_child(work), 0)[1] == 0
        fill.prepare(package, snapshot)
        assert fill._stamp(snapshot) == package.descriptor["live"]["from"]
        assert not list(package.changed()) and not list(package.strays())
        if done:
            break
        step += 1
    assert step > 20


def test_an_empty_name_of_a_folder_is_none(data, truth, serve, capsys):
    serve(truth)
    before = sums(data)
    for name in ("", " "):
        assert __main__.main(["refresh", "usdcny", "--to", name]) == 2
        said = capsys.readouterr().err
        assert said == "--to names no folder; the snapshot stands as it was.\n"
    assert sums(data) == before


def during(work):
    """A fault: ``work()`` while FRED is asked."""

    def fault(request, reply):
        if "fredgraph" in request.path:
            work()
        return reply

    return fault


def test_an_edit_during_a_refresh_is_not_overwritten(data, truth, serve, capsys):
    """Not even in a file that changes only because the other does."""
    edited = [data / "usdcny.csv", data / "sources.csv"]
    serve(truth, during(lambda: [path.write_text("my work") for path in edited]))
    described = (data / "datapackage.json").read_bytes()
    assert run_refresh("usdcny") == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1 and "the snapshot stands as it was" in said
    for path in edited:
        assert f"{path.name} (7 bytes instead of" in said and path.read_text() == "my work"
    assert (data / "datapackage.json").read_bytes() == described


@pytest.mark.parametrize("which", ["snapshot", "folder"])
def test_what_changes_under_a_refresh_ends_it_with_a_sentence(
    data, truth, serve, capsys, monkeypatch, tmp_path, which
):
    folder = tmp_path / "cache" / "data"

    def change():
        if which == "folder":
            (folder / "tickers.csv").write_text("x")
        else:
            edited = (data / "tickers.csv").read_bytes() + b"\n"
            (data / "tickers.csv").write_bytes(edited)
            snapshot = flat.snapshot()  # as `check --accept tickers` records it
            files.put(snapshot, files.stamped(snapshot.describe("tickers"), edited))

    serve(truth, during(change))
    why = f"The snapshot or {folder} was changed meanwhile: run again"
    assert run_refresh("usdcny") == 2
    assert capsys.readouterr().err == f"{why}; the snapshot stands as it was.\n"
    monkeypatch.setenv("SHOCKBOOK_LIVE", "1")
    monkeypatch.setattr(session, "CHAPTER", QUICK)
    banner = live.banner("nvidia")
    assert banner.state == "failed" and f"Live failed: {why}. Showing" in banner.text
    (data / "datapackage.json").unlink()
    live.forget()
    assert "datapackage.json is missing" in live.banner("nvidia").text, "and no traceback"


def test_the_prices_of_an_event_are_not_fetched_over_somebody_s_notes(data, truth, serve, tmp_path):
    serve(truth)
    path, days = tmp_path / "nvda.csv", (dt.date(2025, 1, 24), dt.date(2025, 1, 28))
    for _ in range(2):
        own.fetch(path, ["NVDA"], *days)  # its own may be fetched again
    prices = flat.snapshot().load("prices")
    ours = prices[(prices["ticker"] == "NVDA") & prices["date"].between(*map(str, days))]
    pd.testing.assert_frame_equal(
        pricefiles.read(path).drop(columns="currency"),
        ours[["date", "ticker", "close", "adj_close", "volume"]].reset_index(drop=True),
        check_dtype=False,
    )
    with pytest.raises(live.LiveError, match="Yahoo does not know ZZZZ"):
        own.fetch(path, ["NVDA", "ZZZZ"], *days)
    mended = path.read_text().replace("NVDA", "NVDA.US")
    for work in ("my work", mended):
        path.write_text(work)
        with pytest.raises(live.LiveError, match="nvda.csv is there already and was not fetched"):
            own.fetch(path, ["NVDA"], *days)
        assert path.read_text() == work
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(live.LiveError, match="folder.csv is there already"):
        own.fetch(tmp_path / "folder.csv", ["NVDA"], *days)
