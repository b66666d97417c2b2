"""Find orphan numbers: figures that are neither computed nor read from a row with its source.

:func:`faults` looks at a page from four sides.  Prose may hold no number but those of
:data:`ALLOWED`.  A record must agree with its own value, and a cited one with its row.  A chart's
title, subtitle, alt text and caption may hold only numbers that a record of the page holds.  In
the code those texts may have no number typed in.
"""

from __future__ import annotations

import ast
import datetime as dt
import functools
import html
import re

import pages

from shockbook import catalog, charts
from shockbook.evidence import SMALL, _plain

# ------------------------------------------------------------------ what may be typed
DAY = r"(?:0?[1-9]|[12]\d|3[01])"
MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b"
)
YEAR = r"(?:1[89]\d\d|20[0-3]\d)"
UNIT = (
    r"\s*(?:%|per ?cent|(?:b|m|tr)illion|thousand|US\$|dollars?|yuan|hours?|GPUs?|chips?|shares?"
    r"|stocks?|firms?|companies|days?|sessions?|tokens?|prompts?|points?|people|members?|rows?"
    r"|draws?|trials?|megawatts?|MW|GW)\b"
)
BETWEEN = r"(?:\s*[–,/]\s*|\s+(?:to|and|or)\s+|, and )"
NAMES = (
    # indices
    r"S&P (?:500|100)", r"Nasdaq[- ]100", r"Russell [123]000", r"Dow 30", r"CSI 300",
    r"Nikkei 225", r"STOXX (?:50|600)",
    # models
    r"GPT[-‑]\d(?:\.\d)?(?:o|[- ]?(?:mini|turbo|Turbo|nano))*",
    r"o[134](?:-(?:mini|preview|pro|\d{4}))*",
    r"(?:DeepSeek[- ])?(?:R[12]|V[234](?:\.\d)?)(?:-(?:Zero|Lite|Preview|Base|Exp|Distill|\d{4}))*",
    r"(?:DeepSeek-)?R1-Distill-[\w.-]*\w", r"Claude[- ]\d(?:\.\d)?",
    r"Llama[- ]?\d(?:\.\d)?(?:[- ]\d+B)?",
    r"Qwen[- ]?\d(?:\.\d)?", r"Gemini \d(?:\.\d)?", r"Grok[- ]\d", r"PaLM(?:[- ]2|[- ]540B)",
    r"Kimi[- ]k\d(?:\.\d)?",
    # chips and number formats
    r"(?:GB|MI|[ABHV])\d{2,3}0?X?s?", r"RTX \d{4}", r"(?:FP|BF|INT)(?:4|8|16|32)",
    r"(?:4|8|16|32)-bit",
    # a rule of thumb for the operations of a training run
    r"6ND",
    # benchmarks
    r"MATH-500", r"AIME \d{4}", r"ARC-AGI-\d",
    # filings, licences, standards
    r"(?:10-[KQ]|8-K|6-K|20-F|13F)s?", r"(?:CC BY(?:-SA)?|Attribution) 4\.0", r"(?i:SHA-?256)",
    r"a16z", r"SOC 2", r"ISO 27001", r"Python 3(?:\.\d+)?", r"G7", r"G20", r"COVID-19", r"24/7",
    # the claims
    r"C\d\d(?:[–-]C?\d\d)?",
)  # fmt: skip
ALLOWED = {
    "name": rf"(?<![\w.])(?:{'|'.join(NAMES)})(?!\w)",
    "ISO date": rf"(?<!\d){YEAR}-\d\d-\d\d(?!\d)",
    "date": rf"(?<![\w$€¥£.,])(?:{DAY}{BETWEEN})*{DAY} {MONTH}(?: {YEAR})?",
    "American date": rf"\b{MONTH} {DAY}(?:{BETWEEN}{DAY})*(?!\d)(?:, {YEAR})?",
    "clock time": r"(?<![\w.])\d{1,2}(?::\d\d(?: ?[ap]\.?m\b\.?)?| ?[ap]\.?m\b\.?)",
    "quarter": rf"\b(?:Q[1-4]|H[12])(?:(?: of)? ?{YEAR})?(?!\w)|\bFY ?(?:{YEAR}|\d\d)(?!\w)",
    "year": rf"(?:(?<![\w$€¥£.,−-])|\b(?:mid|early|late|pre|post)-)"
    rf"{YEAR}(?:[–-](?:{YEAR}|\d\d))?s?(?![\w%]|[.,]\d)(?!{UNIT})",
    "reference": r"\b(?:[Cc]hapters?|[Ff]igures?|[Tt]ables?|[Ss]ections?|[Ee]xercises?) "
    rf"\d+(?:{BETWEEN}\d+)*(?![\w%]|[.,]\d)",
    "percentile": r"(?<![\w$.,])(?:\d\d?(?:%|th)(?: (?:to|and) (?:the )?))?\d\d?(?:%|th)"
    r" (?:percentiles?|quantiles?)\b",
    "level of an interval": r"(?<![\w$.,])(?:90|95|99)%"
    r"(?= (?:\w+[- ]){0,3}?(?:intervals?|bands?)\b)",
}
SHOWN = re.compile(r"([−-]?)[$€¥£]?(\d[\d,]*(?:\.\d+)?(?:e[+−-]?\d+)?)\s*(%?)")
TEX = re.compile(r"\\(?:text|mathrm|operatorname|label)\*?\{[^}]*\}|\\[A-Za-z]+")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")


