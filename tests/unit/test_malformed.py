"""What people type and bring, wrong in 150 ways: each ends in one sentence, nothing breaks."""

# The cases are tables, as wide as they like.
# ruff: noqa: E501

import io
import sys

import pytest

from shockbook import event, event_data
from shockbook.__main__ import main
from shockbook.data import DataError, pricefiles

ROWS = "2025-01-24,10\n2025-01-27,11\n"
#: name: (content of a price file, words of the sentence)
FILES = {
    "empty": ("", "it is empty"),
    "blank": ("\n \n", "it is empty"),
    "commas alone": (",\n,\n", "it is empty"),
    "two lines of names alone": ("Price,Close\nTicker,A\nDate,\n", "no column of dates"),
    "note alone": ("# a note\n", "it is empty"),
    "header alone": ("Date,Close\n", "a header and no rows"),
    "one row": ("Date,Close\n2025-01-24,10\n", "fewer than two closes"),
    "one column": ("Date\n2025-01-24\n", "one column"),
    "no header": (ROWS, "its first row holds numbers"),
    "no date": (f"Day of week,Close\n{ROWS}", "no column of dates"),
    "no close": ("Date,Open,High\n2025-01-24,1,2\n2025-01-27,1,2\n", "no column of closes"),
    "long without closes": ("Date,Ticker,Open\n2025-01-24,A,2\n", "no column of closes"),
    "two dates": ("Date,Data,Close\n2025-01-24,2025-01-24,1\n", "two columns that say date"),
    "two closes": ("Date,Close,Last\n2025-01-24,1,1\n", "two columns that say close"),
    "same names": ("Date,A,A\n2025-01-24,1,1\n2025-01-27,1,2\n", "the same name"),
    "short row": (f"Date,Close\n2025-01-23\n{ROWS}", "row 2: it has 1 cells where the header has 2"),
    "long row": (f"Date,Close\n{ROWS}2025-01-28,1,2\n", "row 4: it has 3 cells"),
    "open quote": (f'Date,Close\n{ROWS}2025-01-28,"12\n', "cannot be read as a table"),
    "text": (f"Date,Close\n{ROWS}2025-01-28,eleven\n", "row 4: Close is 'eleven', which is no number"),
    "formula": (f"Date,Close\n{ROWS}2025-01-28,=A1\n", "which is no number"),
    "excel error": (f"Date,Close\n{ROWS}2025-01-28,#DIV/0!\n", "which is no number"),
    "infinite": (f"Date,Close\n{ROWS}2025-01-28,inf\n", "which is no number"),
    "zero": (f"Date,Close\n{ROWS}2025-01-28,0\n", "on 2025-01-28 is 0, not above zero"),
    "negative": (f"Date,Close\n{ROWS}2025-01-28,-3\n", "not above zero"),
    "adjusted zero": ("Date,Close,Adj Close\n2025-01-24,1,1\n2025-01-27,1,0\n", "not above zero"),
    "no closes at all": ("Date,Close\n2025-01-24,\n2025-01-27,null\n", "fewer than two closes"),
    "no such day": (f"Date,Close\n{ROWS}2025-02-30,12\n", "row 4: '2025-02-30' is no day of"),
    "month 13": (f"Date,Close\n{ROWS}2025-13-01,12\n", "is no day of the calendar"),
    "a word for a day": (f"Date,Close\n{ROWS}yesterday,12\n", "'yesterday' is no day like"),
    "words for days": ("Date,Close\nMon,1\nTue,2\n", "write days like 2025-01-27"),
    "no day": (f"Date,Close\n{ROWS},12\n", "row 4: '' is no day like"),
    "two forms of day": (f"Date,Close\n{ROWS}28/01/2025,12\n", "is no day like 2025-01-24"),
    "two orders": ("Date,Close\n13/01/2025,1\n01/14/2025,2\n", "some of its days put the month"),
    "two readings": ("Date,Close\n03/04/2025,1\n04/04/2025,2\n", "can be read in two ways"),
    "short years": ("Date,Close\n24/01/25,1\n27/01/25,2\n", "is no day"),
    "serial days": ("Date,Close\n45681,1\n45684,2\n", "is no day"),
    "seconds": ("Date,Close\n1737676800,1\n1737936000,2\n", "is no day"),
    "hours": ("Date,Close\n2025-01-24 09:30,1\n2025-01-24 10:30,2\n", "has a time of day"),
    "one hour": ("Date,Close\n2025-01-24,1\n2025-01-27 16:00,2\n", "has a time of day"),
    "future": (f"Date,Close\n{ROWS}2099-01-05,12\n", "2099-01-05 lies in the future"),
    "far past": (f"Date,Close\n0200-01-05,9\n{ROWS}", "lies before 1900"),
    "two closes on a day": (f"Date,Close\n{ROWS}2025-01-27,12\n", "has two closes on 2025-01-27"),
    "mixed decimals": ('Date;Close\n2025-01-24;1,5\n2025-01-27;1.5\n', "another decimal sign"),
    "two points": (f"Date,Close\n{ROWS}2025-01-28,1.2.3\n", "which is no number"),
    "no ticker": ("Date,Ticker,Close\n2025-01-24,A,1\n2025-01-27,,2\n", "row 3: it names no ticker"),
    "two groupings": ('Date,Close\n2025-01-24,"1,325"\n2025-01-27,1.325\n', "another decimal sign"),
    "web page": ("<!DOCTYPE html><html></html>", "a web page or JSON"),
    "another web page": ("<html><body>Log in</body></html>", "a web page or JSON"),
    "json": ('{"chart": {"result": null}}', "a web page or JSON"),
    "json list": ('[{"date": 1}]', "a web page or JSON"),
    "workbook": (b"PK\x03\x04rest", "a workbook or an archive"),
    "old workbook": (b"\xd0\xcf\x11\xe0", "a workbook or an archive"),
    "gzip": (b"\x1f\x8b\x08\x00", "it is compressed"),
    "binary": (b"Date,Close\n\x00\x00\x00", "it is no text"),
    "half a yfinance table": ("Price,Close\nTicker,A\nDate,\n2025-01-24,x\n2025-01-27,1\n",
                              "Close is 'x'"),
    "wide text": ("Date,A,B\n2025-01-24,1,2\n2025-01-27,1,up\n", "B is 'up'"),
    "wide zero": ("Date,A,B\n2025-01-24,1,2\n2025-01-27,1,0\n", "the price of B on 2025-01-27 is 0"),
}  # fmt: skip


