"""A table for people: caption, headers that say what they head, no index."""

import datetime as dt
import html
import numbers
import re

import pandas as pd

from shockbook.words import write

#: What a page makes its table from: names of columns, their units, which hold numbers, the rows.
MIME = "application/vnd.shockbook.table+json"
NAME = re.compile(r"tab(-[a-z0-9]+)+")
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
        return write(value, fmt or "{}")
    if isinstance(value, numbers.Integral):
        return write(int(value), fmt or "{:,}")
    if isinstance(value, numbers.Real):
        return write(float(value), fmt or "{:,.4g}")
    return str(value)


class Table:
    """What :func:`table` returns: the same table for a page, as HTML and as plain text."""

    def __init__(self, html_text: str, plain: str, record: dict | None = None):
        self.html, self.plain, self.record = html_text, plain, record

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        own = {MIME: self.record} if self.record else {}
        return {**own, "text/html": self.html, "text/plain": self.plain}

    def __repr__(self) -> str:
        return self.plain


def table(df: pd.DataFrame, name: str, formats: dict | None = None, units: dict | None = None):
    """Show a table whose caption stands above: ``**[Table](#tab-name). Caption**``.

    The first column names the rows; the index is not shown: reset it first if it matters.
    ``formats`` leads from a column to a format string with one field (``"{:.1f}"``) or a function,
    ``units`` to the unit, which is written under the column's name.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(f"name={name!r} must look like 'tab-days': tab, hyphens, small letters.")
    return _table(df, name, "", formats or {}, units or {})


def show(df: pd.DataFrame, caption: str, formats: dict | None = None, units: dict | None = None):
    """Show a small table with its caption and without a number (see :func:`table`)."""
    if not caption or not caption.strip():
        raise ValueError("charts.show() needs caption=, one sentence that says what is shown.")
    return _table(df, caption, caption, formats or {}, units or {})


def _table(df: pd.DataFrame, name: str, caption: str, formats: dict, units: dict) -> Table:
    if df.empty:
        raise ValueError(f"the table {name!r} has no rows.")
    for key in [*formats, *units]:
        if key not in df.columns:
            raise ValueError(f"the table {name!r} has no column {key!r}.")
    columns = list(df.columns)
    figures = [
        pd.api.types.is_numeric_dtype(df[c]) and not pd.api.types.is_bool_dtype(df[c])
        for c in columns
    ]
    cells = [[_format(v, formats.get(c)) for v in df[c].astype(object)] for c in columns]
    rows = [list(row) for row in zip(*cells, strict=True)]
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
        for row in rows
    )
    names = [f"{c} ({units[c]})" if c in units else str(c) for c in columns]
    plain = pd.DataFrame(dict(enumerate(cells))).set_axis(names, axis=1).to_string(index=False)
    said = f"<caption>{html.escape(caption)}</caption>\n" if caption else ""
    record = None if caption else {
        "name": name, "columns": [str(c) for c in columns],
        "units": [units.get(c, "") for c in columns], "numbers": figures, "rows": rows,
    }  # fmt: skip
    return Table(
        f'<table class="shock-table">\n{said}<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table>",
        f"{caption}\n{plain}" if caption else plain,
        record,
    )


def _class(number: bool) -> str:
    return ' class="num"' if number else ""
