"""A fork that studies another event: one file is changed, and its small site is built."""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys

import hygiene
import nbformat
import pytest
import sample
from lxml import html

from shockbook import event, event_book

#: The event of the book, in whatever form it might be named.
THIS_BOOK = re.compile(r"nvidia|nvda|deepseek", re.I)
#: The bytes of a picture, in which any four letters may stand, and the names of the palette.
PICTURE = re.compile(r"[A-Za-z0-9+/=]{200,}|\b(?:ink|fill|line)-(?:deepseek|nvidia)\b")
#: Another firm, on another exchange, with a price file of its own; the news came on a holiday.
OTHER = (
    *("--firm", "SAP.DE", "--benchmark", "^GDAXI", "--prices", "events/gallery/frankfurt.csv"),
    *("--announced", "2025-04-18", "--name", "After Easter", "--yes", "--force"),
)
NINE = ["launch", "idea", "cost", "nvidia", "market", "capex", "enterprise", "sequel", "verdicts"]
#: What an event's file may hold by malice: in its words, its address, the name of a milestone.
NEWS = r'''
[milestones]
"<script>hacked=1</script>" = 2025-04-18

[news]
text = """<script>hacked=1</script><img src=x onerror=hacked=1>

<b onclick=hacked=1>bold</b>

```{raw} html
<script>hacked=1</script>
```
"""
source = "https://example.org/\"><script>hacked=1</script>"
'''


def call(folder, *command, status=0, **variables):
    """Run a command in a copy of the book, with that copy's library."""
    environment = {**os.environ, "TZ": "UTC", "PYTHONPATH": str(folder), **variables}
    environment.pop("SHOCKBOOK_EVENT", None)
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=3600
    )
    assert done.returncode == status, f"{command}:\n{done.stdout}\n{done.stderr}"
    return done


def shockbook(folder, *arguments, status=0):
    return call(folder, sys.executable, "-m", "shockbook", *arguments, status=status)


def digests(folder):
    """The content of the book's chapters and of what they read."""
    chapters = [p for p in folder.glob("chapters/*.ipynb") if p.stem != "your-event"]
    files = [*chapters, *folder.glob("events/*.toml")]
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def fork(tmp_path_factory):
    """The files of this book that git would hold, in a folder of their own."""
    folder = tmp_path_factory.mktemp("fork") / "book"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=sample.REPO, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    for name in listed:
        if (sample.REPO / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(sample.REPO / name, folder / name)
    call(folder, "git", "init", "--quiet")
    call(folder, "git", "remote", "add", "origin", "https://github.com/some-class/the-book.git")
    return folder


@pytest.fixture(scope="module")
def small(fork):
    """The pages of the small site of another event, built in the fork."""
    before = digests(fork)
    shockbook(fork, "new-event", *OTHER)  # two commands, and no line of code is touched
    path = fork / "event.toml"
    tables = re.split(r"(?m)^(?=\[)", path.read_text("utf-8"))
    kept = [table for table in tables if not table.startswith(("[milestones]", "[news]"))]
    path.write_text("".join(kept) + NEWS, "utf-8")
    done = shockbook(fork, "event-book")
    assert digests(fork) == before and {f"{n}.ipynb" for n in NINE} <= set(before)
    assert done.stdout.strip() == "Open _build/event/html/index.html", done.stderr
    return fork / "_build" / "event" / "html"


def test_the_pages_are_those_of_one_event(small):
    names = {p.stem for p in small.glob("*.html")}
    assert names == {"index", "methods", "glossary", "references", "search", "404"}
    text = (small / "index.html").read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")
    assert "<title>After Easter</title>" in text and "Simulated for a gallery of events" in text
    assert "XETR was shut; the event is its next session, Tuesday 22 April 2025" in text
    assert text.count('<figure class="chart') == 6 and text.count('class="left-out"') == 2
    assert "frankfurt.csv (as of 31 July 2025)" in text
    assert "/some-class/the-book/blob/main/chapters/your-event.ipynb" in text
    assert "/some-class/the-book/blob/colab/your-event.ipynb" in text


def test_no_word_of_the_event_of_the_book_stands_in_it(small):
    for path in small.rglob("*"):
        assert not THIS_BOOK.search(str(path.relative_to(small)))
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "replace")
            found = THIS_BOOK.search(PICTURE.sub("", text))
            assert not found, f"{path.relative_to(small)}: {found[0]}"


def test_the_pages_are_clean(small):
    assert hygiene.faults(small) == []


def test_what_a_hostile_file_says_stays_text(small):
    page = html.document_fromstring((small / "index.html").read_text("utf-8"))
    acts = [
        *page.xpath("//script[contains(., 'hacked')] | //main//img[contains(@src, 'x')]"),
        *page.xpath("//@*[starts-with(name(), 'on') or starts-with(., 'javascript:')]"),
    ]
    assert acts == []
    assert page.get_element_by_id("main").text_content().count("<script>hacked=1</script>") >= 2
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    digest = base64.b64encode(hashlib.sha256(b"hacked=1").digest()).decode()
    assert "script-src 'self' 'sha256-" in policy and digest not in policy


