"""``python -m shockbook new-event``: ask for an event, try its page, write its file.

What is given as an option is not asked for.  Each answer is checked as it comes; a wrong one is
answered with one sentence, and asked for again.  Before the file is written, whole or not at all,
everything that the page computes is computed once, and what it will leave out is said.
"""

import datetime as dt
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from shockbook import event, event_data, study, words
from shockbook.data import DataError, exchanges, write_whole
from shockbook.event import Event, EventError, News

DEFAULT = study.Specification()
#: Exchange and currency by the end of a ticker, as Yahoo writes it; others are asked for.
LISTINGS = {
    ".DE": ("XETR", "EUR"), ".F": ("XFRA", "EUR"), ".PA": ("XPAR", "EUR"), ".AS": ("XAMS", "EUR"),
    ".MI": ("XMIL", "EUR"), ".MC": ("XMAD", "EUR"), ".L": ("XLON", "GBp"), ".SW": ("XSWX", "CHF"),
    ".ST": ("XSTO", "SEK"), ".OL": ("XOSL", "NOK"), ".CO": ("XCSE", "DKK"), ".T": ("XTKS", "JPY"),
    ".HK": ("XHKG", "HKD"), ".SS": ("XSHG", "CNY"), ".KS": ("XKRX", "KRW"), ".TW": ("XTAI", "TWD"),
    ".NS": ("XBOM", "INR"), ".BO": ("XBOM", "INR"), ".AX": ("XASX", "AUD"), ".TO": ("XTSE", "CAD"),
    ".SA": ("BVMF", "BRL"), "-USD": ("24/7", "USD"),
}  # fmt: skip
#: Days before the estimation window that a fetch asks for, to have placebo days.
EARLIER = 500


def add_parser(commands) -> None:
    """Add ``new-event`` to the commands of ``python -m shockbook``."""
    parser = commands.add_parser(
        "new-event",
        help="ask for an event, try its page, write event.toml",
        description="Write an event's file. What is not given as an option is asked for.",
    )
    add = parser.add_argument
    add("--firm", help="ticker of the firm, for instance AAPL; or the name of a basket")
    add("--firms", help="an industry: tickers apart by commas, or a sector of the index members")
    add("--date", help="the event day, for instance 2025-04-03")
    add("--announced", help="the day of the news (or moment, 2025-04-02T16:30); gives the session")
    add("--when", choices=exchanges.WHEN, help="when on that day; unknown by default")
    add("--between", nargs=2, metavar=("FIRST", "LAST"), help="no clear day: rank those between")
    add("--name", help="a title, for instance 'Apple on 3 April 2025'")
    add("--benchmark", help="ticker to compare with, or several apart by commas; SPY by default")
    add("--prices", action="append", default=[], help="a price file of your own, or TICKER=FILE")
    add("--fetch", action="store_true", help="fetch prices of any ticker from Yahoo")
    add("--exchange", help="whose sessions count: XNYS, XETR, XTKS, XHKG, 24/7 and others")
    add("--currency", help="of the firm's prices, for instance EUR")
    add("--model", help="model of an ordinary day; market by default")
    add("--estimation", help="estimation window, -270:-21 by default")
    add("--window", help="event window, 0:0 by default")
    add("--groups", help='dataset or CSV file of groups; "" for none')
    add("--news", help="what is known to have happened, in a sentence")
    add("--source", help="address where that can be read")
    add(
        "--lot",
        type=int,
        metavar="SEED",
        help="draw the firm (unless given) and the day by lot: an ordinary event to compare with",
    )
    add("--output", default="event.toml", help="file; event.toml by default")
    add("--force", action="store_true", help="replace a file that is there")
    add("--yes", action="store_true", help="take the default for all not given")
    parser.set_defaults(run=main)


