"""A small book that holds one of everything, for the tests of the site and for work on it.

``python tests/site/sample.py FOLDER`` writes it; then
``SHOCKBOOK_DATA=FOLDER/data jupyter-book build FOLDER`` builds it.
"""

# The cells are text of their own, as wide as they like.
# ruff: noqa: E501

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import yaml

REPO = Path(__file__).resolve().parents[2]
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}

START = """
import altair as alt
import numpy as np
import pandas as pd

from shockbook import book, charts

chapter = book.open("one", banner=False)
prices = chapter.load("prices")
"""

SAY = """
fall = prices.close.max() - prices.close.min()
chapter.record(fall=fall, worst=-0.1697)
"""

NUMBERS = """
[numbers.fall]
what = "largest close less smallest close, US dollars"
form = "${:.1f}"
data = ["prices"]

[numbers.worst]
what = "made-up change, per cent"
form = "{:.1%}"
data = ["prices"]

[numbers.launch]
what = "what event E1 was"
form = "{}"
row = "events E1 what"
"""


def words(name: str, title: str, measure: str, alt: str, caption: str) -> tuple[str, str]:
    """The Markdown cell that goes with a chart."""
    return "md", (
        f"**[Figure](#{name}). {title}**\n\n{measure}\n\n*Caption:* {caption}\n\n"
        f"*In words:* {alt}\n\n*Source:* [prices](#data-prices)"
    )


CHART = """
line = alt.Chart(prices).mark_line().encode(
    x=alt.X("date:T", title=None),
    y=alt.Y("close:Q", title="US dollars", scale=alt.Scale(zero=False)),
    tooltip=["date:T", "close:Q"],
)
charts.figure(line, "fig-line")
"""

SLIDER = """
share = alt.param(name="share", value=20, bind=alt.binding_range(min=0, max=100, step=5, name="Share, % "))
parts = pd.DataFrame({"part": ["rent", "people", "power"], "cost": [10.0, 30.0, 5.0]})
bars = (
    alt.Chart(parts).transform_calculate(total="datum.cost * (1 + share / 100)").mark_bar()
    .encode(x=alt.X("total:Q", title="US$ million", scale=alt.Scale(domain=[0, 60])), y=alt.Y("part:N", title=None))
)
charts.figure((bars + bars.mark_text(dx=12).encode(text="total:Q")).add_params(share), "fig-slider")
"""

BRUSH = """
brush = alt.selection_interval(name="brush", encodings=["x"])
pick = alt.selection_point(name="pick", fields=["kind"], bind="legend")
rng = np.random.default_rng(1)
cloud = pd.DataFrame({"x": rng.normal(size=300).round(3), "y": rng.normal(size=300).round(3),
                      "kind": np.where(np.arange(300) % 2, "odd", "even")})
points = alt.Chart(cloud).mark_circle().encode(
    x="x:Q", y="y:Q", color="kind:N",
    tooltip=["x", alt.Tooltip("y", title="how high the point stands, as a long name says")],
    opacity=alt.condition(pick, alt.value(0.9), alt.value(0.1)),
    size=alt.condition(brush, alt.value(60), alt.value(15)),
).add_params(brush, pick)
charts.figure(points, "fig-cloud")
"""

CONCAT = """
left = alt.Chart(parts).mark_bar().encode(x="cost:Q", y="part:N")
right = alt.Chart(parts).mark_point().encode(x="cost:Q", y="part:N")
charts.figure(lambda: charts.panels({"Bars": left, "Points": right}), "fig-pair")
"""

VERDICT = """
from IPython.display import display
day = {"key": "day", "role": "core", "statement": "It fell on a Sunday", "test": "yes",
       "claimed": None, "precision": None, "unit": "", "computed": "no", "values": [False],
       "outcome": "false"}
fall = {**day, "key": "fall", "statement": "The fall was nearly 17%", "claimed": 17.0,
        "unit": "%", "computed": "\N{MINUS SIGN}17.0%", "outcome": "true"}
record = {
    "claim": "C10", "paraphrase": "The share fell by nearly 17% on a Sunday", "type": "figure",
    "chapter": "one", "implied": False, "scored": True, "verdict": "Partly wrong", "rule": "5",
    "condition": "Of the deciding parts, at least one is true and at least one is false.",
    "why": "The fall is right and the day is wrong.", "parts": [fall, day]}
display({"application/vnd.shockbook.verdict+json": record, "text/plain": "C10"}, raw=True)
"""

