"""The page that says how to cite the book follows the file that machines read."""

import pytest
from lxml import html

from shockbook.notebooks import ROOT
from shockbook.site import cite

GOOD = """title: A & B
version: 1.2
date-released: 2026-11-23
authors:
  - family-names: Doe
    given-names: Jane
  - name: The others
"""


def test_sentence_and_entry(tmp_path):
    path = tmp_path / "CITATION.cff"
    path.write_text(GOOD, "utf-8")
    about = cite.read(path)
    assert "".join(cite.sentence(about, "https://x.example/")) == (
        "Doe, Jane and The others. A & B. Version 1.2, 23 November 2026. https://x.example/"
    )
    entry = cite.bibtex(about)
    assert r"title = {{A \& B}}" in entry and "month = {11}" in entry and "url" not in entry
    assert entry.count("{") == entry.count("}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("version: 1.2\n", ""), "has no version: add it"),
        ("title: [", "is no YAML, from line"),
        ("", "has no title: add it"),
        (None, "is missing"),
    ],
)
def test_a_faulty_file_is_one_sentence(tmp_path, text, said):
    path = tmp_path / "CITATION.cff"
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(cite.CitationError, match=said):
        cite.read(path)


def test_the_page_of_this_book_says_what_its_file_says(book_site):
    page = " ".join((book_site / "chapters" / "cite.html").read_text("utf-8").split())
    about = cite.read(ROOT / "CITATION.cff")
    assert about["title"] in page and f"Version {about['version']}" in page
    assert "@misc{deepseekshock" in page


def test_every_page_and_every_figure_names_the_licence(book_site):
    for path in [book_site / "index.html", *book_site.glob("chapters/*.html")]:
        page = html.parse(path).getroot()
        if page.xpath("//meta[@http-equiv='refresh']"):  # an old address that leads on
            continue
        named = [a.text for a in page.xpath("//footer//a[@rel='license']")]
        assert named == cite.licences(cite.read(ROOT / "CITATION.cff")), path.name
        for menu in page.find_class("chart-share"):
            assert menu.xpath(".//a[@rel='license']"), path.name
