"""Write the simulated price files of the gallery; each says of itself what it is.

``python events/gallery/simulate.py [FOLDER]`` writes the same bytes each time.  A benchmark moves
by normal noise, a firm by its response to that and noise of its own, and on the day of the event
by a number of per cent more, which is what a study of it should find.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from shockbook.data import exchanges, write_whole

HERE = Path(__file__).parent


def series(seed, exchange, first, last, event, shock):
    """Closes and volumes of a firm and its benchmark, with a planted abnormal return."""
    rng = np.random.default_rng(seed)
    days = exchanges.sessions(exchange, pd.Timestamp(first), pd.Timestamp(last))
    market = rng.normal(0.0004, 0.009, len(days))
    own = 1.2 * market + rng.normal(0, 0.013, len(days))
    at = days.get_loc(pd.Timestamp(event))
    own[at] += shock
    volume = np.exp(rng.normal(15, 0.3, len(days)) + 1.0 * (np.arange(len(days)) == at)).round(-2)
    closes = [(start * np.exp(np.cumsum(r))).round(2) for start, r in ((300, own), (250, market))]
    return days, *closes, volume.astype(int)


def note(firm, shock):
    return (
        f"# Simulated for a gallery of events: these are not prices of {firm}. "
        f"An abnormal return of {shock:.0%} is planted on the day of the event.\n"
    )


def files():
    """File name -> text."""
    out = {}
    days, firm, market, volume = series(1, "XNYS", "2016-06-01", "2019-06-28", "2019-03-11", -0.06)
    for name, close in (("BA", firm), ("SPY", market)):  # as Yahoo writes them
        rows = [
            f"{d:%Y-%m-%d},{c:.2f},{c:.2f},{c:.2f},{c:.2f},{c:.2f},{v}"
            for d, c, v in zip(days, close, volume, strict=True)
        ]
        head = "Date,Open,High,Low,Close,Adj Close,Volume"
        out[f"{name}.csv"] = note(name, -0.06) + "\n".join([head, *rows]) + "\n"
    days, firm, market, _ = series(2, "XETR", "2022-09-01", "2025-07-31", "2025-04-22", 0.06)
    rows = [  # wide, as a German spreadsheet writes it
        f"{d:%d.%m.%Y};{a:.2f};{b:.2f}".replace(".", ",").replace(",", ".", 2)
        for d, a, b in zip(days, firm, market, strict=True)
    ]
    text = "\n".join(["Datum;SAP.DE;^GDAXI", *rows]) + "\n"
    out["frankfurt.csv"] = note("SAP or of the DAX", 0.06) + text
    days, firm, market, volume = series(3, "XNYS", "2009-06-01", "2012-08-31", "2012-05-18", -0.04)
    rows = [
        f"{d:%Y-%m-%d},{c:.2f},{c:.2f},{c:.2f},{c:.2f},{v}"
        for d, c, v in zip(days, firm, volume, strict=True)
    ]
    out["xmpl_us_d.csv"] = "\n".join(["Date,Open,High,Low,Close,Volume", *rows]) + "\n"  # Stooq
    rows = [
        f"{d:%m/%d/%Y},${c:.2f},{v},${c:.2f},${c:.2f},${c:.2f}"
        for d, c, v in zip(days[::-1], market[::-1], volume[::-1], strict=True)
    ]
    out["MRKT.csv"] = "\n".join(["Date,Close/Last,Volume,Open,High,Low", *rows]) + "\n"  # Nasdaq
    return out


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, text in files().items():
        write_whole(folder / name, text.encode())
