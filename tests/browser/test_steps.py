"""Charts in steps: button, keyboard, scroll; pointing, finding; without scripts and motion."""

import pytest

PAGE = "chapters/verdicts.html"


@pytest.fixture
def open_page(sample_address, visit):
    def start(**options):
        reader = visit(**options)
        reader.page.goto(f"{sample_address}/{PAGE}")
        return reader

    return start


def places(page):
    page.wait_for_timeout(1100)
    return page.eval_on_selector_all(".step-stage circle", "all => all.map(c => c.style.transform)")


def test_marks_move_by_button_keyboard_and_scroll(open_page):
    reader = open_page()
    page = reader.page
    count = page.locator(".step-tools span")
    page.locator(".steps").evaluate("box => box.scrollIntoView()")
    page.wait_for_timeout(300)
    first = places(page)
    assert len(first) == 40 and count.inner_text() == "Step 1 of 3"
    page.get_by_role("button", name="Next").click()
    second = places(page)
    assert count.inner_text() == "Step 2 of 3" and second != first
    page.keyboard.press("ArrowRight")
    assert places(page) != second and count.inner_text() == "Step 3 of 3"
    assert page.get_by_role("button", name="Next").is_disabled()
    back = page.get_by_role("button", name="Step before")
    assert back.evaluate("button => document.activeElement === button"), "focus is not lost"
    page.wait_for_timeout(1200)
    page.mouse.wheel(0, -3000)
    page.wait_for_timeout(600)
    assert places(page) == first and count.inner_text() == "Step 1 of 3"
    assert reader.complaints == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_first_step_stands_in_its_place_before_the_script_has_come(visit, open_page, width):
    place = "element => element.getBoundingClientRect().toJSON()"
    window = {"viewport": {"width": width, "height": 900}}
    moving = open_page(**window).page.locator(".step-stage > svg")
    there = moving.evaluate(place)
    waiting = visit(**window).page
    waiting.route("**/steps.js", lambda route: None)  # it never comes
    waiting.goto(moving.page.url, wait_until="domcontentloaded")
    drawn = waiting.locator(".step-list svg:visible")
    assert drawn.count() == 1
    here = drawn.evaluate(place)
    assert all(abs(here[side] - there[side]) < 1 for side in ("x", "y", "width")), (here, there)


def test_pointing_names_a_mark_and_a_search_finds_one(open_page):
    page = open_page().page
    page.get_by_role("searchbox", name="Find a name among the dots").fill("firm 07")
    page.locator(".step-tip").wait_for()
    assert page.locator(".step-tip").inner_text().startswith("firm 07, ")
    assert page.locator(".step-tools output").inner_text().startswith("firm 07, ")
    page.get_by_role("searchbox", name="Find a name among the dots").fill("nobody")
    assert page.locator(".step-tools output").inner_text() == "Nobody of that name"
    page.locator(".step-stage circle").nth(3).hover(force=True)
    page.locator(".step-tip").wait_for()
    assert page.locator(".step-tip").inner_text().startswith("firm ")


def test_without_motion_marks_jump(open_page):
    page = open_page(reduced_motion="reduce").page
    page.locator(".steps").evaluate("box => box.scrollIntoView()")
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Next").click()
    page.wait_for_timeout(150)
    assert page.locator(".step-tools span").inner_text() == "Step 2 of 3"
    time = page.locator(".step-stage circle").first.evaluate(
        "circle => getComputedStyle(circle).transitionDuration"
    )
    assert time == "0s"


def test_without_scripts_and_in_print_each_step_is_a_small_picture(open_page):
    page = open_page(java_script_enabled=False).page
    pictures = page.locator(".step-picture .narrow")
    assert [pictures.nth(i).is_visible() for i in range(3)] == [True] * 3
    printed = open_page().page
    printed.emulate_media(media="print")
    assert printed.locator(".step-picture .narrow").nth(2).is_visible()
    assert not printed.locator(".step-stage").is_visible()


def test_a_script_that_does_not_come_leaves_the_small_pictures(sample_address, visit):
    reader = visit()
    reader.context.route("**/steps.js", lambda route: route.abort())
    reader.page.goto(f"{sample_address}/{PAGE}")
    assert reader.page.locator(".step-picture .narrow").nth(2).is_visible()