def main(options) -> int:
    """Run the command: 0 if the file was written; a fault is one sentence and leaves all as is."""
    target = event.ROOT / options.output
    if not target.parent.is_dir():
        raise EventError(f"there is no folder {target.parent.name} to hold {target.name}.")
    if target.is_dir():
        raise EventError(f"{target.name} is a folder: name a file in it, like my.toml.")
    fetched = []
    try:
        one = collect(options, target.parent, fetched)
        if one is None:
            return 0
        if target.exists() and not options.force and not _may_replace(target, options):
            raise EventError(
                f"{target.name} is there already and was left as it is; give --force to replace "
                "it, or --output for another file."
            )
        content = event.text(one).encode(errors="surrogateescape")
        one = event.parse(content, target)  # what cannot be read back replaces nothing
        data = event_data.load(one)  # the whole of it once more, as the page will load it
        said = [*filter(None, [one.why]), *data.notes, *data.trial()]
        write_whole(target, content)
        fetched.clear()
    except (EOFError, KeyboardInterrupt):
        raise EventError("the questions ended too soon; nothing was written.") from None
    except study.StudyError as error:
        raise EventError(f"{error}.") from None
    except OSError as error:
        raise EventError(f"{target.name} was not written ({error.strerror or error}).") from None
    finally:
        for path in fetched:  # of an event that was not written
            path.unlink(missing_ok=True)
    print(f"{target.name}: {one.name} ({one.firm}, {one.date:%Y-%m-%d}).", *said, sep="\n")
    mine = target == event.ROOT / "event.toml"
    where = "" if mine else f" EVENT={options.output}"
    if (event.ROOT / "Makefile").is_file():
        print(f"Next: {'make notebooks, then ' * mine}make book BOOK=event{where}.")
    else:  # the student edition
        print(f"Next: run your-event.ipynb again, with EVENT = {'' if mine else options.output!r}.")
    return 0


def joined(arguments: list[str]) -> list[str]:
    """Join ``--estimation -270:-21``, whose value argparse would take for an option."""
    out = []
    for one in arguments:
        if out and re.fullmatch(r"-\d+:-?\d+", one) and out[-1] in ("--estimation", "--window"):
            out[-1] += f"={one}"
        else:
            out.append(one)
    return out


def collect(options, folder: Path, fetched: list[Path]) -> Event | None:
    """An event from options and answers, each checked against the data.

    None if the days of ``--between`` were ranked and nobody is there to choose; a wrong option,
    which is not asked for again, is an ``EventError``, answers that end too soon an ``EOFError``.
    """
    if options.lot is not None:
        options.firm, options.date = by_lot(options.lot, options.firm, options.date)
        options.yes = True
    if options.date and (options.announced or options.when):
        raise EventError("give --date, or --announced and --when, not both.")
    names = event_data.known()
    listed = event_data.snapshot("tickers").set_index("ticker")
    files = tuple(_file(given) for given in options.prices)
    elsewhere = bool(files or options.fetch)
    spec = replace(
        DEFAULT,
        model=options.model or DEFAULT.model,
        estimation=_window(options.estimation, "estimation") or DEFAULT.estimation,
        event_window=_window(options.window, "window") or DEFAULT.event_window,
    )
    baskets = {}

    def ticker(role: str) -> Callable[[str], str]:
        def check(answer: str) -> str:
            found = answer
            if "," in found:
                several = dict.fromkeys(t.strip() for t in found.split(",") if t.strip())
                if len(several) < 2:
                    raise EventError(f"{answer!r} names fewer than two tickers.")
                found = f"{len(several)} others" if role == "benchmark" else "The basket"
                baskets[found] = tuple(check(t) for t in several)
            elif found not in names and found.upper() in names:
                found = found.upper()
            elif not elsewhere and found not in baskets:
                event.check_ticker(role, found, names)
            elif not found:
                raise EventError(f"the {role} is empty.")
            return found

        return check

    if options.firms:
        options.firm = options.firm or options.firms
        baskets[options.firm] = _firms(options.firms, ticker("firm"))
    firm = _ask(options, "firm", "Ticker of the firm", ticker("firm"))
    exchange, currency = _listing(baskets.get(firm, (firm,))[0], listed, options, elsewhere)
    usual = {event_data.HOME: DEFAULT.benchmark, "24/7": "BTC-USD"}.get(exchange)
    usual = "ETH-USD" if firm == usual else usual
    if spec.model == "mean" and elsewhere:
        usual = firm  # it needs no other
    benchmark = _ask(options, "benchmark", "Ticker of the benchmark", ticker("benchmark"), usual)
    home = exchange == event_data.HOME and not elsewhere
    alternatives = event.ALTERNATIVES if home else event.ANYWHERE
    benchmarks = tuple(dict.fromkeys([benchmark, *alternatives["benchmark"]]))
    draft = Event(
        name="draft",
        date=pd.Timestamp.min,
        firm=firm,
        exchange=exchange,
        currency=currency,
        primary=replace(spec, benchmark=benchmark),
        groups=("groups" if home else "") if options.groups is None else options.groups,
        alternatives={**alternatives, "benchmark": benchmarks},
        prices=files,
        baskets=baskets,
        folder=folder,
    )

    def day(answer: str) -> Event:
        found = replace(draft, **_day(answer, exchange, options))
        if options.fetch:
            found = _fetch(found, fetched)
        event_data.load(found)
        return found

    if options.between:
        rank(draft, options, fetched)
        if options.yes and not (options.date or options.announced):
            return None
    options.date = options.date or options.announced
    draft = _ask(options, "date", "Day of the event, like 2025-04-03", day)
    usual = f"{names.get(firm) or firm} on {words.day(draft.date)}"
    name = _ask(options, "name", "Title of the page", _filled, usual)
    return replace(draft, name=name, news=_news(options))


