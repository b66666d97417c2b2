"""How long each chapter runs once its kernel has started, and how much of that its pictures take.

A chapter draws the picture of each chart while it runs; the last column says how many times longer
that takes than without.  Wall time counts other work on the machine, processor time of the kernel
does not.  Imports count: they are the first cell of a chapter.

Run: python benchmarks/bench_chapters.py [STEM ...], from the book's folder.
"""

from __future__ import annotations

import os
import sys
import time

import nbformat
import psutil
from nbclient import NotebookClient

from shockbook import charts
from shockbook.charts import render
from shockbook.notebooks import ENVIRONMENT, ROOT, TIMEOUT, find

LIMIT = 5  # seconds, promised to the reader in each chapter's side box


def _seconds(process: psutil.Process) -> float:
    spent = process.cpu_times()
    return spent.user + spent.system


def measure(path) -> tuple[float, float, float]:
    """Seconds of one chapter after the kernel's start: wall, processor, and of its pictures.

    Raises
    ------
    CellExecutionError
        If a cell fails: a chapter that stops early must not look fast.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    )
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT), "SHOCKBOOK_LIVE": "0"}
    with client.setup_kernel(env=environment):
        client.wait_for_reply(client.kc.kernel_info())
        kernel = psutil.Process(client.km.provisioner.pid)
        busy, start = _seconds(kernel), time.perf_counter()
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        wall, busy = time.perf_counter() - start, _seconds(kernel) - busy
    before = time.process_time()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if charts.MIME in output.get("data", {}):
                render.picture(output.data[charts.MIME])
    return wall, busy, time.process_time() - before


def main(names: list[str] = ()) -> None:
    """Print the table."""
    print("\nA chapter, after its kernel has started (seconds)")
    print(f"{'chapter':<14}{'wall':>7}{'processor':>11}{'than without pictures':>24}")
    for path in find(list(names), ROOT / "chapters"):
        wall, busy, drawing = measure(path)
        late = f"  longer than the {LIMIT} s promised" if busy > LIMIT else ""
        ratio = f"{busy / max(busy - drawing, 0.1):.1f} times as long"
        print(f"{path.stem:<14}{wall:>7.1f}{busy:>11.1f}{ratio:>23}{late}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
