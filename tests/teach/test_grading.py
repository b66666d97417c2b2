"""The grader on the papers that real classes hand in; what each student reads, what is recorded.

Replays (the threads were read): otter-grader 469 and 813 (a loop ends all marking and names no
question), nbgrader 70 (go on after a timeout), 416 (a paper that fails stops the rest), 1682 (cells
were deleted), 1083 (a cell was copied), 1844 (input() passes for the student and fails here),
abc-classroom 88 (a renamed file is silently left out).  Otter-grader 433 (a renamed notebook breaks
its own checks) is in test_student.py.  Otter-grader 722 and nbgrader 530 could not be read: what
they are named for here, a missing name, syntax errors and untouched cells, has cases of its own.
"""

import csv
import datetime as dt
import json
from pathlib import Path

import nbformat
import pytest

from shockbook.__main__ import main
from shockbook.teach import feedback, grade, student

V4 = nbformat.v4
QUESTIONS = {
    "ex-one": {"total": {"ask": "a total"}, "day": {"ask": "a day"}},
    "ex-two": {"share": {"ask": "a share"}},
}
RIGHT = {"ex-one": "total = base + 32.5\nday = '2025-01-27'", "ex-two": "share = 0.25"}


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    """An edition of one small chapter, made by the maker of the real one."""
    folder = tmp_path_factory.mktemp("edition")
    (folder / "chapters" / "tests").mkdir(parents=True)
    (folder / "shockbook").mkdir()
    ask = "```{{exercise}} {0}\n:label: ex-{0}\n\nHow much?\n```\n\n"
    ask += "````{{solution-start}} ex-{0}\n````"
    cells = [V4.new_code_cell("base = 10", id="base")]
    for name in ("one", "two"):
        cells += [V4.new_markdown_cell(ask.format(name), id=name), V4.new_code_cell("0"),
                  V4.new_markdown_cell("````{solution-end}\n````")]  # fmt: skip
    path = tmp_path_factory.mktemp("chapter") / "tiny.ipynb"
    nbformat.write(V4.new_notebook(cells=cells), path)
    right = {"total": 42.5, "day": dt.date(2025, 1, 27), "share": 0.25}
    made = {x: {n: feedback.make_key(x, n, right[n]) for n in names}
            for x, names in QUESTIONS.items()}  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(student, "questions", lambda: QUESTIONS)
        notebook, tests = student.edition(path, made)
    nbformat.write(notebook, folder / "chapters" / "tiny.ipynb")
    for name, text in tests.items():
        (folder / "chapters" / "tests" / name).write_text(text)
    return folder