def strip(text: str) -> str:
    """A text without the numbers that may be typed."""
    for pattern in ALLOWED.values():
        text = re.sub(pattern, pages.MARK, text)
    return text


def orphans(text: str) -> list[str]:
    """The words of a text that hold a number which may not be typed."""
    return [word.strip(".,;:()") for word in re.findall(r"\S*\d\S*", strip(text))]


def tokens(text: str) -> set[str]:
    """The numbers of a text, without their signs and thousands separators."""
    return {m[0].rstrip(",").replace(",", "") for m in NUMBER.finditer(text)}


# ------------------------------------------------------------------ prose
def prose_faults(page, book: dict) -> list[str]:
    """Numbers typed into prose, keys without a record, dollar signs that opened maths."""
    found = []
    for cell, prose in page.prose:
        for text in prose.texts:
            for word in orphans(text):
                found.append(f"{cell}: {word!r} is typed in: say() it and write {{num}}`key`")
        for maths in prose.maths:
            if re.search(r"[A-Za-z]{4}", TEX.sub("", maths)):
                found.append(f"{cell}: dollar signs made maths of {maths[:40]!r}: use {{num}}")
        for key in prose.numbers:
            name, _, own = key.rpartition(":")
            there = book.get(name or page.name)
            if there is None or own not in {r["key"] for _, r in there.records}:
                found.append(f"{cell}: {{num}}`{key}` has no record")
    return found


# ------------------------------------------------------------------ records
def agrees(text: str, value) -> bool:
    """Whether the text of a record is its value, rounded as the text is."""
    if isinstance(value, bool) or value is None:
        return not NUMBER.search(text)
    if isinstance(value, str):
        try:
            day = dt.date.fromisoformat(value)
        except ValueError:
            return tokens(strip(text)) <= tokens(value)
        parts = {f"{day.day}", f"{day.day:02}", f"{day.month}", f"{day.month:02}", f"{day.year}"}
        month = re.search(MONTH, text)
        named = month is None or f"{day:%B}".startswith(month[0][:3])
        return tokens(text) <= parts and named
    if isinstance(value, int) and 0 <= value < len(SMALL) and SMALL[value] in text.split():
        return not NUMBER.search(text)
    seen = list(SHOWN.finditer(strip(text)))
    for sign, digits, percent in (m.groups() for m in seen):
        digits = digits.rstrip(",").replace(",", "").replace("−", "-")
        shown = float(digits) * (-1 if sign else 1)
        mantissa, _, exponent = digits.partition("e")
        step = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
        wanted = value * 100 if percent else value
        # a percentage may also be held in per cent; a record keeps eight digits of its value
        near = [abs(shown - v) <= step * 0.5 + abs(v) * 1e-7 for v in (wanted, value)]
        if not any(near):
            return False
    return bool(seen)


def record_faults(page) -> list[str]:
    """Records that disagree with their value, their row, or the list of sources."""
    found, keys = [], set()
    for cell, record in page.records:
        where = f"{cell}: the record {record['key']!r}"
        if record["key"] in keys:
            found.append(f"{where} is said twice on this page")
        keys.add(record["key"])
        if not agrees(record["text"], record["value"]):
            found.append(f"{where} says {record['text']!r} but holds {record['value']!r}")
        for name in record["data"]:
            if name not in catalog.names():
                found.append(f"{where} names no dataset: {name!r}")
        if "row" in record:
            found += [f"{where} {fault}" for fault in row_faults(record)]
    return found