def _firms(given: str, check: Callable[[str], str]) -> tuple[str, ...]:
    """The tickers of an industry: those named, or the index members of a sector."""
    if "," in given:
        return tuple(check(t.strip()) for t in given.split(",") if t.strip())
    members = event_data.snapshot("sp500-members")
    for column in ("sector", "sub_industry"):
        if len(found := members[members[column].str.casefold() == given.strip().casefold()]) > 1:
            return tuple(found["ticker"])
    raise EventError(
        f"{given!r} is no sector of the index members; there are "
        f"{', '.join(sorted(members['sector'].unique()))}, or name tickers apart by commas."
    )


def _file(given: str) -> tuple[str, str]:
    """``my.csv`` or ``SAP=my.csv`` as ticker and file."""
    ticker, sign, file = given.partition("=")
    return (ticker.strip(), file.strip()) if sign else ("", given.strip())


def _listing(ticker: str, listed: pd.DataFrame, options, elsewhere: bool) -> tuple[str, str]:
    """Exchange and currency: as given, as the data have them, by the ticker's end, or asked."""
    known = listed["calendar"].get(ticker), listed["currency"].get(ticker)
    end = next((e for e in LISTINGS if ticker.upper().endswith(e)), None)
    guess = known if known[0] else LISTINGS.get(end, (event_data.HOME, "USD"))
    guess = (guess[0], "USD" if guess[1] == "points" else guess[1])

    def exchange(answer: str) -> str:
        try:
            return exchanges.resolve(answer)
        except DataError as error:
            raise EventError(str(error)) from None

    if not elsewhere or end or known[0]:
        options.exchange = options.exchange or guess[0]
        options.currency = options.currency or guess[1]
    if options.exchange is None or options.exchange not in (event_data.HOME, known[0]):
        options.exchange = _ask(options, "exchange", "Exchange", exchange, guess[0])
    return options.exchange, _ask(options, "currency", "Currency", str, guess[1])


def _day(answer: str, exchange: str, options) -> dict:
    """The settings that an answer gives: the date, or the news and the session after it."""
    try:
        moment = dt.datetime.fromisoformat(answer)
    except ValueError:
        raise EventError(
            f"{answer!r} is no date; write year, month and day like 2025-04-03."
        ) from None
    if options.announced is None and moment == dt.datetime.combine(moment, dt.time()):
        given = {"date": moment}
    else:
        given = {"announced": moment}
        if options.when and moment == dt.datetime.combine(moment, dt.time()):  # no time of day
            given["when"] = options.when
    settled = event.settle(given, exchange)
    return dict(zip(("date", "announced", "when", "why"), settled, strict=True))


def _fetch(one: Event, fetched: list[Path]) -> Event:
    """The event with a price file beside its own, fetched from Yahoo."""
    from shockbook.live import LiveError, own

    tickers = [ticker for ticker in one.tickers if ticker not in one.baskets]
    days = 1.5 if one.exchange != "24/7" else 1.0
    before = days * (EARLIER - one.primary.estimation[0])
    first = one.date - pd.Timedelta(days=before)
    last = min(one.date + pd.Timedelta(days=60), pd.Timestamp.now().normalize())
    if last < one.date:
        raise EventError(f"{one.date:%Y-%m-%d} has not come yet.")
    name = re.sub(r"[^A-Za-z0-9]+", "-", f"{one.firm}-{one.date:%Y-%m-%d}").strip("-").lower()
    path = one.folder / f"{name}.csv"
    new = not path.exists()
    try:
        names = own.fetch(path, tickers, first.date(), last.date())
    except LiveError as error:
        raise EventError(f"{', '.join(tickers)}: no prices were fetched ({error})") from None
    if new:
        fetched.append(path)
    return replace(one, prices=(("", path.name),), names=names)


