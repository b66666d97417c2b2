"""Numbers that can be traced: every figure in the prose is said here first.

A cell that computes a figure ends with :func:`say` (or :func:`cite`, for a figure read from one
row of a table).  Both return a string, ready for a chart's title or alt text, and show a record
from which the site makes the number in the prose (role ``{num}``) and the page's list of
evidence.  The record holds eight significant digits: more would differ between processors.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
from IPython.display import display

from shockbook import stored, words

MIME = stored.FIGURE
CHAPTERS = Path(__file__).resolve().parents[1] / "chapters"
#: Key to text of every figure said in this session, for prose that a cell writes.
SAID: dict[str, str] = {}


#: As :mod:`shockbook.words` has them; these names go with the last chapter that says.
Said, written, _plain = words.Said, words.write, words.plain
SMALL = ("none", *words.ONES[1:11])


def _show(record: dict) -> None:
    SAID[record["key"]] = record["text"]
    line = f"{record['key']} = {record['text']}   ({record['what']})"
    display({MIME: record, "text/plain": line}, raw=True)


def say(key: str, value, fmt: str, what: str, data: str | list[str] = ()) -> Said:
    """Say one computed figure.

    Parameters
    ----------
    key : str
        Its name on this page, in kebab case; prose writes ``{num}`key```.
    value : number, date or str
        The figure itself, unrounded.
    fmt : str
        A format string with one field, units included, for instance ``"${:.1f} billion"``.
        A minus sign is set as a true minus.  A date with ``"{}"`` is written out, and a count
        with ``"{:words}"`` is a word up to ten.
    what : str
        What the figure is, in one line, unit included.
    data : str or list of str
        Names of the datasets it was computed from.

    Returns
    -------
    Said
        The text, as a ``str`` with ``.value``.
    """
    said = Said(written(value, fmt), value)
    names = [data] if isinstance(data, str) else list(data)
    _show({"key": key, "text": str(said), "value": _plain(value), "what": what, "data": names})
    return said


def cite(key: str, table: pd.DataFrame, row: dict, column: str, fmt: str, what: str) -> Said:
    """Say one figure that is read from a row of a dataset.

    Parameters
    ----------
    key, fmt, what
        As in :func:`say`.
    table : DataFrame
        A table from :func:`shockbook.catalog.load` (its ``attrs["dataset"]`` names it).
    row : dict
        Column values that pick exactly one row, for instance ``{"id": "TC017"}``.
    column : str
        The column that holds the figure.

    Raises
    ------
    LookupError
        If no row or more than one row matches.
    """
    found = table
    for name, wanted in row.items():
        found = found[found[name] == wanted]
    where = ", ".join(f"{k} = {v}" for k, v in row.items())
    dataset = table.attrs.get("dataset", "")
    if len(found) != 1:
        raise LookupError(f"{len(found)} rows of {dataset or 'the table'} have {where}, not one")
    cell = found.iloc[0]
    value = cell[column]
    said = Said(written(value, fmt), value)
    source = next((cell[c] for c in ("source_id", "source_ids", "source") if c in found), "")
    _show(
        {
            "key": key,
            "text": str(said),
            "value": _plain(value),
            "what": what,
            "data": [dataset],
            "row": {k: _plain(v) for k, v in row.items()},
            "column": column,
            "source": str(source),
        }
    )
    return said


def recorded(page: str, key: str, folder: Path = CHAPTERS):
    """The value of a figure that another page said, from that page's stored outputs.

    Parameters
    ----------
    page, key : str
        As in ``{num}`page:key```.

    Raises
    ------
    LookupError
        If the page or the figure is not there.
    """
    path = folder / f"{page}.ipynb"
    if path.exists():
        for _, said in stored.outputs(json.loads(path.read_text("utf-8")), MIME):
            if said["key"] == key:
                return said["value"]
    raise LookupError(f"no figure {key!r} is said on the page {page!r}: run that page first")
