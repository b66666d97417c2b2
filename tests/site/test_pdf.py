"""The book as one PDF: title page, contents, heads, every chart, no code, no dead link."""

import argparse
import copy
import os

import printed
import pytest
import sample
from bs4 import BeautifulSoup
from lxml import html
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import ArrayObject, NameObject

from shockbook.site import pdf


def browser():
    if pdf.browser() is None and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine: install the package chromium")
    return pdf.browser()


def print_book(folder, monkeypatch, data=None):
    browser()
    monkeypatch.setenv("TZ", "UTC")
    if data:
        monkeypatch.setenv("SHOCKBOOK_DATA", str(data))
    assert pdf.run(argparse.Namespace(folder=folder)) == 0
    page = folder / "_build" / "singlehtml" / "book.html"
    return printed.read(folder / "_build" / pdf.NAME), html.parse(str(page)).getroot()


def check(found, page):
    assert found["empty"] == [] and found["dead"] == [] and found["headless"] == 0
    assert found["figures"] == len(page.xpath('//figure[contains(@class, "chart")] | //img'))
    assert found["inside"] > 0
    assert all(address.startswith("http") for address in found["out"])
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    inside = [a for a in page.xpath("//a/@href") if a.startswith("#") and a != "#"]
    assert [a for a in inside if a[1:] not in ids] == []


def test_sample_as_pdf(sample_folder, monkeypatch):
    found, page = print_book(sample_folder, monkeypatch, sample_folder / "data")
    check(found, page)
    assert found["title"] == "A sample book"
    texts = [one.extract_text() for one in PdfReader(sample_folder / "_build" / pdf.NAME).pages]
    listed = page.xpath('//div[@class="contents"]//li')
    assert len(listed) > 5
    for row in listed:  # the contents tell the page on which each begins
        number, title = int(row[1].text_content()), row[0].text_content().split()
        assert " ".join(title) in " ".join(texts[number - 1].split())
        assert str(number) in texts[number - 1].split()
    assert "A sample book" in texts[0] and "The made-up fall" not in texts[0]
    whole = "".join(texts)
    assert "1 The made-up fall" in texts[int(listed[2][1].text_content()) - 1]
    assert "alt.Chart" not in whole and "largest close less smallest" not in whole
    assert found["figures"] == 8 and found["pages"] > 4
    (right,) = {at for at, text in placed(sample_folder) if text.strip() == "Outcome"}
    assert right > 300  # the parts of a verdict have the width of the page, 595 points


def placed(folder):
    """How far right each text of a sample's PDF begins, and the text."""
    found = []
    for page in PdfReader(folder / "_build" / pdf.NAME).pages:
        page.extract_text(visitor_text=lambda text, matrix, place, *_: found.append(
            (place[4] * matrix[0] + place[5] * matrix[2] + matrix[4], text)))  # fmt: skip
    return found


def test_a_chapter_does_not_end_on_a_page_that_is_nearly_empty(tmp_path):
    """Of two chapters one runs seven millimetres over its page; the other's page stays as it is."""
    text = '<p style="height:20mm;margin:0">A line.</p>'
    page = BeautifulSoup(
        f"<!DOCTYPE html><style>@page{{size:A4;margin:23mm 20mm 21mm}}body{{margin:0}}</style>"
        f'<a href="#one">1</a><a href="#two">2</a><div style="break-after:page"></div>'
        f'<section id="one" style="page:part1">{text * 13}</section>'
        f'<section id="two" style="page:part2">{text * 9}</section>',
        "html.parser",
    )
    numbers = []

    def show():
        (tmp_path / "a.html").write_text(str(page), "utf-8")
        assert pdf.printed(browser(), tmp_path / "a.html", tmp_path / "a.pdf") == ""
        numbers.append(len(PdfReader(tmp_path / "a.pdf").pages))
        return tmp_path / "a.pdf"

    pdf.fit(page, show)
    show()
    assert numbers[0] == 4 and numbers[-1] == 3
    assert page.find(id="two")["style"] == "page:part2;zoom:1"
    assert float(page.find(id="one")["style"].rpartition(":")[2]) in pdf.SIZES[1:]


def test_a_page_is_filled_by_a_picture_too(tmp_path):
    picture = ("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42"
               "mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")  # fmt: skip
    (tmp_path / "a.html").write_text(
        "<!DOCTYPE html><style>@page{size:A4;margin:23mm 20mm 21mm}body{margin:0}</style><p>A line."
        f'</p><img src="{picture}" style="width:100mm;height:200mm">', "utf-8")  # fmt: skip
    assert pdf.printed(browser(), tmp_path / "a.html", tmp_path / "a.pdf") == ""
    (page,) = PdfReader(tmp_path / "a.pdf").pages
    assert 0.8 < pdf.filled(page) < 0.95


def test_the_head_of_a_long_table_is_on_each_page(sample_site, tmp_path):
    page = html.parse(str(sample_site / "chapters" / "verdicts.html")).getroot()
    rows = page.xpath('//div[contains(@class, "ledger-box")]//tbody')[0]
    for row in list(rows) * 30:
        rows.append(copy.deepcopy(row))
    path = tmp_path / "long.html"
    path.write_bytes(html.tostring(page, doctype="<!DOCTYPE html>", encoding="utf-8"))
    assert pdf.printed(browser(), path, tmp_path / "long.pdf") == ""
    found = printed.read(tmp_path / "long.pdf")
    assert found["long"] == 1 and found["headless"] == 0


@pytest.mark.skipif(not os.environ.get("SOAK"), reason="the whole book: make soak")
def test_book_as_pdf(book_site, monkeypatch):
    found, page = print_book(sample.REPO, monkeypatch)
    check(found, page)
    assert found["title"] == "The DeepSeek Shock" and found["pages"] > 100
    assert len([n for n in found["half"] if n > 3]) <= 3  # after title page and contents


def test_a_dead_link_and_an_empty_page_are_found(tmp_path):
    writer = PdfWriter()
    page = writer.add_blank_page(100, 100)
    link = Link(rect=(0, 0, 9, 9), target_page_index=0)
    link[NameObject("/Dest")] = NameObject("/nowhere")
    page[NameObject("/Annots")] = ArrayObject([link])
    writer.add_metadata({"/Title": "T"})
    writer.write(tmp_path / "a.pdf")
    found = printed.read(tmp_path / "a.pdf")
    assert found["dead"] == ["nowhere"] and found["empty"] == [1]
