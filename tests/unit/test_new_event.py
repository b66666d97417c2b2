"""``new-event``: by options, by answers, through a terminal; nothing is replaced unasked."""

import dataclasses
import io
import os
import shutil
import sys

import numpy as np
import pandas as pd
import pytest

from shockbook import event, event_data, new_event, study
from shockbook.__main__ import main
from shockbook.data import exchanges, pricefiles

#: What computes the whole page: some seconds for a firm with all its alternatives.
TRIAL = event_data.EventData.trial


@pytest.fixture(autouse=True)
def untried(monkeypatch):
    """Most tests here are of the questions; those of the trial put it back."""
    monkeypatch.setattr(event_data.EventData, "trial", lambda self: [])


@pytest.fixture
def target(tmp_path):
    return tmp_path / "event.toml"


def run(target, *options, answers=None, monkeypatch=None):
    if answers is not None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{a}\n" for a in answers)))
    return main(["new-event", "--output", str(target), *options])


GIVEN = ("--firm", "MSFT", "--date", "2026-01-29", "--yes")


def test_options_alone_are_enough(target, capsys):
    assert run(target, *GIVEN, "--name", "A day", "--window", "0:1", "--estimation=-150:-21") == 0
    one = event.read(target)
    assert (one.firm, one.date, one.name) == ("MSFT", pd.Timestamp("2026-01-29"), "A day")
    assert one.primary == study.Specification("market", "SPY", "simple", (-150, -21), (0, 1))
    assert one.currency == "USD" and one.alternatives == event.ALTERNATIVES
    # `make notebooks` would run the page for event.toml, and this is another file
    assert f"Next: make book BOOK=event EVENT={target}.\n" in capsys.readouterr().out
    assert [p.name for p in target.parent.iterdir()] == ["event.toml"]


def test_a_file_is_replaced_only_by_force(target, capsys):
    target.write_text("mine")
    assert run(target, *GIVEN) == 1
    assert target.read_text() == "mine"
    assert "was left as it is; give --force" in capsys.readouterr().err
    assert run(target, *GIVEN, "--force", "--news", "It rained.", "--source", "https://a.b/c") == 0
    assert event.read(target).news == event.News("It rained.", "https://a.b/c")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--firm", "MSTF", "--date", "2026-01-29"), "nearest tickers are MSFT (Microsoft)"),
        (("--firm", "MSFT", "--date", "2026-01-19"), "take the next session, 2026-01-20"),
        (("--firm", "MSFT", "--date", "29 January"), "is no date; write year, month and day"),
        (("--firm", "MSFT", "--date", "2027-03-01"), "reach beyond the data"),
        ((*GIVEN[:4], "--benchmark", "SPI"), "the benchmark 'SPI' has no prices"),
        ((*GIVEN[:4], "--window", "0"), "window is '0'; write it like"),
        ((*GIVEN[:4], "--model", "magic"), "the model 'magic' is not known"),
        ((*GIVEN[:4], "--groups", "nowhere.csv"), "neither a dataset nor a readable CSV file"),
        ((*GIVEN[:4], "--news", "It rained."), "news needs a source"),
        (
            (*GIVEN[:4], "--news", "It rained.", "--source", "Reuters"),
            'write it like source = "https://',
        ),
        ((*GIVEN[:4], "--estimation=-100:1", "--window", "2:5"), "has to end before the event"),
        ((*GIVEN[:4], "--name", "A \x7f day"), "not valid TOML"),
        ((*GIVEN[:4], "--name", "A \udcff day"), "not valid TOML"),
        ((*GIVEN[:4], "--name", " "), "the name is empty"),
        (("--firm", "MSFT"), "--date is missing"),
    ],
)
def test_a_wrong_option_is_one_sentence_and_writes_nothing(target, capsys, options, message):
    target.write_text("mine")
    assert run(target, *options, "--yes", "--force") == 1
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1
    assert target.read_text() == "mine" and len(list(target.parent.iterdir())) == 1


@pytest.mark.parametrize("kind", ["folder", "shut"])
def test_what_cannot_be_written_is_one_sentence(target, capsys, monkeypatch, kind):
    if kind == "folder":
        target.mkdir()
    else:

        def refuses(*_):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(new_event, "write_whole", refuses)
    assert run(target, *GIVEN, "--force") == 1
    said = capsys.readouterr()
    words = "is a folder: name a file in it" if kind == "folder" else "(Permission denied)"
    assert words in said.err and said.err.count("\n") == 1 and not said.out
    assert len(list(target.parent.iterdir())) == (kind == "folder")


