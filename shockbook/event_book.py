"""``make book BOOK=event``: the page of one event, with *Methods* and *Glossary*, as a small site.

The sources of the small site are made from those of the book, under ``_build/event``: cells and
prose that concern the book's own event are left out, the glossary holds the words that the pages
use, and the title comes from the event's file.
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
_TERM = re.compile(r"\{term\}`(?:[^`<]*<([^`>]+)>|([^`<]+))`|\(#term-([\w-]+)\)")
_GLOSSARY = re.compile(r"(```\{glossary\}\n(?::\w+:[^\n]*\n)*\n)(.*?)(\n```)", re.S)


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
    texts = []
    for source, name in (("your-event", "index"), ("methods", "methods")):
        notebook = nbformat.read(ROOT / "chapters" / f"{source}.ipynb", as_version=4)
        without_tagged(notebook)
        nbformat.write(notebook, folder / f"{name}.ipynb")
        texts += [cell.source for cell in notebook.cells]
    words = (ROOT / "chapters" / "glossary.md").read_text("utf-8")
    (folder / "glossary.md").write_text(glossary(without_fenced(words), texts), "utf-8")
    references = (ROOT / "chapters" / "references.md").read_text("utf-8")
    (folder / "references.md").write_text(without_fenced(references), "utf-8")
    shutil.copy(ROOT / "chapters" / "references.bib", folder)
    pages = [{"file": name} for name in ("methods", "glossary", "references")]
    toc = {"format": "jb-book", "root": "index", "chapters": pages}
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc), "utf-8")
    names = ("your-event.ipynb", "methods.ipynb", "glossary.md", "references.md")
    made = dict(zip(("index", "methods", "glossary", "references"), names, strict=True))
    made = {page: f"chapters/{name}" for page, name in made.items()}
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


def glossary(page: str, texts: list[str]) -> str:
    """The glossary with the words that some texts use, and those that their entries use.

    Parameters
    ----------
    page : str
        The page with one ``{glossary}`` directive, entries apart by a blank line.
    texts : list of str
        Sources in which ``{term}`` or a link ``#term-word`` marks the words.

    Raises ``ValueError`` if the page holds no such directive.
    """
    found = _GLOSSARY.search(page)
    if found is None:
        raise ValueError("the glossary has no {glossary} directive to choose words from")
    entries = {_slug(e.partition("\n")[0]): e for e in found[2].strip("\n").split("\n\n")}
    used, waiting = set(), [t for text in texts for t in _terms(text)]
    while waiting:
        word = waiting.pop()
        if word in entries and word not in used:
            used.add(word)
            waiting += _terms(entries[word])
    kept = "\n\n".join(entry for word, entry in entries.items() if word in used)
    return page[: found.start()] + found[1] + kept + found[3] + page[found.end() :]


def _terms(text: str) -> list[str]:
    return [_slug(a or b or c) for a, b, c in _TERM.findall(text)]


def _slug(word: str) -> str:
    return word.strip().lower().replace(" ", "-")


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
