"""A site that was built again, whatever changed, is the one that a clean build makes."""

import re
import shutil

import nbformat
import sample

TIMES = re.compile(rb"\d+\.\d s\b")  # how long a notebook ran


def files(pages):
    """Every file of a site; run times, which no two builds share, are masked."""
    found = {p.relative_to(pages).as_posix(): p for p in pages.rglob("*") if p.is_file()}
    return {name: TIMES.sub(b"", path.read_bytes()) for name, path in found.items()}


def build(folder):
    return files(sample.built(folder, folder / "data"))


def clean(folder):
    """What a clean build makes of the sources in a folder, from a copy without what was built."""
    copy = folder.with_name("clean")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("_build"))
    return build(copy)


def differing(one, other):
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def replace(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def small(folder):
    """The sample with one chart, and a page whose title shows a figure of another page."""
    sample.write(folder)
    path = folder / "chapters" / "one.ipynb"
    book = nbformat.read(path, as_version=4)
    gone = re.compile(r"\A(?:slider|table|cloud|pair)\Z|#fig-(?:slider|cloud|pair)")
    book.cells = [c for c in book.cells if not gone.search(c.id) and not gone.search(c.source)]
    nbformat.write(book, path)
    two = folder / "chapters" / "verdicts.ipynb"
    replace(two, "# The second page", "# The second page, of [](one.ipynb#num-fall)")
    (folder / "chapters" / "extra.md").write_text("# One more\n\nIt speaks of Jevons.\n", "utf-8")
    last = "  - file: chapters/status\n"
    replace(folder / "_toc.yml", last, last + "  - file: chapters/extra\n")
    return folder


def edit(folder):
    """Change the title of one page, and a number that another page shows."""
    path = folder / "chapters" / "one.ipynb"
    replace(path, "# The made-up fall", "# The fall")
    replace(path, "fall=fall", "fall=2 * fall")


def remove_and_change(folder):
    """Remove a page; change what a dataset and a reference are called."""
    (folder / "chapters" / "extra.md").unlink()
    replace(folder / "_toc.yml", "  - file: chapters/extra\n", "")
    replace(folder / "data" / "datapackage.json", "Made-up prices", "Renamed prices")
    replace(folder / "chapters" / "references.bib", "A made-up source", "A renamed source")


def test_whatever_changed_the_site_equals_a_clean_build(tmp_path):
    folder = small(tmp_path / "book")
    first = build(folder)
    assert b"Jevons" in first["_static/shockbook/search-index.js"]
    edit(folder)
    remove_and_change(folder)
    again = build(folder)
    assert differing(again, clean(folder)) == []
    assert b"The second page, of $44.0" in again["index.html"]
    assert "chapters/extra.html" not in again
    assert b"Renamed prices" in again["chapters/one.html"]
    assert b"A renamed source" in again["chapters/glossary.html"]


def test_what_warned_stops_the_second_build_too(tmp_path):
    folder = sample.without_code(tmp_path / "book")
    page = folder / "chapters" / "glossary.md"
    page.write_text(page.read_text("utf-8") + "\n{nosuch}`role`\n", "utf-8")
    for _ in range(2):
        done = sample.run(folder, folder / "data", *sample.STRICT)
        assert done.returncode and 'Unknown interpreted text role "nosuch"' in done.stderr
