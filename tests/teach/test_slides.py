"""Slides: every figure under its finding, nothing from another host, no role left unread."""

import re
import shutil

import nbformat
import pytest
from lxml import html

from shockbook import charts
from shockbook.__main__ import main
from shockbook.notebooks import ROOT
from shockbook.site import aims
from shockbook.teach import page, slides
from shockbook.words import write


@pytest.fixture(scope="module")
def chapters():
    return {p.stem: page.read(p) for p in page.chapters() if p.with_suffix(".toml").is_file()}


def test_the_deck_of_a_chapter(tmp_path, capsys):
    assert main(["slides", "verdicts", "--to", str(tmp_path / "s")]) == 0
    assert "1 decks" in capsys.readouterr().out
    text = (tmp_path / "s" / "verdicts.html").read_text("utf-8")
    deck = html.document_fromstring(text)
    chapter = page.read(ROOT / "chapters" / "verdicts.ipynb")
    titles = [h.text_content() for h in deck.xpath('//section[contains(@class, "figure")]/h2')]
    words = [{**charts.meta(s), **chapter.words.get(charts.meta(s)["name"], {})}
             for s in chapter.figures]  # fmt: skip
    assert titles == [chapter.plain(w["title"]) for w in words]
    assert len(deck.xpath("//figure//svg")) == len(titles)
    assert all(len(e.get("aria-label")) > 40 for e in deck.xpath('//figure/*[@role="img"]'))
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//|url\(|@import""", text)
    assert "solution" not in text


def test_every_chapter_has_aims_words_and_talk_without_a_role_left(chapters, monkeypatch):
    monkeypatch.setattr(charts, "svg", lambda *_: '<svg viewBox="0 0 700 300"/>')  # as drawn above
    for name, chapter in chapters.items():
        text = slides.deck(chapter)
        assert chapter.aims and chapter.last_words and chapter.time, name
        assert "To talk about" in text or all(e.solution for e in chapter.exercises), name
        assert not re.search(r"\{[a-z:]+\}`", text), name
        assert text.count("<figure>") == len(chapter.figures)


def tmp_path_with_toc(folder):
    (folder / "_toc.yml").write_text((ROOT / "_toc.yml").read_text("utf-8"))
    return folder


def test_an_unknown_chapter_is_one_sentence(tmp_path, capsys):
    assert main(["slides", "no-such", "--to", str(tmp_path / "s")]) == 1
    assert "no-such is no chapter; there are: launch" in capsys.readouterr().err
    with pytest.raises(FileNotFoundError, match="make book BOOK=event"):
        slides.find(tmp_path_with_toc(tmp_path), ["event"])
    assert not (tmp_path / "s").exists()


def test_a_small_site_has_a_deck(tmp_path):
    source = tmp_path_with_toc(tmp_path) / "_build" / "event" / "source"
    source.mkdir(parents=True)
    shutil.copy(ROOT / "chapters" / "your-event.ipynb", source / "index.ipynb")
    made = slides.build(tmp_path, tmp_path / "slides", ["event"])
    assert [p.name for p in made] == ["event.html", "index.html"]
    deck = html.document_fromstring(made[0].read_text("utf-8"))
    cells = nbformat.read(source / "index.ipynb", as_version=4).cells
    drawn = sum(charts.MIME in o.get("data", {}) for c in cells for o in c.get("outputs", ()))
    assert len(deck.xpath('//section[contains(@class, "figure")]')) == drawn > 3
    assert deck.xpath('//section[contains(@class, "words")]/h2[text()="In short"]')


def test_html_in_a_text_is_shown_and_not_obeyed():
    assert "<script>" not in slides.html("a <script>alert(1)</script> b")


def test_the_teaching_page_says_what_the_chapters_say(chapters):
    for chapter in chapters.values():
        lines = aims.listed(chapter)
        assert [line[2:] for line in lines if line.startswith("- ")] == list(chapter.aims)
        graded = sum(bool(e.solution) for e in chapter.exercises)
        assert write(graded, "{:words} exercise") in lines[-2] and "with a solution" in lines[-2]
        assert chapter.time[1:] in lines[-2]  # the sentence begins with a capital
