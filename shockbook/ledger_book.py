"""Check another text: ``new-ledger`` starts a ledger, ``ledger-book`` builds it as a small site."""

import json
import keyword
import re
import shutil
import sys
from pathlib import Path

from shockbook import catalog, claims, event_book, notebooks, references
from shockbook.book import BookError, declared, ledger
from shockbook.book.ledger import LedgerError
from shockbook.data.files import whole_folder
from shockbook.data.validate import validate

ROOT = declared.ROOT
FOLDER = ROOT / "_build" / "ledger"
#: Tables by which every ledger judges, until it writes its own.
RULES = ("verdict-tests.csv", "verdict-rules.csv")
#: Names that ``judge`` has for something else than a part's value.
TAKEN = ("self", "claim", "why", "alternatives", "readings")
PAGES = {
    "data": "# Data\n\nEvery table behind the verdicts.\n\n```{data-package}\n```\n",
    "references": "# References\n\n```{bibliography}\n```\n",
}


def add_parser(commands) -> None:
    """Add ``new-ledger`` and ``ledger-book`` to the commands of ``python -m shockbook``."""
    new = commands.add_parser("new-ledger", help="start a ledger that checks another text")
    new.add_argument("name", help="of its folder: small letters, digits and hyphens")
    new.add_argument("--title", help="of its site")
    new.add_argument("--to", type=Path, default=ROOT / "ledgers", help="folder that will hold it")
    new.set_defaults(run=start)
    built = commands.add_parser("ledger-book", help="build a ledger's site in _build/ledger/html")
    built.add_argument("folder", type=Path, help="for instance ledgers/friday")
    built.set_defaults(run=main)


def start(options) -> int:
    """Copy the template, whole or not at all.

    Raises ``LedgerError`` if the name will not do or something of that name is there.
    """
    name, target = options.name, options.to / options.name
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise LedgerError(f"{name!r} is no name: small letters, digits and hyphens, as in my-text.")
    if target.exists():
        raise LedgerError(f"{target} is there already and was left as it was: take another name.")
    if not options.to.is_dir():
        raise LedgerError(f"there is no folder {options.to} to hold {name}.")
    with whole_folder(target) as fresh:
        shutil.copytree(ledger.TEMPLATE, fresh, dirs_exist_ok=True)
        for table in RULES:
            shutil.copy(ROOT / "data" / table, fresh / "data")
        title = (options.title or name.replace("-", " ").capitalize()).strip()
        about = (fresh / ledger.ABOUT).read_text("utf-8")
        said = f"name = {json.dumps(title, ensure_ascii=False)}"
        about = re.sub(r'^name = ".*"$', lambda _: said, about, count=1, flags=re.M)
        (fresh / ledger.ABOUT).write_text(about, "utf-8")
        ledger.describe(ledger.read(fresh))
    place = target.relative_to(ROOT) if target.is_relative_to(ROOT) else target
    print(f"{place} holds a ledger of three claims; its README says what to write in their place.")
    print(f"It can be built as it is: make book BOOK=ledger LEDGER={place}")
    return 0


def main(options) -> int:
    """Check a ledger, run its chapter, check its words, build; 1 with a sentence for each fault."""
    folder = options.folder.resolve()
    one = ledger.read(folder)
    package = ledger.describe(one)
    found = validate(package)[:1]  # one at a time: a wrong cell is often wrong in two ways
    if not found:
        ledger.use(folder)
        found = list(table_faults(folder))[:1] or run(folder)
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        return 1
    sources = FOLDER / "source"
    write_sources(sources, one)
    return event_book.build(sources, FOLDER / "html")


def table_faults(folder: Path):
    """Yield what the tables of a ledger leave out, each of which is valid."""
    parted, told = (set(catalog.load(name)["claim"]) for name in ("claim-parts", "retelling"))
    pages = {path.stem for path in folder.glob("*.ipynb")}
    for row in catalog.load("claims").itertuples():
        if row.chapter not in pages:
            yield f"claims.csv: {row.id} names the chapter {row.chapter}; no notebook is called so."
        elif row.type != "opinion" and row.id not in parted:
            yield f"claim-parts.csv: {row.id} has no part, so nothing can decide it."
        elif not row.implied and row.id not in told:
            yield f"retelling.csv: no row has the words of {row.id}."
    tests = catalog.load("verdict-tests").set_index("id")
    tests = tests["true_if"].fillna("") + " " + tests["false_if"].fillna("")
    for row, part in enumerate(catalog.load("claim-parts").itertuples(), 2):
        where = f"claim-parts.csv, row {row}, column"
        if part.key in TAKEN or keyword.iskeyword(part.key):
            yield f"{where} key: {part.key!r} is a word that judge cannot take as a name."
        for column in ("claimed", "precision"):
            if column in tests[part.test] and getattr(part, column) != getattr(part, column):
                yield f"{where} {column}: it is empty, and the test {part.test} needs it."
    for page in ("index.md", "ledger.md"):
        if not (folder / page).is_file():
            yield f"{folder.name}/{page} is missing: take it from ledgers/template."


def run(folder: Path) -> list[str]:
    """Run a ledger's notebooks, store their outputs, and return what is wrong with them."""
    found = []
    for path in sorted(folder.glob("*.ipynb")):
        try:
            outcome = notebooks.refresh(path)
            ran = outcome in ("changed", "unchanged")
            found += notebooks.disagreements(path) if ran else [outcome]
        except (BookError, ValueError, KeyError, TypeError) as problem:
            found.append(f"{path.name} is no notebook that can be run ({problem}).")
    if found:
        return found
    try:
        judged = {record["claim"] for record in claims.records(folder)}
    except claims.ClaimError as problem:
        return [str(problem)]
    missing = [one for one in catalog.load("claims")["id"] if one not in judged]
    return [f"no cell judges {one}: add chapter.judge({one!r}, …)." for one in missing]


def write_sources(folder: Path, one: ledger.Ledger) -> None:
    """Write the sources of a ledger's site into a folder, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(one.folder, folder, ignore=shutil.ignore_patterns("README.md", ".*", "_build"))
    files = [*sorted(folder.glob("*.ipynb")), *sorted(folder.glob("*.md"))]
    pages = [path.stem for path in files if path.stem != "index"]
    cited = references.cited(folder)
    for name, text in PAGES.items():
        if name != "references" or cited:
            (folder / f"{name}.md").write_text(text, "utf-8")
            pages.append(name)
    bibliography = references.bibliography(cited, catalog.sources())
    (folder / "references.bib").write_text(bibliography, "utf-8")
    if any("#term-" in path.read_text("utf-8") for path in files):
        words = event_book.without_fenced((ROOT / "chapters" / "glossary.md").read_text("utf-8"))
        (folder / "glossary.md").write_text(words, "utf-8")
        pages.append("glossary")
    made = {}
    if one.folder.is_relative_to(ROOT):
        place = one.folder.relative_to(ROOT).as_posix()
        made = {path.stem: f"{place}/{path.name}" for path in files}
        made |= {"data": f"{place}/{ledger.ABOUT}", "references": f"{place}/data/sources.csv"}
    event_book.write_frame(folder, one, pages, made)