def one_sentence(text, *parts):
    assert "\n" not in text.strip() and text.strip().endswith("."), text
    assert "Traceback" not in text
    for part in parts:
        assert part in text


@pytest.mark.parametrize("name", FILES)
def test_a_wrong_price_file_is_one_sentence(name, tmp_path):
    content, words = FILES[name]
    path = tmp_path / "mine.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError) as error:
        pricefiles.read(path, "A")
    one_sentence(str(error.value), "mine.csv", words)


@pytest.mark.parametrize("kind", ["missing", "folder", "nameless"])
def test_a_price_file_that_is_none(kind, tmp_path):
    path = tmp_path / "mine.csv"
    if kind == "folder":
        path.mkdir()
    elif kind == "nameless":
        path.write_text(f"Date,Close\n{ROWS}")
    with pytest.raises(DataError) as error:
        pricefiles.read(path)
    one_sentence(str(error.value), "mine.csv")


EVENT = """[event]
name = "A test"
date = 2025-04-03
firm = "AAPL"
exchange = "XNYS"
currency = "USD"

[primary]
model = "market"
benchmark = "SPY"
returns = "simple"
estimation = [-270, -21]
event_window = [0, 0]
"""
DATE, FIRM = "date = 2025-04-03", 'firm = "AAPL"'
#: (what is replaced, by what, words of the sentence)
EVENTS = [
    (EVENT, "", "the table [event] is missing"),
    (EVENT, "[event]", "the table [primary] is missing"),
    (EVENT, "event = 1", "the table [event] is missing"),
    ("[event]", "milestones = 3\n[event]", "milestones is 3; make it a table, below a line [milestones]"),
    ("[event]", 'prices = "my.csv"\n[event]', "prices is 'my.csv'; make it a table"),
    (EVENT, "\0", "not valid TOML"),
    ('benchmark = "SPY"\n', "", "benchmark is missing; write it like benchmark = \"SPY\""),
    ("[event]", "[event", "not valid TOML"),
    ("[event]", "[event]\n[event]", "not valid TOML"),
    ('"A test"', '"A test', "not valid TOML"),
    ('"A test"', "3", "name is 3"),
    ('"A test"', "true", "name is True"),
    ('name = "A test"', "", "name is missing"),
    (DATE, "date = 2025-04-31", "not valid TOML"),
    (DATE, "date = 2025-04-03T09:30:00", "write it like date = 2025-01-27"),
    (DATE, "date = 20250403", "write it like date"),
    (DATE, "date = [2025-04-03]", "write it like date"),
    (DATE, "", "date is missing"),
    (DATE, "date = 0001-01-01", ""),
    (DATE, "date = 9999-12-31", ""),
    (DATE, f"{DATE}\nannounced = 2025-04-02", "date and announced are both given"),
    (DATE, f'{DATE}\nwhen = "during"', "give announced, not date"),
    (DATE, 'announced = "2025-04-02"', "write it like announced = 2025-04-05"),
    (DATE, "announced = 3", "write it like announced"),
    (DATE, "announced = 0001-01-01", "no day with prices"),
    (DATE, 'announced = 2025-04-02\nwhen = "evening"', "it may be before open, during"),
    (DATE, "announced = 2025-04-02\nwhen = 16", "when is 16"),
    (DATE, 'announced = 2025-04-02T16:30:00\nwhen = "during"', "so leave when out"),
    (DATE, "announced = 2025-04-02T16:30:00+99:00", "not valid TOML"),
    (FIRM, "firm = []", "write it like firm"),
    (FIRM, 'firm = ""', "firm is ''; write it like"),
    (FIRM, 'firm = "ÄÖ"', "has no prices in the data"),
    (FIRM, 'firm = "../../etc"', "has no prices in the data"),
    (FIRM, 'firm = "SPY"', "the firm that is its own benchmark"),
    ('"XNYS"', '"New York"', "the exchange 'New York' is not known"),
    ('"XNYS"', '"XETR"', "AAPL trades on XNYS"),
    ('"USD"', '"dollars"', "write its three letters"),
    ('"USD"', '"EUR"', "AAPL are in USD, not in EUR"),
    ('"market"', '"beta"', "the model 'beta' is not known"),
    ('"market"', "1", "model is 1"),
    ('"simple"', '"daily"', "simple or log"),
    ("[-270, -21]", "[-270]", "two whole numbers"),
    ("[-270, -21]", "[-21, -270]", "the earlier first"),
    ("[-270, -21]", '["-270", "-21"]', "two whole numbers"),
    ("[-270, -21]", "[-99999999999, -21]", "more than 100,000 trading days"),
    ("[-270, -21]", "[-24, -21]", ""),
    ("[-270, -21]", "[-22, -21]", ""),
    ("[0, 0]", "[0, 99999999]", ""),
    ("[0, 0]", "[true, true]", "two whole numbers"),
    (FIRM, f'{FIRM}\nprices = "none.csv"', "there is no such file"),
    (FIRM, f"{FIRM}\nprices = 3", "prices is 3; write it like"),
    (FIRM, f"{FIRM}\nprices = [3]", "write it like prices"),
    (FIRM, f'{FIRM}\nprices = ""', "write it like prices"),
    (FIRM, f'{FIRM}\nprices = {{ AAPL = 3 }}', "write it like prices"),
    ('"USD"', '"USD"\nprices = "a.csv"\n[prices]\nAAPL = "b.csv"', "prices stands twice"),
    (FIRM, f'{FIRM}\nprices = "."', "which is a folder: name a file in it"),
    (FIRM, f'{FIRM}\ngroups = "none.csv"', "neither a dataset nor a readable CSV file"),
    (FIRM, f'{FIRM}\ngroups = "prices"', "no columns ticker and group"),
    (FIRM, f"{FIRM}\ngroups = 1", "groups is 1"),
    (FIRM, f"{FIRM}\nprice = 1", "unknown setting 'price'"),
    ("[primary]", '[baskets]\nB = "JPM"\n[primary]', "write it like B"),
    ("[primary]", '[baskets]\nB = ["JPM"]\n[primary]', "needs two tickers or more"),
    ("[primary]", '[baskets]\nB = ["JPM", "NOPE"]\n[primary]', "member of B 'NOPE' has no prices"),
    ("[primary]", '[baskets]\nB = ["JPM", "8035.T"]\n[primary]', "shut on different days"),
    ('"SPY"', '"B"\n[baskets]\nB = ["JPM", "AAPL"]', ""),
    ("[primary]", "[names]\nAAPL = 1\n[primary]", "AAPL is 1"),
    ("[primary]", '[extra]\na = "b"\n[primary]', "unknown table 'extra'"),
    ("[primary]", '[news]\ntext = "x"\n[primary]', "source is missing"),
    ("[primary]", "[news]\n[primary]", "text is missing"),
    ("[primary]", "[milestones]\nx = 1\n[primary]", "x is 1"),
    ("[primary]", "[alternatives]\nmodel = 1\n[primary]", "model is 1"),
    ("[primary]", '[alternatives]\nmodel = ["beta"]\n[primary]', "the model 'beta' is not known"),
    ("[primary]", "[alternatives]\nevent_window = [[-30, 0]]\n[primary]", ""),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(EVENTS)))
