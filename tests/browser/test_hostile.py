"""Text from data, events, outputs and references stays text, whatever it tries to be."""

import json

import nbformat
import pytest
import sample
from served import serving

# Tags, an attribute that ends, a directive, a template and a link that runs a script.
BAD = "<script>hacked=1</script><img src=x onerror=hacked=1>\"'"
TOLD = f"""{BAD} {{{{ 7 * 191 }}}} {{numref}}`fig-bars` ![x](x.png)

```{{raw}} html
<b class="raw">raw</b><script>hacked=1</script>
```

<div onclick="hacked=1"><script>hacked=1</script></div>"""

CELLS = {
    "start": sample.START + f"BAD = {BAD!r}\n",
    "say": sample.SAY + "chapter.record(bad=BAD)\n",
    "event": f"chapter.tell({TOLD!r}, given=True)",
    "markdown": f"from IPython.display import HTML, Markdown, display\ndisplay(Markdown({TOLD!r}))",
    "html": "display(HTML(f\"<table onclick='hacked=1'><caption>{BAD}</caption><tr><td>{BAD}"
            "<a href='javascript:hacked=1'>x</a><iframe src='x'></iframe>"
            "<meta http-equiv=refresh content='0; url=x'><style>*{{color:red}}</style>"
            "<form action='//x'><input></form></td></tr></table>\"))",
    "bars": """
parts = pd.DataFrame({"part": [BAD, "people"], "cost": [10.0, 30.0]})
bars = alt.Chart(parts).mark_bar().encode(x="cost:Q", y="part:N", tooltip=["part", "cost"])
charts.figure(bars, "fig-bars")
""",
    "table": 'charts.show(parts, caption="C " + BAD)',
    "verdict-c10": sample.VERDICT.replace('"partly wrong"', "BAD")
    .replace('"The fall is', 'BAD + "The').replace('"The share fell', 'BAD + "The share'),
}  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A book whose data, references and outputs are hostile, built."""
    folder = sample.write(tmp_path_factory.mktemp("hostile") / "book")
    path = folder / "data" / "datapackage.json"
    package = json.loads(path.read_text("utf-8"))
    for resource in package["resources"]:
        for key in ("title", "description", "licenceNote", "shortSource"):
            resource[key] = BAD
        for field in resource["schema"]["fields"]:
            field["description"] = field["unit"] = BAD
    path.write_text(json.dumps(package), "utf-8")
    bib = "@misc{sample, title={" + BAD + "}, author={Nobody}, year={2026}, "
    (folder / "chapters" / "references.bib").write_text(bib + "url={javascript:hacked=1}}", "utf-8")
    words = "# One\n\nSee {cite:p}`sample` and [](#num-fall), [](#num-bad).\n\n## Two"
    bad = "[](#num-bad)"
    drawn = sample.words("fig-bars", bad, bad, f"{bad} and so many letters as it needs", bad)
    cells = [("md", words), *CELLS.items(), drawn]
    about = f"[numbers.bad]\nwhat = {json.dumps(BAD)}\nform = '{{}}'\ndata = ['prices']\n"
    (folder / "chapters" / "one.toml").write_text(sample.NUMBERS + about, "utf-8")
    nbformat.write(sample.notebook(cells), folder / "chapters" / "one.ipynb")
    (folder / "index.md").write_text("# A book\n\n```{chart} one:fig-bars\n```\n", "utf-8")
    done = sample.run(folder, folder / "data")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the link to javascript:" in done.stderr
    return folder / "_build" / "html"


ACTS = "iframe, object, embed, base, body meta, body style, main form, .raw, [src=x], [src='x.png']"
ACTING = """acts => [
  ...[...document.scripts].filter(s => s.type !== 'application/ld+json').filter(s =>
    s.src ? !s.src.includes('/_static/shockbook/') : s.text.includes('hacked')),
  ...document.querySelectorAll(acts),
  ...[...document.querySelectorAll('[href]')].filter(a => a.href.startsWith('javascript:')),
  ...[...document.querySelectorAll('*')].filter(e =>
    [...e.attributes].some(a => a.name.startsWith('on'))),
].map(e => e.outerHTML.slice(0, 200))"""


def test_hostile_text_stays_text(hostile, visit):
    pages = [p.relative_to(hostile).as_posix() for p in hostile.rglob("*.html")]
    pages = [p for p in pages if not p.startswith(("_static", "_sources"))]
    assert len(pages) >= 7
    reader = visit()
    with serving(hostile) as address:
        for page in pages:
            reader.page.goto(f"{address}/{page}")
            assert reader.page.evaluate(ACTING, ACTS) == [], page
        reader.page.goto(f"{address}/chapters/one.html")
        told = reader.page.inner_text("#main")
        assert "1337" not in told and "{{ 7 * 191 }}" in told
        assert told.count("<script>hacked=1</script>") > 10
        reader.page.locator("#fig-bars .chart-explore").click()
        reader.page.locator("#fig-bars .chart-live svg").wait_for()
        reader.page.locator("#fig-bars .chart-live .mark-rect path").first.hover()
        reader.page.locator("#vg-tooltip-element.visible").wait_for()
        assert reader.page.evaluate("window.hacked") is None
    assert reader.complaints == []


@pytest.mark.parametrize(
    "kind", ["application/javascript", "application/vnd.jupyter.widget-view+json"]
)
def test_an_output_that_is_a_script_stops_the_build(tmp_path, kind):
    folder = sample.without_code(tmp_path / "book")
    code = f"from IPython.display import display\ndisplay({{{kind!r}: 'hacked=1'}}, raw=True)"
    sample.write_cell(folder, "one", code)
    done = sample.run(folder, folder / "data", *sample.STRICT)
    assert done.returncode and f"an output of {kind} is left out" in done.stderr
    page = (folder / "_build" / "html" / "chapters" / "one.html").read_text("utf-8")
    assert "<script>hacked" not in page
