"""Words of figures and tables in Markdown: joined on the page, and missed where they lack."""

import types

import pytest
from docutils import nodes, utils
from lxml import html

from shockbook.site import drawings, figures, words

ALT = "Three bars of costs; that of people is the longest by far."


@pytest.fixture(scope="module")
def page(sample_site):
    text = (sample_site / "chapters" / "verdicts.html").read_text("utf-8")
    return html.document_fromstring(text)


def text(element):
    return " ".join(element.text_content().split())


def test_the_words_of_a_chart_are_those_of_the_cell_above(page):
    figure = page.get_element_by_id("fig-words")
    told = [text(p) for p in figure.xpath(".//p[starts-with(@class, 'chart-')]")]
    assert told == [
        "Figure 2.1 Three costs, and people cost most",
        "US dollars, million",
        "Costs that were made up, as were the prices.",
        "Source: made up for this sample (as of 23 November 2026).",
    ]
    assert figure.xpath(".//*[@role='img']/@aria-label") == [ALT]
    assert figure.xpath(".//*[@class='chart-title']/*[@class='ink-nvidia']/text()") == ["people"]
    assert text(figure.xpath(".//a[@class='num' or contains(@class, 'num')]")[0]) == "the prices"
    assert ALT not in text(page) and "In words" not in text(page)  # the cell itself is gone


def test_a_table_takes_its_caption_and_a_number(page):
    table = page.get_element_by_id("tab-parts")
    assert text(table.xpath(".//caption")[0]).startswith("Table 2.1 The same as a table")
    assert [text(c) for c in table.xpath(".//tbody/tr[2]/*")] == ["people", "30"]


def test_a_drawing_stands_in_the_page(page):
    figure = page.get_element_by_id("fig-drawn")
    assert text(figure.xpath(".//*[@class='chart-title']")[0]) == "Figure 2.2 A box leads to a box"
    assert len(figure.xpath(".//svg")) == 2 and not figure.xpath(".//style | .//img")
    folds = figure.xpath(".//details/summary")  # no code, no table: it can only be shared
    assert [text(fold) for fold in folds] == ["Share the chart: A box leads to a box"]
    ids = figure.xpath(".//marker/@id")
    assert len(set(ids)) == 2
    ends = figure.xpath(".//@marker-end")
    assert ends == [f"url(#{i})" for i in ids]
    assert text(figure.find_class("chart-source")[0]) == "Made for this chapter."


# ------------------------------------------------------------------ what is missed
def link(label, target):
    return nodes.reference("", label, refuri=f"#{target}", id_link=True)


def paragraph(*children):
    return nodes.paragraph("", "", *children)


def cell(name="fig-a", **without):
    """The paragraphs of a words cell, each of which a test may replace or leave out."""
    parts = {
        "title": paragraph(nodes.strong("", "", link("Figure", name), nodes.Text(". T"))),
        "subtitle": paragraph(nodes.Text("US dollars")),
        "caption": paragraph(nodes.emphasis("", "Caption:"), nodes.Text(" C.")),
        "alt": paragraph(nodes.emphasis("", "In words:"), nodes.Text(f" {ALT}")),
        "source": paragraph(
            nodes.emphasis("", "Source:"), nodes.Text(" "), link("prices", "data-prices"),
            nodes.Text(" (Yahoo)"),
        ),
    }  # fmt: skip
    return [node for key, node in {**parts, **without}.items() if node is not None]


def chart(name="fig-a"):
    figure = figures.chart_figure("", name=name, title="", live=None, csv="a\n1\n")
    figure += figures.chart_picture("", wide="<svg/>", narrow="<svg/>")
    figure += figures.chart_data("")
    return figure


def joined(monkeypatch, *children):
    document = utils.new_document("x")
    document += nodes.section("", *children)
    join = words.JoinWords.__new__(words.JoinWords)
    join.document = document
    join.document.settings.env = types.SimpleNamespace(
        docname="one", doc2path=lambda name: "none.md", note_dependency=lambda path: None
    )
    said = []
    monkeypatch.setattr(
        words, "warn", lambda kind, place, text, *values: said.append(text % values)
    )
    join.apply()
    return document, said


def test_whole_words_are_joined_without_a_word(monkeypatch):
    document, said = joined(monkeypatch, *cell(), chart())
    assert said == []
    (figure,) = document.findall(figures.chart_figure)
    assert figure["title"] == "T"
    assert figure[-2].astext().startswith("Source: Yahoo (as of ")
    assert not list(document.findall(nodes.strong))