def test_a_wrong_event_file_is_one_sentence(case, tmp_path):
    old, new, words = EVENTS[case]
    assert old in EVENT
    (tmp_path / "mine.toml").write_text(EVENT.replace(old, new, 1), "utf-8")
    with pytest.raises(event.EventError) as error:
        event_data.load(tmp_path / "mine.toml")
    words = "SPY: the model fits exactly" if "its own benchmark" in words else words
    one_sentence(str(error.value), words)


def test_an_event_file_that_is_no_text(tmp_path):
    (tmp_path / "mine.toml").write_bytes(b"\xff\xfe\x00name")
    with pytest.raises(event.EventError, match="not valid TOML"):
        event.read(tmp_path / "mine.toml")
    with pytest.raises(event.EventError, match="no event file"):
        event.read(tmp_path)


FIRST = ("--firm", "AAPL")
#: Options of new-event, and words of the sentence.
OPTIONS = [
    (("--firm", ""), "has no prices in the data"),
    (("--firm", "appel"), "AAPL (Apple)"),
    (("--firms", "Tulips"), "is no sector of the index members"),
    (("--firms", "JPM,NOPE", "--date", "2025-04-03"), "'NOPE' has no prices"),
    (FIRST, "--date is missing"),
    ((*FIRST, "--date", "April"), "is no date; write year, month and day"),
    ((*FIRST, "--date", "2025-02-30"), "is no date"),
    ((*FIRST, "--date", "9999-01-01"), "is no day with prices"),
    ((*FIRST, "--date", "2025-04-03", "--announced", "2025-04-02"), "not both"),
    ((*FIRST, "--date", "2025-04-03", "--when", "during"), "not both"),
    ((*FIRST, "--announced", "soon"), "is no date"),
    ((*FIRST, "--announced", "1999-01-01"), "reach beyond the data"),
    ((*FIRST, "--date", "2025-04-03", "--exchange", "Mars"), "'Mars' is not known"),
    ((*FIRST, "--date", "2025-04-03", "--currency", "shells"), "three letters"),
    ((*FIRST, "--date", "2025-04-03", "--benchmark", ""), "the benchmark '' has no prices"),
    ((*FIRST, "--date", "2025-04-03", "--benchmark", ",,"), ""),
    ((*FIRST, "--date", "2025-04-03", "--window", "a:b"), "write it like"),
    ((*FIRST, "--date", "2025-04-03", "--estimation", "-21:-270"), ""),
    ((*FIRST, "--date", "2025-04-03", "--estimation=-1:0:1"), "write it like"),
    ((*FIRST, "--date", "2025-04-03", "--prices", "no.csv"), "there is no such file"),
    ((*FIRST, "--date", "2025-04-03", "--prices", "AAPL="), ""),
    ((*FIRST, "--between", "2025-04-30", "2025-04-01"), "comes after"),
    ((*FIRST, "--between", "soon", "later"), "takes two days"),
    ((*FIRST, "--between", "1999-01-01", "1999-01-05"), "beyond the data"),
    ((*FIRST, "--date", "2025-04-03", "--name", ""), "the name is empty"),
    ((*FIRST, "--date", "2025-04-03", "--output", "none/here.toml"), "there is no folder none"),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(OPTIONS)))