OPINION = """
view = {**record, "claim": "C11", "paraphrase": "It was a day to remember", "type": "opinion",
        "implied": True, "verdict": "Opinion", "rule": "1", "condition": "A judgement.", "why": "", "parts": []}
display({"application/vnd.shockbook.verdict+json": view, "text/plain": "C11"}, raw=True)
"""

TABLE = 'charts.show(parts, caption="Three made-up costs", units={"cost": "US$ million"})'
SOLUTION = "print('a solution that runs')"

ONE = [
    (
        "md",
        "# The made-up fall\n\n````{dropdown} Claims, aims, time\n:class-container: side\n\n"
        "Claims [C10](#claim-C10). You will see one of everything.\n````\n\n"
        "On a made-up day the price fell by [](#num-fall), or [](#num-worst), as {numref}`fig-line` "
        "shows. See {cite:p}`sample` and {term}`close`.",
    ),
    ("start", START),
    ("say", SAY),
    words("fig-line", "The made-up price fell by [](#num-worst) and did not come back within sixty days of trading",
          "Closing price, US dollars", "A line falls by [](#num-worst) in the middle of the period and stays low.",
          "Daily closes of a made-up share."),
    ("line", CHART),
    (
        "md",
        "## What we look at\n\nA formula: $r_t = \\frac{P_t}{P_{t-1}} - 1$, and\n\n"
        "$$\n\\begin{aligned}\nAR_t &= r_t - \\hat\\alpha - \\hat\\beta m_t \\\\\n"
        "CAR &= \\sum_{t=-1}^{1} AR_t\n\\end{aligned}\n$$ (eq-car)\n\nas {eq}`eq-car` says. "
        "Code: `prices.close`.\n\n> A quotation, one line long.",
    ),
    (
        "md",
        "The record says: [](#num-launch).\n\n```{note}\nA note.\n```\n\n```{warning}\nA warning.\n```",
    ),
    (
        "md",
        "> **In short.**\n>\n> *Claimed:* it fell.\n>\n> *Found:* it did.\n\n> **Aside.** An aside.",
    ),
    words("fig-slider", "People cost most", "US$ million",
          "Three bars, people is the longest, then rent, then power.", "Made-up costs, with a share on top."),
    ("slider", SLIDER),
    ("table", TABLE),
    words("fig-cloud", "Nothing hangs together here", "No unit",
          "A cloud of three hundred points with no pattern in it at all.", "Made-up points."),
    ("cloud", BRUSH),
    words("fig-pair", "Two views of the same three costs", "US$ million",
          "The same three made-up costs as bars and as points, side by side.", "Made-up costs, twice."),
    ("md", "> **Guess first.** How far did it fall? [From 0 to 100 dollars](#guess-fall)"),
    ("pair", CONCAT),
    ("md", "## Verdicts"),
    ("verdict-c10", VERDICT),
    ("verdict-c11", OPINION),
    (
        "md",
        "## Exercises\n\n```{exercise} Change the share\n:label: ex-one\n\nWhat happens at 50%?\n```\n\n"
        "````{solution-start} ex-one\n:class: dropdown\n````",
    ),
    ("solution", SOLUTION),
    ("md", "````{solution-end}\n````"),
]
STEPS = """
import numpy as np

dots = pd.DataFrame({"who": [f"firm {i:02d}" for i in range(40)],
                     "move": np.sin(np.arange(40)) * 5, "size": np.arange(40) % 7 + 1.0})
dots["side"] = np.where(dots["move"] < 0, "fell", "rose")
dots["paint"] = charts.direction(dots["move"])
dots["said"] = dots["who"] + dots["move"].map(", {:+.1f}%".format)
charts.steps([
    lambda: charts.swarm(dots, "move", title="per cent", key="who"),
    lambda: charts.swarm(dots, "move", "paint", "per cent", rows="side", key="who"),
    lambda: charts.packed(dots, "size", "paint", key="who"),
], "fig-steps", key="who", label="said")
"""
TWO = [
    (
        "md",
        "# The second page\n\nOn the first page the fall was [](one.ipynb#num-fall); claim [C10](#claim-C10).\n\n"
        "[The ledger](#part-ledger)\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n",
    ),
    ("start", "x = 1\nx"),
    (
        "md",
        "**[Figure](#fig-words). Three costs, and [people](#ink-nvidia) cost most**\n\nUS dollars, million\n\n"
        "*Caption:* Costs that were *made up*, as were [the prices](one.ipynb#num-fall).\n\n"
        "*In words:* Three bars of costs; that of people is the longest by far.\n\n"
        "*Source:* [prices](#data-prices)",
    ),
    ("costs", "import pandas as pd\n\nfrom shockbook import charts\n\ncharts.enable()\n"
     'parts = pd.DataFrame({"part": ["rent", "people", "power"], "cost": [10.0, 30.0, 5.0]})'),
    ("bars", 'charts.figure(charts.bars(parts, "cost", "part"), "fig-words")'),
    ("md", "**[Table](#tab-parts). The same as a table**"),
    ("small", 'charts.table(parts, "tab-parts", units={"cost": "US$ million"})'),
    (
        "md",
        "**[Figure](#fig-drawn). A box leads to a box**\n\nA drawing by hand\n\n"
        "*In words:* One box on the left, from which an arrow leads to another box.\n\n"
        "*Source:* [computed here](#data-none)\n\n![](drawings/boxes.svg)",
    ),
    (
        "md",
        "**[Figure](#fig-steps). Forty firms, three ways to look at them**\n\nPer cent\n\n"
        "1. By what they did.\n2. Parted, and [fell](#ink-fell) apart from [rose](#ink-rose).\n"
        "3. By size.\n\n"
        "*In words:* Forty dots that stand by their return, then in two rows, then by size.\n\n"
        "*Source:* [computed here](#data-none)",
    ),
    ("steps", STEPS),
]
DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 700 120">
<style>.line-ink{stroke:#000}</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0L8,4L0,8z" class="fill-muted"/></marker></defs>
<rect x="10" y="20" width="180" height="80" class="fill-faint line-deepseek"/>
<text x="100" y="66" text-anchor="middle" font-size="26" class="fill-deepseek">model</text>
<path d="M200,60H490" class="line-muted" marker-end="url(#tip)"/>
<rect x="500" y="20" width="180" height="80" class="fill-nvidia"/>
</svg>
"""

SOURCES = """id,title,publisher,author,date,url,original_url,kind,read,read_at
s1,A made-up paper,Nobody's Press,,2025-01-20,https://example.org/paper,,primary,whole,a made-up shelf
"""
EVENTS = """id,what,source_ids
E1,a paper came out,s1
"""
DATASETS = {
    "sources": (SOURCES, "Where the made-up figures would come from"),
    "events": (EVENTS, "Made-up events"),
    "prices": (
        "date,close\n"
        + "".join(
            f"2025-{1 + i // 28:02d}-{1 + i % 28:02d},{140 - 20 * (i > 16) + i % 3}\n"
            for i in range(60)
        ),
        "Made-up prices",
    ),
}
TYPES = {"close": ("number", "US dollars"), "date": ("string", "")}


def data_folder(folder: Path) -> None:
    """Write a small data package with its descriptor."""
    folder.mkdir(parents=True)
    resources = []
    for name, (text, title) in DATASETS.items():
        content = text.encode()
        (folder / f"{name}.csv").write_bytes(content)
        header = text.splitlines()[0].split(",")
        fields = []
        for column in header:
            kind, unit = TYPES.get(column, ("string", ""))
            kind = "date" if name == "prices" and column == "date" else kind
            fields.append(
                {
                    "name": column,
                    "type": kind,
                    "unit": unit,
                    "title": column,
                    "description": f"The {column}.",
                }
            )
        resources.append(
            {
                "name": name,
                "path": f"{name}.csv",
                "title": title,
                "description": "Made up for this sample.",
                "schema": {"fields": fields, "primaryKey": [header[0]], "missingValues": [""]},
                "sources": [{"id": "s1", "title": "A made-up paper"}],
                "licenceNote": "Made up, free for all.",
                "asOf": "2026-11-23",
                "retrieved": "2026-11-23",
                "shortSource": "made up for this sample",
                "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
                "bytes": len(content),
            }
        )
    package = {"name": "sample", "title": "A sample", "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(package, indent=1), "utf-8")


def notebook(cells) -> nbformat.NotebookNode:
    """Return a notebook of (id or ``md``, source) pairs, without outputs."""
    book = nbformat.v4.new_notebook(
        metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}}
    )
    for i, (kind, source) in enumerate(cells):
        make = nbformat.v4.new_markdown_cell if kind == "md" else nbformat.v4.new_code_cell
        cell = make(source.strip("\n"))
        cell["id"] = f"text-{i}" if kind == "md" else kind
        if kind == "pair":
            cell["metadata"]["tags"] = ["hide-input"]
        book.cells.append(cell)
    return book


def write(folder: Path) -> Path:
    """Write the sample book with the configuration of the real one; return its folder."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "chapters").mkdir(parents=True)
    data_folder(folder / "data")
    config = yaml.safe_load((REPO / "_config.yml").read_text("utf-8"))
    config["title"] = "A sample book"
    config["sphinx"]["config"].pop("redirects", None)  # pages that are not here
    (folder / "_config.yml").write_text(yaml.safe_dump(config), "utf-8")
    toc = {
        "format": "jb-book",
        "root": "index",
        "parts": [
            {
                "caption": "Chapters",
                "numbered": 1,
                "chapters": [{"file": "chapters/one"}, {"file": "chapters/verdicts"}],
            },
            {
                "caption": "Behind",
                "chapters": [
                    {"file": "chapters/data"},
                    {"file": "chapters/glossary"},
                    {"file": "chapters/status"},
                ],
            },
        ],
    }
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc), "utf-8")
    pages = {
        "index.md": "# A sample book\n\nWhat stands here is made up.\n\n```{chart} one:fig-line\n```\n",
        "chapters/glossary.md": "# Glossary\n\n```{glossary}\nclose\n  The last price of a day.\n```\n\n"
        "## References\n\n```{bibliography}\n```\n",
        "chapters/data.md": "# Data\n\n```{data-package}\n```\n",
        "chapters/status.md": "# Status\n\n```{status}\n```\n",
        "chapters/drawings/boxes.svg": DRAWING,
        "chapters/one.toml": NUMBERS,
        "chapters/references.bib": "@misc{sample, title={A made-up source}, author={Nobody, A.}, year={2026}}\n",
    }
    for name, text in pages.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    nbformat.write(notebook(ONE), folder / "chapters" / "one.ipynb")
    nbformat.write(notebook(TWO), folder / "chapters" / "verdicts.ipynb")
    return folder


