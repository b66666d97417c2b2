"""Evidence cards, the ledger, the keyboard and the search."""

from urllib.parse import quote

import pytest
import sample


@pytest.fixture
def page(sample_address, visit):
    reader = visit()
    reader.page.goto(f"{sample_address}/chapters/one.html")
    yield reader.page
    assert reader.complaints == []


def like(page, name, value=None):
    """Set one of the settings under *Reading*."""
    page.locator(".settings > summary").click()
    mark = page.locator(f'.settings [name="{name}"]' + (f'[value="{value}"]' if value else ""))
    mark.click()
    page.keyboard.press("Escape")


def test_number_is_a_plain_link_in_plain_reading(page):
    like(page, "plain")
    link = page.locator("a.num").first
    link.hover()
    page.wait_for_timeout(400)
    assert page.locator(".card").count() == 0
    link.click()
    assert page.url.endswith("#ev-fall")
    assert page.locator("#ev-fall details").get_attribute("open") is not None
    page.locator("#ev-fall").get_by_role("link", name="Back to the text").click()
    assert page.locator("a.num").first.bounding_box()["y"] < 900


def test_card_on_hover_stays_and_goes(page):
    link = page.locator("a.num").first
    link.hover()
    card = page.locator(".card")
    card.wait_for()
    assert "Made-up prices" in card.inner_text()
    card.hover()  # the pointer may go onto the card, which stays
    page.wait_for_timeout(500)
    assert card.count() == 1
    page.keyboard.press("Escape")
    assert card.count() == 0
    link.hover()
    page.mouse.move(5, 5)
    page.wait_for_timeout(700)
    assert card.count() == 0


def test_a_click_on_a_number_keeps_the_place(page):
    before = page.evaluate("scrollY")
    page.locator("a.num").first.click()
    assert page.locator(".card").count() == 1
    assert page.evaluate("scrollY") == before and "#" not in page.url


def test_a_figure_shows_itself_where_the_text_speaks_of_it(page):
    page.locator('p a[href="#fig-line"]').first.hover()
    card = page.locator(".card")
    card.wait_for()
    assert card.locator("svg").count() == 1
    assert "made-up price fell" in card.inner_text()


def test_a_term_and_a_claim_are_told_where_they_stand(page):
    page.locator('p a[href*="glossary.html#term"]').first.hover()
    card = page.locator(".card")
    card.wait_for()
    assert "The last price of a day." in card.inner_text()
    page.keyboard.press("Escape")
    page.locator('.verdict-head a[href*="#claim-C10"]').hover()
    card.wait_for()
    assert "Partly wrong" in card.inner_text() and "on a Sunday" in card.inner_text()


def test_a_guess_uncovers_the_figure(page):
    box = page.locator(".guess")
    figure = page.locator("figure.covered")
    assert box.count() == 1 and figure.count() == 1
    assert not box.locator(".guess-answer").is_visible()
    box.locator("input").fill("90")
    box.locator(".guess-set").click()
    assert "You said 90. Too high." in box.locator(".guess-answer").inner_text()
    assert figure.count() == 0
    page.reload()
    box.locator(".guess-skip").click()
    assert "You said" not in box.inner_text() and "$22.0" in box.inner_text()


def test_a_link_to_a_covered_figure_uncovers_it(page):
    name = page.locator("figure.covered").get_attribute("id")
    page.goto(f"{page.url}#{name}")
    assert page.locator("figure.covered").count() == 0


def test_a_page_read_again_keeps_the_place(page):
    top = "document.getElementById('evidence').getBoundingClientRect().top"
    page.set_viewport_size({"width": 700, "height": 500})
    page.goto(f"{page.url}#evidence")
    page.wait_for_timeout(300)
    assert page.evaluate(top) < 50
    page.evaluate("scrollBy({top: -600, behavior: 'instant'})")
    page.wait_for_timeout(300)
    page.reload()
    page.wait_for_timeout(600)
    assert page.evaluate(top) > 150, "not at the place that the address names"


def test_a_card_leaves_its_words_free(page):
    link = page.locator('p a[href="#fig-line"]').first
    link.evaluate("link => { link.closest('p').style.width = '6rem'; link.append(' of prices'); }")
    link.hover()
    page.locator(".card").wait_for()
    over = """link => {
        const card = document.querySelector('.card').getBoundingClientRect();
        return [...link.getClientRects()].filter(
            ({top, bottom}) => Math.min(bottom, card.bottom) - Math.max(top, card.top) > 1).length;
    }"""
    assert link.evaluate("link => link.getClientRects().length") > 1
    assert link.evaluate(over) == 0


@pytest.mark.parametrize("width", [320, 390, 600])
def test_the_settings_of_the_search_page_fit_the_window(sample_address, visit, width):
    reader = visit(viewport={"width": width, "height": 740})
    reader.page.goto(f"{sample_address}/search.html")
    reader.page.locator(".settings > summary").click()
    box = reader.page.locator(".settings > div").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width


def test_a_guess_is_plain_without_scripts(sample_address, visit):
    reader = visit(java_script_enabled=False)
    reader.page.goto(f"{sample_address}/chapters/one.html")
    assert reader.page.locator(".guess-answer").is_visible()
    assert not reader.page.locator(".guess input").is_visible()


