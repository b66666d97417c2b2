"""The recipes of CONTRIBUTING.md, walked through in a copy of the book."""

import json
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from shockbook import stored
from shockbook.notebooks import ROOT

CLAIM = (
    "C34,Rent above a dollar,The cheaper machine for hire costs more than a dollar an hour,"
    "figure,enterprise,false,A rent leaves nothing to choose."
)
PART = (
    "C34-rent,C34,rent,core,The cheaper rent is at least one dollar an hour,at-least,1,,USD,article"
)


@pytest.fixture
def book(tmp_path):
    folder = tmp_path / "book"
    for name in ("chapters", "data", "events", "shockbook", "tests"):
        leave = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(ROOT / name, folder / name, ignore=leave)
    for name in ("_toc.yml", "_config.yml", "pyproject.toml", "event.toml", "index.md"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def python(book, *words, status=0):
    environment = {**os.environ, "PYTHONPATH": str(book), "TZ": "UTC"}
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, cwd=book, env=environment
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def append(path, line):
    path.write_text(path.read_text("utf-8").rstrip("\n") + f"\n{line}\n", "utf-8")


def ledger(book):
    code = (
        "import json; from shockbook import claims; t = claims.ledger();"
        "print(json.dumps([t.set_index('claim')['verdict'].to_dict(), int(t['scored'].sum())]))"
    )
    return json.loads(python(book, "-c", code))


def said(book):
    nb = nbformat.read(book / "chapters" / "verdicts.ipynb", as_version=4)
    return {record["key"]: record["value"] for _, record in stored.numbers(nb)}


def test_a_claim(book):
    before, scored = ledger(book)
    numbers = said(book)
    append(book / "data" / "claims.csv", CLAIM)
    append(book / "data" / "claim-parts.csv", PART)
    assert "claims" in python(book, "-m", "shockbook", "check", "--quick", status=1)
    python(book, "-m", "shockbook", "check", "--accept")
    path = book / "chapters" / "enterprise.ipynb"
    nb = nbformat.read(path, as_version=4)
    at = max(i for i, c in enumerate(nb.cells) if ".judge(" in c.source)
    source = 'claims.judge("C34", "Every offer in the table is dearer.", rent=1.5)'
    beside = path.with_suffix(".toml")
    if beside.exists():
        source = 'chapter.judge("C34", rent=1.5)'
        text, reason = beside.read_text("utf-8"), 'C34 = "Every offer in the table is dearer."'
        beside.write_text(text.replace("[verdicts]\n", f"[verdicts]\n{reason}\n"), "utf-8")
    nb.cells.insert(at + 1, nbformat.v4.new_code_cell(source, id="verdict-c34"))
    nbformat.write(nb, path)
    python(book, "-m", "shockbook", "notebooks", "enterprise")
    told = python(book, "-m", "shockbook", "notebooks", "verdicts", "--rewrite", status=1)
    assert "'four' is said, five was found" in told  # what a person has to write again
    after, now = ledger(book)
    assert after == before | {"C34": "True"} and now == scored + 1
    numbers_now = said(book)
    assert numbers_now["claims"] == numbers["claims"] + 1
    assert numbers_now["scored"] == numbers["scored"] + 1
    assert numbers_now["plain"] == numbers["plain"] + 1
    python(book, "-m", "pytest", "-q", "-x", "tests/unit/test_claims.py")


def test_a_source_and_a_dataset(book):
    row = "class_survey,A survey of one class,A school,,2026-11-01,https://example.org/s,,primary,"
    row += "whole,the school's file"
    append(book / "data" / "sources.csv", row)
    (book / "data" / "class-survey.csv").write_text("day,answers\n2026-11-01,12\n2026-11-02,9\n")
    path = book / "data" / "datapackage.json"
    package = json.loads(path.read_text("utf-8"))
    entry = json.loads(json.dumps(next(r for r in package["resources"] if r["name"] == "usdcny")))
    entry |= {"name": "class-survey", "path": "class-survey.csv", "title": "Answers of a class"}
    entry["rows"] = 2
    entry["sources"] = [{"title": "class_survey"} | {"id": "class_survey"}]
    entry["schema"] = {
        "fields": [
            {"name": "day", "type": "date", "title": "Day", "description": "Day of the answer"},
            {"name": "answers", "type": "integer", "title": "Answers", "description": "Number",
             "unit": "answers", "constraints": {"minimum": 0}},
        ],
        "primaryKey": ["day"], "missingValues": [""],
    }  # fmt: skip
    package["resources"].append(entry)
    path.write_text(json.dumps(package, indent=2, ensure_ascii=False) + "\n", "utf-8")
    python(book, "-m", "shockbook", "check", "--accept")
    code = (
        "from shockbook import catalog; t = catalog.load('class-survey'); print(t['answers'].sum())"
    )
    assert python(book, "-c", code).strip() == "21"
    append(book / "chapters" / "about.md", "We asked a class {cite}`class_survey`.")
    python(book, "-m", "shockbook", "references")
    assert "class_survey" in (book / "chapters" / "references.bib").read_text("utf-8")
    (book / "data" / "class-survey.csv").write_text("day,answers\n2026-11-01,-12\n")
    assert "class-survey" in python(book, "-m", "shockbook", "check", "--accept", status=1)


def test_a_chapter(book):
    sys.path[:0] = [str(ROOT / "tests" / "site"), str(ROOT / "tests" / "notebooks")]
    import pages
    import rules
    import yaml
    from test_addresses import faults, toc_pages

    cells = [
        nbformat.v4.new_markdown_cell("# A chapter of our own\n\nOne table.", id="title"),
        nbformat.v4.new_code_cell(
            "from shockbook import catalog, charts\n\ncharts.enable()\n"
            'days = catalog.load("usdcny")',
            id="imports",
        ),
        nbformat.v4.new_code_cell("len(days) > 0", id="count"),
    ]
    path = book / "chapters" / "8-own.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    toc = book / "_toc.yml"
    text = toc.read_text("utf-8")
    here = "      - file: chapters/verdicts\n"
    toc.write_text(text.replace(here, here + "      - file: chapters/8-own\n"), "utf-8")
    python(book, "-m", "shockbook", "notebooks", "8-own")
    assert rules.faults(pages.Page.read(path)) == []
    addresses = book / "tests" / "site" / "addresses.txt"
    found = toc_pages(yaml.safe_load(toc.read_text("utf-8")))
    promised = set(addresses.read_text("utf-8").split())
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    went = config["sphinx"]["config"]["redirects"]
    went = {old: f"chapters/{new.removesuffix('.html')}" for old, new in went.items()}
    assert faults(found, promised, went) == [
        "chapters/8-own is new: add it to tests/site/addresses.txt"
    ]
    append(addresses, "chapters/8-own")
    assert faults(found, set(addresses.read_text("utf-8").split()), went) == []


def test_contributing_names_every_recipe_and_only_what_exists():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    for recipe in ("source", "dataset", "claim", "chapter"):
        assert f"## Add a {recipe}" in text
    for name in re.findall(r"`((?:data|tests|chapters)/[\w./-]+)`", text):
        assert (ROOT / name).exists() or name == "chapters/8-name.ipynb" or name.endswith("/")
    assert len(text.split()) < 850
