"""A chapter runs in its page: every output as printed, an edit moves what follows, and back."""

import ast
import gzip
import json
import os
import shutil
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from served import serving
from sphinx.highlighting import PygmentsBridge

from shockbook import event_data, stored, study
from shockbook.site import lab
from shockbook.site.markup import fill
from shockbook.teach import student

REPO = Path(__file__).parents[2]
#: Chapters with a `.toml`: all in the long run, else some.
ALL = sorted(p.stem for p in (REPO / "chapters").glob("*.toml") if p.with_suffix(".ipynb").exists())
#: Together they use the mathematics of cost and of the event study.
CHAPTERS = ALL if os.environ.get("SOAK") else ["cost", "enterprise", "nvidia"]
ANSWERED = ALL if os.environ.get("SOAK") else ["enterprise"]  # each starts Python once more
READY = "() => document.documentElement.dataset.lab === 'ready'"
IDLE = "() => !document.querySelector('.lab-bar .lab-tools button').disabled"
#: A cell that records a number, and the text of the page says one of its numbers.
PICK = """() => shockbookLab.cells.find((cell) => cell.source.includes('chapter.record(')
  && document.querySelector(`#cell-${cell.id} textarea`)
  && cell.printed.some(({ data }) => data?.['application/vnd.shockbook.numbers+json']?.numbers
    .some(({ key, value }) => typeof value === 'number' && document.getElementById(`at-ev-${key}`)))
).id"""
TEXTS = (".css", ".js", ".json", ".ipynb")
TIMEOUT = 240_000  # milliseconds; a busy machine takes long


@pytest.fixture(scope="module")
def root(book_site, tmp_path_factory):
    """A folder of the book's pages, with what they need to run: packed less hard than usual."""
    root = tmp_path_factory.mktemp("lab")
    for name in ("_static", "charts"):
        shutil.copytree(book_site / name, root / name)
    shutil.copytree(book_site / "_sources/chapters", root / "_sources/chapters")
    names = () if os.environ.get("SOAK") else tuple(ANSWERED)  # making keys runs a chapter
    parts = lab.prepared(
        REPO, book_site.parent / "lab-quick", 1, lambda folder: student.asked(folder, names)
    )
    lab.assemble(parts, root / "_static/lab")
    (root / "chapters").mkdir()
    for name in [*CHAPTERS, "lab"]:
        page = (book_site / "chapters" / f"{name}.html").read_text("utf-8")
        head, policy, rest = page.partition("Content-Security-Policy")
        rest = lab.allowed(rest.partition('">')[0].replace("&#39;", "'")) + '">' + (
            rest.partition('">')[2])  # fmt: skip
        page, size = head + policy + rest, 38_000_000
        if name == "lab":  # these pages were built without Python: set here what a build sets
            before, _, after = page.partition('<div class="lab-here')
            offer = lab.study(size, PygmentsBridge("html").highlight_block)
            page = before + offer + after.partition("</div>")[2]
        else:
            source = f"../_sources/chapters/{name}.ipynb"
            offer = fill("offer.html", notebook=source, size=size, study=False)
            page = page.replace("</h1>", f"</h1>\n{offer}", 1)
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
    seen = started(visit, address, name, viewport={"width": 1440, "height": 900})
    page = seen.page
    bar = page.locator(".lab-bar")
    box = bar.bounding_box()
    assert box["y"] + box["height"] <= 901, "what it says stands at the foot of the window"
    assert bar.evaluate("bar => bar.contains(document.activeElement)"), "focus is lost"
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
    field = page.locator(f"#cell-{cell} textarea").last  # cells before it share its fold
    open_folds(field)
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
    page.evaluate("document.querySelector('.menu a[href^=\"#\"]').click()")
    page.wait_for_url("**#run=*", timeout=5000)  # a link within the page keeps it
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


