"""Plain Markdown links become evidence, claims, terms, sources and inks on the pages."""

import re
import shutil

import pytest
import sample

FIXTURES = sample.REPO / "tests/fixtures"
INDEX = """# A book of [\\$119 a share](chapters/chapter.ipynb#num-close-after)

[first](chapters/chapter.ipynb#num-rank), [C14](#claim-C14), [the record](#claim-C14),
[a close](#term-Close), [A source](#cite-P9), [all prices](#data-prices), [here](#data-none),
[fell](#ink-fell), [Figure 1.1](chapters/chapter.ipynb#fig-sample-line) and
[the *chart*](#fig-sample-line).
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small book around the chapter of the fixtures, not built."""
    book = sample.write(tmp_path_factory.mktemp("links") / "book")
    toc = (book / "_toc.yml").read_text("utf-8").replace("chapters/one", "chapters/chapter")
    (book / "_toc.yml").write_text(toc, "utf-8")
    shutil.copy(FIXTURES / "chapter.toml", book / "chapters")
    shutil.copy(FIXTURES / "chapter.ipynb", book / "chapters")
    (book / "index.md").write_text(INDEX, "utf-8")
    (book / "chapters/glossary.md").write_text(
        "# Glossary\n\n```{glossary}\nClose\n  The last price.\n\nAbnormal return\n  What is left."
        "\n```\n\n```{bibliography}\n```\n", "utf-8")  # fmt: skip
    (book / "chapters/references.bib").write_text(
        "@misc{P9, title={A club}, author={{CNBC}}, year={2025}}\n"
        "@misc{sample, title={Not cited}, author={Nobody, A.}}\n", "utf-8")  # fmt: skip
    (book / "chapters/verdicts.ipynb").unlink()
    (book / "chapters/verdicts.md").write_text("# Verdicts\n\n```{ledger}\n```\n", "utf-8")
    return book


@pytest.fixture(scope="module")
def pages(folder):
    """The HTML of the built pages by name."""
    html = sample.built(folder)
    return {p.stem: p.read_text("utf-8") for p in html.rglob("*.html")}


def links(page, text):
    """The addresses of the links of a page whose words are these."""
    found = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', page, flags=re.S)
    return [h for h, inner in found if re.sub(r"<[^>]+>", "", inner).replace("\xa0", " ") == text]


def test_a_number_keeps_its_words_and_leads_to_its_evidence(pages):
    assert set(links(pages["chapter"], "Monday 27 January 2025")) == {"#ev-day"}
    assert "#ev-fallen" in links(pages["chapter"], "both")
    assert links(pages["index"], "first") == ["#ev-chapter--rank"]
    for key in ("day", "close-before", "claimed-loss", "rank"):
        assert f'id="ev-{key}"' in pages["chapter"]
    assert 'id="ev-chapter--rank"' in pages["index"]


def test_titles_and_menus_have_the_words_of_the_link(pages):
    assert "<title>1 The day NVIDIA lost 17% |" in pages["chapter"]
    assert links(pages["index"], "1 The day NVIDIA lost 17%")
    assert "A book of $119 a share" in re.sub(r"<[^>]+>", "", pages["index"])


def test_claims_terms_sources_and_data_lead_to_their_places(pages):
    index = pages["index"]
    for text in ("C14", "the record"):
        assert links(index, text) == ["chapters/verdicts.html#claim-C14"]
    assert links(index, "a close") == ["chapters/glossary.html#term-Close"]
    assert links(index, "all prices") == ["chapters/data.html#data-prices"]
    (source,) = links(index, "A source")
    assert source.startswith("chapters/glossary.html#")
    assert f'id="{source.partition("#")[2]}"' in pages["glossary"]
    assert "A club" in pages["glossary"] and "Not cited" not in pages["glossary"]
    assert '<span class="ink-fell">fell</span>' in index
    assert links(index, "here") == [] and ", here," in re.sub(r"\s+", " ", index)


def test_figures_are_found_from_any_page(pages):
    for text in ("Figure 1.1", "the chart"):
        assert links(pages["index"], text) == ["chapters/chapter.html#fig-sample-line"]


def test_prose_that_a_cell_wrote_leads_to_evidence_too(pages):
    assert "#ev-change" in links(pages["chapter"], "\N{MINUS SIGN}17.0%")


NOWHERE = {
    "[x](chapters/chapter.ipynb#num-gone)": "no number 'gone' on page 'chapter'",
    "[x](#claim-C15)": "no verdict on claim C15",
    "[x](#term-gone)": "nothing is called #term-gone",
    "[x](#cite-gone)": "nothing is called #cite-gone",
    "[x](#data-gone)": "nothing is called #data-gone",
    "[x](#fig-gone)": "nothing is called #fig-gone",
    "[x](#ink-gone)": "there is no ink 'gone'",
    "[x](#part-gone)": "the site has no part 'gone': it has",
    "See [x](#part-ledger).": "a link to #part-ledger has to be a paragraph of its own",
    "[From 0 to 9 days](#guess-rank)": "a guess is a block quote ending with a link",
    "> How many? [Up to 9](#guess-rank)": "a guess is a block quote ending with a link",
    "[Figure 1.7](#fig-sample-line)": "the text says Figure 1.7, but fig-sample-line is",
}


def test_links_that_lead_nowhere_stop_the_build(folder, pages):
    (folder / "index.md").write_text("\n\n".join(["# A book", *NOWHERE]), "utf-8")
    done = sample.run(folder, None, *sample.STRICT)
    told = re.sub(r"\s+", " ", done.stdout + done.stderr).replace("\xa0", " ")
    assert done.returncode and [said for said in NOWHERE.values() if said not in told] == []