def test_what_is_not_given_is_asked_for_until_it_is_good(target, capsys, monkeypatch):
    answers = ["Aple", "aapl", "SPYY", "", "soon", "2025-04-18", "2025-04-17", ""]
    assert run(target, answers=answers, monkeypatch=monkeypatch) == 0
    said = capsys.readouterr().out
    for part in ("AAPL (Apple)", "'SPYY' has no prices", "'soon' is no date", "2025-04-17"):
        assert part in said
    one = event.read(target)
    assert (one.firm, one.primary.benchmark, one.name) == ("AAPL", "SPY", "Apple on 17 April 2025")


def test_answers_that_end_too_soon_write_nothing(target, capsys, monkeypatch):
    assert run(target, answers=["AAPL"], monkeypatch=monkeypatch) == 1
    assert "ended too soon; nothing was written" in capsys.readouterr().err
    assert not target.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminal")
@pytest.mark.parametrize(("answer", "replaced"), [("y", True), ("", False)])
def test_in_a_terminal_it_asks_before_it_replaces(target, capsys, monkeypatch, answer, replaced):
    import pty

    run(target, *GIVEN)
    before = target.read_text()
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "r") as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        os.write(ours, f"AAPL\n\n2025-04-17\nMine\n{answer}\n".encode())
        status = run(target)
        os.close(ours)
    assert (status == 0) is replaced
    out = capsys.readouterr().out
    assert "event.toml is there already (Microsoft on 29 January 2026). Replace it? [y/N]" in out
    assert (target.read_text() != before) is replaced


def test_a_lot_is_the_same_for_the_same_seed_and_every_picture_can_be_drawn(target):
    drawn = {seed: new_event.by_lot(seed) for seed in range(12)}
    assert len(set(drawn.values())) == 12 and new_event.by_lot(7) == drawn[7]
    assert new_event.by_lot(7, firm="KO") == ("KO", drawn[7][1])
    assert run(target, "--lot", "7") == 0
    one = event.read(target)
    assert (one.firm, f"{one.date:%Y-%m-%d}") == drawn[7]
    for firm, date in list(drawn.values())[:4]:
        data = event_data.load(dataclasses.replace(one, firm=firm, date=pd.Timestamp(date)))
        assert data.missing(prices=(-291, 20), members=(-270, 0)) == ""
        assert data.placebo_count() >= event_data.FEWEST


# ------------------------------------------------------------------ any market
def test_the_mean_model_asks_for_no_benchmark(target):
    prices = event.ROOT / "events" / "gallery" / "BA.csv"
    assert run(target, "--firm", "BA", "--date", "2019-03-11", "--prices", str(prices),
               "--model", "mean", "--exchange", "XNYS", "--yes") == 0  # fmt: skip
    assert event.read(target).primary.benchmark == "BA"


def yahoo(tickers, first, last, **_):
    """Prices as Yahoo would give them, of firms that move a little each day."""
    days = exchanges.sessions("XLON", pd.Timestamp(first), pd.Timestamp(last))
    rng = np.random.default_rng(0)
    frames = [
        pd.DataFrame(
            {
                "date": days,
                "ticker": ticker,
                "close": (100 * np.exp(rng.normal(0, 0.01, len(days)).cumsum())).round(4),
                "adj_close": np.nan,
                "volume": 1000.0,
            }
        )
        for ticker in sorted(tickers)
    ]
    table = pd.concat(frames, ignore_index=True)
    listing = {"name": "A name", "currency": "GBp"}
    table.attrs = {"unknown": [], "as_of": f"{last}", "listings": dict.fromkeys(tickers, listing)}
    return table


FETCHED = ("--firm", "AZN.L", "--benchmark", "^FTSE", "--fetch", "--yes")


def test_prices_of_any_ticker_are_fetched_into_a_price_file(target, capsys, monkeypatch):
    from shockbook.live import yahoo as source

    monkeypatch.setattr(source, "prices", yahoo)
    assert run(target, *FETCHED, "--announced", "2020-11-21") == 0  # a Saturday
    said = capsys.readouterr().out
    assert "the event is its next session, Monday 23 November 2020" in said
    assert 'itself: "Yahoo Finance, fetched on' in said
    assert said.index("Yahoo") < said.index("Next: make")
    file = target.parent / "azn-l-2020-11-23.csv"
    one = event.read(target)
    assert (one.exchange, one.currency, one.prices) == ("XLON", "GBp", (("", file.name),))
    assert event_data.load(target).firm == "A name (AZN.L)"
    table = pricefiles.read(file)
    asked = yahoo(["AZN.L", "^FTSE"], table["date"].min(), table["date"].max())
    pd.testing.assert_frame_equal(table, asked.assign(currency="GBp"), check_dtype=False)