def exercises(name):
    """The exercises of a chapter; those that are checked have what the edition asks of them."""
    notebook = nbformat.read(REPO / "chapters" / f"{name}.ipynb", as_version=4)
    _, found = student.split(notebook)
    asked = student.questions()
    return notebook, [(one, asked[one.label] if one.solution else {}) for one in found]


@pytest.mark.parametrize("name", [n for n in ANSWERED if exercises(n)[1]])
def test_an_exercise_answers_back(visit, address, name):
    """Untouched it fails, a known mistake gets its sentence, the solution passes."""
    seen = started(visit, address, name)
    page = seen.page
    notebook, asked = exercises(name)
    given = {n for c in student.split(notebook)[0] if c.cell_type == "code" for n in sets(c.source)}
    solved = {n for e, _ in asked for code in e.solution for n in sets(code)} - given
    leaning = page.evaluate(
        "([chapter, names]) => shockbookLab.ask('attempt', {chapter, check: false,"
        " label: shockbookLab.answers[0].id, source: `print({*globals()} & {${names}})`})",
        [name, ",".join(map(repr, solved))],
    )
    assert solved and leaning["outputs"] == [{"text": "set()\n"}]  # no answer leans on a solution
    assert page.locator(".exercise .lab-check").count() == sum(bool(a) for _, a in asked)
    for exercise, entries in asked:
        box = page.locator(f"[id='{exercise.label}']")
        if not entries:
            assert "No machine checks this exercise" in box.locator(".lab-open").text_content()
            continue
        field, told = box.locator("textarea"), box.locator(".lab-checked p")

        def check(source):
            field.fill(source)  # noqa: B023
            box.get_by_role("button", name="Check my answer").click()  # noqa: B023
            page.wait_for_function(IDLE, timeout=TIMEOUT)
            return told.all_text_contents()  # noqa: B023

        blank = field.input_value()
        three = "Not yet: {} still holds the three dots: store your answer in it."
        assert check(blank) == [three.format(n) for n in entries], exercise.label
        lines, wrong = list(exercise.solution), list(exercise.solution)
        said = []
        for answer, entry in entries.items():
            lines += [entry.get("setup", ""), f"{answer} = {entry['answer']}"]
            slip, says = entry["mistakes"][0]
            wrong += [entry.get("setup", ""), f"{answer} = {slip}"]
            said.append((answer, says, entry.get("may_coincide")))
        for line, (answer, says, may) in zip(check("\n".join(wrong)), said, strict=True):
            assert may or line.startswith("Not yet: ") and says in line, (answer, line)
        assert check("\n".join(lines)) == [f"Right: {n} passes the check." for n in entries]
        assert box.locator(".lab-error:visible").count() == 0
        box.get_by_role("button", name="Reset this answer").click()
        assert field.input_value() == blank and told.count() == 0
        assert box.locator(".lab-said:visible").count() == 0
    assert page.evaluate("shockbookLab.compare()")["differ"] == []  # the chapter is untouched
    if name == "enterprise":
        answered(page, asked)
    assert seen.outside(address) == [] and seen.complaints == []


