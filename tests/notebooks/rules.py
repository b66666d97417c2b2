"""What nbval lets pass, as functions that return what is wrong with a page."""

from __future__ import annotations

import ast
import copy
import json
import re
import statistics

import nbformat
import pages

from shockbook import charts, claims, notebooks
from shockbook.charts.steps import split

LONGEST_CELL, MEDIAN_CELL, LONGEST_LINE = 25, 12, 88
LARGEST = 700_000  # bytes of one notebook, pictures included
SKIPS = re.compile(r"NBVAL_\w+|PYTEST_VALIDATE_\w+")
SKIP_TAGS = re.compile(r"nbval-.*|skip-execution|raises-exception")
SLUG = re.compile(r"[a-z][a-z0-9]+(-[a-z0-9]+)*")
RANDOM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4})*(-[0-9a-f]{12})?")
PLUMBING = re.compile(
    r"\b(?:dx|dy|[xy]Offset|labelExpr|labelOffset|minExtent|nudge|tickCount)\s*=|\bvalues\s*=\s*\["
)
DIRECTIVE = re.compile(r"^(?:`{3,}|:{3,})\{([\w-]+)\}", re.M)
#: What jupyterlab-myst 2.7.0 sets, of what this book needs.
KNOWN = (
    "admonition", "dropdown", "exercise", "solution", "solution-start", "solution-end",
)  # fmt: skip
#: What papermill can write into a notebook.
SETTABLE = (str, bool, int, float, list, dict)
ADDRESS = re.compile(r"0x[0-9a-f]{6,}|/(?:home|root|tmp|Users)/")


def execution_faults(page) -> list[str]:
    """Cells not run in order, switched off, or noisy."""
    found = []
    counts = [c.execution_count for c in page.code]
    if counts != list(range(1, len(counts) + 1)):
        found.append(f"code cells ran as {counts}: run `python -m shockbook notebooks`")
    for cell in page.code:
        tags = cell.metadata.get("tags", [])
        if SKIPS.search(cell.source) or any(SKIP_TAGS.fullmatch(t) for t in tags):
            found.append(f"{cell.id}: is kept from being compared")
        if re.search(r"^\s*[%!]", cell.source, flags=re.M):
            found.append(f"{cell.id}: uses a magic or a shell command")
        for output in cell.outputs:
            if output.get("name") == "stderr" or output.output_type == "error":
                found.append(f"{cell.id}: holds an error or writes to stderr")
    return found


def hidden_faults(page) -> list[str]:
    """Cells that are folded, and cells of which a reader would lose a part."""
    found = []
    for cell in page.notebook.cells:
        for key in cell.metadata.keys() - {"tags"}:  # myst-nb hides by metadata as well
            found.append(f"{cell.id}: the metadata {key} may keep what it shows from readers")
        for tag in (tag.replace("_", "-") for tag in cell.metadata.get("tags", [])):
            if tag.startswith(("remove-", "hide-")) and tag != "hide-input":
                found.append(f"{cell.id}: {tag} keeps what it shows from readers")
            elif tag == "hide-input":
                found.append(f"{cell.id}: is hidden: every cell of a chapter is there to be read")
    return found


def verdict_faults(chapters, wanted: dict[str, str]) -> list[str]:
    """Claims without a verdict cell in their chapter that shows one.

    Parameters
    ----------
    chapters : list of Page
    wanted : dict
        Claim to the name of its chapter.
    """
    shown = {
        (record["claim"], page.name) for page in chapters for _, record in page.outputs(claims.MIME)
    }
    return [
        f"{claim}: no cell of {home} shows its verdict"
        for claim, home in wanted.items()
        if (claim, home) not in shown
    ]


