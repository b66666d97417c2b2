"""A damaged data folder is one sentence with a way out, from every way in; never a traceback."""

import csv
import gzip
import io
import json
import os
from pathlib import Path

import pytest

from shockbook import catalog
from shockbook import data as flat
from shockbook.__main__ import main
from shockbook.data import files
from shockbook.data.validate import validate
from shockbook.site import guard

FILE = "datapackage.json"


def edited(change):
    """A change of the description's JSON."""

    def spoil(path):
        whole = json.loads(path.read_text())
        whole = change(whole) or whole
        path.write_text(json.dumps(whole))

    return spoil


def of_rates(**values):
    """Other values in the description of usdcny; ... takes one out."""

    def change(whole):
        one = next(r for r in whole["resources"] if r["name"] == "usdcny")
        one |= values
        for key in [key for key, value in values.items() if value is ...]:
            del one[key]

    return edited(change)


def of_schema(change):
    def whole(whole):
        change(next(r for r in whole["resources"] if r["name"] == "usdcny")["schema"])

    return edited(whole)


def as_folder(path):
    path.unlink()
    path.mkdir()


def text(change):
    return lambda path: path.write_bytes(change(path.read_bytes()))


def of_key(column, resource, to):
    """A foreign key of the exchange rates to a column of another dataset."""
    key = {"fields": [column], "reference": {"resource": resource, "fields": [to]}}
    return of_schema(lambda schema: schema.update(foreignKeys=[key]))


