"""``python -m shockbook new-event``: ask for an event, check it against the data, write its file.

What is given as an option is not asked for.  Each answer is checked as it comes; a wrong one is
answered with one sentence, and asked for again.  The file is written whole or not at all.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from shockbook import catalog, event, event_data, study, words
from shockbook.data import write_whole
from shockbook.event import Event, EventError, News, Specification

DEFAULT = Specification("market", "SPY", "simple", (-270, -21), (0, 0))


def add_parser(commands) -> None:
    """Add ``new-event`` to the commands of ``python -m shockbook``."""
    parser = commands.add_parser(
        "new-event",
        help="ask for an event, check it against the data, write event.toml",
        description="Write an event's file. What is not given as an option is asked for.",
    )
    parser.add_argument("--firm", help="ticker of the firm, for instance AAPL")
    parser.add_argument("--date", help="the event day, for instance 2025-04-03")
    parser.add_argument("--name", help="a title, for instance 'Apple on 3 April 2025'")
    parser.add_argument("--benchmark", help="ticker to compare with; SPY by default")
    parser.add_argument("--model", help="model of an ordinary day; market by default")
    parser.add_argument("--estimation", help="estimation window, -270:-21 by default")
    parser.add_argument("--window", help="event window, 0:0 by default")
    parser.add_argument("--groups", help='dataset or CSV file of groups; "" for none')
    parser.add_argument("--news", help="what is known to have happened, in a sentence")
    parser.add_argument("--source", help="address where that can be read")
    parser.add_argument(
        "--lot",
        type=int,
        metavar="SEED",
        help="draw the firm (unless given) and the day by lot: an ordinary event to compare with",
    )
    parser.add_argument("--output", default="event.toml", help="file; event.toml by default")
    parser.add_argument("--force", action="store_true", help="replace a file that is there")
    parser.add_argument("--yes", action="store_true", help="take the default for all not given")
    parser.set_defaults(run=main)


def main(options) -> int:
    """Run the command: 0 if the file was written; a fault is one sentence and leaves all as is."""
    try:
        one = collect(options)
    except (EOFError, KeyboardInterrupt):
        raise EventError("the questions ended too soon; nothing was written.") from None
    target = event.ROOT / options.output
    if target.exists() and not options.force and not _may_replace(target, options):
        raise EventError(
            f"{target.name} is there already and was left as it is; give --force to replace it, "
            "or --output for another file."
        )
    event_data.load(one)  # the whole of it once more, as the page will load it
    if not target.parent.is_dir():
        raise EventError(f"there is no folder {target.parent.name} to hold {target.name}.")
    write_whole(target, event.text(one).encode())
    print(f"{target.name}: {one.name} ({one.firm}, {one.date:%Y-%m-%d}).")
    print("Next: make notebooks, then make book BOOK=event.")
    return 0


def collect(options) -> Event:
    """An event from options and answers, each checked against the data.

    Raises
    ------
    EventError
        If an option is wrong: options are not asked for again.
    EOFError
        If the answers end too soon.
    """
    if options.lot is not None:
        options.firm, options.date = by_lot(options.lot, options.firm, options.date)
        options.yes = True
    names = event_data.known()
    tickers = catalog.load("tickers", live=False).set_index("ticker")
    spec = replace(
        DEFAULT,
        model=options.model or DEFAULT.model,
        estimation=_window(options.estimation, "estimation") or DEFAULT.estimation,
        event_window=_window(options.window, "window") or DEFAULT.event_window,
    )
    draft = Event(
        name="draft",
        date=pd.Timestamp.min,
        firm="",
        exchange="XNYS",
        currency="USD",
        primary=spec,
        milestones=MappingProxyType({}),
        groups="groups" if options.groups is None else options.groups,
        alternatives=event.ALTERNATIVES,
    )

    def ticker(role: str) -> Callable[[str], str]:
        def check(answer: str) -> str:
            found = answer if answer in names else answer.upper()
            event.check_ticker(role, found, names)
            return found

        return check

    firm = _ask(options, "firm", "Ticker of the firm", ticker("firm"))
    draft = replace(draft, firm=firm)
    benchmark = _ask(
        options, "benchmark", "Ticker of the benchmark", ticker("benchmark"), DEFAULT.benchmark
    )
    others = draft.alternatives["benchmark"]
    draft = replace(
        draft,
        primary=replace(spec, benchmark=benchmark),
        currency=str(tickers["currency"].get(firm, "USD")),
        alternatives=MappingProxyType(
            {**draft.alternatives, "benchmark": tuple(dict.fromkeys([benchmark, *others]))}
        ),
    )

    def day(answer: str) -> pd.Timestamp:
        try:
            found = pd.Timestamp(dt.date.fromisoformat(answer))
        except ValueError:
            raise EventError(
                f"{answer!r} is no date; write year, month and day like 2025-04-03."
            ) from None
        event_data.load(replace(draft, date=found))
        return found

    date = _ask(options, "date", "Day of the event, like 2025-04-03", day)
    label = names.get(firm) or firm
    usual = f"{label} on {words.day(date)}"
    name = _ask(options, "name", "Title of the page", _filled, usual)
    return replace(draft, date=date, name=name, news=_news(options))


def by_lot(seed: int, firm: str | None = None, date: str | None = None) -> tuple[str, str]:
    """A firm and a day drawn by lot, of those for which every picture can be drawn.

    For a class: among events that somebody chose, one that nobody did.  The same seed draws the
    same from the same data.

    Parameters
    ----------
    seed : int
    firm, date : str, optional
        Given ones are kept.
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
    if not answer.strip():
        raise EventError("the name is empty.")
    return answer.strip()


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
        return check(given)
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
