"""Charts in JupyterLab, with no network: stored ones and rerun ones are drawn and answer."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
CHART = """
import altair as alt
import pandas as pd

from shockbook import charts

charts.enable()
price = alt.param(name="price", value=2, bind=alt.binding_range(min=1, max=4, name="Price"))
hours = pd.DataFrame({"day": pd.date_range("2025-01-20", periods=5), "hours": range(1, 6)})
bill = (
    alt.Chart(hours)
    .transform_calculate(bill="datum.hours * price")
    .mark_bar()
    .encode(x="day:T", y=alt.Y("bill:Q", scale=alt.Scale(domain=[0, 20])))
    .add_params(price)
)
charts.figure(
    bill + charts.event_rule("2025-01-23", "the event"), name="fig-bill",
    title="The bill", subtitle="US$", caption="Bill.", data=[],
    alt="Bars of a made-up bill that grow with the price on the slider.",
)
"""
TIMEOUT = 90_000  # milliseconds; a busy machine starts JupyterLab slowly


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab of its own with one notebook, run once already."""
    from nbclient import NotebookClient

    home = tmp_path_factory.mktemp("lab")
    (home / "books").mkdir()
    cell = nbformat.v4.new_code_cell(CHART.strip(), id="chart")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    NotebookClient(notebook, kernel_name="python3").execute(env=environment)
    nbformat.write(notebook, home / "books/chart.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--IdentityProvider.token=", "--allow-root"]
    command += [f"--ServerApp.root_dir={home / 'books'}", "--LabApp.news_url=None"]
    with open(home / "log", "w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + TIMEOUT / 1000
        while True:
            try:
                urllib.request.urlopen(f"{address}/api", timeout=2)
                break
            except (urllib.error.URLError, TimeoutError):
                assert server.poll() is None, (home / "log").read_text()
                assert time.monotonic() < until, "JupyterLab did not start"
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait()


def test_a_chart_answers_stored_and_rerun(lab, chromium):
    page = chromium.new_page(viewport={"width": 1300, "height": 1000})
    outside, said = [], []
    page.on("request", lambda r: None if local(r.url, lab) else outside.append(r.url))
    page.on("console", lambda m: said.append(m.text) if m.type in ("warning", "error") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{lab}/doc/tree/chart.ipynb")
    page.wait_for_selector(".vega-embed canvas", timeout=TIMEOUT)
    assert page.locator(".vega-embed canvas").bounding_box()["width"] > 600
    assert answers(page)
    # run again, in the kernel
    page.locator(".jp-Cell .cm-content").first.click()
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']", timeout=TIMEOUT)
    page.evaluate("document.querySelector('.vega-embed').dataset.old = 'yes'")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".vega-embed:not([data-old]) canvas", timeout=TIMEOUT)
    assert answers(page)
    page.close()
    assert not outside
    complaints = ("Vega-Lite", "Error", "Refused")
    assert not [text for text in said if any(word in text for word in complaints)]


def local(url: str, address: str) -> bool:
    return url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))


def answers(page) -> bool:
    """Whether the picture changes when the slider does."""
    picture = "document.querySelector('.vega-embed canvas').toDataURL()"
    before = page.evaluate(picture)
    page.locator(".vega-bind input").fill("4")
    page.wait_for_timeout(300)
    return page.evaluate(picture) != before
