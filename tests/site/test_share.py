"""What travels: data of figures with a description, verdicts as data, the data package."""

import hashlib
import json
import re
from types import SimpleNamespace

import jsonschema
import pytest
import sample
from frictionless import Package, system
from lxml import html

from shockbook import claims
from shockbook.site import cite, figures, launch, reviews, share

# What schema.org asks of a ClaimReview, and what search engines want beside it.
CLAIM_REVIEW = {
    "type": "object",
    "required": ["@context", "@type", "url", "claimReviewed", "author", "reviewRating",
                 "itemReviewed"],
    "properties": {
        "@context": {"const": "https://schema.org"},
        "@type": {"const": "ClaimReview"},
        "url": {"type": "string", "format": "uri-reference", "pattern": "#verdict-"},
        "claimReviewed": {"type": "string", "minLength": 10},
        "datePublished": {"type": "string", "format": "date"},
        "author": {"type": "object", "required": ["@type", "name"],
                   "properties": {"@type": {"enum": ["Organization", "Person"]}}},
        "itemReviewed": {"type": "object", "required": ["@type"],
                         "properties": {"@type": {"const": "Claim"}}},
        "reviewRating": {
            "type": "object",
            "required": ["@type", "alternateName"],
            "dependentRequired": {"ratingValue": ["bestRating", "worstRating"]},
            "properties": {"@type": {"const": "Rating"}, "alternateName": {"minLength": 4},
                           "ratingValue": {"type": "number", "minimum": 1, "maximum": 4}},
        },
    },
}  # fmt: skip


def read(path):
    return json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("site", ["sample_site", "book_site"])
def test_the_data_of_a_figure_open_by_their_description(site, request):
    folder = request.getfixturevalue(site)
    found = sorted((folder / "charts").glob("*.json"))
    assert {p.stem for p in found} == {p.stem for p in (folder / "charts").glob("*.csv")}
    for path in found[:: 1 if site == "sample_site" else 9]:
        with system.use_context(trusted=True):
            report = Package(str(path)).validate()
        assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])
    for path in found:
        about = read(path)
        (resource,) = about["resources"]
        content = path.with_suffix(".csv").read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert about["title"] and about["measure"] and about["licenses"], path.stem
        for source in about.get("sources", ()):
            assert source["asOf"] and source["title"]
            assert "path" not in source or (path.parent / source["path"]).exists()
        if site == "book_site":
            page, _, name = about.get("homepage", "x#" + path.stem).partition("#")
            assert name == path.stem


def test_units_and_sources_come_from_the_datasets(sample_site):
    about = read(sample_site / "charts" / "fig-words.json")
    assert about["sources"][0]["howRead"] == {"read whole": 1}
    fields = read(sample_site / "charts" / "fig-line.json")["resources"][0]["schema"]["fields"]
    assert fields == [
        {"name": "date", "type": "date", "description": "The date."},
        {"name": "close", "type": "integer", "unit": "US dollars", "description": "The close.",
         "title": "US dollars"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "kind"),
    [(["1", "", "2.5"], "number"), (["1", "2"], "integer"), (["2025-01-27"], "date"),
     (["2025-01", "x"], "string"), (["", ""], "string"), (["1"] * 999 + ["x"], "string")],
)  # fmt: skip
def test_the_type_of_a_column(tmp_path, values, kind):
    (tmp_path / "fig-a.csv").write_text("\n".join(["a,b", *(f"{v},é" for v in values)]), "utf-8")
    figure = figures.chart_figure("", figures.chart_head(""), name="fig-a", title="T")
    (resource,) = share.description(figure, tmp_path)["resources"]
    assert resource["schema"]["fields"][0] == {"name": "a", "type": kind}
    assert resource["rows"] == len(values) and resource["encoding"] == "utf-8"


def test_each_figure_stands_alone(sample_site):
    page = html.document_fromstring((sample_site / "embed" / "fig-words.html").read_text("utf-8"))
    assert page.xpath("//figure/@id") == ["fig-words"] and not page.xpath('//a[@class="num"]')
    assert page.xpath('//a[@target="_blank"]/@href') == ["../chapters/verdicts.html#fig-words"]
    assert "Source: made up for this sample" in page.text_content()
    assert {p.stem for p in (sample_site / "embed").iterdir()} >= {"fig-drawn", "fig-steps"}


