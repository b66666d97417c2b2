"""Every page of a built book: whole, self-contained, and clean by what its files say."""

import hygiene
import pytest


def test_sample_is_clean(sample_site):
    assert hygiene.faults(sample_site) == []


def test_book_is_clean(book_site):
    assert hygiene.faults(book_site) == []


PAGE = """<!DOCTYPE html><html lang="en"><head><title>T</title>
<meta http-equiv="Content-Security-Policy" content="script-src 'self'"></head>
<body><h1>T</h1>{}</body></html>"""


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<script src="https://cdn.example/x.js"></script>', "loads https://cdn.example/x.js"),
        ('<link rel="stylesheet" href="//cdn.example/x.css">', "loads //cdn.example/x.css"),
        ('<p style="background:url(https://x.example/a.png)">', "from another host"),
        ('<a href="nowhere.html">x</a>', "dead link nowhere.html"),
        ('<a href="#nowhere">x</a>', "dead anchor #nowhere"),
        ('<p id="a"></p><p id="a"></p>', "id used 2 times: a"),
        ('<img src="data:,">', "no alt text"),
        ('<figure class="chart" id="fig-x"></figure>', "chart fig-x has no alt text"),
        ('<p onclick="x()">', "inline handler onclick"),
        ("<script>x()</script>", "a script stands in the page"),
        ("<table><tr><th></th></tr></table>", "empty header cell"),
        ('<div role="list"><p role="doc-biblioentry"></p></div>', "a list holds a doc-biblio"),
        ("<h3>x</h3>", "heading of level 3 follows one of level 1"),
        ("<p>“nearly <a>all</a>“.</p>", "a quotation mark is turned"),
        (r"<p>over \$100 billion</p>", "an escape is printed"),
        ("<strong>[no figure x]</strong>", "failed reference"),
    ],
)
def test_each_fault_is_found(tmp_path, body, fault):
    (tmp_path / "page.html").write_text(PAGE.format(""), "utf-8")
    assert hygiene.faults(tmp_path) == []
    (tmp_path / "page.html").write_text(PAGE.format(body), "utf-8")
    assert any(fault in found for found in hygiene.faults(tmp_path))


def test_lax_policy_is_found(tmp_path):
    text = PAGE.format("").replace("script-src 'self'", "script-src 'self' 'unsafe-eval'")
    (tmp_path / "page.html").write_text(text, "utf-8")
    assert any("lax policy" in found for found in hygiene.faults(tmp_path))