def unsettled_sorts(source: str) -> list[str]:
    """Sorts by one key that leave ties to the processor: NumPy's quicksort differs with its kind.

    Sorts by several keys are stable in pandas whatever is asked for; an index, which takes no
    argument, has nothing but its keys.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a magic, which another rule finds
        return []
    found = []
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or getattr(call.func, "attr", "") != "sort_values":
            continue
        if not call.args and not call.keywords:
            continue
        given = {k.arg: k.value for k in call.keywords}
        by = call.args[0] if call.args else given.get("by")
        several = isinstance(by, ast.List) and len(by.elts) > 1
        if not several and getattr(given.get("kind"), "value", "") != "stable":
            found.append(f'sorts without kind="stable": {ast.unparse(call)[-60:]}')
    return found


def form_faults(page) -> list[str]:
    """Ids, metadata, cell lengths, size; what only this machine would write."""
    found = []
    for cell in page.notebook.cells:
        if not SLUG.fullmatch(cell.id) or RANDOM.fullmatch(cell.id):
            found.append(f"{cell.id}: a cell id is a word or two that say what the cell does")
    for cell in page.code:
        lines = cell.source.splitlines()
        if not lines:
            found.append(f"{cell.id}: is empty")
        if len(lines) > LONGEST_CELL:
            found.append(f"{cell.id}: has {len(lines)} lines, more than {LONGEST_CELL}")
        if any(len(line) > LONGEST_LINE for line in lines):
            found.append(f"{cell.id}: has a line of more than {LONGEST_LINE} characters")
        found += [f"{cell.id}: {fault}" for fault in unsettled_sorts(cell.source)]
        if ADDRESS.search(cell.source + json.dumps([o for o in cell.outputs])):
            found.append(f"{cell.id}: holds an address of this machine")
    lengths = [len(c.source.splitlines()) for c in page.code]
    if lengths and statistics.median(lengths) > MEDIAN_CELL:
        found.append(f"the median code cell has more than {MEDIAN_CELL} lines")
    tidied = copy.deepcopy(page.notebook)
    notebooks.tidy(tidied)
    if tidied != page.notebook:
        found.append("metadata or blanks are not tidy: run `python -m shockbook notebooks`")
    size = len(nbformat.writes(page.notebook).encode())
    if size > LARGEST:
        found.append(f"has {size} bytes, more than {LARGEST}")
    return found


def directive_faults(page) -> list[str]:
    """Directives that JupyterLab shows with a warning instead of what they mean."""
    return [
        f"{cell.id}: JupyterLab does not know {{{name}}}: write a link or a block quote"
        for cell in page.notebook.cells
        if cell.cell_type == "markdown"
        for name in DIRECTIVE.findall(cell.source)
        if name not in KNOWN
    ]


def plumbing_faults(page) -> list[str]:
    """Pixels, hand-set ticks and expressions for labels: the helpers of charts have them."""
    return [
        f"{cell.id}: sets {match[0]} by hand: use a helper of charts"
        for cell in page.code
        for match in PLUMBING.finditer(cell.source)
    ]


def parameter_faults(page) -> list[str]:
    """Parameters that papermill, which writes its own right below, could not replace whole."""
    found = []
    tagged = [c for c in page.code if "parameters" in c.metadata.get("tags", [])]
    if len(tagged) > 1:
        found.append(f"{tagged[1].id}: is the second cell of parameters")
    for cell in tagged:
        for part in ast.parse(cell.source).body:
            try:
                (target,), value = part.targets, ast.literal_eval(part.value)
                plain = isinstance(target, ast.Name) and isinstance(value, SETTABLE)
            except (AttributeError, ValueError):
                plain = False
            if not plain:
                text = ast.unparse(part)
                found.append(f"{cell.id}: a parameter is a plain value: put {text!r} further down")
    return found


def output_faults(page) -> list[str]:
    """Charts without their words, pictures or names; tables and scripts of other making."""
    found, names = [], set()
    for cell in page.code:
        for data in (o.data for o in cell.outputs if "data" in o):
            if charts.MIME in data:
                found += [f"{cell.id}: {f}" for f in chart_faults(data, page.notebook)]
                about = data[charts.MIME].get("usermeta", {}).get("shockbook", {})
                if about.get("name") in names:
                    found.append(f"{cell.id}: the name {about['name']!r} is taken")
                names.add(about.get("name"))
            text = data.get("text/html", "")
            if "<script" in text:
                found.append(f"{cell.id}: shows HTML with a script")
            if "<table" in text and 'class="shock-table"' not in text:
                found.append(f"{cell.id}: shows a bare table: use charts.show()")
    return found


def chart_faults(data: dict, notebook) -> list[str]:
    """What a chart's bundle lacks: words, in a Markdown cell or in code; a picture of its own."""
    spec = data[charts.MIME]
    try:
        about = charts.meta(spec)
    except ValueError as error:
        return [str(error)]
    found, words = [], f"**[Figure](#{about['name']}). "
    if not any(words in c.source for c in notebook.cells if c.cell_type == "markdown"):
        found.append(f"no Markdown cell begins with {words}")
    if not {"image/png", "text/plain"} <= set(data):
        found.append("the chart has no picture or no text for viewers without Vega-Lite")
    elif not charts.is_pictured(data):
        found.append("the picture is not that of the chart: run `python -m shockbook notebooks`")
    if not charts.table_csv(spec):
        found.append("the chart has no data for its table")
    return found


def drawing_faults(page) -> list[str]:
    """Charts that do not draw, are too wide for their place, or have text too small to read."""
    found = []
    for cell, spec in page.charts:
        for at, (size, most) in enumerate((("wide", 720), ("narrow", 360))):
            stepped = "steps" in spec["usermeta"]["shockbook"]
            drawn = split(spec)[at] if stepped else [spec]
            svg = "".join(charts.svg(charts.view(one, size), "x") for one in drawn)
            width = max(map(float, re.findall(r'<svg[^>]*\bwidth="([\d.]+)"', svg)))
            fonts = [float(f) for f in re.findall(r'font-size="([\d.]+)px"', svg)]
            if width > most:
                found.append(f"{cell}: the {size} chart is {width:.0f} px wide, over {most}")
            if not fonts or min(fonts) < 11:
                found.append(f"{cell}: the {size} chart has text under 11 px, or none")
    return found


def faults(page: pages.Page) -> list[str]:
    """Everything but the drawings, which take longer."""
    return [
        *execution_faults(page),
        *form_faults(page),
        *hidden_faults(page),
        *parameter_faults(page),
        *output_faults(page),
        *plumbing_faults(page),
        *directive_faults(page),
    ]
