"""A folder of prices for one's own event, filled from Yahoo: a package like any other."""

import datetime as dt
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from shockbook import data
from shockbook.data import Package, files, write_whole
from shockbook.data.package import FILE
from shockbook.data.validate import validate
from shockbook.live.faults import ContractError
from shockbook.live.quotes import prices

COLUMNS = {"name": "Its name at Yahoo", "currency": "Currency of its prices"}


def fetch(folder: Path, tickers: Collection[str], first: dt.date, last: dt.date) -> Package:
    """Fetch daily prices into a folder of their own, which is replaced whole or not at all.

    Raises ``LiveError`` if Yahoo does not know a ticker or does not answer, or a row does not fit
    the schema.
    """
    held = Package(folder, folder.name)
    bare = folder.exists() and not (folder / FILE).exists()
    if bare or folder.exists() and (any(held.strays()) or any(held.changed())):
        raise ContractError(f"{folder.name} is there already and holds other files: rename it.")
    table = prices(tickers, first, last)
    if unknown := table.attrs["unknown"]:
        raise ContractError(f"Yahoo does not know {', '.join(unknown)}.")
    meta = table.attrs["listings"]
    about = pd.DataFrame([{"ticker": t, **meta[t]} for t in sorted(tickers)])
    today = dt.datetime.now(dt.UTC).date().isoformat()
    described = data.snapshot().describe("prices")
    fields = {f["name"]: f for f in described["schema"]["fields"] if f["name"] in table}
    schema = {"primaryKey": ["ticker", "date"], "missingValues": [""]}
    common = {
        "licenceNote": "Yahoo's; for your own use.",
        "asOf": table.attrs["as_of"],
        "retrieved": today,
        "usedBy": [],
        "shortSource": "Yahoo",
    }
    of_tickers = [
        {"name": n, "type": "string", "description": d}
        for n, d in {"ticker": "Symbol at Yahoo", **COLUMNS}.items()
    ]
    resources = {
        "prices": ("Daily prices", [fields[n] for n in table.columns if n in fields], schema),
        "tickers": ("What each ticker is", of_tickers, {**schema, "primaryKey": ["ticker"]}),
    }
    with files.whole_folder(folder) as part:
        done = []
        for (name, (title, columns, keys)), frame in zip(
            resources.items(), (table, about), strict=True
        ):
            resource = {"name": name, "path": f"{name}.csv", "title": title, "description": title}
            resource |= {"schema": {"fields": columns, **keys}, **common}
            content = files.content(frame, resource)
            write_whole(part / resource["path"], content)
            done.append(files.stamped(resource, content))
        description = {"name": folder.name, "title": "Prices of one event", "resources": done}
        write_whole(part / FILE, files.text(description).encode())
        if faults := validate(Package(part, folder.name)):
            raise ContractError(f"Yahoo's prices do not fit their schema: {faults[0]}")
    return Package(folder, folder.name)