@functools.cache
def stored(name: str):
    """A dataset of the snapshot, read once."""
    return catalog.load(name, live=False)


def row_faults(record: dict) -> list[str]:
    """What a cited record gets wrong about its row."""
    try:
        table = stored(record["data"][0])
        for column, wanted in record["row"].items():
            table = table[table[column].map(_plain) == wanted]
        value = table[record["column"]]
    except (catalog.DataError, KeyError) as error:
        return [f"cites what is not there: {error}"]
    if len(table) != 1:
        return [f"cites {len(table)} rows, not one"]
    found = []
    if _plain(value.iloc[0]) != record["value"]:
        found.append(f"holds {record['value']!r}, its row {_plain(value.iloc[0])!r}")
    row = table.iloc[0]
    held = next((str(row[c]) for c in ("source_id", "source_ids", "source") if c in row), "")
    if record["source"] != held:
        found.append(f"names the source {record['source']!r}, its row {held!r}")
    ids = [s.strip() for s in record["source"].split(";") if s.strip()]
    unknown = sorted(set(ids) - set(stored("sources").id))
    if unknown or not ids:
        found.append(f"has no source in sources.csv: {', '.join(unknown) or 'none given'}")
    return found


# ------------------------------------------------------------------ charts and tables
def chart_faults(page) -> list[str]:
    """Numbers in the words of charts and tables that no record of the page holds."""
    said = set().union(*(tokens(r["text"]) for _, r in page.records))
    words = [
        (cell, f"{key} of {about['name']}", about[key])
        for cell, spec in page.charts
        for about in [charts.meta(spec)]
        for key in ("title", "subtitle", "alt", "caption")
    ]
    for cell, content in page.outputs("text/html"):
        captions = re.findall(r"<caption>(.*?)</caption>", content, flags=re.S)
        words += [(cell, "caption of the table", html.unescape(c)) for c in captions]
    return [
        f"{cell}: the {what} has {token}, which no record of this page holds"
        for cell, what, text in words
        for token in sorted(tokens(strip(text)) - said)
    ]


# ------------------------------------------------------------------ code
#: Function to the places of its texts: by keyword, and by position.
TEXTS = {
    "figure": {"title": None, "subtitle": None, "alt": None, "caption": None},
    "show": {"caption": 1},
    "say": {"fmt": 2, "what": 3},
    "cite": {"fmt": 4, "what": 5},
}


def _argument(call: ast.Call, name: str, place: int | None):
    named = [k.value for k in call.keywords if k.arg == name]
    if named:
        return named[0]
    return call.args[place] if place is not None and len(call.args) > place else None


def _typed(node):
    """The pieces of text, and the bare numbers, that are typed into an expression."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield re.sub(r"\{[^{}]*\}", pages.MARK, node.value)
    elif isinstance(node, ast.FormattedValue):
        if isinstance(node.value, ast.Constant):
            yield str(node.value.value)
        yield from _typed(node.value)
    elif isinstance(node, ast.Subscript):
        yield from _typed(node.value)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _typed(child)


def code_faults(page) -> list[str]:
    """Numbers typed into the words of a chart, a table or a record, or given as its value."""
    found = []
    for cell in page.code:
        for call in ast.walk(ast.parse(cell.source)):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            for argument, place in TEXTS.get(name, {}).items():
                node = _argument(call, argument, place)
                for piece in _typed(node) if node is not None else ():
                    for word in orphans(piece):
                        found.append(f"{cell.id}: {word!r} is typed into {argument}= of {name}()")
            value = _argument(call, "value", 1) if name == "say" else None
            if value is not None and not any(
                isinstance(n, ast.Name | ast.Call | ast.Attribute) for n in ast.walk(value)
            ):
                found.append(f"{cell.id}: say() is given a typed value, {ast.unparse(value)}")
    return found


def faults(page, book: dict) -> list[str]:
    """Everything wrong with the numbers of a page.

    Parameters
    ----------
    page : pages.Page
    book : dict of str to pages.Page
        All notebooks by name, for ``{num}`page:key```.
    """
    return [
        *prose_faults(page, book),
        *record_faults(page),
        *chart_faults(page),
        *code_faults(page),
    ]
