"""The gallery: nine events of any market and year, from file to all that their page computes."""

import importlib.util
import re

import altair as alt
import pandas as pd
import pytest

from shockbook import event, event_data, study

FOLDER = event.ROOT / "events" / "gallery"
FILES = [event.ROOT / "events" / "apple-2025-04-03.toml", *sorted(FOLDER.glob("*.toml"))]
#: Event day, and the abnormal return that is planted, if the prices are simulated.
EXPECTED = {
    "apple-2025-04-03": ("2025-04-03", None),
    "alibaba-2025": ("2025-02-03", None),
    "banks-2025": ("2025-04-03", None),
    "boeing-2019": ("2019-03-11", -0.06),
    "by-hand-2012": ("2012-05-18", -0.04),
    "ether-2025": ("2025-01-26", None),
    "nasdaq-2025": ("2025-04-03", None),
    "sap-2025": ("2025-04-22", 0.06),
    "tokyo-electron-2025": ("2025-01-27", None),
}


@pytest.fixture(scope="module", params=FILES, ids=lambda p: p.stem)
def shown(request):
    return request.param, event_data.load(request.param)


def test_each_runs_whole(shown):
    path, data = shown
    date, planted = EXPECTED[path.stem]
    tried = data.trial() if path.parent == FOLDER else []  # the notebook's test runs the others
    said = [*filter(None, [data.event.why]), *data.notes, *tried]
    assert data.event.date == pd.Timestamp(date)
    result = study.event_study(data.own, data.event.date, data.spec, data.event.firm, data.factors)
    found = result.to_frame().loc[data.event.firm]
    if planted is not None:  # the interval of a normal noise that we know
        assert abs(found["car"] - planted) < 3 * found["se"]
        assert any("imulated" in line for line in path.read_text("utf-8").splitlines()[:3])
    assert all(line.endswith((".", '"')) and "\n" not in line for line in said)
    left_out = {line.split(":")[0] for line in said if "picture is left out" in line}
    assert left_out <= {"members", "groups"}
    assert ("members" in left_out) is (data.event.exchange != "XNYS" or data.event.date.year < 2024)
    assert len(data.specifications()) > 5


def test_a_file_is_written_as_it_is_read(shown, tmp_path):
    path, data = shown
    (tmp_path / "copy.toml").write_text(event.text(event.read(path)), "utf-8")
    assert event.read(tmp_path / "copy.toml") == event.read(path)


