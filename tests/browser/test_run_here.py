"""A chapter runs in its page: every output as printed, an edit moves what follows, and back."""

import json
import os
import shutil
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from sphinx.highlighting import PygmentsBridge

from conftest import serving
from shockbook import stored
from shockbook.site import lab

REPO = Path(__file__).parents[2]
#: Chapters with a `.toml`; two that are soon done, and all in the long run.
ALL = sorted(p.stem for p in (REPO / "chapters").glob("*.toml") if p.with_suffix(".ipynb").exists())
QUICK = ["enterprise", "idea"]
CHAPTERS = ALL if os.environ.get("SOAK") else QUICK
READY = "() => document.documentElement.dataset.lab === 'ready'"
IDLE = "() => !document.querySelector('.lab-bar .lab-tools button').disabled"
#: A cell that records a number, and the text of the page says one of its numbers.
PICK = """() => shockbookLab.cells.find((cell) => cell.source.includes('chapter.record(')
  && document.querySelector(`#cell-${cell.id} textarea`)
  && cell.printed.some(({ data }) => data?.['application/vnd.shockbook.numbers+json']?.numbers
    .some(({ key, value }) => typeof value === 'number' && document.getElementById(`at-ev-${key}`)))
).id"""
TIMEOUT = 240_000  # milliseconds; a busy machine takes long


@pytest.fixture(scope="module")
def root(book_site, tmp_path_factory):
    """A folder of the book's pages, with what they need to run: packed less hard than usual."""
    root = tmp_path_factory.mktemp("lab")
    for name in ("_static", "charts"):
        shutil.copytree(book_site / name, root / name)
    shutil.copytree(book_site / "_sources/chapters", root / "_sources/chapters")
    parts = lab.prepared(REPO, book_site.parent / "lab-quick", 1)
    lab.assemble(parts, root / "_static/lab")
    (root / "chapters").mkdir()
    for name in [*CHAPTERS, "lab"]:
        page = (book_site / "chapters" / f"{name}.html").read_text("utf-8")
        head, policy, rest = page.partition("Content-Security-Policy")
        rest = lab.allowed(rest.partition('">')[0].replace("&#39;", "'")) + '">' + (
            rest.partition('">')[2])  # fmt: skip
        page, size = head + policy + rest, 38_000_000
        if name == "lab":
            page = lab.study(page, size, PygmentsBridge("html").highlight_block)
        else:
            page = lab.offered(page, f"../_sources/chapters/{name}.ipynb", size)
        (root / "chapters" / f"{name}.html").write_text(page, "utf-8")
    return root


@pytest.fixture(scope="module")
def address(root):
    with serving(root) as at:
        yield at


def printed(name: str) -> dict:
    """How many numbers, verdicts, figures and tables the stored notebook holds."""
    notebook = json.loads((REPO / "chapters" / f"{name}.ipynb").read_text("utf-8"))
    kinds = {
        "verdict": "application/vnd.shockbook.verdict+json",
        "figure": "application/vnd.vegalite.v5+json",
        "table": "application/vnd.shockbook.table+json",
    }
    found = {kind: len(list(stored.outputs(notebook, mime))) for kind, mime in kinds.items()}
    found["number"] = len(list(stored.numbers(notebook)))
    return {kind: count for kind, count in found.items() if count}


def started(visit, address, name, **options):
    seen = visit(**options)
    seen.page.goto(f"{address}/chapters/{name}.html")
    assert not any("/lab/" in url for url in seen.asked)  # nothing before it is asked for
    seen.page.locator(".lab-start").click()
    seen.page.wait_for_function(READY, timeout=TIMEOUT)
    return seen


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_output_is_as_printed_and_an_edit_comes_and_goes(visit, address, name):
    seen = started(visit, address, name)
    page = seen.page
    made = page.evaluate("shockbookLab.compare()")
    assert made["differ"] == []
    assert {k: n for k, n in made["same"].items() if k != "text"} == printed(name)
    assert page.evaluate("shockbookLab.moved") == [] and page.locator(".lab-moved").count() == 0
    assert seen.outside(address) == []
    if name == CHAPTERS[0]:
        edited(page)
    assert seen.complaints == []


