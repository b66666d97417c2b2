"""What a verdict rests on: the sources behind each deciding part, and their kinds.

A part that a list of sources decides names them.  For the others the table ``claim-evidence``
names the rows that the value was computed from, and the rows name their sources.  No verdict
reads any of this: it is for asking how good the evidence is.
"""

import functools

import pandas as pd

from shockbook import catalog

#: Kinds of source, the strongest first (the table ``sources`` says what each means).
KINDS = ("primary", "secondary", "tertiary")
HAND = dict(zip(KINDS, ("first-hand", "second-hand", "third-hand"), strict=True))
#: Ways of reading a source, the best first.
WAYS = list(catalog.READ)
#: How the parts of some tests were decided.
HOW = {"stated": "reported", "found": "searched", "undecidable": "undecided"}
#: Datasets whose rows are named elsewhere: the table, its column of names and that of sources.
NAMED = {
    "prices": ("tickers", "ticker", "source_ids"),
    "sp500-prices": ("sp500-members", "ticker", "adj_source_id"),
    "attention": ("attention", "series", "source_ids"),
}


def _split(text: str) -> list[str]:
    return [i.strip() for i in text.split(";") if i.strip()]


@functools.cache
def _rows(dataset: str) -> dict[str, list[str]]:
    """Source ids of each row of a dataset, by the name that ``claim-evidence`` uses for it."""
    table, name, ids = NAMED.get(dataset, (dataset, "id", "source_ids"))
    loaded = catalog.load(table, live=False)
    if ids not in loaded:  # a series of one origin: its sources stand in the package's description
        return {"": [one["id"] for one in catalog.describe(dataset)["sources"]]}
    by_name = loaded.groupby(name, sort=False)[ids]
    return {name: _split(";".join(cells.dropna())) for name, cells in by_name}


def rows(dataset: str, names: str = "") -> dict[str, list[str]]:
    """The rows that a line of ``claim-evidence`` names, each with its source ids.

    Between ``names`` stands ``;``: ``group:NAME`` is every ticker of a group, none the whole table.
    """
    there, wanted = _rows(dataset), []
    for name in _split(names):
        if name.startswith("group:"):
            groups = catalog.load("groups", live=False)
            wanted += list(groups.loc[groups["group"] == name.removeprefix("group:"), "ticker"])
        else:
            wanted.append(name)
    for name in wanted:
        if name not in there:
            raise catalog.DataError(f"claim-evidence names the row {name!r}, which {dataset} lacks")
    return {name: there[name] for name in wanted or there}


def best(ids: list[str], without: str = "") -> str:
    """The strongest kind among sources, those of one kind left out; ``""`` if none is left."""
    known = catalog.sources_by_id()
    left = {known[i]["kind"] if i in known else KINDS[-1] for i in ids} - {without}
    return next((kind for kind in KINDS if kind in left), "")


def parts(found: list[dict]) -> pd.DataFrame:
    """How each deciding part of some verdicts was decided, and on what kind of source.

    ``how`` is "computed" (from rows of data), "reported" (two publishers say it), "searched" or
    "undecided"; ``rows`` counts rows or publishers.  ``kind`` and ``read`` are the weakest links:
    of each row the best source, of these the least; of reports the second best publisher.
    """
    evidence = catalog.load("claim-evidence", live=False).groupby(["claim", "key"])
    listed, known, table = dict(iter(evidence)), catalog.sources_by_id(), []
    for record in found:
        for part in record["parts"]:
            if part["role"] != "core":
                continue
            how, used = HOW.get(part["test"], "computed"), []
            take = 2 if how == "reported" else None
            if how == "reported":
                publishers = dict.fromkeys(known[one]["publisher"] for one in part["values"])
                used = [[one for one in part["values"] if known[one]["publisher"] == publisher]
                        for publisher in publishers]  # fmt: skip
            elif how == "computed" and (record["claim"], part["key"]) in listed:
                lines = listed[record["claim"], part["key"]]
                named = [rows(x.dataset, x.rows) for x in lines.fillna("").itertuples()]
                used = [ids for one in named for ids in one.values()]
            strongest = [best(ids) for ids in used]
            ways = [min((known[i]["read"] for i in ids), key=WAYS.index) for ids in used if ids]
            read = "".join(sorted(ways, key=WAYS.index)[:take][-1:])
            kind = "".join(sorted(strongest, key=KINDS.index)[:take][-1:])
            table.append((record["claim"], part["key"], how, kind, len(used), read))
    return pd.DataFrame(table, columns=["claim", "key", "how", "kind", "rows", "read"])


def weakest(found: list[dict]) -> dict[str, str]:
    """Claim to the weakest links in what decided it, in words, where sources decided it."""
    if "claim-evidence" not in catalog.names():
        return {}
    said, table = {}, parts(found)
    for claim, mine in table[(table["kind"] != "") & (table["read"] != "")].groupby("claim"):
        kind, read = max(mine["kind"], key=KINDS.index), max(mine["read"], key=WAYS.index)
        said[claim] = f"The weakest source behind it is {HAND[kind]}, {catalog.READ[read]}."
    return said


def only_reading(claim: str) -> str:
    """Why no other reading of a claim was tried, if the table ``claims`` gives a reason."""
    if "claims" not in catalog.names():
        return ""
    table = catalog.load("claims", live=False).set_index("id").fillna("")
    return table.get("no_other_reading", {}).get(claim, "")