def test_the_simulated_prices_are_those_of_their_seeds():
    spec = importlib.util.spec_from_file_location("simulate", FOLDER / "simulate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, text in module.files().items():
        assert (FOLDER / name).read_text("utf-8") == text, name


def test_the_page_lists_them_with_today_s_results(shown):
    """chapters/gallery.inc is written by benchmarks/gallery.py, with times that we do not check."""
    path, data = shown
    one = study.event_study(data.own, data.event.date, data.spec, data.event.firm, data.factors)
    row = one.to_frame().loc[data.event.firm]
    page = (event.ROOT / "chapters" / "gallery.inc").read_text("utf-8")
    line = next(line for line in page.splitlines() if data.event.name in line)
    figures = re.findall(r"[\N{MINUS SIGN}+]\d+\.\d%", line)
    assert figures == [f"{100 * row['car']:+.1f}%".replace("-", "\N{MINUS SIGN}")]


# ------------------------------------------------------------------ what is particular to some
def test_a_coin_trades_on_sundays_and_an_index_has_no_adjusted_close():
    coin, index = (event_data.load(FOLDER / f"{n}-2025.toml") for n in ("ether", "nasdaq"))
    assert coin.event.date.weekday() == 6 and (coin.days.to_series().diff().dt.days[1:] == 1).all()
    assert index.absent == {} and index.returns["^IXIC"].notna().sum() > 500


def test_an_industry_has_the_tests_for_clustered_dates():
    data = event_data.load(FOLDER / "banks-2025.toml")
    table = data.industry()
    assert {"Banks", "Energy", "Utilities"} <= set(table.index)
    assert table.loc["Banks", "firms"] == len(data.event.baskets["Banks"])
    own = study.event_study(
        data.returns, data.event.date, data.spec, list(data.event.baskets["Banks"]), data.factors
    )
    assert table.loc["Banks", "mean_car"] == pytest.approx(own.car.mean())
    others = data.groups[data.groups == "Financials"].index.difference(data.event.baskets["Banks"])
    mean = data.returns[others].mean(axis=1)
    assert (data.baskets()["Financials"] - mean).abs().max() < 1e-9
    bars = alt.Chart(table.reset_index()).mark_bar().encode(x="mean_car")
    about = data.picture(bars, "fig-a", also=["groups"]).usermeta["shockbook"]
    assert about["data"] == ["prices", "sp500-prices", "sp500-members"]
    # a portfolio of the firms has the mean of their abnormal returns, up to rounding of betas
    basket = study.event_study(data.own, data.event.date, data.spec, "Banks", data.factors)
    assert basket.car["Banks"] == pytest.approx(own.car.mean(), abs=1e-6)


@pytest.mark.parametrize(
    ("announced", "when", "day", "words"),
    [
        ("2025-04-05", "unknown", "2025-04-07", "Saturday 5 April 2025, when XNYS was shut"),
        ("2025-04-18", "during", "2025-04-21", "shut"),
        ("2025-04-02", "after close", "2025-04-03", "after the close of XNYS"),
        ("2025-04-02", "during", "2025-04-02", "while XNYS was open"),
        ("2025-04-02", "before open", "2025-04-02", "before XNYS opened"),
        ("2025-04-02", "unknown", "2025-04-02", "If the news came after the close, it is Thursday"),
        ("2025-04-02T15:59:00", "", "2025-04-02", "while XNYS was open"),
        ("2025-04-02T16:00:00", "", "2025-04-03", "after the close"),
        ("2024-07-03T13:30:00", "", "2024-07-05", "after the close"),  # a half day, then a holiday
        ("2025-04-03T05:30:00+09:00", "", "2025-04-03", "at 16:30 of the exchange's clock"),
        # an hour that the exchange's clock has twice, and one that it skips
        (
            "2024-11-03T01:30:00",
            "",
            "2024-11-04",
            "at 01:30 of the exchange's clock, when XNYS was",
        ),
        ("2024-03-10T02:30:00", "", "2024-03-11", "when XNYS was shut"),
    ],
)
def test_the_session_follows_from_the_news(announced, when, day, words, tmp_path):
    text = (event.ROOT / "events" / "apple-2025-04-03.toml").read_text("utf-8")
    line = f"announced = {announced}" + (f'\nwhen = "{when}"' if when else "")
    text = re.sub(r"(?m)^date = .*$", line, text)
    (tmp_path / "event.toml").write_text(text, "utf-8")
    one = event.read(tmp_path / "event.toml")
    assert one.date == pd.Timestamp(day) and words in one.why
    assert ("announced" in one.milestones) is (
        one.announced.tz_localize(None).date() != one.date.date()
    )


# ------------------------------------------------------------------ what is odd in prices is said
@pytest.fixture
def changed(tmp_path):
    """Load the German event with its price file changed by a function of its lines."""

    def load(change, **settings):
        lines = (FOLDER / "frankfurt.csv").read_text("utf-8").splitlines()
        (tmp_path / "frankfurt.csv").write_text("\n".join(change(lines)) + "\n", "utf-8")
        text = (FOLDER / "sap-2025.toml").read_text("utf-8")
        for old, new in settings.items():
            text = text.replace(old, new)
        (tmp_path / "event.toml").write_text(text, "utf-8")
        return event_data.load(tmp_path / "event.toml")

    return load


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: [x for x in r if not x.startswith("22.04.2025")], "no row for 2025-04-22"),
        (lambda r: [x for x in r if not x.startswith("17.04.2025")], "no row for 2025-04-17"),
        (lambda r: r[:2] + r[2::5], "daily closes are needed"),
        (lambda r: r[:-90], "beyond the data"),
        (lambda r: r[:2] + r[-200:], "days"),
        (lambda r: [r[0], r[1].replace("SAP.DE", "SAP")] + r[2:], "'SAP.DE' has no prices"),
        (lambda r: [r[0], "Datum;A;B", *r[2:]], "names: call the column of closes Close"),
    ],
)
def test_prices_that_cannot_carry_the_event(changed, change, words):
    with pytest.raises(event.EventError, match=words) as error:
        changed(change)
    assert "\n" not in str(error.value) and str(error.value).endswith(".")