def answered(page, asked):
    """By keyboard, on a phone; what is needed runs first, and what is not may be broken."""
    label, answer = next((e.label, next(iter(a))) for e, a in asked if a)
    box = page.locator(f"[id='{label}']")
    field, told, said = (box.locator(s) for s in ("textarea", ".lab-checked", ".lab-said"))

    def run(source):
        field.fill(source)
        field.press("Shift+Enter")
        page.wait_for_function(IDLE, timeout=TIMEOUT)
        return said.text_content()

    page.set_viewport_size({"width": 390, "height": 800})
    field.fill(f"{answer} = 3")
    for _ in "ab":  # past "Run"
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function(IDLE, timeout=TIMEOUT)
    assert page.evaluate("document.activeElement.textContent") == "Check my answer"
    assert f"Not yet: {answer} is not right" in told.text_content()
    assert told.get_attribute("role") == "status"
    sent = json.loads(unquote(page.url.partition("#run=")[2]))
    assert sent == {label: f"{answer} = 3"}
    found = Axe().run(page, context=".exercise").response["violations"]
    assert [(f["id"], f["nodes"][0]["html"][:90]) for f in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    cell = page.locator("#cell-exact-interval textarea")
    open_folds(cell)
    cell.fill(f"{cell.input_value()}\nlow = 12.5")
    assert run("print(low)") == "12.5"  # its cell was edited and had not run
    cell.fill("low = 1 / 0")
    run(f"{answer} = low")
    assert told.text_content() == (
        "Your answer needs the cell exact interval, which stopped: ZeroDivisionError: division by"
        " zero.")  # fmt: skip
    assert run("print(CARDS)") == "8"  # which needs no broken cell
    page.get_by_role("button", name="Reset all").click()
    page.wait_for_function(IDLE, timeout=TIMEOUT)
    assert field.input_value() == "print(CARDS)"  # a reader's work stays
    assert page.evaluate("shockbookLab.compare()")["differ"] == []


def sets(source):
    """The names that a cell sets, by itself."""
    tree = ast.parse(source)
    names = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    return names | {n.name for n in tree.body if hasattr(n, "name")}


def open_folds(field):
    field.evaluate("(e) => { for (let d = e.closest('details'); d;"
                   " d = d.parentElement.closest('details')) d.open = true; }")  # fmt: skip


def test_no_part_that_a_page_loads_holds_a_solution(root):
    """Nor an answer; the notebook does, whose solutions stand on the page already."""
    folder = root / "_static/lab"
    text = "\n".join(p.read_text("utf-8") for p in folder.iterdir() if p.suffix in TEXTS)
    for name in ("book.json.gz", "exercises.json.gz"):
        text += gzip.decompress((folder / name).read_bytes()).decode()
    ours = "\n".join(p.read_text("utf-8") for p in (REPO / "shockbook").rglob("*.py"))
    looked = 0
    for name in ALL:
        notebook, asked = exercises(name)
        kept = "\n".join([ours, *(c.source for c in student.split(notebook)[0])])
        solved = [
            line.strip() for e, _ in asked for code in e.solution for line in code.split("\n")
        ]
        for line in [*solved, *(e["answer"] for _, a in asked for e in a.values())]:
            if len(line) > 20 and line not in kept:
                looked += 1
                once = json.dumps(line)[1:-1]  # a text in JSON, and JSON in a text in JSON
                assert not any(form in text for form in (line, once, json.dumps(once)[1:-1])), line
    assert looked > 80 and "ex-enterprise-bound" in text


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
    page.locator("[name=model]").select_option("ff3")
    page.wait_for_function(IDLE, timeout=TIMEOUT)
    assert page.locator("[name=benchmark]").is_disabled()  # three factors ask for no fund
    value = page.evaluate("shockbookLab.value('row[\"car\"]')")
    assert value == pytest.approx(100 * by_three_factors(), rel=1e-9)
    page.locator("[name=model]").select_option("market")
    page.wait_for_function(IDLE, timeout=TIMEOUT)
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


def by_three_factors() -> float:
    """NVIDIA's abnormal return of the day under three factors, as the library has it here."""
    closes, _, factors = event_data.tables()
    returns = study.returns(closes, calendar=study.calendar_of(closes, "SPY"))
    spec = study.Specification(model="ff3")
    return study.event_study(returns, "2025-01-27", spec, "NVDA", factors).car["NVDA"]


def printed_by(notebook) -> str:
    """What the study's cell prints when the notebook runs with the library."""
    from nbclient import NotebookClient

    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    NotebookClient(notebook, kernel_name="python3").execute(env=environment)
    (cell,) = [c for c in notebook.cells if c.id == "study"]
    return cell.outputs[0].text.strip()