def test_a_wrong_option_is_one_sentence(case, tmp_path, capsys, monkeypatch):
    options, words = OPTIONS[case]
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    target = ("--output", str(tmp_path / "event.toml")) if "--output" not in options else ()
    assert main(["new-event", "--yes", *target, *options]) == 1
    said = capsys.readouterr()
    one_sentence(said.err, words)
    assert not said.out and not list(tmp_path.iterdir())


def test_there_are_140_ways():
    assert len(FILES) + 3 + len(EVENTS) + 2 + len(OPTIONS) >= 140


# ------------------------------------------------------------------ and what is right is taken
GOOD = {
    "yahoo": "Date,Open,High,Low,Close,Adj Close,Volume\n2025-01-24,1,1,1,10,5,7\n"
    "2025-01-25,null,null,null,null,null,null\n2025-01-27,1,1,1,1100.5,5.5,8\n",
    "stooq": "Date,Open,High,Low,Close,Volume\n2025-01-24,1,1,1,10,7\n2025-01-27,1,1,1,1100.5,8\n",
    "stooq in Polish": "Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen\n"
    "2025-01-24,1,1,1,10,7\n2025-01-27,1,1,1,1100.5,8\n",
    "stooq in bulk": "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
    "A,D,20250124,000000,1,1,1,10,7,0\nA,D,20250127,000000,1,1,1,1100.5,8,0\n",
    "nasdaq": "Date,Close/Last,Volume,Open,High,Low\n01/27/2025,$1100.50,8,$1,$1,$1\n"
    "01/24/2025,$10.00,7,$1,$1,$1\n",
    "investing": '"Date","Price","Open","High","Low","Vol.","Change %"\n'
    '"01/27/2025","1,100.50","1","1","1","0.008K","5%"\n"01/24/2025","10.0","1","1","1","","5%"\n',
    "yfinance": "Price,Adj Close,Close,Volume\nTicker,A,A,A\nDate,,,\n2025-01-24,5,10,7\n"
    "2025-01-27,5.5,1100.5,8\n",
    "yfinance by ticker": "Ticker,A,A\nPrice,Close,Volume\nDate,,\n2025-01-24,10,7\n"
    "2025-01-27,1100.5,8\n",
    "yfinance, one": "Date,Open,Close,Dividends,Stock Splits\n2025-01-24 00:00:00-05:00,1,10,0,0\n"
    "2025-01-27 00:00:00-05:00,1,1100.5,0,0\n",
    "German": "\ufeffDatum;Schluss\n24.01.2025;10,00\n27.01.2025;1.100,50\n",
    "negative volume": "Date,Close,Volume\n2025-01-24,10,5\n2025-01-27,1100.5,-5\n",
    "bad volume": "Date,Close,Volume\n2025-01-24,10,5\n2025-01-27,1100.5,many\n",
    "wide, with changes": "Date,A,+/- %\n2025-01-24,10,\n2025-01-27,1100.5,-1.23%\n",
    "investing in German": '"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"\n'
    '"27.01.2025","1.100,50","1","1","1","0,01M","-1,23%"\n"24.01.2025","10,00","1","1","1","",""\n',
    "investing in French": '"Date","Dernier","Ouv."," Plus Haut","Plus Bas","Vol.","Variation %"\n'
    '"27/01/2025","1.100,50","1","1","1","0,01M","-1,23%"\n"24/01/2025","10,00","1","1","1","",""\n',
    "investing in Spanish": '"Fecha","Último","Apertura","Máximo","Mínimo","Vol.","% var."\n'
    '"27.01.2025","1.100,50","1","1","1","0,01M","-1,23%"\n"24.01.2025","10,00","1","1","1","",""\n',
    "bloomberg": "Date,PX_LAST,PX_VOLUME\n01/24/2025,10,7\n01/27/2025,1100.5,8\n",
    "refinitiv": "Exchange Date,Close,Net,%Chg\n27-Jan-2025,1100.5,1,5%\n24-Jan-2025,10,1,5%\n",
    "a sheet of Google": "Date,Close\n1/24/2025 16:00:00,10\n1/27/2025 16:00:00,1100.5\n",
    "hours of the afternoon": "Date,Close\n1/24/2025 4:00 PM,10\n1/27/2025 1:00 PM,1100.5\n",
    "tabs": "Date\tClose\n27-Jan-2025\t1100.5\n24-Jan-2025\t10\n\n",
    "words": 'Date,Close\n"Jan 24, 2025",10\n"Jan 27, 2025","1,100.50"\n',
    "long": "# mine\ndate,ticker,close,currency\n2025-01-24,A,10,EUR\n2025-01-27,A,1100.5,EUR\n",
    "wide": "Date,A\n2025-01-24,10\n2025-01-27,1100.5\n",
    "twice the same row": "Date,Close\n2025-01-24,10\n2025-01-27,1100.5\n2025-01-27,1100.5\n",
}


