"""``check`` finds each kind of fault and says where; ``--accept`` records only what is valid."""

import gzip

import pytest

from shockbook import catalog
from shockbook import data as flat
from shockbook.__main__ import main
from shockbook.data import files


def run(capsys, *arguments):
    """Run ``check`` and return its status and the sentences on stderr."""
    status = main(["check", *arguments])
    return status, capsys.readouterr().err.splitlines()


def test_the_data_folder_is_as_recorded(capsys):
    assert run(capsys, "--quick") == (0, [])


@pytest.mark.skipif("not __import__('os').environ.get('SOAK')", reason="half a minute of CPU")
def test_every_row_is_valid(capsys):
    assert run(capsys) == (0, [])


def test_small_tables_are_valid(data, capsys):
    small = [n for n in catalog.names() if catalog.describe(n)["rows"] < 10_000]
    assert run(capsys, *small) == (0, [])


def test_one_byte_changed_is_one_sentence(data, capsys):
    content = bytearray(data.path("prices").read_bytes())
    content[1000] ^= 1
    data.path("prices").write_bytes(bytes(content))
    status, said = run(capsys, "--quick")
    assert status == 1 and len(said) == 1
    assert "data/prices.csv.gz" in said[0] and "git checkout data/prices.csv.gz" in said[0]


def test_a_missing_file_and_a_stray_one(data, capsys):
    data.path("factors").unlink()
    (data.folder / "notes.txt").write_text("mine")
    status, said = run(capsys, "--quick")
    assert status == 1 and len(said) == 2
    assert "data/factors.csv is missing" in said[0]
    assert "data/notes.txt is described nowhere" in said[1]


def test_an_unknown_name_is_one_sentence(capsys):
    status, said = run(capsys, "pricess")
    assert status == 1 and len(said) == 1 and "no dataset 'pricess'" in said[0]


def test_a_truncated_gz(data, capsys):
    data.path("prices").write_bytes(data.path("prices").read_bytes()[:5000])
    status, said = run(capsys, "prices")
    assert status == 1
    assert any(line.startswith("data/prices.csv.gz cannot be read") for line in said)


def test_a_dropped_column(few_prices, capsys):
    rows = few_prices.rows("prices")
    few_prices.write("prices", [row[:4] + row[5:] for row in rows])
    status, said = run(capsys, "prices")
    assert status == 1
    assert "data/prices.csv.gz, row 1: column volume is missing." in said
    assert len(said) == 2  # the other sentence says that the file changed


def test_a_dropped_cell(few_prices, capsys):
    rows = few_prices.rows("prices")
    rows[6] = rows[6][:5]
    few_prices.write("prices", rows)
    assert any(
        line.startswith("data/prices.csv.gz, row 7, column close_kind: ")
        for line in run(capsys, "prices")[1]
    )


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        (2, "-118.42", "row 9, column close: '-118.42': constraint \"minimum\""),
        (2, "0", "row 9, column close: '0': constraint \"minimum\""),
        (3, "n/a", "row 9, column adj_close: 'n/a': type is \"number"),
        (4, "12.5", "row 9, column volume: '12.5': type is \"integer"),
        (0, "27/01/2025", "row 9, column date: '27/01/2025': type is \"date"),
        (1, "", 'row 9, column ticker: constraint "required"'),
        (5, "X", "row 9, column close_kind: 'X': constraint \"enum\""),
    ],
)
def test_a_wrong_cell(few_prices, capsys, column, value, expected):
    rows = few_prices.rows("prices")
    rows[8][column] = value
    few_prices.write("prices", rows)
    status, said = run(capsys, "prices")
    assert status == 1
    assert any(line.startswith(f"data/prices.csv.gz, {expected}") for line in said), said


def test_a_duplicated_day(few_prices, capsys):
    rows = few_prices.rows("prices")
    few_prices.write("prices", [*rows[:12], rows[10], *rows[12:]])
    status, said = run(capsys, "prices")
    assert status == 1
    assert any("row 13, column date, ticker: " in line for line in said), said


def test_many_faults_are_cut_short(few_prices, capsys):
    rows = few_prices.rows("prices")
    few_prices.write("prices", [rows[0], *(row[:2] + ["-1"] + row[3:] for row in rows[1:])])
    said = run(capsys, "prices")[1]
    assert len(said) == 22 and "more faults are not shown" in said[-1]


def test_a_source_that_is_nowhere(data, capsys):
    rows = data.rows("shares-outstanding")
    column = rows[0].index("source_ids")
    rows[5][column] = "S50;S51"
    data.write("shares-outstanding", rows)
    status, said = run(capsys, "shares-outstanding")
    assert status == 1
    assert (
        "data/shares-outstanding.csv, row 6, column source_ids: "
        "the source 'S51' is not in data/sources.csv." in said
    )