def write_cell(folder: Path, name: str, source: str) -> None:
    """Replace a notebook of the sample by a title and one cell."""
    cells = [("md", f"# {name}"), ("cell", source)]
    nbformat.write(notebook(cells), folder / "chapters" / f"{name}.ipynb")


def without_code(folder: Path) -> Path:
    """Write the sample book with its notebooks cut down to one cell; return its folder."""
    write(folder)
    for name in ("one", "verdicts"):
        write_cell(folder, name, "print(1)")
    glossary = (folder / "chapters" / "glossary.md").read_text("utf-8")
    (folder / "chapters" / "glossary.md").write_text(glossary.split("## References")[0], "utf-8")
    (folder / "index.md").write_text("# A book\n", "utf-8")
    return folder


def run(folder: Path, data: Path | None = None, *options: str) -> subprocess.CompletedProcess:
    """Build the book in a folder as ``make book`` does; return what came of it."""
    environment = {**os.environ, "TZ": "UTC", "PYTHONPATH": str(REPO)}
    if data is not None:
        environment["SHOCKBOOK_DATA"] = str(data)
    command = [
        Path(sys.executable).with_name("jupyter-book"),
        "build",
        str(folder),
        "--quiet",
        *options,
    ]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900)


STRICT = ("--warningiserror", "--nitpick", "--keep-going")


def built(folder: Path, data: Path | None = None, *options: str) -> Path:
    """Build a book with warnings fatal; return the folder of its pages."""
    done = run(folder, data, *STRICT, *options)
    if done.returncode:
        raise AssertionError(f"the book in {folder} does not build:\n{done.stdout}\n{done.stderr}")
    return folder / "_build" / "html"


if __name__ == "__main__":
    print(write(Path(sys.argv[1]).resolve()))
