"""What a reader meets on the pages: charts in every state, no complaint, no outside request."""

import gzip
import os

import pytest
from axe_playwright_python.sync_playwright import Axe

PHONE = {"width": 360, "height": 740}
NARROWEST = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 900}
BUDGET = 300_000  # bytes, gzipped, of the first view of any page
FIRST_VIEW = 120_000  # of the start page and of a chapter
# What stands in the margin and covers, or is covered by, what stands there too.
COVERED = """() => {
  const box = document.querySelector('.in-short')?.getBoundingClientRect();
  return !box ? [] : [...document.querySelectorAll('.margin, .chart.wide, h1')].filter(other => {
    const at = other.getBoundingClientRect();
    return at.right > box.left && at.left < box.right && at.top < box.bottom && at.bottom > box.top;
  }).map(other => `the box in short covers ${other.textContent.slice(0, 40)}`);
}"""
# What a processor pays for before the reader can act: bytes to parse, elements to style and lay
# out.  Milliseconds are measured by benchmarks/bench_pages.py; these do not hang on the machine.
PARSED = 800_000
LAID_OUT = 900
SHIFT = 0.02
SMALLEST_TEXT = 11  # CSS pixels; at 320 px a drawing of 340 px shrinks with the screen

SHOWN_CHARTS = """() => [
  ...document.querySelectorAll('figure.chart:not(:has(.steps))')].map(figure => {
  const shown = [...figure.querySelectorAll('.chart-picture svg')]
    .map(svg => svg.getBoundingClientRect()).filter(box => box.width > 200 && box.height > 20);
  return {name: figure.id, shown: shown.length};
})"""

TEXT_SIZES = """() => [...document.querySelectorAll('.chart-picture svg')].flatMap(svg => {
  const box = svg.getBoundingClientRect();
  if (!box.width) return [];
  const scale = box.width / svg.viewBox.baseVal.width;
  return [...svg.querySelectorAll('text')].filter(text => text.textContent.trim()).map(text => ({
    chart: svg.closest('figure').id, text: text.textContent,
    size: parseFloat(getComputedStyle(text).fontSize) * scale}));
})"""

OVERFLOW = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""


WATCH_SHIFT = """
  window.shift = 0;
  window.moved = [];
  new PerformanceObserver(list => list.getEntries().forEach(e => {
    if (e.hadRecentInput) return;
    window.shift += e.value;
    for (const {node, previousRect, currentRect} of e.sources)
      moved.push([node?.outerHTML?.slice(0, 90) ?? node?.textContent.slice(0, 90),
        previousRect.y, currentRect.y, currentRect.height, e.startTime]);
  })).observe({type: 'layout-shift', buffered: true});"""
SCROLL_THROUGH = """() => new Promise(done => {
  let y = 0;
  const step = () => {
    scrollTo(0, y += 600);
    y < document.body.scrollHeight ? requestAnimationFrame(step) : setTimeout(done, 100);
  };
  step();
})"""


@pytest.fixture(params=["sample", "book"])
def site(request):
    """Address, pages and folder of one of the two books."""
    if request.param == "sample":
        names = ["index.html", "chapters/one.html", "chapters/verdicts.html"]
    else:
        names = request.getfixturevalue("book_pages")
    address = request.getfixturevalue(f"{request.param}_address")
    return address, names, request.getfixturevalue(f"{request.param}_site")


def all_shown(page):
    charts = page.evaluate(SHOWN_CHARTS)
    assert [c["name"] for c in charts if c["shown"] != 1] == []
    return len(charts)


@pytest.mark.parametrize("size", [DESK, PHONE, NARROWEST], ids=["desk", "phone", "narrowest"])
def test_charts_stand_without_script(site, visit, size):
    address, names, _ = site
    reader = visit(java_script_enabled=True, viewport=size)
    # scripts off for the page itself: this test's own questions still run
    reader.context.route("**/*.js", lambda route: route.abort())
    total = 0
    for name in names:
        reader.page.goto(f"{address}/{name}")
        total += all_shown(reader.page)
        assert reader.page.evaluate(OVERFLOW) <= 0, f"{name} scrolls sideways at {size['width']}"
        least = SMALLEST_TEXT if size != NARROWEST else SMALLEST_TEXT * 320 / 340
        small = [t for t in reader.page.evaluate(TEXT_SIZES) if t["size"] < least - 0.05]
        assert small == [], f"{name} at {size['width']}"
    assert total > 0


