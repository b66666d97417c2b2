"""The page that says how the book stands: run times, versions, dates of the data, last soak."""

import json
import platform
from importlib.metadata import version
from pathlib import Path

import vl_convert
from docutils import nodes

from shockbook.data import snapshot
from shockbook.site import writing
from shockbook.site.book import page_of
from shockbook.site.tables import plain_table
from shockbook.words import day

PACKAGES = (
    "jupyter-book",
    "sphinx",
    "myst-nb",
    "nbclient",
    "ipykernel",
    "numpy",
    "pandas",
    "altair",
    "vl-convert-python",
)
# Written by ``make soak``: {"date": ..., "minutes": ..., "result": ...}.
SOAK = "benchmarks/soak.json"


def runs(env) -> list[tuple[str, str, str]]:
    """Return page, run time and result of every notebook, in the order of the contents."""
    found, ran = [], getattr(env, "nb_metadata", {})
    listed = [d for part in env.toctree_includes.values() for d in part]
    for docname in sorted(ran, key=lambda d: listed.index(d) if d in listed else -1):
        done = ran[docname].get("exec_data")
        if done is None or docname not in env.found_docs:
            continue
        seconds = f"{done['runtime']:.1f} s" if done.get("runtime") is not None else ""
        result = "ran through" if done["succeeded"] else f"stopped: {done['error']}"
        found.append((docname, seconds, result))
    return found


def versions() -> list[tuple[str, str]]:
    """Return the versions that made this build."""
    found = [("Python", platform.python_version())]
    found += [(name, version(name)) for name in PACKAGES]
    return [*found, ("Vega", vl_convert.get_vega_version())]


def dates() -> list[tuple[str, str, str]]:
    """Return each dataset's title, its as-of date and the day it was retrieved."""
    resources = snapshot().descriptor["resources"]
    return [
        (r.get("title", r["name"]), day(r.get("asOf", "")), day(r.get("retrieved", "")))
        for r in resources
    ]


def soak(srcdir: str | Path) -> dict | None:
    """Return what the last long test run left, None if none was run here."""
    path = Path(srcdir, SOAK)
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def report(env) -> list[nodes.Node]:
    """Return what ``{status}`` shows."""
    ran = [(env.titles[d].astext(), s, r) for d, s, r in runs(env)]
    chapters = nodes.paragraph("", "No chapter ran in this build: its outputs are the stored ones.")
    if ran:
        head = ["Page", "Time", "Result"]
        chapters = plain_table("Chapters as they ran in this build", head, ran)
    words = "No long test run (make soak) is recorded in this copy of the book."
    if last := soak(env.srcdir):
        words = f"Last long test run: {day(last['date'])}, {last['minutes']} minutes, "
        words += f"{last['result']}."
    return [
        chapters,
        plain_table("Versions that made this build", ["Package", "Version"], versions()),
        plain_table("Dates of the data", ["Dataset", "As of", "Retrieved"], dates()),
        nodes.paragraph("", words),
    ]


def announce(app, exception):
    """Print the report's essence at the end of a build, a quiet one too."""
    if exception is not None or app.builder.format != "html":
        return
    lines = [f"{page_of(d):<16} {seconds:>8}  {result}" for d, seconds, result in runs(app.env)]
    lines.append(", ".join(f"{name} {number}" for name, number in versions()))
    found = [day for _, day, _ in dates() if day]
    if found:
        lines.append(f"Data as of {min(found)} to {max(found)}")
    last = soak(app.srcdir)
    lines.append(f"Last long test run: {last['date'] if last else 'none recorded here'}")
    print("\n".join(lines))


def setup(app):
    writing.later(app, "status", report)
    app.connect("build-finished", announce, priority=900)