def filled(edition, one=RIGHT["ex-one"], two=RIGHT["ex-two"], change=None):
    notebook = nbformat.read(edition / "chapters" / "tiny.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = {"ex-one-answer": one, "ex-two-answer": two}.get(cell.id, cell.source)
    if change:
        change(notebook.cells)
    return notebook


def at(cells, name):
    return next(i for i, c in enumerate(cells) if c.id == name)


def answer_below(cells):
    cells.insert(at(cells, "ex-one-check"), cells.pop(at(cells, "ex-one-check") - 1))
    cells.insert(at(cells, "ex-one-answer"), cells.pop(at(cells, "ex-one-check")))


def checks_gone(cells):
    cells[:] = [c for c in cells if not c.id.endswith("-check")]


def all_gone(cells):
    cells[:] = [c for c in cells if not c.id.startswith("ex-one")]


def copied_cell(cells):
    cells.insert(at(cells, "ex-one-check") + 1, cells[at(cells, "ex-one-check")].copy())


def no_base(cells):
    cells.pop(at(cells, "base"))


def no_file(cells):
    cells[at(cells, "base")].source = "base = open('mine.csv')"


def other_base(cells):
    cells[at(cells, "base")].source = "base = 11"


FORGED = """import shockbook.teach.feedback, otter
shockbook.teach.feedback.check = lambda *_: None
class grader:
    check = staticmethod(lambda label: print("All test cases passed!"))
total, day = 1, 1"""
LOOP = "while True:\n    try:\n        pass\n    except BaseException:\n        pass"
DAY = "\nday = '2025-01-27'"
#: Student: answer cells, points of ex-one and ex-two, what feedback.csv says of ex-one.
CASES = {
    "right": ({}, 2, 1, ""),
    "untouched": ({"one": "total = ...\nday = ..."}, 0, 1, "total still holds the three dots"),
    "misnamed": ({"one": "totals = 42.5" + DAY}, 1, 1, "there is no total; is totals meant?"),
    "syntax": ({"one": "total = 42.5 +" + DAY}, 0, 1, "invalid syntax, line 1 of the cell)."),
    "exception": ({"one": "day = '2025-01-27'\ntotal = 1 / 0"}, 1, 1,
                  "The cell stopped with ZeroDivisionError: division by zero."),
    "asks": ({"one": "total = float(input('?'))"}, 0, 1, "The cell asks for input()"),
    "loops": ({"one": LOOP}, 0, 1, "The cell ran for 10 seconds and was left out"),
    "ends": ({"one": "import os\nos._exit(1)"}, 0, 1, "The cell ended Python itself"),
    "exits": ({"one": "exit()"}, 0, 1, "The cell stopped with SystemExit."),
    "forger": ({"one": FORGED}, 0, 1, "total is not right"),
    "nan": ({"one": "total = float('nan')" + DAY}, 1, 1, "total is NaN, not a number"),
    "below": ({"change": answer_below}, 2, 1, ""),
    "keeper": ({"one": RIGHT["ex-one"] + '\nresult = grader.check("ex-one")'}, 2, 1, ""),
    "asker": ({"one": RIGHT["ex-one"] + "\nif day:\n    grader.check('ex-one');"}, 2, 1, ""),
    "unchecked": ({"change": checks_gone}, 2, 1, ""),
    "deleted": ({"change": all_gone}, 0, 1, "there is no total: its cell is gone"),
    "copier": ({"change": copied_cell}, 2, 1, ""),
    "fileless": ({"change": no_file}, 0, 1,
                 "Code cell 2, before it, stopped with FileNotFoundError: [Errno 2] No such file "
                 "or directory: 'mine.csv'. The cell stopped with NameError: name"),
    "setter": ({"change": other_base}, 1, 1, "the cell 'base = 10' is not in it."),
    "baseless": ({"change": no_base}, 0, 1, "NameError: name 'base' is not defined"),
}  # fmt: skip
#: File: student in the tables.
NAMES = {
    "3-tiny (1).ipynb": "3-tiny (1).ipynb",
    "leekim_LATE_123_456_tiny-1.ipynb": "leekim",
    "Ada Byron_77_assignsubmission_file_/Untitled3.ipynb": "Ada Byron",
    "bo/my homework - final.ipynb": "bo",
}


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def marked(edition, tmp_path_factory):
    """All papers in one folder, marked in one go."""
    folder = tmp_path_factory.mktemp("handed-in")
    for who, (changes, *_) in CASES.items():
        nbformat.write(filled(edition, **changes), folder / f"{who}_tiny.ipynb")
    for name in NAMES:
        (folder / name).parent.mkdir(exist_ok=True)
        nbformat.write(filled(edition), folder / name)
    nbformat.write(filled(edition, two="share = 9"), folder / "right_tiny (1).ipynb")
    (folder / "torn_tiny.ipynb").write_text('{"cells": [')
    alien = V4.new_notebook(cells=[V4.new_markdown_cell("# Notes")])
    nbformat.write(alien, folder / "notes.ipynb")
    (folder / "essay.docx").write_bytes(b"PK")
    (folder / "empty").mkdir()
    status = main(["grade", str(folder), "--edition", str(edition), "--seconds", "10"])
    assert status == 1  # two files and two without a notebook could not be marked
    return folder


@pytest.mark.parametrize("who", CASES)
def test_each_student_gets_a_fair_mark_and_a_sentence(marked, who):
    _, one, two, says = CASES[who]
    (row,) = [r for r in rows(marked / "marks.csv") if r["student"] == who]
    assert (row["ex-one"], row["ex-two"]) == (str(one), str(two))
    assert (row["total"], row["of"]) == (str(one + two), "3")
    said = next(r for r in rows(marked / "feedback.csv")
                if r["file"] == f"{who}_tiny.ipynb" and r["exercise"] == "ex-one")  # fmt: skip
    assert says in said["feedback"] and bool(says) == bool(said["feedback"])


def test_a_file_of_any_name_is_marked_and_none_is_left_out(marked):
    table = {r["student"]: r for r in rows(marked / "marks.csv")}
    assert set(table) == {*CASES, *NAMES.values(), "torn", "notes", "essay", "empty"}
    assert all(table[who]["total"] == "3" for who in NAMES.values())
    for who in ("torn", "essay", "empty"):
        assert "was not marked: it is no notebook that can be read" in table[who]["remarks"]
    assert "was not marked: it holds no exercise" in table["notes"]["remarks"]
    assert "2 copies of tiny: right_tiny.ipynb counts." in table["right"]["remarks"]


def test_the_marks_go_back_to_canvas_and_moodle(marked):
    (row,) = rows(marked / "canvas.csv")
    assert (row["Student"], row["ID"], row["Exercises"]) == ("leekim", "123", "3")
    (row,) = rows(marked / "moodle.csv")
    assert row == {"Identifier": "Participant 77", "Full name": "Ada Byron", "Grade": "3"}


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("wangwei_111_9001_tiny.ipynb", "wangwei_222_9002_tiny.ipynb", False),
        ("wangwei_111_9001_tiny.ipynb", "wangwei_LATE_111_9003_tiny-1.ipynb", True),
        ("Wei Wang_3_assignsubmission_file_/a.ipynb", "Wei Wang_4_assignsubmission_file_/a.ipynb",
         False),
        ("student-01.ipynb", "student-02.ipynb", False),
        ("chen-1001_tiny.ipynb", "chen-1002_tiny.ipynb", False),
        ("student (1).ipynb", "student (2).ipynb", False),
        ("lee_tiny-1.ipynb", "lee_tiny-2.ipynb", False),
        ("lee_tiny.ipynb", "lee_tiny (1).ipynb", True),
        ("lee_tiny-Copy1.ipynb", "lee_tiny - Copy (2).ipynb", True),
        ("lee_tiny - Copie.ipynb", "Lee/x.ipynb", False),
    ],
)  # fmt: skip
def test_two_students_are_two_and_two_copies_of_one_are_one(first, second, same):
    def owner(name):
        who, canvas, moodle = grade.student(Path(name), "tiny")
        return grade.identity({"who": who, "canvas": canvas, "moodle": moodle})

    assert (owner(first) == owner(second)) == same