def test_scripts_off_leaves_picture_and_data(sample_address, visit):
    reader = visit(java_script_enabled=False)
    reader.page.goto(f"{sample_address}/chapters/one.html")
    assert reader.page.locator("#fig-line .chart-picture svg.wide").is_visible()
    assert not reader.page.locator("#fig-line .chart-explore").is_visible()
    assert reader.page.locator(".settings").count() == 1
    assert not reader.page.locator(".settings").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_quiet_clean_and_self_contained(site, visit, scheme):
    address, names, _ = site
    reader = visit(color_scheme=scheme, reduced_motion="reduce")
    few = scheme == "dark" and not os.environ.get("SOAK")
    for name in names[:1] if few else names:
        reader.page.goto(f"{address}/{name}")
        reader.page.evaluate(SCROLL_THROUGH)  # what scrolls sideways becomes a stop when it is near
        found = Axe().run(reader.page).response["violations"]
        told = [(v["id"], [n["html"][:160] for n in v["nodes"][:3]]) for v in found]
        assert told == [], f"{name} ({scheme})"
    assert reader.complaints == []
    assert reader.outside(address) == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_little_is_parsed_and_laid_out_at_first(site, visit, size):
    address, names, _ = site
    reader = visit(viewport=size)
    for name in names:
        answer = reader.page.goto(f"{address}/{name}")
        reader.page.wait_for_timeout(200)
        laid = reader.page.evaluate("""[...document.body.querySelectorAll('*')].filter(
          element => element.checkVisibility({contentVisibilityAuto: true})).length""")
        assert len(answer.body()) <= PARSED, name
        assert laid <= LAID_OUT, f"{name}: {laid} elements laid out before a reader scrolls"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_room_kept_for_a_section_is_about_its_height(site, visit, size):
    address, names, _ = site
    reader = visit(viewport=size)
    for name in names:
        reader.page.goto(f"{address}/{name}")
        rooms = reader.page.evaluate("""() => {
          const kept = [...document.querySelectorAll('.text section section')]
            .filter(box => getComputedStyle(box).contentVisibility === 'auto')
            .map(box => [box, parseFloat(getComputedStyle(box).getPropertyValue('--room'))]);
          for (const [box] of kept) box.style.contentVisibility = 'visible';
          return kept.map(([box, room]) => [box.id, room, box.getBoundingClientRect().height]);
        }""")
        wrong = [(one, room, high) for one, room, high in rooms if not high / 2 < room < 2 * high]
        assert not wrong, f"{name}: {wrong}"


def of_chart(url):
    """Whether an address is of what draws live charts."""
    return "vega" in url or "/charts/" in url


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_weight_and_stillness(site, visit, size):
    address, names, _ = site
    for name in names:
        reader = visit(viewport=size)
        reader.page.add_init_script(WATCH_SHIFT)
        reader.page.goto(f"{address}/{name}")
        reader.page.evaluate(SCROLL_THROUGH)
        alive = reader.page.locator("figure.alive").count()  # a calculator comes when it is near
        first = [a for a in reader.answers if not (alive and of_chart(a.url))]
        weight = sum(len(gzip.compress(answer.body())) for answer in first)
        assert weight <= BUDGET, f"{name} weighs {weight} bytes"
        moved = reader.page.evaluate("moved")
        assert reader.page.evaluate("window.shift") < SHIFT, (name, moved)
        assert alive or not any(map(of_chart, reader.asked)), name


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_calculator_in_a_frame_opens_where_its_room_is_kept(book_site, book_address, visit, size):
    pages = {page.name: page.read_text("utf-8") for page in (book_site / "embed").iterdir()}
    shown = [name for name, text in pages.items() if 'class="chart alive' in text]
    assert len(shown) == 3
    for name in shown:
        reader = visit(viewport=size)
        reader.page.add_init_script(WATCH_SHIFT)
        reader.page.goto(f"{book_address}/embed/{name}")
        reader.page.locator(".chart[data-state=live] .vega-bindings").wait_for()
        assert reader.page.evaluate("window.shift") < SHIFT, (name, reader.page.evaluate("moved"))


def test_chapters_keep_their_shape(book_site, book_address, visit, bench_pages):
    wrong = []
    for name in bench_pages.PAGES:  # each a visit of its own: no answer to the page before
        reader = visit(viewport={"width": 1440, "height": 900})
        reader.page.goto(f"{book_address}/{name}")
        shape = reader.page.evaluate(bench_pages.SHAPE)
        limits = bench_pages.LIMITS | bench_pages.BEYOND.get(name, {})
        if name == "index.html":  # without exercises it is as long as it is
            limits = {"first": limits["first"]}
        for part, most in limits.items():  # another machine's fonts may be a little wider
            if shape[part] > most * (1.05 if part in ("first", "height") else 1):
                wrong.append(f"{name}: {part} {shape[part]}")
        sent = [answer.body() for answer in reader.answers if answer.ok]
        weight = sum(len(gzip.compress(body)) for body in sent)
        wrong += [f"{name}: {weight} bytes"] if weight > FIRST_VIEW else []
        wrong += [f"{name}: {over}" for over in reader.page.evaluate(COVERED)]
    assert not wrong


