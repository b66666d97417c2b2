"""A ledger of another text: from nothing, from the example, and from input that will not do."""

import calendar
import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from shockbook import catalog, claims, ledger_book, notebooks, stored
from shockbook.__main__ import main
from shockbook.book import ledger
from shockbook.data.validate import validate

REPO = Path(__file__).parents[2]
FRIDAY = REPO / "ledgers" / "friday"


@pytest.fixture(autouse=True)
def own_environment(monkeypatch):
    """Whatever a ledger sets for its process is taken back."""
    monkeypatch.setenv("SHOCKBOOK_DATA", str(REPO / "data"))
    monkeypatch.setenv("SHOCKBOOK_LIVE", "0")


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A ledger that was just begun; the template's notebook has run in it."""
    folder = tmp_path_factory.mktemp("ledgers")
    assert main(["new-ledger", "months", "--to", str(folder), "--title", 'The "months"']) == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOCKBOOK_DATA", "")
        patch.setenv("SHOCKBOOK_LIVE", "0")
        ledger.use(folder / "months")
        assert ledger_book.run(folder / "months") == []
    return folder / "months"


def verdicts(folder):
    return {r["claim"]: r["verdict"] for r in claims.records(folder)}


def test_the_template_comes_to_its_verdicts(begun):
    assert verdicts(begun) == {"C1": "True", "C2": "Wrong", "C3": "Opinion"}
    assert ledger.read(begun).name == 'The "months"'


def test_the_example_comes_to_the_verdicts_that_a_calendar_gives(monkeypatch):
    """Counted once more without the table, the notebook or the rules' own code."""

    def number(year):
        return sum(calendar.weekday(year, month, 13) == 4 for month in range(1, 13))

    every = [number(year) for year in range(2001, 2401)]
    days = [calendar.weekday(y, m, 13) for y in range(2001, 2401) for m in range(1, 13)]
    said = {r["key"]: r["value"] for _, r in stored.numbers(
        json.loads((FRIDAY / "check.ipynb").read_text("utf-8")))}  # fmt: skip
    assert said["fridays"] == days.count(4) > max(days.count(day) for day in range(7) if day != 4)
    assert said["mean"] == sum(every) / 400 and said["ones"] == every.count(1) > every.count(2)
    assert (said["least"], said["greatest"]) == (min(every), max(every)) == (1, 3)
    assert number(2026) == 3 == number(said["before"]) > max(number(y) for y in range(2016, 2026))
    neighbours = [y for y in range(2001, 2401) if calendar.weekday(y, 2, 13) ==
                  calendar.weekday(y, 3, 13) == 4]  # fmt: skip
    assert said["pairs"] == len(neighbours)
    assert verdicts(FRIDAY) == {
        "F01": "True", "F02": "True, but", "F03": "Partly wrong", "F04": "True", "F05": "Wrong",
        "F06": "No evidence found", "F07": "Cannot be known", "F08": "Opinion",
    }  # fmt: skip
    ledger.use(FRIDAY)
    for record in claims.records(FRIDAY):  # the rules beside it give the same
        core = [p["outcome"] for p in record["parts"] if p["role"] == "core"]
        assert claims.redecide(record, core) == record["verdict"]
    assert claims.redecide(claims.records(FRIDAY)[0], ["false"]) == "Wrong"


def test_the_description_is_made_anew_alike():
    described = (FRIDAY / "data" / "datapackage.json").read_bytes()
    ledger.describe(ledger.read(FRIDAY))
    assert (FRIDAY / "data" / "datapackage.json").read_bytes() == described


def test_no_id_or_name_of_this_book_is_in_a_ledger(begun):
    ids = set(catalog.load("claims", live=False)["id"])
    for path in [*begun.rglob("*.*"), *FRIDAY.rglob("*.*")]:
        text = path.read_text("utf-8")
        if path.suffix == ".ipynb":  # its charts bring the names of the theme's colours
            text = "".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
        assert not re.search(r"nvidia|deepseek", text, re.I), path
        assert not ids & set(re.findall(r"\bC\d\d\b", text)), path