def test_card_by_keyboard(page):
    link = page.locator("a.num").first
    assert link.get_attribute("tabindex") == "0"
    group = page.locator("a.num[tabindex='0']").count()
    assert group < page.locator("a.num:not(.evidence a)").count(), "not a stop for each number"
    page.locator(".sd-summary-title").focus()
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.locator(".card").count():
            break
    card = page.locator(".card")
    assert "largest close" in card.inner_text()
    page.keyboard.press("Tab")  # into the card: its links can be reached
    assert card.evaluate("card => card.contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert card.count() == 0
    assert link.evaluate("link => document.activeElement === link")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.matches('a.num')")
    assert link.evaluate("link => document.activeElement !== link")


def test_card_on_tap(sample_address, visit):
    reader = visit(has_touch=True, viewport={"width": 360, "height": 740})
    reader.page.goto(f"{sample_address}/chapters/one.html")
    reader.page.locator("a.num").first.tap()
    box = reader.page.locator(".card").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360
    assert not reader.page.url.endswith("#ev-fall")
    reader.page.locator("h1").tap()
    assert reader.page.locator(".card").count() == 0


def test_on_a_phone_the_contents_are_a_drawer(sample_address, visit):
    reader = visit(viewport={"width": 390, "height": 800})
    reader.page.goto(f"{sample_address}/chapters/one.html")
    before = reader.page.evaluate("scrollY")
    opener = reader.page.locator(".to-menu")
    opener.click()
    assert opener.get_attribute("aria-expanded") == "true"
    assert reader.page.evaluate("scrollY") == before
    reader.page.keyboard.press("Escape")
    assert opener.get_attribute("aria-expanded") == "false"
    opener.click()
    reader.page.locator(".menu").get_by_role("link", name="Evidence").click()
    assert reader.page.url.endswith("#evidence")
    assert reader.page.locator("#evidence").bounding_box()["y"] < 100


def test_settings_are_remembered(page):
    assert not page.locator("#cell-say pre").is_visible(), "code is closed at first"
    like(page, "code")
    like(page, "theme", "dark")
    like(page, "size", "large")
    dark = "getComputedStyle(document.body).backgroundColor"
    seen = page.evaluate(dark)
    assert seen == "rgb(18, 18, 18)"
    page.reload()
    assert page.locator("#cell-say pre").is_visible()
    assert page.evaluate(dark) == seen
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "20.48px"
    like(page, "theme", "light")
    assert page.evaluate(dark) == "rgb(255, 255, 255)"


def test_ledger_is_searched_and_sorted(sample_address, visit):
    reader = visit()
    page = reader.page
    page.goto(f"{sample_address}/chapters/verdicts.html")
    rows = page.locator(".ledger tbody tr:visible")
    assert rows.count() == 2
    page.locator("#ledger-search").fill("sunday")
    assert rows.count() == 1
    assert page.locator(".tools [role=status]").inner_text() == "1 of 2 claims"
    page.locator("#ledger-search").fill("")
    head = page.locator(".ledger thead th").first
    assert rows.first.inner_text().startswith("C10")
    for direction, first in (("ascending", "C10"), ("descending", "C11")):
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == direction
        assert rows.first.inner_text().startswith(first)
    page.set_viewport_size({"width": 390, "height": 844})  # a phone: cards, nothing beside the page
    verdict = rows.first.locator(".badge").bounding_box()
    assert verdict["x"] + verdict["width"] < 390
    assert verdict["y"] < rows.first.locator("td").first.bounding_box()["y"]
    page.locator("#ledger-search").fill("sunday")
    assert rows.count() == 1
    assert reader.complaints == []


def test_focus_is_seen(page):
    for _ in range(4):
        page.keyboard.press("Tab")
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2


@pytest.mark.parametrize(
    ("query", "address", "words"),
    [
        ("sixty trading", "chapters/one.html#fig-line", "chart in The made-up fall"),
        ("Sunday", "chapters/one.html#verdict-C10", "claim in The made-up fall"),
        ("quotation", "chapters/one.html#what-we-look-at", "A quotation"),
    ],
)
def test_search_finds_charts_claims_and_sections(sample_site, visit, query, address, words):
    reader = visit(offline=True)
    reader.page.goto((sample_site / "search.html").as_uri())
    reader.page.locator("#search-field").fill(query)
    reader.page.locator("#search-field").press("Enter")
    first = reader.page.locator(".found li").first
    first.wait_for()
    assert first.locator("a").get_attribute("href") == address
    assert words in first.inner_text()
    first.locator("a").click()
    assert reader.page.url.endswith(address)
    assert reader.complaints == []


def test_search_says_when_nothing_is_found(sample_address, visit):
    reader = visit()
    reader.page.goto(f"{sample_address}/search.html?q=xyzzy")
    assert "Nothing in the book holds xyzzy" in reader.page.locator(".found").inner_text()


@pytest.fixture(scope="module")
def built_twice(tmp_path_factory):
    """The small book with a page more, built, and built again with nothing changed."""
    folder = sample.write(tmp_path_factory.mktemp("twice") / "book")
    with (folder / "chapters" / "status.md").open("a", encoding="utf-8") as page:
        page.write("\nWhat Jevons saw; $5.6 million, a\nmixture of experts.\n".replace("$", "\\$"))
    sample.built(folder, folder / "data")
    return sample.built(folder, folder / "data")


def test_search_finds_all_on_a_site_built_twice(built_twice, visit):
    reader = visit()
    for query in (
        "Jevons", "5.6 million", "mixture of experts",
        "nearly 17% on a Sunday", "Daily closes of a made-up share",
    ):  # fmt: skip
        reader.page.goto(f"{(built_twice / 'search.html').as_uri()}?q={quote(query)}")
        reader.page.locator(".found li").first.wait_for()
        assert reader.page.locator(".found mark").count() > 0, query
    assert reader.complaints == []
