"""Quarterly capital expenditure from the SEC's XBRL company facts."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd

from shockbook.live.faults import UNATTENDED, ContractError, LiveError, Patience
from shockbook.live.net import Session

CONTACT = "SHOCKBOOK_CONTACT"
URL = "https://data.sec.gov/api/xbrl/companyfacts/CIK{cik:010d}.json"
PPE = "PaymentsToAcquirePropertyPlantAndEquipment"
ASSETS = "PaymentsToAcquireProductiveAssets"
#: What is read of each fact.
FIELDS = ("start", "end", "val", "filed", "form")
#: Days of a quarter and of a year as filers cut them (13 or 14 weeks, 52 or 53).
QUARTER, YEAR = (80, 100), (350, 380)
#: A fiscal quarter that ends in the first week of a month belongs to the month before.
LATE = pd.Timedelta(days=7)


@dataclass(frozen=True)
class Filer:
    """A company at the SEC: name, ticker, CIK, last month of its fiscal year, capex tags.

    The first tag that holds quarters is read.  Amazon's line is called productive assets; it is
    gross of sale proceeds, as the others are.
    """

    company: str
    ticker: str
    cik: int
    ends: int
    tags: tuple[str, ...] = (PPE,)


FILERS = (
    Filer("Microsoft", "MSFT", 789019, 6),
    Filer("Alphabet", "GOOGL", 1652044, 12),
    Filer("Amazon", "AMZN", 1018724, 12, (ASSETS,)),
    Filer("Meta Platforms", "META", 1326801, 12),
    Filer("Oracle", "ORCL", 1341439, 5),
    Filer("Apple", "AAPL", 320193, 9),
    Filer("CoreWeave", "CRWV", 1769628, 12, (PPE, ASSETS)),
)


def contact() -> str:
    """Who asks, as the SEC wants it in every request: a name and an e-mail address.

    Raises ``LiveError`` if the setting ``SHOCKBOOK_CONTACT`` holds no address.
    """
    text = os.environ.get(CONTACT, "").strip()
    if "@" not in text:
        raise LiveError(
            "fetch",
            f'SEC EDGAR wants to know who asks: set {CONTACT}="Your Name you@example.org".',
        )
    return text


def capex(
    filers: Iterable[Filer] = FILERS,
    *,
    patience: Patience = UNATTENDED,
    progress: Callable[[str], None] = lambda ticker: None,
) -> pd.DataFrame:
    """Quarterly cash purchases of property and equipment, as first reported.

    ``progress`` is called with each ticker that is done.

    Returns a table of ``id`` (``MSFT-2025Q2``), ``company``, ``ticker``, ``fiscal_period``
    (``FY2025Q4``), ``fiscal_quarter_end``, ``calendar_quarter`` (the one that holds its end),
    ``capex_usd_millions`` (cash-flow statement, gross of sale proceeds, without finance leases),
    ``how_obtained`` (``reported quarter`` or ``ytd difference``).

    Raises ``LiveError``: one sentence.
    """
    frames = []
    with Session("SEC EDGAR", patience, headers={"User-Agent": contact()}) as session:
        for filer in filers:
            answer = session.get(URL.format(cik=filer.cik)).json()
            frames.append(quarters(answer, filer))
            progress(filer.ticker)
    return pd.concat(frames, ignore_index=True)


def quarters(answer: dict, filer: Filer) -> pd.DataFrame:
    """The quarters of one company's facts (see :func:`capex` for the columns).

    Cash-flow statements count from the start of the fiscal year.  A quarter that is stated on
    its own is taken as it is; else it is the difference of two figures that count from the same
    day, and the fourth is the year less nine months.  Of several filings of one period the first
    counts: later ones may restate it (Meta's of 2023 are net of sale proceeds).

    Raises ``LiveError`` with reason ``contract`` if the tag, its unit or a field is not there, or
    if one filing gives two values for one period.
    """
    facts = _facts(answer, filer)
    sums = {(row.start, row.end): row.val for row in facts.itertuples()}
    rows = {}
    for (start, end), value in sums.items():
        days = (end - start).days
        if QUARTER[0] <= days <= QUARTER[1]:
            rows[end] = (value, "reported quarter")
    for (start, end), value in sums.items():
        before = [e for s, e in sums if s == start and QUARTER[0] <= (end - e).days <= QUARTER[1]]
        if end not in rows and before and (end - start).days <= YEAR[1]:
            rows[end] = (value - sums[start, before[0]], "ytd difference")
    frame = pd.DataFrame(
        {
            "company": filer.company,
            "ticker": filer.ticker,
            "fiscal_period": [_fiscal(end, filer.ends) for end in rows],
            "fiscal_quarter_end": list(rows),
            "calendar_quarter": [str((end - LATE).to_period("Q")) for end in rows],
            "capex_usd_millions": [round(value / 1e6, 2) for value, _ in rows.values()],
            "how_obtained": [how for _, how in rows.values()],
        }
    )
    if frame.empty:
        raise ContractError(f"SEC EDGAR has no quarters of capex for {filer.company}.")
    frame.insert(0, "id", filer.ticker + "-" + frame["calendar_quarter"])
    return frame.sort_values("fiscal_quarter_end", kind="stable", ignore_index=True)


def _facts(answer: dict, filer: Filer) -> pd.DataFrame:
    """First filed value of each period: columns start, end, val."""
    try:
        concepts = answer["facts"]["us-gaap"]
        tag = next((t for t in filer.tags if t in concepts), None)
        if tag is None:
            raise ContractError(
                f"SEC EDGAR's facts of {filer.company} have no {' or '.join(filer.tags)}."
            )
        units = concepts[tag]["units"]
        if "USD" not in units:
            raise ContractError(
                f"SEC EDGAR gives the capex of {filer.company} in {', '.join(units)}, not USD."
            )
        table = pd.DataFrame({name: [fact[name] for fact in units["USD"]] for name in FIELDS})
        table["val"] = pd.to_numeric(table["val"])
        end, start = (pd.to_datetime(table[name], format="ISO8601") for name in ("end", "start"))
    except (TypeError, ValueError):
        raise ContractError(
            f"SEC EDGAR's facts of {filer.company} hold text where a number or a day should be."
        ) from None
    except KeyError as error:
        raise ContractError(
            f"SEC EDGAR's facts of {filer.company} have no {error}: their form has changed."
        ) from None
    table = table[table["form"].isin(["10-Q", "10-K", "10-Q/A", "10-K/A", "S-1", "S-1/A", "424B4"])]
    table = table.dropna(subset=["val"])
    table = table[table["filed"] >= table["end"]]  # nobody reports a quarter before its end
    table["quarters"] = ((end - start).dt.days / 91).round()  # starts differ by a day or two
    same = table.groupby(["end", "quarters", "filed"])["val"].nunique()
    if (same > 1).any():
        end, quarters, filed = same.idxmax()
        raise ContractError(
            f"SEC EDGAR's filing of {filed} gives two values for the capex of {filer.company} "
            f"in the {3 * quarters:g} months to {end}."
        )
    table = table.sort_values("filed", kind="stable").drop_duplicates(["end", "quarters"])
    table = table.assign(start=start, end=end)
    return table.sort_values(["end", "start"])[["start", "end", "val"]]


def _fiscal(end: pd.Timestamp, ends: int) -> str:
    """The fiscal period that ends on a day, for a fiscal year that ends in month ``ends``."""
    period = (end - LATE).to_period("M")
    months = (period.month - ends - 1) % 12 + 1
    year = period.year + (period.month > ends)
    return f"FY{year}Q{(months + 2) // 3}"
