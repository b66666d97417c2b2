"""The book sounds as people speak, as far as a machine can hear, and no chapter runs on."""

import re

import pages
import pytest
import voice

ORDER = ["launch", "idea", "cost", "nvidia", "market", "capex", "enterprise", "sequel", "verdicts"]
WORDS, FIGURES, OPENING = 1800, 7, 120


def chapter(name):
    return pages.ROOT / "chapters" / f"{name}.ipynb"


@pytest.mark.parametrize("path", [*pages.PROSE, *pages.CHAPTERS], ids=lambda p: p.stem)
def test_no_turn_that_nobody_would_say(path):
    texts = [*voice.cells(path), *voice.reasons(path)]
    assert [fault for text in texts for fault in voice.faults(text)] == []


@pytest.mark.parametrize("name", ORDER)
def test_a_chapter_keeps_its_length(name):
    texts = voice.cells(chapter(name))
    assert voice.count(texts, voice.reasons(chapter(name))) <= WORDS
    assert voice.opening(texts) <= OPENING
    before = "\n\n".join(texts).split("\n## Exercises")[0]
    assert len(re.findall(r"^\*\*\[Figure\]", before, re.M)) <= FIGURES


def test_each_chapter_leads_to_the_next():
    for name, following in zip(ORDER, ORDER[1:], strict=False):
        assert f"({following}.ipynb)" in "\n".join(voice.cells(chapter(name))), name


@pytest.mark.parametrize(
    "text",
    [
        "Of the [503](#num-members) members [351](#num-rose) rose.",
        "It rose. Of the fifth that fell, few did.",
        "- R1 leads on [19](#num-a) of [19](#num-b) tests.",
        "Spending rose in [Six](#num-a) of six quarters.",
        "Between it and nought.", "The market fell in session number 5.", "0 models lead.",
        "The number on which R1 leads is [0](#num-a).", "A Meta model is number 1; R1 leads.",
        "It fell. It rose. It fell again.", "> *Found:* They ran. They fell.\n> They rose.",
        "## One two three four five six seven eight nine ten eleven twelve thirteen",
        "**[Figure](#fig-a). [A](#num-a) b c d e f g h i j k l m**",
    ],
)  # fmt: skip
def test_each_turn_is_found(text):
    assert len(voice.faults(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Three of the four fell. Of course they did. A matter of 10 days.",
        "It fell. It rose. They fell.",
        "Most fell: 19 of 21.", "```python\n0 if x else 1\n```", "# R1 and its 17.0% on Monday",
        "- It fell.\n- It rose.\n- It fell.", "In January 2025. At 1.4% it was 1 cent. C01 is 10.",
    ],
)  # fmt: skip
def test_plain_english_passes(text):
    assert voice.faults(text) == []


def test_folds_alt_texts_and_exercises_are_not_counted():
    texts = [
        "# A title\n\nA scene.",
        ":::{dropdown} Aims\n\nno\n:::",
        "**[Figure](#fig-a). It [fell](#ink-fell)**\n\n*In words:* no\n\n*Source:* [no](#data-a)",
        "## Exercises\n\nno",
    ]
    counted = "A title A scene. Figure. It fell A reason."
    assert voice.count(texts, ["A reason."]) == len(counted.split())