def test_the_key_of_the_article_picks_a_verdict(book_address, visit):
    reader = visit()
    reader.page.goto(book_address)
    key = reader.page.locator(".said-pick", has_text="Partly wrong")
    key.click()
    plain = reader.page.locator(".said:not(.dim)")
    assert 0 < plain.count() == reader.page.locator(".said-partly-wrong").count()
    key.click()
    assert reader.page.locator(".dim").count() == 0
    reader.page.goto(f"{book_address}/chapters/verdicts.html")
    claim = reader.page.locator('.said a[href="#claim-C07"], a.said[href="#claim-C07"]').first
    claim.hover()
    card = reader.page.locator(".card")
    card.wait_for()
    assert card.inner_text().startswith("Partly wrong") and "V3" in card.inner_text()


def test_every_live_chart_comes_alive(site, visit):
    address, names, _ = site
    seen = 0
    for name in names:
        reader = visit()
        reader.page.goto(f"{address}/{name}")
        for shown in reader.page.get_by_role("button", name="Just show me").all():
            shown.click()  # a figure to be guessed at is covered till then
        for figure in reader.page.locator("figure.chart[data-spec]:not(:has(.steps))").all():
            if "alive" in figure.get_attribute("class").split():
                figure.scroll_into_view_if_needed()  # it opens by itself
            else:
                figure.locator(".chart-explore").click()
            reader.page.wait_for_function(
                "figure => ['live', 'still'].includes(figure.dataset.state)",
                arg=figure.element_handle(),
            )
            assert figure.get_attribute("data-state") == "live", figure.get_attribute("id")
            assert figure.locator(".chart-live svg").is_visible()
            seen += 1
        assert sum("vega.js" in url for url in reader.asked) <= 1
        assert reader.complaints == []
        assert reader.outside(address) == []
        assert reader.page.evaluate(OVERFLOW) <= 0
    assert seen > 0


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_opened_evidence_has_room_for_words(site, visit, size):
    address, names, _ = site
    reader, seen = visit(viewport=size), 0
    for name in names:
        reader.page.goto(f"{address}/{name}")
        widths = reader.page.evaluate("""() => {
          for (const fold of document.querySelectorAll('.evidence-more')) fold.open = true;
          for (const part of document.querySelectorAll('section'))
            part.style.contentVisibility = 'visible';
          return [...document.querySelectorAll('.evidence-facts dd')].map(
            dd => [dd.closest('[id]').id, dd.getBoundingClientRect().width]);
        }""")
        assert [(entry, width) for entry, width in widths if width < 120] == [], name
        seen += len(widths)
    assert seen > 0


def test_tooltips_stay_in_the_window(sample_address, visit):
    reader = visit(viewport=PHONE)
    reader.page.goto(f"{sample_address}/chapters/one.html")
    figure = reader.page.locator("#fig-cloud")
    figure.locator(".chart-explore").click()
    figure.locator(".chart-live svg").wait_for()
    marks = figure.locator(".chart-live .mark-symbol.role-mark path")
    across = marks.evaluate_all("marks => marks.map(m => m.getBoundingClientRect().x)")
    order = sorted(range(len(across)), key=across.__getitem__)
    for i in (order[0], order[-1], *order[::50]):
        marks.nth(i).hover(force=True)
        reader.page.wait_for_timeout(60)
        box = reader.page.locator("#vg-tooltip-element.visible").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"], box


