"""Tables: those under a chart, and those that the site makes of texts."""

import csv
import io
import re
import statistics

from docutils import nodes

from shockbook.site.markup import fill
from shockbook.site.writing import handlers
from shockbook.words import day

MOST_ROWS = 50
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class data_table(nodes.table):
    """A table with a caption and no number: it is part of a page's frame, not an exhibit."""


def make_table(
    head: list[str], rows: list[list[list[nodes.Node]]], caption: str = "", classes=()
) -> data_table:
    """Return a table of inline nodes; the first column heads its row."""
    table = data_table("", classes=list(classes))
    if caption:
        table += nodes.title("", caption)
    return _filled(table, [[nodes.Text(text)] for text in head], rows, [()] * len(head))


def _filled(table: nodes.table, head: list, rows: list, kinds: list) -> nodes.table:
    """The table with a head and rows, whose cells are lists of nodes, and classes by column."""
    group = nodes.tgroup("", cols=len(head))
    table += group
    for i in range(len(head)):
        group += nodes.colspec("", colwidth=1, **({"stub": 1} if i == 0 else {}))

    def row(cells: list[list[nodes.Node]]) -> nodes.row:
        return nodes.row("", *(
            nodes.entry("", nodes.paragraph("", "", *cell), classes=list(kind))
            for cell, kind in zip(cells, kinds, strict=True)))  # fmt: skip

    group += nodes.thead("", row(head))
    group += nodes.tbody("", *map(row, rows))
    return table


def record_table(record: dict) -> nodes.table:
    """Return a numbered table from what a cell left; its caption is joined later."""
    table = nodes.table("", names=[record["name"]], name=record["name"])

    def head(name: str, unit: str) -> list[nodes.Node]:
        told = [nodes.Text(" "), nodes.inline("", unit, classes=["unit"])] if unit else []
        return [nodes.Text(name), *told]

    heads = [head(*one) for one in zip(record["columns"], record["units"], strict=True)]
    rows = [[[nodes.Text(text)] for text in row] for row in record["rows"]]
    return _filled(table, heads, rows, [["num"] if n else [] for n in record["numbers"]])


def caption(table: nodes.table, words) -> None:
    """Set the caption of a numbered table."""
    table["title"] = "".join(node.astext() for node in words.title)
    table.insert(0, nodes.title("", "", *words.title))


def plain_table(caption: str, head: list[str], rows: list[tuple]) -> data_table:
    """Return a captioned table of texts."""
    return make_table(head, [[[nodes.Text(str(v))] for v in row] for row in rows], caption)


def setup(app):
    pair = (lambda self, node: self.visit_table(node)), (lambda self, node: self.depart_table(node))
    app.add_node(data_table, **handlers(*pair))


def read_csv(text: str) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of a CSV text."""
    rows = list(csv.reader(io.StringIO(text)))
    return (rows[0], rows[1:]) if rows else ([], [])


def _number(text: str) -> float:
    """A number as it is stored or as it is shown; an error if it is none."""
    return float(text.replace("\N{MINUS SIGN}", "-").replace(",", ""))


def numbers(values: list[str]) -> list[float] | None:
    """Return a column's values as numbers, without the empty ones; None if one is no number."""
    try:
        return [_number(v) for v in values if v != ""]
    except ValueError:
        return None


def _show(value: float) -> str:
    """A number for reading, with commas and the figures that count; the CSV keeps the rest."""
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-4:
        mantissa, power = f"{value:.3e}".split("e")
        text = f"{float(mantissa):g} × 10{str(int(power)).translate(RAISED)}"
    elif size >= 10:
        text = f"{value:,.2f}".rstrip("0").rstrip(".")
    else:
        text = f"{value:.4g}"
    return text.replace("-", "\N{MINUS SIGN}")


ISO = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?(?:T00:00:00)?")


def summary(header: list[str], rows: list[list[str]]) -> list[list[str]]:
    """Return one row per column: its name, count, least, middle and largest value.

    A column of dates has no middle; of texts it is told how many differ.
    """
    out = []
    for i, name in enumerate(header):
        values = [row[i] for row in rows if i < len(row) and row[i] != ""]
        found = numbers(values)
        if found:
            ends = [_show(f(found)) for f in (min, statistics.median, max)]
        elif values and all(map(ISO.fullmatch, values)):
            ends = [min(values), "", max(values)]
        else:
            ends = [f"{len(set(values)):,} different" if values else "", "", ""]
        out.append([name.replace("_", " "), f"{len(values):,}", *ends])
    return out


def _years(values: list[str]) -> bool:
    """Whether a column holds years, which are written without a comma."""
    found = numbers(values)
    return bool(found) and all(v == int(v) and 1900 <= v <= 2100 for v in found)


def _cell(value: str, as_it_is: bool) -> tuple[bool, str]:
    """Whether a value is a number, and how it is shown."""
    try:
        number = _number(value)
    except ValueError:
        return False, day(value)
    return True, value if as_it_is else _show(number)


def table(caption: str, header: list[str], rows: list[list[str]], label: str) -> str:
    """Return an accessible table in a region that scrolls by keyboard."""
    rows = [row for row in rows if row]
    columns = [[row[i] for row in rows if i < len(row)] for i in range(len(header))]
    years = [_years(column) for column in columns]
    right = [bool(i and numbers(column)) for i, column in enumerate(columns)]
    heads = zip([name.replace("_", " ") for name in header], right, strict=True)
    cells = [[_cell(v, y) for v, y in zip(row, years, strict=False)] for row in rows]
    return fill("table.html", label=label, caption=caption, heads=heads, rows=cells)


def disclosure(text: str, title: str, address: str) -> str:
    """Return the fold under a chart: the data as a table and as files, ``address.csv`` the first.

    The other, ``address.json``, says what the columns mean and where they come from.
    """
    header, rows = read_csv(text)
    if len(rows) > MOST_ROWS:
        head = ["Column", "Values", "Least", "Median", "Largest"]
        caption = f"Summary of the {len(rows):,} rows behind the chart"
        shown = table(caption, head, summary(header, rows), f"Summary table: {title}")
    else:
        shown = table("The data behind the chart", header, rows, f"Data table: {title}")
    return fill("data.html", title=title, table=shown, address=address, rows=len(rows)) + "\n"