#: What makes the description unreadable, and a part of the sentence.
UNREADABLE = {
    "empty": (text(lambda b: b""), "is not a description of data"),
    "missing": (lambda path: path.unlink(), "is missing"),
    "truncated": (text(lambda b: b[: len(b) // 2]), "is not a description of data"),
    "byte-order mark": (text(lambda b: b"\xef\xbb\xbf" + b), "BOM"),
    "merge conflict": (text(lambda b: b"<<<<<<< HEAD\n" + b), "is not a description of data"),
    "a key twice": (text(lambda b: b'{"resources": 0,' + b.lstrip()[1:]), "stands twice"),
    "null": (text(lambda b: b"null"), "it has no list of resources"),
    "a number": (text(lambda b: b"7"), "it has no list of resources"),
    "a list": (text(lambda b: b"[]"), "it has no list of resources"),
    "a text": (text(lambda b: b'"data"'), "it has no list of resources"),
    "no resources": (edited(lambda w: w.pop("resources") and w), "it has no list of resources"),
    "resources null": (edited(lambda w: w | {"resources": None}), "it has no list of resources"),
    "resources an object": (edited(lambda w: w | {"resources": {}}), "it has no list of resources"),
    "resources empty": (edited(lambda w: w | {"resources": []}), "its list of resources is empty"),
    "a resource null": (edited(lambda w: w["resources"].append(None)), "is not an object"),
    "a resource a text": (edited(lambda w: w["resources"].append("x")), "is not an object"),
    "a folder": (as_folder, "cannot be read"),
    "not UTF-8": (text(lambda b: b.replace(b'"title"', b'"\xff"', 1)), "is not a description"),
    "a byte of value 0": (text(lambda b: b[:9] + b"\0" + b[9:]), "is not a description of data"),
    "nested too deeply": (text(lambda b: b"[" * 100_000), "is not a description of data"),
    "no name": (of_rates(name=...), "has no name"),
    "name null": (of_rates(name=None), "has no name"),
    "no path": (of_rates(path=...), "usdcny has no path"),
    "path empty": (of_rates(path=""), "usdcny has no path"),
    "path a list": (of_rates(path=["usdcny.csv"]), "usdcny has no path"),
    "path outside": (of_rates(path="../usdcny.csv"), "which is not a file of this folder"),
    "path absolute": (of_rates(path="/etc/passwd"), "which is not a file of this folder"),
    "no title": (of_rates(title=...), "usdcny has no title"),
    "name twice": (of_rates(name="prices"), "prices or its file stands twice"),
    "file twice": (of_rates(path="groups.csv"), "stands twice"),
    "no schema": (of_rates(schema=...), "usdcny has no schema with fields"),
    "schema null": (of_rates(schema=None), "usdcny has no schema with fields"),
    "schema a text": (of_rates(schema="x"), "usdcny has no schema with fields"),
    "no fields": (of_schema(lambda s: s.pop("fields")), "usdcny has no schema with fields"),
    "fields null": (of_schema(lambda s: s.update(fields=None)), "has no schema with fields"),
    "fields empty": (of_schema(lambda s: s.update(fields=[])), "has no schema with fields"),
    "a field null": (of_schema(lambda s: s["fields"].append(None)), "a column without a name"),
    "a field without name": (of_schema(lambda s: s["fields"][0].pop("name")), "without a name"),
    "a field twice": (
        of_schema(lambda s: s["fields"].append(s["fields"][0])),
        "the column date twice",
    ),
    "no type": (of_schema(lambda s: s["fields"][0].pop("type")), "date of type None"),
    "unknown type": (of_schema(lambda s: s["fields"][1].update(type="money")), "type 'money'"),
    "type null": (of_schema(lambda s: s["fields"][1].update(type=None)), "type None"),
    "type a list": (of_schema(lambda s: s["fields"][1].update(type=["number"])), "is unknown"),
}
#: What the full check says of a description that can be read.
WRONG = {
    "asOf after the month retrieved": (of_rates(asOf="2026-11", retrieved="2026-10-31"), "follow"),
    "rows too many": (of_rates(rows=9), "records 9 rows; the file has"),
    "rows a text": (of_rates(rows="9"), "rows is '9', not a number"),
    "no rows": (of_rates(rows=...), "has no rows"),
    "bytes too many": (of_rates(bytes=9), "records 9 bytes; the file has"),
    "bytes below zero": (of_rates(bytes=-1), "bytes is -1, not a number"),
    "no bytes": (of_rates(bytes=...), "has no bytes"),
    "asOf of no month": (of_rates(asOf="2026-13-45"), "asOf is '2026-13-45', not a day"),
    "asOf after retrieved": (of_rates(asOf="2099-01-01"), "do not follow each other"),
    "retrieved tomorrow": (of_rates(retrieved="2099-01-01"), "do not follow each other"),
    "asOf in words": (of_rates(asOf="yesterday"), "asOf is 'yesterday', not a day"),
    "asOf a number": (of_rates(asOf=2026), "asOf is 2026, not a day"),
    "asOf in 9999": (of_rates(asOf="9999-01-01"), "asOf is '9999-01-01', not a day"),
    "retrieved null": (of_rates(retrieved=None), "retrieved is None, not a day"),
    "no retrieved": (of_rates(retrieved=...), "has no retrieved"),
    "no hash": (of_rates(hash=...), "has no hash"),
    "hash of nothing": (of_rates(hash="sha256:0"), "its sha256 differs"),
    "usedBy a text": (of_rates(usedBy="nvidia"), "usedBy is not a list"),
    "sources a text": (of_rates(sources="fred"), "sources is not a list"),
    "a source of no id": (of_rates(sources=[{"title": "x"}]), "names the source None"),
    "no licence note": (of_rates(licenceNote=...), "has no licenceNote"),
    "description a number": (of_rates(description=7), "description is not a text"),
    "compression zip": (of_rates(compression="zip"), "do not agree"),
    "compression gz": (of_rates(compression="gz"), "do not agree"),
    "no key": (of_schema(lambda s: s.pop("primaryKey")), "the primaryKey is None"),
    "key of no column": (of_schema(lambda s: s.update(primaryKey=["day"])), "['day'], not a list"),
    "key a number": (of_schema(lambda s: s.update(primaryKey=7)), "the primaryKey is 7"),
    "foreign key of no column": (of_key("x", "groups", "ticker"), 'does not match the fields "'),
    "foreign key to no column": (
        of_key("date", "groups", "x"),
        "refers to x, which groups has not",
    ),
    "foreign key to nowhere": (of_key("date", "x", "date"), "refers to 'x', which is no dataset"),
    "foreign key null": (of_schema(lambda s: s.update(foreignKeys=[None])), "foreignKeys/0"),
    "foreign keys a number": (of_schema(lambda s: s.update(foreignKeys=7)), "its schema is wrong"),
    "reference null": (
        of_schema(lambda s: s.update(foreignKeys=[{"fields": ["date"], "reference": None}])),
        "its schema is wrong",
    ),
    "constraints a text": (
        of_schema(lambda s: s["fields"][1].update(constraints="many")),
        "dataset usdcny: ",
    ),
    "minimum a text": (
        of_schema(lambda s: s["fields"][1].update(constraints={"minimum": "low"})),
        "cannot be validated by its schema",
    ),
    "no description": (
        of_schema(lambda s: s["fields"][1].pop("description")),
        "column cny_per_usd has no description",
    ),
    "another type": (
        of_schema(lambda s: s["fields"][1].update(type="integer")),
        'type is "integer',
    ),
    "a column too many": (
        of_schema(
            lambda s: s["fields"].append({"name": "x", "type": "string", "description": "x"})
        ),
        "column x is missing",
    ),
}


@pytest.mark.parametrize("damage", UNREADABLE)
def test_an_unreadable_description_is_one_sentence(data, capsys, damage):
    spoil, why = UNREADABLE[damage]
    spoil(data.folder / FILE)
    ways = (
        lambda: main(["check"]),  # make check
        lambda: main(["check", "--quick"]),  # how make book, test and pdf begin
        lambda: main(["check", "--accept"]),
        lambda: main(["refresh", "usdcny"]),
    )
    for way in ways:
        assert way() == 1
        said = capsys.readouterr().err
        assert len(said.splitlines()) == 1 and why in said, said
        assert f"git checkout data/{FILE}" in said
    with pytest.raises(catalog.DataError, match="git checkout"):
        catalog.load("usdcny")
    with pytest.raises(SystemExit, match="git checkout"):  # what jupyter-book is stopped with
        guard.check_data(type("App", (), {})())


@pytest.mark.parametrize("damage", WRONG)
def test_a_wrong_description_is_found_by_the_check(data, capsys, damage):
    spoil, why = WRONG[damage]
    spoil(data.folder / FILE)
    assert main(["check", "usdcny"]) == 1
    said = capsys.readouterr().err
    assert why in said and "Traceback" not in said, said


@pytest.mark.parametrize("damage", ["constraints a text", "minimum a text", "key a number"])
def test_rows_are_not_judged_by_a_wrong_schema(data, damage):
    """A refresh validates rows without the check of their description."""
    WRONG[damage][0](data.folder / FILE)
    faults = validate(flat.snapshot(), ["usdcny"])
    assert len(faults) == 1 and "cannot be validated by its schema" in faults[0], faults


def test_a_day_lies_in_its_month_and_year(data, capsys):
    of_rates(asOf="2026-11-13", retrieved="2026-11")(data.folder / FILE)
    assert main(["check", "usdcny"]) == 0, capsys.readouterr().err


BAD_CELLS = {
    "inf": "'inf': constraint",
    "1e999": "cny_per_usd",
    "-Infinity": "cny_per_usd",
    "NaN": "cny_per_usd",
    "1e300": "'1e300': constraint",
    "7." + "1" * 400: "a number of 402 digits",
    "7" * 400: f"'{'7' * 60}': constraint",
}


@pytest.mark.parametrize("cell", BAD_CELLS, ids=lambda cell: cell[:9])
def test_accept_records_no_number_that_is_none(data, capsys, cell):
    rows = data.rows("usdcny")
    rows[5][1] = cell
    _refused(data, capsys, rows, BAD_CELLS[cell])


@pytest.mark.parametrize(
    ("day", "why"),
    [("0001-01-01", "constraint"), ("9999-12-31", "constraint"), ("2025-01-27", "the same as in")],
)
def test_accept_records_no_impossible_day(data, capsys, day, why):
    rows = data.rows("usdcny")
    rows[1][0] = day
    _refused(data, capsys, rows, why)


def _refused(data, capsys, rows, why):
    before = (data.folder / FILE).read_bytes()
    data.write("usdcny", rows)
    assert main(["check", "--accept", "usdcny"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == "Nothing was recorded." and any(why in line for line in said), said
    assert (data.folder / FILE).read_bytes() == before


SPOILT = {
    "a byte of value 0": (lambda b: b[:90] + b"\0" + b[90:], "holds a byte of value 0"),
    "header only": (lambda b: b[: b.index(b"\n") + 1], "has a header and no rows"),
    "empty": (lambda b: b"", "usdcny.csv"),
    "a quote left open": (lambda b: b.replace(b"\n", b'\n"', 1), "row 2, column date: '"),
    "cut in a row": (lambda b: b[:5001].rstrip(b"\n")[:-2], "has been cut short"),
    "cut between rows": (
        lambda b: b[: b.index(b"\n", len(b) // 2) + 1],
        "rows where datapackage.json records",
    ),
    "not UTF-8": (lambda b: b.replace(b"true", b"tr\xfce", 1), "cannot be read"),
    "a web page": (lambda b: b"<!doctype html>\n<title>404</title>\n", "column date is missing"),
    "days out of order": (
        lambda b: b"\n".join([(r := b.split(b"\n"))[0], r[2], r[1], *r[3:]]),
        "the days are out of order",
    ),
}


@pytest.mark.parametrize("damage", SPOILT)
def test_accept_records_no_damaged_file(data, capsys, damage):
    spoil, why = SPOILT[damage]
    before = (data.folder / FILE).read_bytes()
    path = data.path("usdcny")
    path.write_bytes(spoil(path.read_bytes()))
    assert main(["check", "--accept", "usdcny"]) == 1
    said = capsys.readouterr().err
    assert why in said and "Nothing was recorded." in said, said
    assert (data.folder / FILE).read_bytes() == before


def test_a_quote_left_open_in_a_large_file(data, capsys):
    path = data.path("usdcny")
    path.write_bytes(path.read_bytes().replace(b"\n", b'\n"', 1))
    before = csv.field_size_limit(1000)  # as if it were of 4 MB
    try:
        assert main(["check", "usdcny"]) == 1
    finally:
        csv.field_size_limit(before)
    said = capsys.readouterr().err
    assert "usdcny.csv cannot be read (field larger than" in said


def test_a_file_may_be_shortened_on_purpose(data, capsys):
    rows = data.rows("usdcny")
    data.write("usdcny", rows[:200])
    assert main(["check", "--accept", "usdcny"]) == 1
    assert '"rows": 199' in capsys.readouterr().err
    of_rates(rows=199)(data.folder / FILE)
    assert main(["check", "--accept", "usdcny"]) == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda rows: rows[6].pop(), "row 7, column in_second_copy: the row is shorter than"),
        (lambda rows: rows[6].append("x"), "row 7: the row is longer than the header"),
        (lambda rows: rows[6].clear(), "row 7: the row is empty"),
        (lambda rows: rows[0].__setitem__(2, "date"), "column 'date' stands 2 times"),
        (lambda rows: [row.append("1") for row in rows], "column '1' is not in the schema"),
    ],
)
def test_a_sentence_has_its_reason(data, capsys, change, says):
    rows = data.rows("usdcny")
    change(rows)
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    data.path("usdcny").write_text(stream.getvalue())
    assert main(["check", "usdcny"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert any(says in line for line in said), said
    assert all(line.endswith(".") and ": ." not in line for line in said)


def test_another_file_missing_or_unreadable_is_a_sentence(data, capsys):
    data.path("groups").unlink()
    as_folder(data.path("factors"))
    assert main(["check", "usdcny"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert any("data/groups.csv is missing" in line for line in said)
    assert any("data/factors.csv cannot be read" in line for line in said)
    assert main(["check", "--quick"]) == 1 and len(capsys.readouterr().err.splitlines()) == 2


def test_a_folder_that_is_gone(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SHOCKBOOK_DATA", str(tmp_path / "nowhere"))
    assert main(["check"]) == 1
    assert "datapackage.json is missing" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to(data, capsys, monkeypatch):
    rows = data.rows("usdcny")
    rows[5][1] = "7.5"
    data.write("usdcny", rows)

    def refuse(path, content):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(files, "write_whole", refuse)
    assert main(["check", "--accept", "usdcny"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2 and "datapackage.json cannot be used (Permission denied)" in said[0]


def test_check_says_what_it_checked(data, capsys):
    assert main(["check", "--quick"]) == 0
    said = capsys.readouterr().out
    assert f"data: {len(flat.snapshot().names())} of " in said and "no row was read" in said
    assert main(["check", "usdcny", "groups"]) == 0
    said = capsys.readouterr().out
    for word in ("2 of ", "1,5", "rows against their schemas", "references"):
        assert word in said


def test_unreadable_gzip(data, capsys):
    path = data.path("nvda-since-1999")
    path.write_bytes(b"\x1f\x8b" + os.urandom(40))
    assert main(["check", "nvda-since-1999"]) == 1
    assert "cannot be read" in capsys.readouterr().err
    path.write_bytes(gzip.compress(b"date\n"))
    assert main(["check", "nvda-since-1999"]) == 1
    assert "column close is missing" in capsys.readouterr().err


def test_a_folder_whose_new_one_does_not_come_stays(tmp_path, monkeypatch):
    """The disk refuses the last step: what stood there stands, and nothing is left beside it."""
    target = tmp_path / "edition"
    target.mkdir()
    (target / "kept.txt").write_text("work", "utf-8")
    rename = Path.rename

    def refuses(path, to):
        if Path(to) == target and not path.name.endswith("-old"):
            raise OSError(28, "No space left on device")
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", refuses)
    with pytest.raises(OSError, match="No space"), files.whole_folder(target) as fresh:
        (fresh / "new.txt").write_text("new", "utf-8")
    assert [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")] == [
        "edition",
        "edition/kept.txt",
    ]
