"""The small parts of the site, each alone."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from docutils import core, nodes
from lxml import html
from pygments import highlight
from pygments.lexers import PythonLexer
from sphinx_design.dropdown import dropdown_main, dropdown_title

from shockbook.site import (
    article,
    boxes,
    datapage,
    live,
    maths,
    pages,
    pictures,
    preview,
    render,
    rooms,
    status,
    tables,
    told,
    writer,
)
from shockbook.site.folds import fold, fold_code, fold_summary


def test_summary_of_numbers_and_texts():
    found = tables.summary(["x", "who"], [["1", "b"], ["3", "a"], ["", "c"], ["2", ""]])
    assert found == [["x", "3", "1", "2", "3"], ["who", "3", "3 different", "", ""]]


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("2.664e+06", "2,664,000"), ("2.234e+11", "223,400,000,000"), ("3.29e+24", "3.29 × 10²⁴"),
        ("778.067", "778.07"), ("0.346403", "0.3464"), ("-16.9682", "−16.97"),
        ("0.00002", "2 × 10⁻⁵"), ("2025", "2025"), ("5000", "5,000"), ("0.0", "0"),
    ],
)  # fmt: skip
def test_a_table_shows_numbers_for_reading(stored, read):
    assert f">{read}</td>" in tables.table("C", ["a", "b"], [["x", stored]], "L")


@pytest.mark.parametrize(
    ("test", "claimed", "unit", "read"),
    [
        ("at-least", 11, "rank", "rank 11 or worse"),
        ("at-most", 0.5, "share of the rival's price", "at most 50% of the rival's price"),
        ("rounds", 5.6, "USD million", "$5.6 million"),
        ("rounds", 17, "per cent", "17 per cent"),
        ("nearly", 600, "USD billion", "nearly $600 billion"),
        ("at-most", 1, "sessions", "at most 1 session"),
        ("most", None, "share", "more than half"),
        ("fell-abnormally", None, "abnormal return", "below 0, p below 0.05"),
        ("yes", None, "", ""),
    ],
)
def test_what_a_part_asks_for(test, claimed, unit, read):
    assert told.claimed({"test": test, "claimed": claimed, "unit": unit}) == read


@pytest.mark.parametrize(
    ("computed", "unit", "read"),
    [
        ("5.576", "USD million", "$5.576 million"),
        ("$592.7 billion", "USD billion", "$592.7 billion"),
        ("4.30", "RMB trillion", "RMB 4.30 trillion"), ("1", "rank", "rank 1"),
        ("1", "sessions", "1 session"), ("−16.97%", "per cent", "−16.97%"), ("no", "", "no"),
    ],
)  # fmt: skip
def test_a_bare_finding_gets_its_unit(computed, unit, read):
    assert told.found({"test": "rounds", "computed": computed, "unit": unit}) == read


@pytest.mark.parametrize(
    ("typed", "set_"),
    [
        ("NVIDIA's fall, the makers' view", "NVIDIA’s fall, the makers’ view"),
        ('he said &quot;no&quot; ("yes")', "he said “no” (“yes”)"),
        ("$5.6 million on 27 January", "$5.6\xa0million on 27\xa0January"),
        ("<code>f('it's')</code> it's", "<code>f('it's')</code> it’s"),
        ('<a title="it\'s">x</a>', '<a title="it\'s">x</a>'),
        (
            "of GPT-4 a p-value",
            'of <span class="whole">GPT-4</span> a <span class="whole">p-value</span>',
        ),
        ("<svg><text>GPT-4's</text></svg>", "<svg><text>GPT-4’s</text></svg>"),
    ],
)
def test_quotes_are_curly_outside_code_and_amounts_stay_whole(typed, set_):
    assert writer.typeset(typed) == set_


def test_dates_and_negative_numbers_of_a_table_read_well():
    found = tables.table("C", ["a", "b", "c"], [["x", "2025-01-27", "\N{MINUS SIGN}2.5"]], "L")
    assert "<td>27 January 2025</td>" in found and 'class="num">\N{MINUS SIGN}2.5</td>' in found
    assert '<th scope="col" class="num">c</th>' in found
    assert tables.day("2026-04") == "April 2026" and tables.day("2026-13") == "2026-13"


def test_columns_that_a_description_names_are_set_as_code():
    told = "date is a day. See date_basis of a date; `who_said` and who."
    found = datapage.named(told, ["date", "date_basis", "who_said", "who"])
    assert found == "`date` is a day. See `date_basis` of a date; `who_said` and who."


def test_pages_lead_to_their_neighbours(sample_site):
    def turns(name):
        page = html.document_fromstring((sample_site / name).read_text("utf-8"))
        return [(a.get("rel"), a.get("href")) for a in page.xpath("//nav[@class='turn']/a")]

    assert turns("index.html") == [("next", "chapters/one.html")]
    assert turns("chapters/one.html") == [("prev", "../index.html"), ("next", "verdicts.html")]
    assert turns("404.html") == []


def test_publishers_as_a_finding_are_said_to_report():
    assert told.found({"test": "stated", "computed": "A; B"}) == "reported by A; B"
    assert told.found({"test": "some", "computed": "0 of the four"}) == "0 of the four"


def test_table_reads_quoted_commas():
    header, rows = tables.read_csv('who,x\n"Smith, J.",1\n')
    assert rows == [["Smith, J.", "1"]]
    assert "Smith, J." in tables.disclosure('who,x\n"Smith, J.",1\n', "T", "a")


def test_summary_stands_for_many_rows():
    few = "x\n" + "1\n" * tables.MOST_ROWS
    assert "Summary" not in tables.disclosure(few, "T", "a")
    assert "Summary" in tables.disclosure(few + "1\n", "T", "a")


def test_policy_allows_our_own_scripts_and_no_text():
    assert re.search(r"script-src 'self' 'sha256-[\w+/]{43}=';", pages.policy())
    assert "unsafe-eval" not in pages.policy()


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<b onclick='x()'>a</b>", "<b>a</b>"), ("<script>x</script>a", "a"),
        ('<a href="javascript:x">a</a>', "<a>a</a>"), ("<style>*{}</style>a", "a"),
        ("<iframe src=x></iframe>a", "a"),
    ],
)  # fmt: skip
def test_html_of_an_output_is_cleaned(html, kept):
    assert render.clean(html) == kept


def test_a_table_of_ours_stays_as_it_is():
    import pandas as pd

    from shockbook.charts.table import show

    made = show(pd.DataFrame({"a": ["x"], "b": [1.5]}), caption="C", units={"b": "US$"}).html
    assert render.clean(made) == made


@pytest.mark.parametrize(
    "tex", [r"\begin{aligned}a&=b\\c&=d\end{aligned}", r"\operatorname{Var}(x)"]
)
def test_formula(tex):
    text, unknown = maths.mathml(tex, display=True)
    assert unknown == [] and text.startswith("<math") and "&amp;" not in text


def test_limits_stand_below_in_display():
    assert "<munder>" in maths.mathml(r"\min_{x} f", display=True)[0]
    assert "<munder>" not in maths.mathml(r"\min_{x} f", display=False)[0]


def test_tex_that_is_left_over_is_told():
    assert maths.mathml(r"\nosuch x", display=False)[1] == [r"\nosuch"]


def test_tooltips_say_names_in_words_and_days_as_the_book_does():
    shown = [{"field": "run_cost", "type": "quantitative"}, {"field": "when", "type": "temporal"}]
    spec = {
        "data": {"name": "d", "format": {"type": "csv"}},
        "datasets": {"d": "run_cost,when,its\n1,2025-01-27,maker's\n"},
        "mark": "point",
        "encoding": {"x": {"field": "run_cost", "type": "quantitative"}, "tooltip": shown},
        "usermeta": {"shockbook": {"name": "fig-x", "fluid": True}},
    }
    text = live.script("fig-x", live.package(spec))
    assert '"run cost": ' in text.replace("\\", "") and "%-d %B %Y" in text
    assert "maker’s" in text
    assert "title" not in shown[0]  # the argument is as it was


def test_live_package_shares_the_data_and_holds_no_csv():
    spec = {
        "data": {"name": "d", "format": {"type": "csv", "parse": {"x": "number"}}},
        "datasets": {"d": "x\n1\n2\n"},
        "mark": "bar",
        "encoding": {"x": {"field": "x", "type": "quantitative"}, "tooltip": {"field": "x"}},
        "usermeta": {"shockbook": {"name": "fig-x", "fluid": True}},
    }
    found = live.package(spec)
    assert found["data"] == {"d": {"columns": ["x"], "rows": [["1"], ["2"]]}}
    for width in live.WIDTHS:
        source = found[width]["data"][0]
        assert "values" not in source and source["format"]["type"] == "json"
    assert spec["data"]["format"]["type"] == "csv"  # the argument is as it was
    assert found["wide"]["width"] != found["narrow"]["width"]
    del spec["encoding"]["tooltip"]
    assert live.package(spec) is None


@pytest.mark.parametrize(
    ("cell", "marked"),
    [
        ("<td>2025-01-27</td>", '<td class="whole">2025-01-27</td>'),
        ('<th class="num">Q3 2024</th>', '<th class="num whole">Q3 2024</th>'),
        ("<td>27 January 2025</td>", '<td class="day">27\u00a0January 2025</td>'),
        ("<td>on 2025-01-27</td>", "<td>on 2025-01-27</td>"),
        ("<td>2025</td>", "<td>2025</td>"),
    ],
)
def test_a_date_in_a_table_stays_whole(cell, marked):
    assert writer.typeset(cell) == marked


def test_code_keeps_its_words_and_its_colours():
    found = highlight('a = "b"\n', PythonLexer(), writer.Code())
    assert found == '<div class="highlight"><pre>a = <span class="s2">"b"</span>\n</pre></div>\n'


BAR = '<path d="M{},{}h10v5h-10Z" fill="#8A8A8A" opacity="0.7"/>'


def test_bars_of_one_look_are_joined_unless_one_lies_on_another():
    apart = pictures.joined("".join(BAR.format(x, 0) for x in (0, 20, 40)))
    assert apart.count("<path") == 1 and apart.count("z") == 3
    assert pictures.joined(BAR.format(0, 0) + BAR.format(2, 0)).count("<path") == 2
    assert pictures.joined(BAR.format(0, 0) + BAR.format(20, 2)).count("<path") == 2
    other = BAR.format(20, 0).replace("8A8A8A", "D55E00")
    assert pictures.joined(BAR.format(0, 0) + other).count("<path") == 2


def test_many_bars_of_one_height_are_strokes_in_their_places():
    places = [0.04, 10, 20.03, 37.77, 50.5, 61, 300.26, 310.3]
    found = pictures.joined("".join(BAR.format(x, 2) for x in places))
    path, rest = re.fullmatch(r'<path d="([^"]+)" (.+)/>', found).groups()
    assert rest == 'stroke="#8A8A8A" opacity="0.7" stroke-width="5"'
    x, covered = 0.0, []
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+),?(-?[\d.]+)?", path):
        if command == "h":
            covered += [x + 10 * i for i in range(round(float(first) / 10))]
            x += float(first)
        else:
            x, down = (x if command == "m" else 0) + float(first), float(second)
            assert down == (4.5 if command == "M" else 0)
    assert np.abs(np.array(covered) - places).max() < 0.0501


def test_discs_keep_their_places_when_joined():
    disc = '<path transform="translate({},7)" d="M3,0A3,3,0,1,1,-3,0A3,3,0,1,1,3,0" fill="#000"/>'
    found = pictures.joined(disc.format(10) + disc.format(20.5))
    assert found == (
        '<path d="M10,7h0M20.5,7h0" stroke="#000" stroke-width="6" stroke-linecap="round"/>'
    )
    see_through = disc.replace("/>", ' opacity="0.5"/>')
    found = pictures.joined(see_through.format(1) + see_through.format(2))
    assert found.startswith('<g stroke="#000" stroke-opacity="0.5" stroke-width="6"')
    assert found.count("<path") == 2  # one lies on the other, so both must show


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (-0.04, "0"), (0.5, ".5"), (-0.5, "-.5"), (10, "10"), (-10.26, "-10.3")],
)
def test_coordinates_are_short(number, text):
    assert pictures._short(number) == text


def test_lines_go_through_their_points():
    points = [(1.04, 2), (3.06, 4.5), (3, 4), (-10.31, 11), (5, 5), (6.2, 6)] * 3
    line = "M" + "L".join(f"{x},{y}" for x, y in points)
    found = re.search('d="(M[^lL]+)l([^"]+)"', pictures.joined(f'<path d="{line}" stroke="#000"/>'))
    assert found, "the line is as it was"
    x, y = map(float, found[1][1:].split(","))
    steps = [float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", found[2])]
    walked = [(x, y)]
    for right, down in zip(steps[::2], steps[1::2], strict=True):
        walked.append((walked[-1][0] + right, walked[-1][1] + down))
    assert np.abs(np.array(walked) - np.array(points)).max() < 0.0501


def test_room_of_a_section_leaves_its_folds_out_and_a_point_in_its_name_holds():
    body = nodes.paragraph("", "word " * 400)
    folded = dropdown_main("", dropdown_title("", "More"), body.deepcopy())
    named = nodes.section("", nodes.title("", "A module"), body, folded, ids=["module-a.b"])
    assert rooms.height(folded, rooms.WIDE, "wide") < 50
    top = nodes.section("", nodes.title("", "Page"), named, ids=["page"])
    rule = rooms.rules(nodes.document(None, None, "", top))
    assert rule.startswith(r"#module-a\.b{--room:") and "--skip:auto" in rule


def test_room_of_a_cell_counts_what_stands_below_its_folded_code():
    code = fold("", fold_summary("", "Code"), nodes.literal_block("", "x = 1\n" * 30))
    below = nodes.paragraph("", "word " * 150)
    cell = nodes.container("", code, below, classes=["cell", "tag_hide-input"])
    folded, text = (rooms.height(n, rooms.WIDE, "wide") for n in (code, below))
    assert folded < 50 < 250 < text
    assert rooms.height(cell, rooms.WIDE, "wide") == folded + text


def test_preview_is_a_picture_of_the_usual_size():
    from io import BytesIO

    from PIL import Image

    assert Image.open(BytesIO(preview.card("A <page> & more", "A book"))).size == (1200, 630)


def test_the_story_names_the_claims_that_did_not_change_on_the_way():
    one = object.__new__(article.Article)
    one.env, one.page = None, None
    one.verdicts = dict.fromkeys(["C01", "C02", "C21", "C33"])
    same, unknown = [p.astext().partition(": ")[2] for p in one.story().children[-2:]]
    assert "C01" in same and "C21" not in same and unknown == "C02, C33."


def test_a_fold_names_a_cell_and_the_record_of_its_numbers_once():
    made = ["week", "record-week", "record-rise"]
    cells = [
        nodes.container(
            "",
            nodes.container("", nb_element="cell_code_source"),
            nb_element="cell_code",
            ids=[f"cell-{name}"],
        )
        for name in made
    ]
    page = nodes.section("", *cells)
    fold_code(page)
    assert page[-1][-1][0].astext() == "Show code: week, record rise"


def test_status_lists_notebooks_in_the_order_of_the_contents():
    ran = {"exec_data": {"runtime": 2.0, "succeeded": True}}
    env = SimpleNamespace(found_docs={"a", "b"}, nb_metadata={"a": ran, "b": ran, "gone": ran})
    env.toctree_includes = {"index": ["b", "a"]}
    assert [docname for docname, *_ in status.runs(env)] == ["b", "a"]


def test_an_aside_is_a_quotation_that_says_so():
    tree = core.publish_doctree("Before.\n\n  **Aside.** The *index*, and a fund.\n\n  And more.")
    boxes.name_boxes(None, tree)
    (box,) = tree.findall(nodes.container)
    assert box["classes"] == ["margin"] and not list(tree.findall(nodes.block_quote))
    assert [p.astext() for p in box.children] == ["The index, and a fund.", "And more."]
