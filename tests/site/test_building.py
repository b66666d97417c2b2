"""What the extension makes of a book, and what stops it."""

import json
import re
from types import SimpleNamespace

import pytest
import sample
from lxml import html

from shockbook.site import figures, whole


def words(element):
    """The text of an element with plain blanks."""
    return " ".join(element.text_content().split())


@pytest.fixture(scope="module")
def one(sample_site):
    return html.document_fromstring((sample_site / "chapters" / "one.html").read_text("utf-8"))


@pytest.fixture(scope="module")
def ledger(sample_site):
    text = (sample_site / "chapters" / "verdicts.html").read_text("utf-8")
    return html.document_fromstring(text)


def test_figures_are_numbered_and_referred_to(one):
    numbers = [words(e) for e in one.xpath('//figure//*[@class="caption-number"]')]
    assert numbers == ["Figure 1.1", "Figure 1.2", "Figure 1.3", "Figure 1.4"]
    assert words(one.xpath('//a[@href="#fig-line"]')[0]) == "Figure 1.1"


def test_a_page_without_a_chapter_number_counts_from_one():
    counted = {"one": {"figure": {"a": (1, 1)}}, "methods": {"figure": {"b": (8,), "c": (9,)}}}
    figures.count_by_page(None, SimpleNamespace(toc_fignumbers=counted))
    assert counted["one"]["figure"] == {"a": (1, 1)}
    assert counted["methods"]["figure"] == {"b": (1,), "c": (2,)}


def test_title_and_source_are_text(one):
    figure = one.get_element_by_id("fig-line")
    title = figure.xpath('.//p[@class="chart-title"]')[0].text_content()
    assert "The made-up price fell by \u221217.0%" in title
    assert "(as of 23 November 2026)." in words(figure)


def test_only_charts_that_move_offer_to(one):
    moving = {f.get("id") for f in one.xpath("//figure[@data-spec]")}
    assert moving == {"fig-line", "fig-slider", "fig-cloud"}


def test_explore_is_said_only_where_there_is_something_to_set(one):
    said = {f.get("id"): words(f.xpath(".//button")[0]) for f in one.xpath("//figure[@data-spec]")}
    assert said == {
        "fig-line": "Point at values",
        "fig-slider": "Explore this chart",
        "fig-cloud": "Explore this chart",
    }


def test_data_table_or_summary(one):
    many = one.get_element_by_id("fig-line").xpath(".//table")[0]
    assert "Summary of the 60 rows" in many.text_content()
    few = one.get_element_by_id("fig-slider").xpath(".//table")[0]
    assert len(few.xpath(".//tbody/tr")) == 3


def test_csv_and_live_files_are_written(sample_site):
    folder = sample_site / "charts"
    assert (folder / "fig-line.csv").read_text("utf-8").count("\n") == 61
    script = (folder / "fig-line.js").read_text("utf-8")
    found = json.loads(re.fullmatch(r'shockbookChart\("fig-line",(.*)\);\n', script, re.S)[1])
    assert len(next(iter(found["data"].values()))["rows"]) == 60
    assert '"csv"' not in script  # Vega's reader of CSV would need unsafe-eval
    assert not (folder / "fig-pair.js").exists()


def test_number_leads_to_its_evidence(one):
    link = one.xpath('//a[contains(@class, "num")]')[0]
    assert link.text_content() == "$22.0"
    entry = one.get_element_by_id(link.get("href")[1:])
    text = words(entry)
    assert "largest close less smallest close" in text
    assert "Made-up prices" in text and "as of 23 November 2026" in text
    assert entry.xpath('.//a[@href="#cell-say"]')
    assert one.get_element_by_id("cell-say").xpath(".//pre")


def test_cited_number_names_row_and_source(one):
    words = one.get_element_by_id("ev-launch").text_content()
    assert "id = E1" in words and "A made-up paper" in words


def test_records_do_not_show_as_output(one):
    cell = one.get_element_by_id("cell-say")
    assert not cell.xpath('.//*[contains(@class, "cell_output")]')


def test_number_of_another_page(ledger):
    link = ledger.xpath('//a[contains(@class, "num")]')[0]
    assert link.get("href") == "#ev-one--fall"
    assert ledger.get_element_by_id("ev-one--fall").xpath('.//a[@href="one.html#cell-say"]')


def test_claim_and_verdict_lead_to_each_other(one, ledger):
    verdict = one.get_element_by_id("verdict-C10")
    assert verdict.xpath('.//a[@href="verdicts.html#claim-C10"]')
    assert "Partly wrong" in verdict.text_content()
    assert verdict.xpath('.//*[contains(@class, "badge")]/svg')
    assert verdict.xpath('./details/details//pre'), "its code stands with its rule"
    row = ledger.xpath('//*[@id="claim-C10"]/ancestor::tr')[0]
    assert row.xpath('.//a[@href="one.html#verdict-C10"]')
    (why,) = row.find_class("ledger-why")
    assert why.text_content() in verdict.text_content() and len(why.text_content()) > 20