def test_namesakes_get_each_their_own_mark(edition, tmp_path):
    for name, two in {
        "wei_111_9001_tiny": "0.25", "wei_222_9002_tiny": "9",
        "Wei_3_assignsubmission_file_/x": "9", "Wei_4_assignsubmission_file_/x": "0.25",
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        nbformat.write(filled(edition, two=f"share = {two}"), tmp_path / f"{name}.ipynb")
    assert main(["grade", str(tmp_path), "--edition", str(edition), "--jobs", "2"]) == 0
    got = {r["ID"]: r["Exercises"] for r in rows(tmp_path / "canvas.csv")}
    assert got == {"111": "3", "222": "2"}
    got = {r["Identifier"]: r["Grade"] for r in rows(tmp_path / "moodle.csv")}
    assert got == {"Participant 3": "2", "Participant 4": "3"}
    got = {r["id"]: r["total"] for r in rows(tmp_path / "marks.csv")}
    assert got == {"111": "3", "222": "2", "3": "2", "4": "3"}
    assert {r["id"] for r in rows(tmp_path / "feedback.csv")} == set(got)


LISTS = ("('C2', 'C1')", "{'C1', 'C2'}", "pd.Series(['C1', 'C2'])", "np.array(['C1', 'C2'])",
         "pd.Index(['C2', 'C1'])", "{'C1': 1, 'C2': 2}.keys()")  # fmt: skip
DATES = ("'2025-01-27'", "pd.Timestamp('2025-01-27')", "pd.Period('2025-01-27', 'D')",
         "np.datetime64('2025-01-27')", "pd.to_datetime(['2025-01-27']).values[0]")  # fmt: skip


def test_marking_takes_what_the_check_took_whatever_names_are_used(edition, tmp_path):
    import numpy as np
    import pandas as pd

    codes = [(code, ["C1", "C2"]) for code in LISTS] + [(c, dt.date(2025, 1, 27)) for c in DATES]
    keys = {f"a{at}": feedback.make_key("ex-one", f"a{at}", right)
            for at, (_, right) in enumerate(codes)}  # fmt: skip
    for (name, key), (code, _) in zip(keys.items(), codes, strict=True):
        feedback.check("ex-one", name, {name: eval(code, {"np": np, "pd": pd})}, key)
    lines = ["import numpy as np, pandas as pd",
             *[f"{name} = {code}" for name, (code, _) in zip(keys, codes, strict=True)],
             "list = str = type = set = dict = repr = isinstance = numbers = simple = 'a text'",
             "exec = wanted = get_ipython = display = space = 5"]  # fmt: skip
    nbformat.write(filled(edition, one="\n".join(lines)), tmp_path / "x.ipynb")
    ((_, points, of, said),) = grade.mark(tmp_path / "x.ipynb", {"ex-one": keys}, edition)
    assert (points, said) == (of, [])


def test_nothing_to_mark_is_one_sentence(edition, tmp_path, capsys):
    assert main(["grade", str(tmp_path), "--edition", str(edition)]) == 1
    assert "there is no notebook in" in capsys.readouterr().err
    assert main(["grade", str(tmp_path), "--edition", str(tmp_path)]) == 1
    assert "run `make student`" in capsys.readouterr().err


def test_what_a_kernel_tells_becomes_a_plain_value():
    told = json.loads('[["untouched", null], ["other", "NoneType"], ["count", "5"]]')
    assert [grade.value(*one) for one in told] == [..., None, 5.0]
    assert type(grade.value("other", "Series")).__name__ == "Series"