def test_a_group_member_without_prices(data, capsys):
    rows = data.rows("groups")
    rows[3][0] = "ZZZZ"
    data.write("groups", rows)
    status, said = run(capsys, "groups")
    assert status == 1
    assert any(line.startswith("data/groups.csv, row 4, column ticker: ") for line in said), said


def test_tickers_without_prices(few_prices, capsys):
    status, said = run(capsys, "tickers")
    assert status == 1
    assert "data/tickers.csv, row 2, column ticker: '000660.KS' is not in prices." in said
    assert len(said) == 21 and said[-1] == "data/tickers.csv: 221 more values are not in prices."


def test_an_event_on_a_holiday(data, capsys, tmp_path, monkeypatch):
    from shockbook import check, event

    text = (event.ROOT / "events" / "deepseek.toml").read_text()
    path = tmp_path / "holiday.toml"
    path.write_text(text.replace("date = 2025-01-27", "date = 2025-01-20"))
    monkeypatch.setattr(check, "event_files", lambda: [path])
    said = list(check.event_faults(check.event_files()))
    assert len(said) == 1 and said[0].startswith("holiday.toml: ") and "2025-01-21" in said[0]


def test_an_unsaid_descriptor(data, capsys):
    resource = dict(catalog.describe("usdcny"))
    del resource["licenceNote"]
    files.put(flat.snapshot(), resource)
    assert run(capsys, "usdcny")[1] == ["data/datapackage.json: dataset usdcny has no licenceNote."]


def test_accept_records_a_valid_change(data, capsys):
    rows = data.rows("usdcny")
    rows[-1][1] = "7.5"
    data.write("usdcny", rows)
    assert run(capsys, "--quick")[0] == 1
    assert run(capsys, "--accept", "usdcny") == (0, [])
    assert run(capsys, "--quick") == (0, [])
    assert catalog.load("usdcny")["cny_per_usd"].iloc[-1] == 7.5


def test_accept_finds_the_changed_files_itself(data, capsys):
    rows = data.rows("usdcny")
    data.write("usdcny", rows[:-1])
    assert run(capsys, "--accept") == (0, [])
    assert len(catalog.load("usdcny")) == len(rows) - 2 == catalog.describe("usdcny")["rows"]


@pytest.mark.parametrize("fault", ["cell", "source", "missing"])
def test_accept_leaves_the_old_state_when_validation_fails(data, capsys, fault):
    before = (data.folder / "datapackage.json").read_bytes()
    name = "shares-outstanding"
    rows = data.rows(name)
    if fault == "missing":
        data.path(name).unlink()
    else:
        column = "shares_outstanding" if fault == "cell" else "source_ids"
        rows[1][rows[0].index(column)] = "many"
        data.write(name, rows)
    status, said = run(capsys, "--accept")
    assert status == 1 and said[-1].startswith("Nothing was recorded")
    assert len(said) == 2
    assert (data.folder / "datapackage.json").read_bytes() == before
    assert run(capsys, "--quick")[0] == 1


def test_accept_with_nothing_changed(data, capsys):
    before = (data.folder / "datapackage.json").read_bytes()
    assert run(capsys, "--accept") == (0, [])
    assert (data.folder / "datapackage.json").read_bytes() == before


def test_the_descriptor_is_in_its_one_form():
    path = flat.snapshot().folder / "datapackage.json"
    assert path.read_text(encoding="utf-8") == files.text(flat.snapshot().descriptor)


def test_compressed_files_are_reproducible():
    """Equal rows give equal bytes: no time and no file name in the gzip header."""
    for name in catalog.names():
        resource = catalog.describe(name)
        if resource.get("compression") == "gz":
            content = (flat.snapshot().folder / resource["path"]).read_bytes()
            assert content[4:8] == bytes(4) and not content[3] & 8, name
            assert gzip.decompress(content)
    assert files.compress(b"a,b\n")[4:8] == bytes(4)


def test_the_folder_is_small():
    sizes = {path.name: path.stat().st_size for path in flat.snapshot().folder.iterdir()}
    assert sum(sizes.values()) < 8e6
    assert max(sizes.values()) < 3e6


def test_an_interrupted_write_leaves_the_old_file(data, monkeypatch):
    before = (data.folder / "datapackage.json").read_bytes()
    monkeypatch.setattr(files.os, "fsync", lambda _: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        files.put(flat.snapshot(), title="another")
    assert (data.folder / "datapackage.json").read_bytes() == before
    assert not list(data.folder.glob(".tmp-*"))
