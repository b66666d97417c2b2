"""Chapters run in their pages: time to the first result and per change, sizes, memory, equality.

Each chapter is opened from this machine in a fresh headless Chromium, with an empty cache.
*First* is the time from the button to the end of the first run, in which every cell of the chapter
runs and all it makes is compared with the printed page.  *In a kernel* are the same cells in a
fresh kernel of this machine, the named alternative.  *Change* is the median time of cells that run
again after an edit without effect, each with those that follow from it.  *Memory* is what the
browser holds beyond what it held before the button was pressed.

Run: python benchmarks/bench_lab.py [--site _build/html] [--write] [chapter ...], after the book's
build with LAB=1.  ``--write`` renews chapters/lab-measured.inc, which *About this site* shows.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import shutil
import statistics
import sys
import threading
import time
from pathlib import Path

import nbformat
import psutil
from bench_pages import server
from nbclient import NotebookClient
from playwright.sync_api import sync_playwright

from shockbook import catalog
from shockbook.site import lab

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "chapters" / "lab-measured.inc"
CHAPTERS = sorted(
    p.stem for p in (ROOT / "chapters").glob("*.ipynb") if p.with_suffix(".toml").exists()
)
READY = "() => document.documentElement.dataset.lab === 'ready'"
IDLE = "() => !document.querySelector('.lab-bar .lab-tools button').disabled"
KINDS = ("number", "verdict", "figure", "table")
HEAD = ("Page", "First, s", "In a kernel, s", "Change, ms", "Data, kB", "Memory, MB")
HEAD += tuple(f"{kind}s".capitalize() for kind in KINDS)
TIMEOUT = 600_000  # milliseconds
CHANGES = 5


def memory() -> float:
    """Return what the processes of the browser that this one started hold, in MB."""
    family = psutil.Process().children(recursive=True)
    return sum(p.memory_info().rss for p in family if "chrom" in p.name()) / 1e6


def data(name: str) -> int:
    """Return the bytes of the data that a chapter reads."""
    source = ROOT / "chapters" / f"{name}.ipynb"
    return sum(catalog.describe(one)["bytes"] for one in lab.data_of(source))


def in_kernel(name: str) -> float:
    """Return the seconds that a fresh kernel takes for the chapter's cells."""
    notebook = nbformat.read(ROOT / "chapters" / f"{name}.ipynb", 4)
    began = time.perf_counter()
    NotebookClient(notebook, resources={"metadata": {"path": str(ROOT / "chapters")}}).execute()
    return time.perf_counter() - began


def in_page(playwright, address: str) -> dict:
    """Return what one chapter takes in its page, and how much of it is as printed."""
    browser = playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
    )
    page = browser.new_page()
    page.goto(address, wait_until="networkidle")
    held = memory()
    began = time.perf_counter()
    page.locator(".lab-start").click()
    page.wait_for_function(READY, timeout=TIMEOUT)
    first = time.perf_counter() - began
    made = page.evaluate("shockbookLab.compare()")
    row = {"first": first, "memory": memory() - held, "same": made["same"],
           "differ": made["differ"]}  # fmt: skip
    row["change"] = statistics.median(changes(page)) * 1000
    browser.close()
    return row


def changes(page) -> list[float]:
    """Return the seconds that some of the chapter's cells take when run again after an edit."""
    ids = page.evaluate("shockbookLab.cells.map((c) => c.id).filter((id) =>"
                        " document.querySelector(`#cell-${id} textarea`))")  # fmt: skip
    found = []
    for cell in ids[1 :: max(1, len(ids) // CHANGES)]:
        field = page.locator(f"#cell-{cell} textarea").last
        field.evaluate("(e) => { for (let d = e.closest('details'); d;"
                       " d = d.parentElement.closest('details')) d.open = true; }")  # fmt: skip
        field.fill(field.input_value() + "\n# the same")
        began = time.perf_counter()
        field.press("Shift+Enter")
        page.wait_for_function(IDLE, timeout=TIMEOUT)
        found.append(time.perf_counter() - began)
    return found


def main(arguments: list[str] = ()) -> None:
    """Measure the chapters of a built site, print a table, and write it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", default=CHAPTERS)
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--write", action="store_true", help=f"renew {RECORD.name}")
    options = parser.parse_args(list(arguments))
    parts = options.site / "_static/lab/lab.json"
    if not parts.exists():
        print("bench lab: no book built with LAB=1 here: `make book` first; left out")
        return
    rows = []
    with server(options.site) as host, sync_playwright() as playwright:
        threading.Thread(target=host.serve_forever, daemon=True).start()
        for name in options.chapters or CHAPTERS:
            address = f"http://127.0.0.1:{host.server_port}/chapters/{name}.html"
            row = in_page(playwright, address)
            same = [str(row["same"].get(kind, 0)) for kind in KINDS]
            rows.append([name, f"{row['first']:.1f}", f"{in_kernel(name):.1f}",
                         f"{row['change']:,.0f}", f"{data(name) / 1000:,.0f}",
                         f"{row['memory']:,.0f}", *same])  # fmt: skip
            print(*rows[-1], row["differ"] or "all equal", flush=True)
        host.shutdown()
    text = "\n".join(
        "| " + " | ".join(cells) + " |"
        for cells in (HEAD, ["---"] + ["---:"] * (len(HEAD) - 1), *rows)
    )
    sizes = ", ".join(
        f"`{name}` {part['bytes'] / 1000:,.0f} kB"
        for name, part in json.loads(parts.read_text("utf-8"))["parts"].items()
    )
    print(f"\n{text}\n\n{sizes}")
    if options.write:
        day = dt.date.today()
        RECORD.write_text(
            f"{text}\n\nMeasured on {day.day} {day:%B %Y} on a machine with {os.cpu_count()} "
            f"processors. Fetched once for the whole site: {sizes}.\n", "utf-8")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
