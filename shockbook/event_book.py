"""``make book BOOK=event``: the page of one event, with *Methods* and *Glossary*, as a small site.

The sources of the small site are made from those of the book, under ``_build/event``: cells and
prose that concern the book's own event are left out, and the title comes from the event's file.
"""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import yaml

from shockbook import event, event_data, notebooks
from shockbook.book import prose
from shockbook.data import write_whole

ROOT = event.ROOT
FOLDER = ROOT / "_build" / "event"
#: Marks what concerns the event of the whole book: a tag on cells, a fence around prose.
TAG = "this-book"
_FENCED = re.compile(rf"\n*<!-- {TAG} -->.*?<!-- /{TAG} -->", re.S)


def add_parser(commands) -> None:
    """Add ``event-book`` to the commands of ``python -m shockbook``."""
    parser = commands.add_parser(
        "event-book", help="build the small site of one event into _build/event/html"
    )
    parser.add_argument("file", nargs="?", help="the event's file; event.toml by default")
    parser.set_defaults(run=main)


def main(options) -> int:
    """Check the event, run its page and Methods, build; 1 if the pages cannot be built."""
    if options.file:
        os.environ["SHOCKBOOK_EVENT"] = str(Path(options.file).resolve())
    os.environ["SHOCKBOOK_LIVE"] = "0"  # what is published is the snapshot
    data = event_data.load()
    sources = FOLDER / "source"
    write_sources(sources, data.event)
    run_notebooks(sources)
    return build(sources, FOLDER / "html")


def write_sources(folder: Path, one: event.Event) -> None:
    """Write the sources of the small site into a folder, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = {
        "index": "chapters/your-event.ipynb",
        "methods": "chapters/methods.ipynb",
        "glossary": "chapters/glossary.md",
        "references": "chapters/references.md",
    }
    for page, source in made.items():
        if source.endswith(".ipynb"):
            notebook = nbformat.read(ROOT / source, as_version=4)
            without_tagged(notebook)
            nbformat.write(notebook, folder / f"{page}.ipynb")
        else:
            words = without_fenced((ROOT / source).read_text("utf-8"))
            (folder / f"{page}.md").write_text(words, "utf-8")
    shutil.copy(ROOT / "chapters" / "references.bib", folder)
    write_frame(folder, one, ["methods", "glossary", "references"], made)


def write_frame(folder: Path, one, pages: list[str], made: dict[str, str]) -> None:
    """Write contents and configuration of a small site; `made` as for :func:`configuration`."""
    toc = {"format": "jb-book", "root": "index", "chapters": [{"file": page} for page in pages]}
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc), "utf-8")
    config = configuration((ROOT / "_config.yml").read_text("utf-8"), one, made)
    (folder / "_config.yml").write_text(config, "utf-8")


def without_tagged(notebook) -> None:
    """Take the cells of the book's own event out of a notebook, and fenced prose, in place."""
    notebook.cells = [c for c in notebook.cells if TAG not in c.metadata.get("tags", [])]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = without_fenced(cell.source)


def without_fenced(text: str) -> str:
    """A text without what stands between ``<!-- this-book -->`` and ``<!-- /this-book -->``."""
    return _FENCED.sub("", text)


def configuration(config: str, one, made: dict[str, str]) -> str:
    """The book's configuration with the name of an event or a ledger, and no address of the book.

    ``made`` says for each page which file of the repository it comes from, for its links.
    """
    out = yaml.safe_load(config)
    out["title"] = one.name
    out["author"] = "" if "author" in out else None
    out["bibtex_bibfiles"] = ["references.bib"]
    out["execute"]["execute_notebooks"] = "off"  # they have just been run
    for key in ("logo", "repository", "launch_buttons"):
        out.pop(key, None)
    html = out.setdefault("html", {})
    for key in ("baseurl", "use_repository_button", "use_edit_page_button", "use_issues_button"):
        html.pop(key, None)
    for key in ("html_baseurl", "redirects"):
        out["sphinx"]["config"].pop(key, None)
    out["sphinx"]["config"] |= {"shockbook_top": "../../..", "shockbook_pages": made}
    return yaml.safe_dump({k: v for k, v in out.items() if v is not None}, allow_unicode=True)


def run_notebooks(folder: Path) -> None:
    """Run the notebooks of the small site, side by side, and store their outputs."""

    def one(path: Path) -> None:
        notebook = notebooks.run(path)
        if path.stem == "index":
            prose.fill(notebook)
        write_whole(path, nbformat.writes(notebook).encode())

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, sorted(folder.glob("*.ipynb"))))


def build(sources: Path, pages: Path) -> int:
    """Build the pages with warnings fatal, and put them in place whole."""
    call = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", call, "build", str(sources), "--all"]
    command += ["--warningiserror", "--nitpick", "--keep-going", "--quiet"]
    environment = {**os.environ, "TZ": "UTC"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout, done.stderr, sep="", file=sys.stderr)
        return 1
    shutil.rmtree(pages, ignore_errors=True)
    (sources / "_build" / "html").rename(pages)
    print(f"Open {pages.relative_to(ROOT)}/index.html")
    return 0
