"""A figure that travels: in a frame of another site, as a link, as a picture."""

import pytest
from served import serving

HOST = """<!DOCTYPE html><html lang="en"><title>Another site</title>
<iframe id="there" src="{}/embed/fig-slider.html?theme={}&fig-slider.share=40" width="760"
 height="600"></iframe>"""


@pytest.mark.parametrize(("theme", "ground"), [("light", 255), ("dark", 18)])
def test_a_figure_in_another_site(sample_address, visit, tmp_path, theme, ground):
    (tmp_path / "index.html").write_text(HOST.format(sample_address, theme), "utf-8")
    reader = visit()
    with serving(tmp_path) as other:
        reader.page.goto(f"{other}/index.html")
        frame = reader.page.frame_locator("#there")
        slider = frame.locator("#fig-slider input[type=range]")
        slider.wait_for()
        assert slider.input_value() == "40"
        assert frame.locator(".chart-source").first.is_visible()
        link = frame.get_by_role("link", name="The made-up fall")
        assert link.get_attribute("target") == "_blank"
        colour = frame.locator("body").evaluate("b => getComputedStyle(b).backgroundColor")
        assert colour == f"rgb({ground}, {ground}, {ground})"
        asked = reader.outside(other)
        assert asked and all(url.startswith(sample_address) for url in asked)
    assert [c for c in reader.complaints if "favicon" not in c and "404" not in c] == []


def test_a_link_shows_the_chart_as_it_was_set(sample_address, visit):
    reader = visit(permissions=["clipboard-read", "clipboard-write"], accept_downloads=True)
    page = reader.page
    page.goto(f"{sample_address}/chapters/verdicts.html")
    figure = page.locator("#fig-words")
    figure.locator(".chart-share summary").click()
    with page.expect_download() as saved:
        figure.get_by_role("button", name="Download the picture as PNG").click()
    content = saved.value.path().read_bytes()
    assert content[:4] == b"\x89PNG" and saved.value.suggested_filename == "fig-words.png"
    with page.expect_download() as saved:
        figure.get_by_role("button", name="Download the picture as SVG").click()
    drawn = saved.value.path().read_text("utf-8")
    assert "Three costs, and people cost most" in drawn and "var(" not in drawn
    assert "CC BY 4.0" in drawn

    page.goto(f"{sample_address}/chapters/one.html")
    figure = page.locator("#fig-slider")
    figure.locator(".chart-explore").click()
    figure.locator("input[type=range]").press("ArrowRight")
    page.wait_for_url("**/one.html?fig-slider.share=25")
    figure.locator(".chart-share summary").click()
    figure.get_by_role("button", name="Copy the link").click()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"{sample_address}/chapters/one.html?fig-slider.share=25#fig-slider"
    with page.expect_download() as saved:
        figure.get_by_role("button", name="Download the picture as SVG").click()
    drawn = saved.value.path().read_text("utf-8")
    assert "Share, %: 25" in drawn.partition("Set to:")[2], "the picture says what was chosen"
    code = figure.locator(".chart-share input").nth(1).input_value()
    high = int(code.partition('height="')[2].partition('"')[0])
    figure.locator(".chart-share summary").click()
    assert high - 70 <= figure.bounding_box()["height"] <= high, "as high as it is when closed"
    figure.locator(".chart-share summary").click()
    figure.locator(".chart-explore").click()
    page.wait_for_url("**/chapters/one.html")

    page.goto("about:blank")
    page.goto(link)
    page.locator("#fig-slider .chart-live svg").wait_for()
    page.wait_for_function("document.querySelector('#fig-slider input').value === '25'")
    page.locator("a.num").first.click()
    page.locator(".card").get_by_role("button", name="Copy a citation").click()
    cited = page.evaluate("navigator.clipboard.readText()")
    assert cited.startswith("$22.0: largest close less smallest close, US dollars. In “The made-up")
    assert cited.endswith("/chapters/one.html#ev-fall")
    assert reader.complaints == []
