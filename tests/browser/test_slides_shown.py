"""Slides on a projector of 1,280 by 720 that has neither Arial nor a network."""

import pytest

from shockbook.notebooks import ROOT
from shockbook.teach import slides

SMALLEST = """() => [...document.querySelectorAll('.slide')].map((slide, at) => {
  const wrong = [], edge = slide.getBoundingClientRect();
  if (edge.height > innerHeight + 1) wrong.push(`is ${edge.height} tall`);
  const look = (size, word, box) => {
    if (size < 18) wrong.push(`${word}: ${size.toFixed(1)} px`);
    const cut = Math.max(edge.left - box.left, box.right - edge.right, box.bottom - edge.bottom);
    if (cut > 1) wrong.push(`${word} is cut by ${cut.toFixed(0)}`);
  };
  const walk = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const holder = walk.currentNode.parentElement, word = walk.currentNode.textContent.trim();
    const box = holder.getBoundingClientRect();
    if (!word || !box.height) continue;
    const scale = holder.getScreenCTM ? Math.hypot(holder.getScreenCTM().a,
      holder.getScreenCTM().b) : 1;
    look(parseFloat(getComputedStyle(holder).fontSize) * scale, word.slice(0, 20), box);
  }
  return wrong.length ? `${at + 1}: ${wrong[0]}` : '';
}).filter(Boolean)"""


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    """Decks with bars, several panels, tables and long words."""
    folder = tmp_path_factory.mktemp("slides") / "slides"
    slides.build(ROOT, folder, ["enterprise", "nvidia"])
    return folder


@pytest.mark.parametrize("name", ["enterprise", "nvidia"])
def test_every_word_of_a_slide_is_large_and_whole(name, decks, visit):
    one = visit(viewport={"width": 1280, "height": 720})
    one.page.goto((decks / f"{name}.html").as_uri())
    assert one.page.evaluate(SMALLEST) == [] == one.complaints
    wide = one.page.evaluate(
        "[...document.querySelectorAll('figure svg')].map(s => s.getBoundingClientRect().width)"
    )
    assert min(wide) > 0.85 * 1280
    numbers = one.page.locator(".number").all_text_contents()
    assert numbers == [f"{at} / {len(numbers)}" for at in range(1, len(numbers) + 1)]
    one.page.keyboard.press("n")
    notes = one.page.locator(".figure .notes").all_text_contents()
    assert len(notes) >= 6 and all("It shows." in n and "Source." in n for n in notes)
    assert one.page.locator(".figure .notes").first.is_visible()
    one.page.add_style_tag(content="body{font-size:12px} .measure{font-size:14px}")
    assert one.page.evaluate(SMALLEST)


def test_the_book_on_one_page_is_one_sheet(book_site, chromium, tmp_path):
    from pypdf import PdfReader

    page = chromium.new_page()
    page.goto((book_site / "chapters" / "one-page.html").as_uri())
    page.pdf(path=tmp_path / "sheet.pdf", format="A4", prefer_css_page_size=True)
    page.close()
    assert len(PdfReader(tmp_path / "sheet.pdf").pages) == 1