def test_a_fetch_that_fails_leaves_nothing(target, capsys, monkeypatch):
    from shockbook.live import LiveError
    from shockbook.live import yahoo as source

    def none(*_, **__):
        raise LiveError("fetch", "no network.")

    monkeypatch.setattr(source, "prices", none)
    assert run(target, *FETCHED, "--date", "2020-11-23") == 1
    assert "AZN.L, ^FTSE: no prices were fetched" in capsys.readouterr().err
    monkeypatch.setattr(source, "prices", yahoo)  # and one whose event cannot be studied
    assert run(target, *FETCHED, "--date", "2020-12-25") == 1
    assert not list(target.parent.iterdir())


def test_a_price_file_of_one_s_own(target, capsys, monkeypatch):
    monkeypatch.setattr(event_data.EventData, "trial", TRIAL)
    folder = event.ROOT / "events" / "gallery"
    for name in ("xmpl_us_d.csv", "MRKT.csv"):
        shutil.copy(folder / name, target.parent)
    files = ("--prices", "XMPL=xmpl_us_d.csv", "--prices", "MRKT=MRKT.csv")
    given = ("--firm", "XMPL", "--benchmark", "MRKT", "--date", "2012-05-18", "--yes")
    assert run(target, *files, *given) == 0
    said = capsys.readouterr().out
    assert "members: A picture is left out here" in said and "from the file MRKT.csv" in said
    assert dict(event.read(target).prices) == {"XMPL": "xmpl_us_d.csv", "MRKT": "MRKT.csv"}


def test_two_files_that_do_not_say_whose_they_are(target, capsys):
    folder = event.ROOT / "events" / "gallery"
    files = sum((["--prices", str(folder / n)] for n in ("BA.csv", "MRKT.csv")), [])
    given = ("--firm", "A", "--benchmark", "B", "--date", "2019-03-11", "--exchange", "XNYS")
    assert run(target, *given, "--currency", "USD", "--yes", *files) == 1
    assert "does not say whose: give --prices TICKER=BA.csv, or in" in capsys.readouterr().err


def simulated(path, days):
    """A file of closes on some days."""
    moves = np.random.default_rng(len(path.name)).normal(0, 0.01, len(days)).cumsum()
    path.write_text(pd.Series(100 * np.exp(moves), days, name="Close").to_csv(index_label="Date"))
    return str(path)


def test_a_coin_of_one_s_own_is_studied_on_the_days_of_its_benchmark(target, capsys):
    coin = simulated(target.parent / "coin.csv", pd.date_range("2023-06-01", "2025-03-31"))
    given = ("--firm", "COIN", "--date", "2025-01-27", "--currency", "USD", "--prices", coin)
    assert run(target, *given, "--benchmark", "SPY", "--exchange", "24/7", "--yes") == 1
    assert "24/7: name the exchange XNYS, and a coin's closes on its" in capsys.readouterr().err
    assert run(target, *given, "--benchmark", "SPY", "--exchange", "XNYS", "--yes") == 0
    assert "rows of COIN are left out: XNYS was shut" in capsys.readouterr().out
    filled = pd.read_csv(coin, index_col="Date", parse_dates=True)["Close"]
    filled = filled[filled.index.day_of_week < 5].reindex(filled.index, method="ffill")
    filled.to_csv(coin)
    assert run(target, *given, "--benchmark", "SPY", "--exchange", "XNYS", "--yes", "--force") == 1
    assert "are no sessions of XNYS: name the exchange" in capsys.readouterr().err


def test_saturdays_were_sessions_until_1952(target):
    days = pd.date_range("1927-06-01", "1930-06-30")
    weekdays = exchanges.sessions("XNYS", days[0], days[-1])
    days = weekdays.union(days[days.day_of_week == 5])
    files = (simulated(target.parent / name, days) for name in ("A.csv", "MKT.csv"))
    given = [x for file in files for x in ("--prices", file)]
    given += ["--firm", "A", "--benchmark", "MKT", "--exchange", "XNYS", "--currency", "USD"]
    assert run(target, *given, "--date", "1929-10-26", "--yes") == 0
    assert event_data.load(target).days.equals(days)


def test_an_industry_by_its_sector(target):
    assert run(target, "--firms", "Utilities", "--date", "2025-01-27", "--yes") == 0
    assert len(event.read(target).baskets["Utilities"]) > 20