@pytest.fixture
def by_hand(tmp_path):
    """Load the event by hand without some rows of the firm's file; its benchmark has them all."""

    def load(*gone):
        lines = (FOLDER / "xmpl_us_d.csv").read_text("utf-8").splitlines()
        kept = [line for line in lines if not line.startswith(gone)]
        assert len(kept) < len(lines)
        (tmp_path / "xmpl_us_d.csv").write_text("\n".join(kept) + "\n", "utf-8")
        (tmp_path / "MRKT.csv").write_bytes((FOLDER / "MRKT.csv").read_bytes())
        text = (FOLDER / "by-hand-2012.toml").read_text("utf-8")
        (tmp_path / "event.toml").write_text(text, "utf-8")
        return event_data.load(tmp_path / "event.toml")

    return load


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        (("2012-05-18",), "has no price on 2012-05-18, needed by the windows:"),
        (("2012-05-17",), "has no price on 2012-05-17, needed by the windows:"),
        (("2011-10", "2011-11"), "on 2011-10-03 and 41 more days of the estimation window, needed"),
    ],
)
def test_a_row_of_the_firm_that_is_missing_is_named(by_hand, gone, words):
    with pytest.raises(event.EventError, match=words) as error:
        by_hand(*gone)
    assert str(error.value).endswith(": complete its prices or take another day.")


@pytest.mark.parametrize(
    ("gone", "left_out"),
    [
        ("2012-05-21", "days path"),
        ("2012-05-16", "days path curve"),
        ("2012-05-03", "days curve"),
        ("2011-12-05", "curve"),
    ],
)
def test_what_a_missing_row_near_the_event_spoils_is_left_out(by_hand, gone, left_out):
    data = by_hand(gone)
    said = [line for line in data.trial() if f"no price on {gone}" in line]
    assert [line.split(":")[0] for line in said if "picture" in line] == left_out.split()
    assert data.specifications()


def test_the_curve_takes_the_whole_days_around_the_event(by_hand):
    """Not a longer run of whole days elsewhere."""
    data = by_hand("2011-02-11")
    study.curve(data.tables, data.event.date, "XMPL", data.specifications()[:2], data.factors)


def test_another_exchange_is_not_that_of_the_prices(changed):
    with pytest.raises(event.EventError, match="are no sessions of XTKS|is not a trading day"):
        changed(lambda r: r, **{'"XETR"': '"XTKS"'})


def test_gaps_splits_and_currencies_are_said(changed):
    def split(rows):  # 2 for 1 on 3 June 2024, a row on Easter Monday, and a day that is gone
        out = [r for r in rows if not r.startswith("10.06.2024")]
        for i, row in enumerate(out[2:], 2):
            day, close, other = row.split(";")
            if pd.Timestamp(*map(int, day.split(".")[::-1])) >= pd.Timestamp("2024-06-03"):
                out[i] = f"{day};{float(close.replace(',', '.')) / 2:.2f};{other}".replace(
                    ".", ","
                ).replace(",", ".", 2)
        return [*out, "21.04.2025;150,00;250,00"]

    said = " ".join(changed(split, **{"[names]": '[currencies]\n"^GDAXI" = "USD"\n[names]'}).notes)
    assert "on 2024-06-03, as a split into 2 for 1 would move it" in said
    assert "rows of SAP.DE are left out: XETR was shut (2025-04-21)" in said
    assert re.search(r"has no price on 1 of \d+ sessions of XETR \(2024-06-10\)", said)
    assert "SAP.DE is priced in EUR and ^GDAXI in USD" in said


@pytest.mark.parametrize(
    ("first", "last", "factor", "words"),
    [
        ("2024-06-03", "", 1 / 7, "as a split into 7 for 1 would"),
        ("2024-06-03", "", 2 / 3, "as a split into 3 for 2 would"),
        ("2024-06-03", "", 1 / 100, "as a split into 100 for 1 or a change of unit would"),
        ("2024-06-03", "", 1000, "as a split into 1 for 1000 or a change of unit would"),
        ("2024-06-03", "", 70, "on 2024-06-03: check both prices"),
        ("2024-06-03", "2024-06-04", 100, "as a split into 1 for 100 or a change of unit would"),
        ("2024-06-03", "", 1.5, ""),
        ("2025-04-22", "2025-04-22", 0.15, "on 2025-04-22: check both prices"),
        ("2024-06-03", "2024-06-03", 100, None),
        ("2025-04-22", "2025-04-22", 1 / 100, None),
    ],
)
def test_a_jump_that_no_price_makes_is_said_or_refused(changed, first, last, factor, words):
    def jumps(rows):
        def one(row):
            day, close, other = row.split(";")
            if first <= "-".join(day.split(".")[::-1]) <= (last or "9"):
                close = f"{float(close.replace(',', '.')) * factor:.4f}".replace(".", ",")
            return f"{day};{close};{other}"

        return rows[:2] + [one(row) for row in rows[2:]]

    if words is None:
        with pytest.raises(event.EventError, match=f"on {first} and back on the next day, which"):
            changed(jumps)
    else:
        said = [note for note in changed(jumps).notes if " moves by " in note]
        assert bool(said) is bool(words) and words in " ".join(said)