def rank(draft: Event, options, fetched: list[Path]) -> None:
    """Print the sessions of ``--between`` by volume and by abnormal return."""
    first, last = options.between
    try:
        low, high = (pd.Timestamp(dt.date.fromisoformat(d)) for d in (first, last))
    except ValueError:
        raise EventError("--between takes two days like 2025-04-01 2025-04-30.") from None
    if low > high:
        raise EventError(f"--between: {first} comes after {last}.")
    if options.fetch:
        draft = _fetch(replace(draft, date=high), fetched)
    table = event_data.load_at(draft, low, high).busy_days(low, high)
    odd = table["volume"] if table["volume"].notna().any() else table["t"].abs()
    table = table.loc[odd.sort_values(ascending=False, kind="stable").index]
    print(f"{'day':<22}{'volume, times usual':>20}{'abnormal return':>18}{'t':>8}")
    for day, row in table.head(10).iterrows():
        volume = "not known" if pd.isna(row["volume"]) else f"{row['volume']:.2f}"
        moved = words.write(100 * row["abnormal"], "{:+.1f}%")
        t = words.write(row["t"], "{:.1f}")
        print(f"{day:%Y-%m-%d %a}{'':<8}{volume:>20}{moved:>18}{t:>8}")
    chance = 100 * (1 - 0.95 ** len(table))
    print(
        f"A day chosen because its return is large makes the test unfair: of {len(table)} ordinary "
        f"days one or more would pass it by luck alone in {chance:.0f}% of cases. Take the day of "
        "the news; if there is none, the day of the largest volume, and say that you did."
    )


def by_lot(seed: int, firm: str | None = None, date: str | None = None) -> tuple[str, str]:
    """A firm and a day drawn by lot, of those for which every picture can be drawn.

    For a class: among events that somebody chose, one that nobody did.  The same seed draws the
    same from the same data; a firm or date that is given is kept.
    """
    closes, members, _ = event_data.tables()
    days = study.calendar_of(closes, DEFAULT.benchmark)
    days = days[days <= members.index[-1]]
    whole = members.columns[members.reindex(days).notna().all()].sort_values()
    before = 1 - DEFAULT.estimation[0]  # of an event's first return, and of its placebo days
    apart = -DEFAULT.estimation[1]
    free = days[before + event_data.FEWEST + apart : len(days) - event_data.NEAR]
    rng = np.random.default_rng(seed)
    drawn, day = str(rng.choice(whole)), pd.Timestamp(rng.choice(free))
    return firm or drawn, date or f"{day:%Y-%m-%d}"


def _news(options) -> News | None:
    if bool(options.news) != bool(options.source):
        raise EventError("news needs a source, and a source needs news: give both or neither.")
    return News(options.news, options.source) if options.news else None


def _filled(answer: str) -> str:
    if not answer:
        raise EventError("the name is empty.")
    return answer


def _window(answer: str | None, role: str) -> tuple[int, int] | None:
    """``-270:-21`` as two whole numbers."""
    if answer is None:
        return None
    try:
        first, last = (int(part) for part in answer.split(":"))
    except ValueError:
        raise EventError(f"{role} is {answer!r}; write it like -270:-21.") from None
    return first, last


def _ask(options, key: str, question: str, check: Callable, default: str | None = None):
    """The option if it was given, else the answer to a question, asked until it is good."""
    given = getattr(options, key)
    if given is not None:
        return check(given.strip())
    if options.yes and default is not None:
        return check(default)
    if options.yes:
        raise EventError(f"--{key} is missing, and with --yes nothing is asked.")
    while True:
        print(question + (f" [{default}]" if default else "") + ": ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            print()
            raise EOFError
        try:
            return check(line.strip() or default or "")
        except EventError as error:
            print(f"  {error}")


def _may_replace(target: Path, options) -> bool:
    """Ask before a file is replaced, if there is somebody to ask."""
    if options.yes or not sys.stdin.isatty():
        return False
    try:
        holds = f" ({event.read(target).name})"
    except EventError:
        holds = ""
    print(f"{target.name} is there already{holds}. Replace it? [y/N]: ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