def test_days_are_ranked_and_the_luck_of_choosing_is_said(target, capsys):
    assert run(target, "--firm", "AAPL", "--yes", "--between", "2025-04-01", "2025-04-30") == 0
    said = capsys.readouterr().out
    first = said.splitlines()[1]
    volume = float(first.split()[2])
    assert all(float(row.split()[2]) <= volume for row in said.splitlines()[2:11])
    assert "of 21 ordinary days one or more would pass it by luck alone in 66% of cases" in said
    assert not target.exists()


def test_nothing_is_promised_that_was_not_tried(target, capsys, monkeypatch):
    def fails(self):
        raise event.EventError("it cannot be drawn.")

    monkeypatch.setattr(event_data.EventData, "trial", fails)
    assert run(target, *GIVEN) == 1
    said = capsys.readouterr()
    assert "Next" not in said.out and "it cannot be drawn." in said.err and not target.exists()


@pytest.fixture
def own(tmp_path):
    """A file of one's own, of simulated prices, and the options of an event with it."""
    days = exchanges.sessions("XETR", pd.Timestamp("2009-01-02"), pd.Timestamp("2011-06-30"))
    noise = np.random.default_rng(5).normal(0, 0.01, (len(days), 2))
    table = pd.DataFrame(100 * np.exp(noise.cumsum(axis=0)), days, ["SAP", "DAX"])

    def write(change=lambda table: table):
        change(table.copy()).rename_axis("Date").to_csv(tmp_path / "my.csv")
        given = {"firm": "SAP", "benchmark": "DAX", "exchange": "XETR", "currency": "EUR"}
        options = ["--prices", "my.csv", "--yes"]
        return [*options, *(f"--{key}={value}" for key, value in given.items())]

    return write


def test_centuries_are_ranked_at_once(target, own, monkeypatch, capsys):
    loads, load = [], event_data.load
    monkeypatch.setattr(event_data, "load", lambda one: loads.append(one.date) or load(one))
    assert run(target, *own(), "--between", "1995-01-01", "2200-12-31") == 0
    assert "of 366 ordinary days" in capsys.readouterr().out and len(loads) == 1
    assert run(target, *own(), "--between", "2200-01-01", "2200-12-31") == 1
    assert "the prices of SAP and DAX run from 2009-01-02 to 2011-06-30" in capsys.readouterr().err


def test_spaces_around_an_option_and_lines_in_a_title_are_no_fault(target, own):
    options = own()[:3]
    for key, value in {
        "firm": "SAP",
        "benchmark": "DAX",
        "currency": "EUR",
        "exchange": "XETR",
    }.items():
        options += [f"--{key}", f" {value} "]
    assert run(target, *options, "--date", " 2010-09-15 ", "--name", "Two\nlines ") == 0
    one = event.read(target)
    assert (one.firm, one.date, one.name) == ("SAP", pd.Timestamp("2010-09-15"), "Two lines")
    assert (one.currency, one.exchange) == ("EUR", "XETR")


def test_what_is_odd_in_a_file_of_ones_own_is_said_in_short(target, own, capsys):
    date = ["--date", "2010-09-15"]

    def said(change=lambda table: table, *options):
        assert run(target, *own(change), *date, *options) == 1
        return capsys.readouterr().err

    def huge(table):
        table.iloc[40, 0] = 1e300
        return table

    assert "moves by +1e+300% on 2009-02-27 and back" in said(huge)
    # a column that differs in case alone is the nearest that there is
    assert "the firm 'sap' has no prices in the data; the nearest tickers are SAP" in said(
        lambda table: table, "--firm", "sap"
    )
    filled = said(lambda table: table.asfreq("D").ffill())
    assert "name the exchange that these prices are from, or leave them out." in filled
    own_basket = said(lambda table: table, "--firm", "SAP,DAX")
    assert "'The basket' holds DAX itself: leave it out there." in own_basket
    assert "names fewer than two tickers" in said(lambda table: table, "--benchmark", "DAX,DAX")
    assert "which needs 5 days: start it earlier" in said(
        lambda table: table, "--estimation=-60:-60"
    )


@pytest.mark.parametrize("form", ["ticker,group\n{}", "\ufeffticker;group\r\n{}"])
def test_groups_of_ones_own_are_texts(target, tmp_path, form):
    """A ticker called NA is no gap, and an industry's number is a name."""
    rows = "\n".join(f"{t},{g}" for t, g in {"NA": 3674, "AAPL": 3571, "MSFT": "7372"}.items())
    text = form.format(rows.replace(",", ";") if ";" in form else rows)
    (tmp_path / "mine.csv").write_text(text, "utf-8")
    assert run(target, *GIVEN, "--groups", "mine.csv") == 0
    assert event_data.load(target).groups.to_dict() == {
        "NA": "3674",
        "AAPL": "3571",
        "MSFT": "7372",
    }