def test_claims_as_data_equal_the_ledger(book_site):
    told = read(book_site / reviews.FILE)["claims"]
    for one, record in zip(told, claims.records(), strict=True):
        url = one.pop("url")
        assert url.endswith(f"#verdict-{record['claim']}")
        assert one == {k: v for k, v in record.items() if k not in ("page", "cell")}
    page = html.document_fromstring((book_site / "chapters" / "verdicts.html").read_text("utf-8"))
    rows = page.xpath('//div[contains(@class, "ledger-box")]//tbody/tr')
    shown = [(row[0].text_content().strip(), row[3].text_content().strip()) for row in rows]
    assert shown == [(one["claim"], one["verdict"]) for one in told]


def test_each_verdict_is_a_claim_review(book_site):
    found = []
    for path in (book_site / "chapters").glob("*.html"):
        text = path.read_text("utf-8")
        for data in re.findall(r'<script type="application/ld\+json">(.*?)</script>', text):
            ids = set(re.findall(r'id="(verdict-[^"]+)"', text))
            for one in json.loads(data):
                checker = jsonschema.Draft202012Validator(
                    CLAIM_REVIEW, format_checker=jsonschema.FormatChecker()
                )
                assert list(checker.iter_errors(one)) == []
                assert one["url"].partition("#")[2] in ids
                found.append((one["name"], one["reviewRating"]["alternateName"]))
    assert sorted(found) == [(r["claim"], r["verdict"]) for r in claims.records()]


def test_a_review_that_lacks_something_is_found():
    record = claims.records()[0]
    address, book = "https://example.org/a#verdict-C01", {"title": "T", "author": "A"}
    good = reviews.review(record, address, book)
    validator = jsonschema.Draft202012Validator(CLAIM_REVIEW)
    assert validator.is_valid(good)
    for key in CLAIM_REVIEW["required"]:
        assert not validator.is_valid({k: v for k, v in good.items() if k != key})


def test_the_whole_is_described(sample_site):
    found = read(sample_site / cite.CODEMETA)
    assert found["name"] == "A sample book" and found["@type"] == "SoftwareSourceCode"
    assert not {"version", "author", "license"} & set(found)  # it has no CITATION.cff


def test_the_description_names_authors_and_licences():
    about = cite.read(sample.REPO / cite.FILE)
    config = SimpleNamespace(html_title="T", html_baseurl="https://example.org/")
    fork = launch.Repository("a", "b")
    app = SimpleNamespace(shockbook_citation=about, shockbook_repository=fork, config=config)
    found = cite.codemeta(app)
    assert found["name"] == about["title"] and found["version"] == str(about["version"])
    assert found["license"] == [f"https://spdx.org/licenses/{name}" for name in about["license"]]
    assert [one["name"] for one in found["author"]] == [one["name"] for one in about["authors"]]
    assert found["codeRepository"] == "https://github.com/a/b"


def test_volumes_are_carried_where_they_are_asked_for(tmp_path, monkeypatch):
    (tmp_path / "_build").mkdir()
    path = tmp_path / "_build" / f"{cite.VOLUME}.pdf"
    path.touch()
    assert cite.volumes(tmp_path) == []
    monkeypatch.setenv("VOLUMES", "1")
    assert cite.volumes(tmp_path) == [path]


def test_the_site_carries_the_data_package(book_site):
    source, folder = sample.REPO / "data", book_site / "data"
    names = {r["path"] for r in read(source / "datapackage.json")["resources"]}
    names.add("datapackage.json")
    assert {p.name for p in folder.iterdir()} == names
    assert all((folder / n).read_bytes() == (source / n).read_bytes() for n in names)
    page = (book_site / "chapters" / "data.html").read_text("utf-8")
    assert all(f'href="../data/{n}"' in page for n in names - {"datapackage.json"})
