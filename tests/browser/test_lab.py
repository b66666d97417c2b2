"""Charts in JupyterLab, with no network: stored ones and rerun ones are drawn and answer."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest

from shockbook.notebooks import ENVIRONMENT

ROOT = Path(__file__).parents[2]
FIXTURE = ROOT / "tests/fixtures/chapter.ipynb"
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
charts.figure(bill + charts.event_rule("2025-01-23", "the event"), "fig-bill")
"""
#: As ``make lab`` sets it.
HOOK = re.search(r"--\S+pre_save_hook=\S+", (ROOT / "Makefile").read_text("utf-8"))[0]
TIMEOUT = 90_000  # milliseconds; a busy machine starts JupyterLab slowly


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The home of a reader who has never opened JupyterLab."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def lab(home):
    """The address of a JupyterLab of its own with one notebook, run once already."""
    from nbclient import NotebookClient

    (home / "books").mkdir()
    cell = nbformat.v4.new_code_cell(CHART.strip(), id="chart")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    environment = {
        **os.environ,
        **ENVIRONMENT,
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    NotebookClient(notebook, kernel_name="python3").execute(env=environment)
    nbformat.write(notebook, home / "books/chart.ipynb")
    for name in ("chapter.ipynb", "chapter.toml"):
        shutil.copy(ROOT / "tests/fixtures" / name, home / "books")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--IdentityProvider.token=", "--allow-root"]
    command += [f"--ServerApp.root_dir={home / 'books'}", "--LabApp.news_url=None"]
    command += ["--expose-app-in-browser", HOOK]
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
    page.wait_for_selector(".vega-embed svg.marks", timeout=TIMEOUT)
    assert page.locator(".vega-embed svg.marks").bounding_box()["width"] > 600
    assert answers(page)
    # run again, in the kernel
    page.locator(".jp-Cell .cm-content").first.click()
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']", timeout=TIMEOUT)
    page.evaluate("document.querySelector('.vega-embed').dataset.old = 'yes'")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".vega-embed:not([data-old]) svg.marks", timeout=TIMEOUT)
    assert answers(page)
    page.close()
    assert not outside
    complaints = ("Vega-Lite", "Error", "Refused")
    assert not [text for text in said if any(word in text for word in complaints)]


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_a_chapter_reads_whole(lab, chromium, theme):
    """Title, numbers, box and chart stand as they should, with no role and no raw directive."""
    page = opened(lab, chromium, "chapter.ipynb")
    command(page, "apputils:change-theme", theme=f"JupyterLab {theme}")
    page.wait_for_selector(
        f"body[data-jp-theme-light={str(theme == 'Light').lower()}]", state="attached"
    )
    words = " ".join(page.locator(".jp-MarkdownCell").all_inner_texts())
    assert "The day NVIDIA lost 17%" in words and "first place of" in words
    assert not re.search(r"\{[a-z]+\}`|:::|#num-|\\\$|\[[^\]]*\]\(", words)
    assert page.locator(".jp-MarkdownCell details, .jp-MarkdownCell summary").count()
    link = page.locator(".jp-MarkdownCell a", has_text="Monday 27 January 2025")
    assert link.get_attribute("href").endswith("#num-day")
    page.close()


def test_running_and_saving_changes_nothing(lab, home, chromium):
    """Not a byte: what a browser makes of numbers and metadata is what is stored."""
    page = opened(lab, chromium, "chapter.ipynb")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']", timeout=TIMEOUT)
    page.evaluate("document.querySelector('.vega-embed').dataset.old = 'yes'")
    command(page, "notebook:run-all-cells")
    page.wait_for_selector(".vega-embed:not([data-old])", timeout=TIMEOUT)
    page.wait_for_function(
        "![...document.querySelectorAll('.jp-InputPrompt')].some(p => p.textContent.includes('*'))",
        timeout=TIMEOUT,
    )
    command(page, "docmanager:save")
    page.wait_for_timeout(1500)
    page.close()
    assert (home / "books/chapter.ipynb").read_bytes() == FIXTURE.read_bytes()


def opened(lab, chromium, name):
    """A page with one notebook, drawn."""
    page = chromium.new_page(viewport={"width": 1300, "height": 4000})
    page.goto(f"{lab}/lab/tree/{name}")
    page.wait_for_selector(".vega-embed", timeout=TIMEOUT)
    return page


def command(page, name, **arguments):
    """One of JupyterLab's own commands."""
    page.evaluate("([name, given]) => jupyterapp.commands.execute(name, given)", [name, arguments])


def local(url: str, address: str) -> bool:
    return url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))


def answers(page) -> bool:
    """Whether the picture changes when the slider does."""
    picture = "document.querySelector('.vega-embed svg.marks').outerHTML"
    before = page.evaluate(picture)
    page.locator(".vega-bind input").fill("4")
    page.wait_for_timeout(300)
    return page.evaluate(picture) != before