def test_words_of_a_figure_that_is_left_out_go_with_it(monkeypatch):
    monkeypatch.setattr(words, "left_out", lambda notebook: {"fig-a"})
    monkeypatch.setattr(words, "cell_ids", lambda path: ["a"])
    monkeypatch.setattr(words.Path, "read_text", lambda *_: "{}")
    document, said = joined(monkeypatch, *cell(), *cell("fig-b"))
    assert len(said) == 1 and "no cell draws fig-b" in said[0]
    assert document.astext().count("Figure. T") == 1


def test_a_chart_may_name_its_own_datasets(monkeypatch):
    figure = chart()
    figure["data"] = ["groups", "groups", "prices"]
    document, said = joined(monkeypatch, *cell(source=None), figure)
    assert said == [] and document.astext().count("own grouping") == 1


@pytest.mark.parametrize(
    ("children", "message"),
    [
        (cell(), "no cell draws fig-a"),
        ([chart()], "fig-a has no words"),
        ([*cell(), chart(), chart()], "fig-a is drawn twice"),
        ([*cell(), *cell(), chart()], "the words of fig-a stand twice"),
        ([*cell(subtitle=None), chart()], "it lacks a measure under the title"),
        ([*cell(alt=None), chart()], "it lacks *In words:*"),
        ([*cell(source=None), chart()], "it lacks *Source:*"),
        ([*cell(alt=paragraph(nodes.emphasis("", "In words:"), nodes.Text(" A bar."))), chart()],
         "40 characters"),
        ([*cell(source=paragraph(nodes.emphasis("", "Source:"), nodes.Text(" me"))), chart()],
         "names no dataset"),
        ([*cell(source=paragraph(nodes.emphasis("", "Source:"), link("x", "data-no"))), chart()],
         "'no'"),
    ],
)  # fmt: skip
def test_each_fault_is_told(monkeypatch, children, message):
    _, said = joined(monkeypatch, *[c.deepcopy() for c in children])
    assert any(message in one for one in said)


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<script/>", "<script>"),
        ('<a href="https://example.org"/>', "<a>"),
        ('<rect onload="x()"/>', "onload="),
        ('<rect style="fill:red"/>', "style="),
        ('<use href="other.svg#a"/>', "asks for other.svg#a"),
        ("<rect", "is no SVG"),
    ],
)
def test_a_drawing_that_could_run_or_load_is_refused(tmp_path, inside, message):
    path = tmp_path / "d.svg"
    path.write_text(f'<svg xmlns="{drawings.SVG}" viewBox="0 0 9 9">{inside}</svg>')
    with pytest.raises(ValueError, match=message):
        drawings.read(path, "fig-d")


def test_the_style_of_a_drawing_stays_out_of_the_page(tmp_path):
    path = tmp_path / "d.svg"
    inside = "<style type='text/css'>text{fill:red}</style><g id='a'/><use href='#a'/>"
    path.write_text(f'<svg xmlns="{drawings.SVG}" viewBox="0 0 9 9">{inside}</svg>')
    drawn = drawings.read(path, "fig-d")
    assert "style" not in drawn["wide"] and "red" not in drawn["narrow"]
    assert 'id="fig-d-wide-a"' in drawn["wide"] and 'href="#fig-d-wide-a"' in drawn["wide"]


def test_steps_stand_as_small_pictures_with_their_words(page):
    figure = page.get_element_by_id("fig-steps")
    items = figure.xpath(".//ol[@class='step-list']/li")
    assert [text(i.xpath(".//*[@class='step-words']")[0]) for i in items] == [
        "By what they did.", "Parted, and fell apart from rose.", "By size.",
    ]  # fmt: skip
    for width in ("wide", "narrow"):
        dots = [svg.xpath(".//*[contains(@class, 'mark-symbol')]//path/@d")
                for svg in figure.xpath(f".//svg[@class='{width}']")]  # fmt: skip
        assert [sum(d.count("h0") for d in one) for one in dots] == [40, 40, 40]
    assert text(figure.xpath(".//*[@class='visually-hidden']")[0]).startswith("Forty dots")
    assert figure.get("data-spec").endswith("charts/fig-steps.js")
    ids = figure.xpath(".//@id")
    assert len(ids) == len(set(ids))
