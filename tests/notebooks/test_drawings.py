"""The drawings of *What DeepSeek actually did* say what their checked words say."""

import json
import re
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

import pytest

from shockbook import data

CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"
DRAWN = re.compile(r"!\[\]\(drawings/([\w-]+)\.svg\)")
NUMBER = re.compile(r"\b\d{1,3}(?:,\d{3})*(?:\.\d+)?\b")


def words_of(name: str) -> list[str]:
    """The texts of a drawing, one each."""
    root = ET.parse(CHAPTERS / "drawings" / f"{name}.svg").getroot()
    return ["".join(t.itertext()) for t in root.iter("{http://www.w3.org/2000/svg}text")]


def cells() -> dict[str, str]:
    """Drawing to the words cell that shows it."""
    book = json.loads((CHAPTERS / "idea.ipynb").read_text("utf-8"))
    text = ["".join(c["source"]) for c in book["cells"] if c["cell_type"] == "markdown"]
    return {m[1]: t for t in text if (m := DRAWN.search(t))}


def value(total: str) -> Fraction:
    """A sum in writing, worked out; only what a sum is made of."""
    assert re.fullmatch(r"[\d ×÷+−]+", total), total
    terms = re.findall(r"([+−]?)\s*([\d ×÷]+)", total)
    result = Fraction(0)
    for sign, term in terms:
        product = Fraction(1)
        for op, n in re.findall(r"([×÷]?)\s*(\d+)", term):
            product = product / int(n) if op == "÷" else product * int(n)
        result += -product if sign == "−" else product
    return result


def test_the_four_drawings_are_shown():
    assert sorted(cells()) == ["idea-distil", "idea-experts", "idea-grpo", "idea-thinking"]


@pytest.mark.parametrize("name", sorted(cells()))
def test_the_phone_is_told_the_same(name):
    page, phone = (set(NUMBER.findall(" ".join(words_of(n)))) for n in (name, f"{name}-phone"))
    assert page == phone


@pytest.mark.parametrize("name", ["idea-experts", "idea-distil"])
def test_numbers_drawn_are_numbers_told(name):
    """The words cell is held against the data; so the drawing is, through it."""
    told = re.sub(r"\]\([^)]*\)", "", cells()[name]).replace("eight", "8")
    rows = {f"{r.label} {r.x:g} billion" for r in pupils().itertuples()}
    rest = " ".join(t for t in words_of(name) if t not in rows)
    assert set(NUMBER.findall(rest)) <= set(NUMBER.findall(told))


def pupils():
    """The models that R1 taught, as the data have them."""
    curves = data.snapshot().load("training-curves")
    return curves[curves["series"] == "distill_aime"]


def test_pupils_drawn_are_pupils_recorded():
    """Each is named, and the area of its circle goes with its size."""
    drawn = [t for t in words_of("idea-distil") if t.startswith(("Qwen", "Llama"))]
    assert sorted(drawn) == sorted(f"{r.label} {r.x:g} billion" for r in pupils().itertuples())
    root = ET.parse(CHAPTERS / "drawings" / "idea-distil.svg").getroot()
    radii = [float(c.get("r")) for c in root.iter("{http://www.w3.org/2000/svg}circle")]
    sizes = [671, *pupils()["x"]]
    scale = radii[0] ** 2 / sizes[0]
    assert [r**2 / scale for r in radii] == pytest.approx(sizes, rel=0.05)


def test_as_many_tries_are_drawn_as_were_made():
    root = ET.parse(CHAPTERS / "drawings" / "idea-grpo.svg").getroot()
    dots = list(root.iter("{http://www.w3.org/2000/svg}circle"))
    tries = data.snapshot().load("ideas").set_index("id").at["i024", "value"]
    assert len(dots) == tries


def test_the_sums_of_the_puzzle_are_right():
    sums = [m for t in words_of("idea-thinking") for m in re.findall(r"([\d ×÷+−]+)= (\d+)", t)]
    assert len(sums) >= 4
    assert all(value(total) == int(result) for total, result in sums)
    first, last = (t for t in words_of("idea-thinking") if re.fullmatch(r"[\d ×÷+−]+", t))
    assert (value(first), value(last)) == (53, 52)
    assert {3 + 6, 6 - 3, 6 * 3, 6 // 3} == {9, 3, 18, 2}  # "9, 3, 18 or 2": the dead end