def test_live_page_is_clean(sample_address, visit):
    for scheme in ("light", "dark"):
        reader = visit(color_scheme=scheme)
        reader.page.goto(f"{sample_address}/chapters/one.html")
        for figure in reader.page.locator("figure.chart[data-spec]:not(:has(.steps))").all():
            figure.locator(".chart-explore").press("Enter")
            figure.locator(".chart-live svg").wait_for()
        reader.page.evaluate(SCROLL_THROUGH)
        found = Axe().run(reader.page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:160]) for v in found] == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_control_moves_a_live_chart(sample_address, visit, size):
    reader = visit(viewport=size)
    reader.page.goto(f"{sample_address}/chapters/one.html")
    figure = reader.page.locator("#fig-slider")
    still = figure.locator(".chart-picture").bounding_box()
    still_words = figure.locator(".chart-picture").get_attribute("aria-label")
    figure.locator(".chart-picture").click()
    drawing = figure.locator(".chart-live svg")
    drawing.wait_for()
    assert not figure.locator(".chart-picture").is_visible()
    box = drawing.bounding_box()
    assert abs(box["width"] - still["width"]) < 12 and abs(box["height"] - still["height"]) < 12
    assert drawing.get_attribute("aria-label") == still_words
    assert figure.get_attribute("class") == "chart"
    slider = figure.locator("input[type=range]")
    assert slider.input_value() == "20"
    bar = drawing.locator(".mark-rect path").first
    before = bar.get_attribute("d")
    slider.press("ArrowRight")
    reader.page.wait_for_function(
        "([bar, d]) => bar.getAttribute('d') !== d", arg=[bar.element_handle(), before]
    )
    assert figure.get_attribute("class") == "chart moved"  # its title tells of the first setting
    figure.locator(".chart-explore").click()
    assert figure.locator(".chart-picture").is_visible()
    figure.locator(".chart-explore").click()
    drawing.wait_for()
    assert figure.get_attribute("class") == "chart"  # it begins anew
    assert reader.complaints == []


def test_keyboard_comes_to_the_control_of_a_live_chart(sample_address, visit):
    reader = visit()
    reader.page.goto(f"{sample_address}/chapters/one.html")
    figure = reader.page.locator("#fig-slider")
    figure.locator(".chart-data summary").focus()
    reader.page.keyboard.press("Shift+Tab")
    reader.page.keyboard.press("Enter")
    figure.locator(".chart-live svg").wait_for()
    slider = figure.locator("input[type=range]")
    reader.page.wait_for_function("document.activeElement.type === 'range'")
    reader.page.keyboard.press("ArrowRight")
    assert slider.input_value() == "25"
    reader.page.keyboard.press("Tab")
    typed = figure.locator("input[type=number]")
    assert typed.input_value() == "25"
    reader.page.keyboard.press("Control+a")
    reader.page.keyboard.type("500")
    reader.page.keyboard.press("Enter")
    assert slider.input_value() == typed.input_value() == "100"
    said = figure.locator("output").element_handle()
    reader.page.wait_for_function("said => said.textContent === '20; 60; 10'", arg=said)
    assert reader.complaints == []


def test_selections_work_under_the_policy(sample_address, visit):
    reader = visit()
    reader.page.goto(f"{sample_address}/chapters/one.html")
    figure = reader.page.locator("#fig-cloud")
    figure.locator(".chart-explore").click()
    drawing = figure.locator(".chart-live svg")
    drawing.wait_for()
    faint = "() => document.querySelectorAll('#fig-cloud .chart-live path[opacity=\"0.1\"]').length"
    assert reader.page.evaluate(faint) == 0
    figure.locator(".chart-live .role-legend-symbol path").first.click(force=True)
    reader.page.wait_for_function(f"({faint})() === 150")
    area = drawing.bounding_box()
    reader.page.mouse.move(area["x"] + 250, area["y"] + 120)
    reader.page.mouse.down()
    reader.page.mouse.move(area["x"] + 400, area["y"] + 200, steps=4)
    reader.page.mouse.up()
    brushed = figure.locator(".chart-live .brush_brush path, .chart-live [class*=brush_brush] path")
    assert brushed.count() > 0
    assert reader.complaints == []


def test_page_from_disk(sample_site, visit):
    reader = visit(offline=True)
    reader.page.goto((sample_site / "chapters" / "one.html").as_uri())
    assert all_shown(reader.page) == 4
    reader.page.locator("#fig-line .chart-explore").click()
    reader.page.locator("#fig-line .chart-live svg").wait_for()
    assert reader.complaints == []


def test_print_shows_the_picture(sample_address, visit):
    reader = visit()
    reader.page.goto(f"{sample_address}/chapters/one.html")
    reader.page.locator("#fig-line .chart-explore").click()
    reader.page.locator("#fig-line .chart-live svg").wait_for()
    reader.page.emulate_media(media="print")
    assert reader.page.locator("#fig-line .chart-picture").is_visible()
    assert not reader.page.locator("#fig-line .chart-live").is_visible()
    assert not reader.page.locator(".top").is_visible()


def test_policy_forbids_code_from_text(sample_address, visit):
    """The page's own policy is in force: a text may not become code."""
    reader = visit()
    reader.page.goto(f"{sample_address}/chapters/one.html")
    reader.page.evaluate("""() => {
      const script = document.createElement('script');
      script.textContent = 'window.smuggled = true';
      document.head.append(script);
    }""")
    assert reader.page.evaluate("window.smuggled") is None
    assert any("Content Security Policy" in text for text in reader.complaints)