@pytest.mark.parametrize("name", GOOD)
def test_each_form_of_download_is_read(name, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(GOOD[name], "utf-8")
    table = pricefiles.read(path, "A", ["A"])
    assert list(table["date"].dt.strftime("%Y-%m-%d")) == ["2025-01-24", "2025-01-27"]
    assert set(table["ticker"]) == {"A"} and list(table["close"]) == [10, 1100.5]
    assert table["adj_close"].notna().all() == (name in ("yahoo", "yfinance"))
    assert table.attrs["note"] == ("mine" if name == "long" else "")


@pytest.mark.parametrize(
    ("cells", "closes"),
    [
        (("990", "1.325", "995"), [990, 1325, 995]),  # as whole numbers are written in German
        (("990", "1,325", "995"), [990, 1325, 995]),
        (("1.331", "1", "1.325"), [1.331, 1, 1.325]),  # dollars to the euro
        (("1,331", "1", "1,325"), [1.331, 1, 1.325]),
        (("1.331", "1.342", "1.325"), [1.331, 1.342, 1.325]),
        (("0,995", "1,005", "1,001"), [0.995, 1.005, 1.001]),
        (("1.234.567", "635.873", "999"), [1234567, 635873, 999]),
        (("1.325", "", "1325"), [1325, 1325]),
    ],
)
def test_a_sign_before_three_digits_is_read_as_the_numbers_follow_each_other(
    cells, closes, tmp_path
):
    days = ("23.01.2025", "24.01.2025", "27.01.2025")
    rows = "".join(f"{day};{cell};{cell}\n" for day, cell in zip(days, cells, strict=True))
    (tmp_path / "mine.csv").write_text(f"Datum;Schlusskurs;Volumen\n{rows}")
    table = pricefiles.read(tmp_path / "mine.csv", "A")
    assert list(table["close"]) == list(table["volume"]) == closes


def test_the_usual_german_export_is_read_with_its_volumes(tmp_path):
    rows = "24.01.2025;1.118,40;995.120\n27.01.2025;118,42;1.234.567\n"
    (tmp_path / "mine.csv").write_text(f"Datum;Schlusskurs;Volumen\n{rows}")
    table = pricefiles.read(tmp_path / "mine.csv", "A")
    assert list(table["close"]) == [1118.4, 118.42]
    assert list(table["volume"]) == [995120, 1234567]


def test_a_workbook_saved_as_unicode_text_is_read(tmp_path):
    (tmp_path / "mine.csv").write_bytes(GOOD["tabs"].encode("utf-16"))
    assert list(pricefiles.read(tmp_path / "mine.csv", "A")["close"]) == [10, 1100.5]


def test_windows_may_be_written_as_they_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(event_data.EventData, "trial", lambda self: [])
    target = str(tmp_path / "event.toml")
    given = ["--estimation", "-150:-21", "--window", "-1:1", "--output", target]
    assert main(["new-event", *FIRST, "--date", "2025-04-03", "--yes", *given]) == 0
    one = event.read(target)
    assert (one.primary.estimation, one.primary.event_window) == ((-150, -21), (-1, 1))