def test_what_is_only_implied_is_marked(one, ledger):
    rows = [ledger.xpath(f'//*[@id="claim-{claim}"]/ancestor::tr')[0] for claim in ("C10", "C11")]
    assert ["(implied)" in row.text_content() for row in rows] == [False, True]
    assert "(implied)" in one.get_element_by_id("verdict-C11").text_content()


def test_chart_again_on_the_start_page(sample_site):
    page = html.document_fromstring((sample_site / "index.html").read_text("utf-8"))
    figure = page.get_element_by_id("fig-line-here")
    assert figure.get("data-spec") == "charts/fig-line.js"
    assert not figure.xpath('.//*[@class="caption-number"]')


def test_solutions_and_hidden_code_fold_without_script(one):
    folds = [e.text_content().strip() for e in one.xpath("//details/summary")]
    assert "Show code: pair" in folds
    assert any("Solution to" in words for words in folds)


def test_a_figure_comes_before_its_hidden_code(one):
    cell = one.get_element_by_id("cell-pair")
    parts = [part.tag for part in cell if isinstance(part.tag, str)]
    assert parts == ["div", "details"] and cell[0].xpath(".//figure")
    assert words(cell[1].find("summary")) == "Show code: pair"
    assert [a.get("tabindex") for a in one.xpath('//a[@class="headerlink"]')][0] == "-1"


def test_formulas_are_mathml(one):
    block = one.get_element_by_id("equation-eq-car")
    assert block.xpath(".//*[local-name() = 'mtable']")
    assert "&" not in block.text_content() and "\\" not in block.text_content()


def test_status_names_every_notebook(sample_site):
    text = (sample_site / "chapters" / "status.html").read_text("utf-8")
    told = words(html.document_fromstring(text))
    assert told.count("ran through") == 2
    assert "altair" in told and "23 November 2026" in told


def test_search_index_holds_titles_claims_and_no_code(sample_site):
    index = (sample_site / "_static" / "shockbook" / "search-index.js").read_text("utf-8")
    assert "did not come back within sixty days" in index
    assert "nearly 17% on a Sunday" in index
    assert "charts.enable" not in index


def test_documents_are_read_again_when_data_or_library_change(monkeypatch, tmp_path):
    sample.data_folder(tmp_path / "data")
    monkeypatch.setenv("SHOCKBOOK_DATA", str(tmp_path / "data"))
    first = whole.stamp()
    assert whole.stamp() == first
    path = tmp_path / "data" / "datapackage.json"
    path.write_text(path.read_text("utf-8").replace("Made-up prices", "Prices"), "utf-8")
    second = whole.stamp()
    monkeypatch.setattr(whole, "LIBRARY", tmp_path)
    assert len({first, second, whole.stamp()}) == 3


@pytest.fixture
def fresh(tmp_path):
    """A sample book that is not built yet, its notebooks cut down to one cell."""
    return sample.without_code(tmp_path / "book")


def test_changed_data_stop_the_build(fresh):
    with (fresh / "data" / "prices.csv").open("a", encoding="utf-8") as stream:
        stream.write("2025-12-01,1\n")
    done = sample.run(fresh, fresh / "data")
    assert done.returncode == 1
    assert "data/prices.csv" in done.stderr and "git checkout data/prices.csv" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_failing_cells_stop_the_build(fresh):
    sample.write_cell(fresh, "one", "1 / 0")
    sample.write_cell(fresh, "verdicts", "import sys; print('oh', file=sys.stderr)")
    done = sample.run(fresh, fresh / "data")
    assert done.returncode == 1
    assert "one.ipynb: a cell raised an error (ZeroDivisionError: division by zero)" in done.stderr
    assert "verdicts.ipynb: a cell printed to stderr (oh)" in done.stderr


def test_faulty_prose_is_fatal(fresh):
    faults = {
        "[](#num-nothing)": "no number 'nothing' on page 'status'",
        "[](one.ipynb#num-x)": "no number 'x' on page 'one'",
        "[](#claim-C99)": "no verdict on claim C99",
        "$\\nosuch{x}$": "this formula cannot be set",
        "```{chart} one:fig-none\n```": "no chart 'fig-none' on page 'one'",
    }
    page = fresh / "chapters" / "status.md"
    page.write_text("# Status\n\n" + "\n\n".join(faults), "utf-8")
    done = sample.run(fresh, fresh / "data", *sample.STRICT)
    assert done.returncode != 0
    for words in faults.values():
        assert words in done.stderr