def edited(page):
    """Edit a cell by keyboard; see number, list and error; the page stays accessible; go back."""
    cell = page.evaluate(PICK)
    field = page.locator(f"#cell-{cell} textarea")
    field.evaluate("(e) => { for (let d = e.closest('details'); d;"
                   " d = d.parentElement.closest('details')) d.open = true; }")  # fmt: skip
    source = field.input_value()
    before, call, after = source.rpartition("chapter.record(")
    double = (
        "_record = chapter.record\n"
        "def twice(**values):\n"
        "    _record(**{k: v * 2 if type(v).__name__ in ('int', 'int64', 'float', 'float64')"
        " else v for k, v in values.items()})\n"
    )
    field.fill(f"{double}{before}twice({after}")
    field.press("Shift+Enter")
    page.wait_for_function(IDLE, timeout=TIMEOUT)
    moved = page.evaluate("shockbookLab.moved")
    assert moved and all(m.split()[0] in ("number", "verdict", "figure", "table") for m in moved)
    link = page.locator("a.num.lab-moved").first
    assert "changed" in link.text_content()
    assert page.locator(".lab-bar li").count() == len(moved)
    found = Axe().run(page, context=".lab-bar, .lab-cell").response["violations"]
    assert [(f["id"], f["nodes"][0]["html"][:90]) for f in found] == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    sent = json.loads(unquote(page.url.partition("#run=")[2]))  # a link carries the edit
    assert sent == {cell: field.input_value()}
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download notebook").click()
    notebook = nbformat.read(saved.value.path(), 4)
    taken = {c["id"]: c for c in notebook.cells}
    assert taken[cell].source == field.input_value() and not taken[cell].outputs
    field.fill("1 / 0")
    field.press("Shift+Enter")
    page.wait_for_function(IDLE, timeout=TIMEOUT)
    told = page.locator(".lab-error")
    assert told.text_content() == "ZeroDivisionError: division by zero (line 1)"
    page.get_by_role("button", name="Reset all").click()
    page.wait_for_function(IDLE, timeout=TIMEOUT)
    assert field.input_value() == source and "#" not in page.url
    assert page.evaluate("shockbookLab.moved") == [] and page.locator(".lab-moved").count() == 0
    assert page.evaluate("shockbookLab.compare()")["differ"] == []


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        ("WebAssembly.validate = () => false", "exception handling"),
        ("delete window.DecompressionStream", "DecompressionStream"),
        ("delete window.Worker", "workers"),
    ],
)
def test_a_browser_without_what_it_needs_is_told_before_any_download(
    visit, address, break_it, told
):
    seen = visit()
    seen.page.goto(f"{address}/chapters/{CHAPTERS[0]}.html")
    seen.page.evaluate(f"() => {{ {break_it} }}")
    seen.page.locator(".lab-start").click()
    offer = seen.page.locator(".lab-offer strong")
    offer.wait_for()
    assert told in offer.text_content()
    assert [u for u in seen.asked if "/lab/" in u] == [f"{address}/_static/lab/lab.js"]


def test_from_disk_the_button_explains_itself(visit, root):
    seen = visit()
    seen.page.goto((root / "chapters" / f"{CHAPTERS[0]}.html").as_uri())
    seen.page.locator(".lab-start").click()
    offer = seen.page.locator(".lab-offer strong")
    offer.wait_for()
    assert "opened from disk" in offer.text_content()


def test_the_parts_keep_to_their_size(root):
    """Packed in haste they take a fifth more than the 40 MB that a site may send."""
    about = json.loads((root / "_static/lab/lab.json").read_text("utf-8"))
    assert 30e6 < sum(part["bytes"] for part in about["parts"].values()) < 48e6


def test_the_lab_studies_what_the_controls_say(visit, address):
    """NVIDIA as recorded, to the last digit; a link, a fault and the notebook that is taken."""
    notebook = json.loads((REPO / "chapters/nvidia.ipynb").read_text("utf-8"))
    known = {record["key"]: record for _, record in stored.numbers(notebook)}
    seen = visit(viewport={"width": 390, "height": 800})
    page = seen.page
    page.goto(f"{address}/chapters/lab.html?day=2025-01-26")
    assert page.locator(".lab-study").is_hidden() and not any("/lab/" in u for u in seen.asked)
    page.locator(".lab-start").click()
    page.wait_for_function(READY, timeout=TIMEOUT)
    fault = page.locator(".lab-fault")
    assert fault.text_content().startswith("the event day 2025-01-26 (Sunday) is no trading day")

    def choose(name, value):
        page.locator(f"[name={name}]").fill(value)
        page.keyboard.press("Tab")
        page.wait_for_function(IDLE, timeout=TIMEOUT)

    choose("day", "2025-01-27")
    said = page.locator(".lab-words").inner_text()
    for key in ("abnormal", "expected"):
        assert known[key]["text"] in said
    assert f"None of {known['placebo-days']['value']} ordinary days" in said
    assert fault.count() == 0 and "?" not in page.url
    value = page.evaluate("shockbookLab.value('row[\"car\"]')")
    assert value == pytest.approx(known["abnormal"]["value"], rel=1e-7)  # eight digits are recorded
    assert page.locator("datalist option[value='000660.KS']").count() == 1
    choose("ticker", "xxxx")
    assert fault.text_content() == "no returns of XXXX: is the ticker spelt as in the data?"
    assert page.locator("[name=ticker]").get_attribute("aria-describedby") == fault.get_attribute(
        "id")  # fmt: skip
    found = Axe().run(page, context="#main").response["violations"]
    assert [(f["id"], f["nodes"][0]["html"][:90]) for f in found] == []
    choose("ticker", "AVGO")
    assert page.url.endswith("lab.html?ticker=AVGO")
    assert page.locator(".lab-picture svg").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download notebook").click()
    notebook = nbformat.read(saved.value.path(), 4)
    assert printed_by(notebook).replace("-", "\N{MINUS SIGN}").split("\n")[0] in (
        page.locator(".lab-words").inner_text().replace("-", "\N{MINUS SIGN}"))  # fmt: skip
    assert seen.outside(address) == [] and seen.complaints == []


def printed_by(notebook) -> str:
    """What the study's cell prints when the notebook runs with the library."""
    from nbclient import NotebookClient

    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    NotebookClient(notebook, kernel_name="python3").execute(env=environment)
    (cell,) = [c for c in notebook.cells if c.id == "study"]
    return cell.outputs[0].text.strip()