def test_the_glossary_is_the_book_s_without_its_introduction(small):
    text = (small / "glossary.html").read_text("utf-8")
    assert 'id="term-Abnormal-return"' in text and 'id="term-Placebo-day"' in text
    assert "Words of finance and of machine" not in text


def test_a_fault_in_the_file_stops_the_build_with_one_sentence(fork, small):
    path = fork / "event.toml"
    good = path.read_text("utf-8")
    path.write_text(re.sub("announced = .*\nwhen = .*", "date = 2025-04-21", good), "utf-8")
    try:
        for command in (("check", "--quick"), ("event-book",)):
            done = shockbook(fork, *command, status=1)
            assert done.stderr.count("\n") == 1 and "2025-04-22" in done.stderr
    finally:
        path.write_text(good, "utf-8")


def test_make_builds_one_of_the_two(fork, small):
    """``make book`` builds the whole book, ``make book BOOK=event`` the event's small site.

    Both begin with the quick check, which tries ``event.toml``.
    """
    (fork / ".venv").mkdir(exist_ok=True)
    (fork / ".venv" / ".ready").touch()
    builds = {"event": "shockbook event-book \n", "": "jupyter-book build"}
    for wanted in builds:
        said = call(fork, "make", "-n", "book", f"BOOK={wanted}").stdout
        assert [build for build in builds.values() if build in said] == [builds[wanted]]
        assert said.index("check --quick") < said.index(builds[wanted])


# ------------------------------------------------------------------ another text
def test_a_ledger_on_another_text_is_a_site_of_its_own(fork):
    """The worked example: its notebook runs as it is stored, and its pages are whole."""
    folder = fork / "ledgers" / "friday"
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    done = shockbook(fork, "ledger-book", str(folder))
    assert done.stdout.strip() == "Open _build/ledger/html/index.html", done.stderr
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    html = fork / "_build" / "ledger" / "html"
    assert {p.stem for p in html.glob("*.html")} == {
        "index", "check", "ledger", "data", "references", "search", "404"
    }  # fmt: skip
    start, listed = ((html / f"{n}.html").read_text("utf-8") for n in ("index", "ledger"))
    assert start.count('class="said said-') == 8 == listed.count("badge badge-")
    text = (html / "check.html").read_text("utf-8")
    assert "/some-class/the-book/blob/main/ledgers/friday/check.ipynb" in text
    assert "/blob/colab/ledgers-friday-check.ipynb" in text
    assert "8 of 8 claims" in listed and "<title>Friday the thirteenth, checked</title>" in start
    assert hygiene.faults(html) == []


# ------------------------------------------------------------------ parts
def test_tagged_cells_and_fenced_prose_are_left_out():
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("a\n\n<!-- this-book -->\nb\n<!-- /this-book -->\n\nc"),
            nbformat.v4.new_code_cell("x", metadata={"tags": ["hide-input", "this-book"]}),
        ]
    )
    event_book.without_tagged(notebook)
    assert [c.source for c in notebook.cells] == ["a\n\nc"]


def test_the_configuration_names_the_event_and_no_address():
    one = event.read("events/placebo-day.toml")
    config = "title: A\nauthor: B\nexecute: {}\nrepository: {url: x}\nsphinx: {config: {}}\n"
    found = event_book.configuration(config, one, {"index": "a.md"})
    assert one.name in found and "url" not in found and "B" not in found
    assert "shockbook_pages:\n      index: a.md" in found


# ------------------------------------------------------------------ the whole of it
@pytest.mark.skipif("SOAK" not in os.environ, reason="half an hour; `make soak` runs it")
def test_a_fork_runs_whole(tmp_path):
    """Clone, change ``event.toml``, ``make notebooks``, ``make book BOOK=event``, ``make test``."""
    folder = tmp_path / "fork"
    call(tmp_path, "git", "clone", "--quiet", str(sample.REPO), str(folder))
    variables = {"SOAK": "", "PYTHON": sys.executable}
    before = digests(folder)
    environment = {k: v for k, v in os.environ.items() if k not in ("SOAK", "SHOCKBOOK_EVENT")}

    def make(*arguments):
        done = subprocess.run(
            ["make", *arguments, f"PYTHON={variables['PYTHON']}"],
            cwd=folder, env=environment, capture_output=True, text=True, timeout=7200,
        )  # fmt: skip
        assert done.returncode == 0, f"make {arguments}:\n{done.stdout}\n{done.stderr}"

    make(".venv/.ready")
    call(folder, str(folder / ".venv/bin/python"), "-m", "shockbook", "new-event", *OTHER)
    make("notebooks")
    make("book", "BOOK=event")
    make("test")
    assert digests(folder) == before
    changed = call(folder, "git", "status", "--porcelain").stdout.split()[1::2]
    assert sorted(changed) == ["chapters/your-event.ipynb", "event.toml"]