@pytest.mark.parametrize(
    "name, said",
    [("My Text", "is no name"), ("..", "is no name"), ("months", "is there already")],
)
def test_a_name_that_will_not_do_is_one_sentence(name, said, begun, capsys):
    before = sorted(begun.parent.iterdir())
    assert main(["new-ledger", name, "--to", str(begun.parent)]) == 1
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert sorted(begun.parent.iterdir()) == before


def edit(file, old, new):
    def change(folder):
        text = (folder / file).read_text("utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), "utf-8")

    return change


def put(file, content):
    return lambda folder: (folder / file).write_bytes(content)


def drop(file):
    return lambda folder: (folder / file).unlink()


def semicolons(file):
    return lambda folder: put(file, (folder / file).read_bytes().replace(b",", b";"))(folder)


MALFORMED = {
    "no ledger.toml": (drop("ledger.toml"), "new-ledger"),
    "no toml": (put("ledger.toml", b"name = Months"), "not readable TOML"),
    "bytes": (put("ledger.toml", b"name = '\xff'"), "not readable TOML"),
    "no name": (edit("ledger.toml", "name =", "# name ="), "name is missing"),
    "an unknown key": (edit("ledger.toml", "text =", "texts ="), "texts is not"),
    "no day": (edit("ledger.toml", "2026-11-29", "today"), "as_of"),
    "data without a source": (edit("ledger.toml", "source =", "# source ="), "[data.months]"),
    "data as a text": (edit("ledger.toml", "[data.months]", "data = 3\n[x]"), "not name"),
    "a table without a file": (drop("data/months.csv"), "has no file"),
    "a file without a table": (put("data/extra.csv", b"a\n1\n"), "described nowhere"),
    "a column that is not there": (edit("ledger.toml", "days =", "day ="), "'day'"),
    "a table in another encoding": (put("data/months.csv", b"a,b\n\xe9,1\n"), "UTF-8"),
    "an empty table": (put("data/months.csv", b""), "column names"),
    "a ragged table": (put("data/months.csv", b"month,days\nMay,31,1\n"), "row 2"),
    "no claims": (drop("data/claims.csv"), "claims.csv is missing"),
    "claims without a column": (edit("data/claims.csv", ",type", ",kind"), "column type"),
    "a type that is none": (edit("data/claims.csv", "figure", "fact"), "fact"),
    "an id twice": (edit("data/claims.csv", "C2", "C1"), "C1"),
    "an id with a space": (edit("data/claims.csv", "C3", "C 3"), "C 3"),
    "a chapter that is not there": (edit("data/claims.csv", "check", "nowhere"), "nowhere"),
    "a part of no claim": (edit("data/claim-parts.csv", ",C1,", ",C9,"), "C9"),
    "a test that is none": (edit("data/claim-parts.csv", "most", "mostly"), "mostly"),
    "a role that is none": (edit("data/claim-parts.csv", "core", "main"), "main"),
    "a claimed value in words": (edit("data/claim-parts.csv", "30,1", "thirty,1"), "thirty"),
    "no claimed value": (
        edit("data/claim-parts.csv", ",30,1,", ",,1,"),
        "claim-parts.csv, row 3, column claimed: it is empty, and the test at-le",
    ),
    "a part called why": (
        edit("data/claim-parts.csv", "C2,shortest", "C2,why"),
        "claim-parts.csv, row 3, column key: 'why' is a word",
    ),
    "a part called is": (edit("data/claim-parts.csv", "C2,shortest", "C2,is"), "column key: 'is'"),
    "semicolons": (semicolons("data/claims.csv"), "claims.csv, row 1: the columns are divided"),
    "own semicolons": (semicolons("data/months.csv"), "months.csv, row 1: the columns are divi"),
    "a source that is not there": (edit("data/claim-parts.csv", "days,text", "days,x"), "'x'"),
    "a claim without a part": (edit("data/claims.csv", "opinion", "event"), "has no part"),
    "words of no claim": (edit("data/retelling.csv", "C3", "C4"), "C4"),
    "a claim without words": (edit("data/retelling.csv", "C3", ""), "no row has the words of C3"),
    "a way to read that is none": (edit("data/sources.csv", "whole", "twice"), "twice"),
    "no start page": (drop("index.md"), "index.md is missing"),
    "no notebook": (put("check.ipynb", b"{"), "check.ipynb"),
    "a notebook without cells": (put("check.ipynb", b"{}"), "check.ipynb"),
    "a verdict that is gone": (edit("check.ipynb", '"C3"', '"C2"'), "C2"),
    "a sentence that disagrees": (edit("check.ipynb", "[28 days]", "[30 days]"), "30 days"),
    "no declarations": (put("check.toml", b"[numbers.x]\nwhat = 1\n"), "check.toml"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_ledger_is_one_sentence(case, begun, tmp_path, capsys, monkeypatch):
    folder = tmp_path / "months"
    shutil.copytree(begun, folder)
    change, said = MALFORMED[case]
    change(folder)
    # the notebook has run, and its outputs are what is looked at
    monkeypatch.setattr(notebooks, "refresh", lambda path: str(
        json.loads(path.read_text("utf-8"))["cells"]) and "unchanged")  # fmt: skip
    monkeypatch.setattr(ledger_book, "write_sources", lambda *_: pytest.fail("it was built"))
    assert main(["ledger-book", str(folder)]) == 1
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1, error


def test_a_fault_of_a_cell_is_told_once(begun, monkeypatch):
    monkeypatch.setattr(notebooks, "refresh", lambda path: f"{path.name}: a cell stopped")
    assert ledger_book.run(begun) == ["check.ipynb: a cell stopped"]


def test_tables_that_excel_saved_are_read(begun, tmp_path):
    folder = tmp_path / "months"
    shutil.copytree(begun, folder)
    for path in (folder / "data").glob("*.csv"):
        lines = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + lines)
    assert validate(ledger.describe(ledger.read(folder))) == []
    ledger.use(folder)
    assert list(catalog.load("claims")["id"]) == ["C1", "C2", "C3"]
    assert list(catalog.load("months").columns)[0] == "month"
    assert list(ledger_book.table_faults(folder)) == []


def test_a_good_one_is_built(begun, monkeypatch):
    monkeypatch.setattr(notebooks, "refresh", lambda path: "unchanged")
    made = []
    monkeypatch.setattr(ledger_book, "write_sources", lambda folder, one: made.append(one.name))
    monkeypatch.setattr(ledger_book.event_book, "build", lambda *_: 0)
    assert ledger_book.main(SimpleNamespace(folder=begun)) == 0 and made == ['The "months"']


def test_true_and_false_of_a_table_are_no_texts():
    assert ledger._kind(("true", "", "false")) == "boolean"
    assert ledger._kind(("true", "maybe")) == "string"


def test_a_table_with_a_quote_left_open_is_one_sentence():
    about = {"title": "t", "description": "d", "source": "s", "licence": "l"}
    with pytest.raises(ledger.LedgerError, match="x.csv is no table .*: close the quotes"):
        ledger._own("x", about, b'a,b\n"' + b"1,2\n" * 50_000, "x.csv")


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (("000660", "005930"), "string"), (("0", "12", "-3"), "integer"), (("007.5",), "string"),
        (("0.5", "-0.25", ".5", "1e3"), "number"), (("2025-01-27",), "date"), (("", ""), "string"),
    ],
)  # fmt: skip
def test_a_column_is_of_numbers_where_none_would_lose_a_digit(cells, kind):
    assert ledger._kind(cells) == kind
