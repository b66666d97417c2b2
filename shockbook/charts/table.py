"""A table for people: caption, headers that say what they head, no index."""

from __future__ import annotations

import datetime as dt
import html
import numbers

import pandas as pd

from shockbook.evidence import written

MISSING = "\N{EN DASH}"


def _format(value, fmt) -> str:
    """One cell as text; ``fmt`` is a format string, a function, or None for the usual form."""
    if value is None or (not isinstance(value, list | dict) and pd.isna(value)):
        return MISSING
    if callable(fmt):
        return str(fmt(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return (fmt or "{}").format(value)
    if isinstance(value, pd.Timestamp | dt.date):
        return written(value, fmt or "{}")
    if isinstance(value, numbers.Integral):
        return written(int(value), fmt or "{:,}")
    if isinstance(value, numbers.Real):
        return written(float(value), fmt or "{:,.4g}")
    return str(value)


class Table:
    """What :func:`show` returns: the same table as HTML and as plain text."""

    def __init__(self, html_text: str, plain: str):
        self.html, self.plain = html_text, plain

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return {"text/html": self.html, "text/plain": self.plain}

    def __repr__(self) -> str:
        return self.plain


def show(df: pd.DataFrame, caption: str, formats: dict | None = None, units: dict | None = None):
    """Show a table.

    Parameters
    ----------
    df : DataFrame
        The first column names the rows.  The index is not shown: reset it first if it matters.
    caption : str
        One sentence that says what the table holds.
    formats : dict, optional
        Column to a format string with one field (``"{:.1f}"``) or to a function.
    units : dict, optional
        Column to its unit, written under its name.

    Raises
    ------
    ValueError
        If the caption is missing, the table has no rows, or a key is not a column.
    """
    formats, units = formats or {}, units or {}
    if not caption or not caption.strip():
        raise ValueError("charts.show() needs caption=, one sentence that says what is shown.")
    if df.empty:
        raise ValueError(f"the table {caption!r} has no rows.")
    for key in [*formats, *units]:
        if key not in df.columns:
            raise ValueError(f"the table {caption!r} has no column {key!r}.")
    columns = list(df.columns)
    figures = [
        pd.api.types.is_numeric_dtype(df[c]) and not pd.api.types.is_bool_dtype(df[c])
        for c in columns
    ]
    cells = [[_format(v, formats.get(c)) for v in df[c].astype(object)] for c in columns]
    head = "".join(
        f'<th scope="col"{_class(number)}>{html.escape(str(c))}'
        + (f' <span class="unit">{html.escape(units[c])}</span>' if c in units else "")
        + "</th>"
        for c, number in zip(columns, figures, strict=True)
    )
    body = "\n".join(
        "<tr>"
        + f'<th scope="row"{_class(figures[0])}>{html.escape(row[0])}</th>'
        + "".join(
            f"<td{_class(number)}>{html.escape(text)}</td>"
            for text, number in zip(row[1:], figures[1:], strict=True)
        )
        + "</tr>"
        for row in zip(*cells, strict=True)
    )
    names = [f"{c} ({units[c]})" if c in units else str(c) for c in columns]
    plain = pd.DataFrame(dict(enumerate(cells))).set_axis(names, axis=1).to_string(index=False)
    return Table(
        f'<table class="shock-table">\n<caption>{html.escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>",
        f"{caption}\n{plain}",
    )


def _class(number: bool) -> str:
    return ' class="num"' if number else ""
