"""The student edition: no solution in it, and a grader that knows right from wrong."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from otter.test_files import ExceptionTestFile

from shockbook.__main__ import main
from shockbook.notebooks import ENVIRONMENT, ROOT
from shockbook.site import launch
from shockbook.teach import feedback, student

CHAPTERS = [
    p for p in sorted((ROOT / "chapters").glob("*.ipynb")) if "{exercise}" in p.read_text("utf-8")
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The whole edition; making it grades each right answer and each mistake."""
    target = tmp_path_factory.mktemp("edition") / "student"
    said = student.build(ROOT / "chapters", target)
    assert len(said) == len(CHAPTERS) >= 9
    return target


def solutions(path):
    """Lines that stand in solutions and nowhere else in a chapter."""
    notebook = nbformat.read(path, as_version=4)
    cells, exercises = student.split(notebook)
    solved = [line.strip() for e in exercises for code in e.solution for line in code.splitlines()]
    kept = {line.strip() for c in cells for line in c.source.splitlines()}
    return [line for line in solved if line and line not in kept]


def test_no_line_of_a_solution_is_left(built):
    everything = "\n".join(p.read_text("utf-8") for p in (built / "chapters").rglob("*.ipynb"))
    looked = 0
    for path in CHAPTERS:
        page = nbformat.read(built / "chapters" / path.name, as_version=4)
        mine = {line.strip() for c in page.cells for line in c.source.splitlines()}
        tests = set()
        for file in (built / "chapters" / "tests").iterdir():
            tests |= {line.strip() for line in file.read_text("utf-8").splitlines()}
        for line in solutions(path):
            looked += 1
            assert line not in mine | tests - {")", "}", "]", "})"}, (path.name, line)
    assert looked > 60
    assert not re.search(r"\{solution(-start|-end)?\}", everything)
    assert not re.search(r'"id": "solution-', everything)


def test_every_chapter_cell_that_is_no_solution_is_there(built):
    for path in CHAPTERS:
        page = nbformat.read(built / "chapters" / path.name, as_version=4)
        cells, exercises = student.split(nbformat.read(path, as_version=4))
        kept = [c.source for c in cells if c.cell_type == "code"]
        there = [c.source for c in page.cells if c.cell_type == "code"]
        assert [s for s in there if s in kept] == kept
        text = "\n".join(c.source for c in page.cells if c.cell_type == "markdown")
        assert all(e.body in text for e in exercises)


def test_otter_reads_every_test_and_untouched_answers_fail(built):
    files = sorted((built / "chapters" / "tests").iterdir())
    assert {f.stem for f in files} == set(student.questions())
    for file in files:
        test = ExceptionTestFile.from_file(str(file))
        names = {case.name.split()[-1]: ... for case in test.test_cases}
        test.run(names)
        assert not any(r.passed for r in test.test_case_results)
        assert all("three dots" in r.message for r in test.test_case_results)


def filled(path, answers, to):
    """A student's notebook with the cells of answers replaced."""
    page = nbformat.read(path, as_version=4)
    for cell in page.cells:
        label = cell.id.removesuffix("-answer")
        if cell.id.endswith("-answer") and label in answers:
            cell.source = answers[label]
    nbformat.write(page, to)


def test_the_notebook_itself_passes_with_the_solutions_and_explains_a_mistake(built, tmp_path):
    """In a kernel, as a student runs it, offline; the quickest chapter with two exercises."""
    path = built / "chapters" / "verdicts.ipynb"
    _, exercises = student.split(nbformat.read(ROOT / "chapters" / path.name, as_version=4))
    answers = {}
    for exercise in exercises:
        lines = list(exercise.solution)
        for name, entry in student.questions().get(exercise.label, {}).items():
            lines += [entry.get("setup", ""), f"{name} = {entry['answer']}"]
        answers[exercise.label] = "\n".join(lines)
    shutil.copytree(built, tmp_path / "unpacked")  # elsewhere, with no way back to the book
    here = tmp_path / "unpacked" / "chapters"
    said = run(path, answers, here)
    assert said["ex-verdicts-strict"] == "ex-verdicts-strict results: All test cases passed!"
    assert said["ex-verdicts-cut"] == "ex-verdicts-cut results: All test cases passed!"
    answers["ex-verdicts-cut"] = "verdict_without_indexes = 'Partly wrong'"
    said = run(path, answers, here)
    assert "that is the verdict with all three parts." in said["ex-verdicts-cut"]


def run(path, answers, folder):
    here = folder / f"my {path.stem} (1).ipynb"  # otter-grader 433: any name will do
    filled(path, answers, here)
    environment = {**os.environ, **ENVIRONMENT}
    environment.pop("PYTHONPATH", None)
    code = (
        "import sys, json, nbformat, nbclient\n"
        "nb = nbformat.read(sys.argv[1], 4)\n"
        "where = nbformat.v4.new_code_cell('import shockbook; print(shockbook.__file__)')\n"
        "nb.cells.append(where)\n"
        "nbclient.NotebookClient(nb, timeout=120, kernel_name='python3').execute()\n"
        "print(where.outputs[0].text)\n"
        "print(json.dumps({c.id[:-6]: c.outputs[0].data['text/plain']"
        " for c in nb.cells if c.id.endswith('-check')}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(here)],
        capture_output=True, text=True, env=environment, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    library, *_, said = done.stdout.splitlines()
    assert Path(library).is_relative_to(folder.parent)
    return json.loads(said)


def test_the_edition_can_be_handed_out_and_gives_nothing_away(built):
    with zipfile.ZipFile(f"{built}.zip") as packed:
        names = {n.partition("/")[2] for n in packed.namelist() if not n.endswith("/")}
    assert names == {p.relative_to(built).as_posix() for p in built.rglob("*") if p.is_file()}
    wanted = "requirements.txt runtime.txt README.md .devcontainer/devcontainer.json LICENSE"
    wanted += " data/datapackage.json shockbook/__init__.py chapters/nvidia.ipynb"
    assert set(wanted.split()) <= names
    assert {n for n in names if n.startswith("shockbook/teach/")} == {
        "shockbook/teach/__init__.py", "shockbook/teach/feedback.py"}  # fmt: skip
    answers = [
        entry["answer"] for asked in student.questions().values() for entry in asked.values()
    ]
    long = [a for a in answers if len(a) > 25]
    text = "\n".join(
        p.read_text("utf-8") for p in built.rglob("*") if p.suffix in (".py", ".ipynb")
    )
    assert long and not any(json.dumps(a)[1:-1] in text or a in text for a in long)
    pins = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    asked = (built / "requirements.txt").read_text("utf-8").splitlines()
    assert set(asked) <= {p.split("#")[0].strip() for p in pins}


def test_the_edition_has_the_command_that_its_exercise_asks_for(built, tmp_path):
    there = shutil.copytree(built, tmp_path / "unpacked")
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-m", "shockbook", "new-event", "--firm", "AAPL", "--date", "2025-04-04",
         "--yes", "--output", "own.toml"],
        capture_output=True, text=True, cwd=there, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "run your-event.ipynb again, with EVENT = 'own.toml'." in done.stdout
    assert (there / "own.toml").is_file()


def test_links_lead_to_the_published_folder_and_bad_ones_are_one_sentence(tmp_path, capsys):
    repository = launch.parse("https://github.com/a-class/shock")
    links = student.places("nvidia", repository, "https://hub.example.edu/")
    assert links["Colab"].endswith("/github/a-class/shock/blob/main/chapters/nvidia.ipynb")
    assert "urlpath=lab%2Ftree%2Fchapters%2Fnvidia.ipynb" in links["Binder"]
    assert links["your hub"].startswith("https://hub.example.edu/hub/user-redirect/git-pull?repo=")
    assert "lab%2Ftree%2Fshock%2Fchapters%2Fnvidia.ipynb" in links["your hub"]
    there = ["--to", str(tmp_path / "s")]
    assert main(["student", "--repo", "somewhere", *there]) == 1
    assert "give https://github.com/owner/name" in capsys.readouterr().err
    assert main(["student", "--hub", "https://hub.example.edu", *there]) == 1
    assert "--hub needs --repo" in capsys.readouterr().err
    first = student.FIRST.format(fetch=student.FETCH.format(
        name="shock", branch="main", url=repository.url, owner="a-class"))  # fmt: skip
    compile(first, "first", "exec")
    assert not list(tmp_path.iterdir())


# ------------------------------------------------------------------ what the grader says
def said(value, right, mistakes=(), sentence=()):
    key = feedback.make_key("ex", "a", right, mistakes, sentence)
    try:
        feedback.check("ex", "a", {"a": value}, key)
    except feedback.NotYet as error:
        return str(error)
    return "passed"


@pytest.mark.parametrize(
    ("value", "right", "answer"),
    [
        (0.1339, 0.13391, "passed"),
        (0.1334, 0.13391, "passed"),
        (0.137, 0.13391, "read the question again"),
        (-0.1339, 0.13391, "wrong sign"),
        (13.39, 0.13391, "fraction was asked for"),
        (0.1339, 13.391, "per cent was asked for"),
        (590.5e9, 590.5, "a billion times too large"),
        (5, 5, "passed"),
        (5.0, 5, "passed"),
        (6, 5, "read the question again"),
        ("5", 5, "a whole number was asked for"),
        (None, 5.5, "is of type NoneType; a number"),
        (float("nan"), 5.5, "NaN, not a number"),
        (float("inf"), 5.5, "is infinite"),
        (True, 1.0, "is of type bool"),
        ("Partly  wrong", "partly wrong", "passed"),
        (["C07", "C13"], ["C13", "C07"], "passed"),
        (["C07"], ["C13", "C07"], "read the question again"),
        ("C07", ["C07"], "a list of texts was asked for"),
    ],
)
def test_feedback(value, right, answer):
    assert answer in said(value, right)


def test_dates_and_the_calendar_slip():
    import datetime as dt

    import pandas as pd

    right = dt.date(2025, 1, 27)
    assert said(pd.Timestamp("2025-01-27"), right) == "passed"
    assert said("2025-01-27", right) == "passed"
    assert "1 day(s) too late" in said("2025-01-28", right)
    assert "3 day(s) too early" in said(dt.date(2025, 1, 24), right)
    assert said(pd.Period("2025-01-27", "D"), right) == "passed"
    assert said(pd.Timestamp("2025-01-27").to_datetime64(), right) == "passed"
    for value in ("Monday", "27.01.2025", 27, pd.NaT, ["2025-01-27"]):
        assert "a date or a text like '2025-12-31' was asked for" in said(value, right)


def test_a_known_mistake_gets_its_sentence_and_a_sentence_its_hints():
    assert said(0.2, 0.1, [(0.2, "twice.")]) == "a: twice."
    hints = [[r"\d", "where is the number?"]]
    assert said("it cost a lot of money", "x", (), hints) == "a: where is the number?"
    assert said("it cost 6 million dollars", "x", (), hints) == "passed"
    assert "a sentence in quotes" in said("6", "x", (), hints)


def test_the_digit_of_a_name_is_no_number():
    hints = student.questions()["ex-sentence"]["my_sentence"]["sentence"]
    for none in ("V3 cost rent only, not all.", "V3 on H800 cost rent only, less than GPT-4 did."):
        assert "where is the number?" in said(none, "x", (), hints)
    for good in ("$5.58 million", "5,576,000 dollars", "USD5.6m"):
        assert said(f"V3 cost {good} for rent, without staff.", "x", (), hints) == "passed"


def test_the_key_gives_nothing_away_and_refuses_a_mistake_that_is_right():
    key = json.dumps(feedback.make_key("ex", "a", 590.48, [(24.2, "no.")]))
    assert "590.48" not in key and "5.90" not in key and "24.2" not in key
    with pytest.raises(ValueError, match="gives the right answer"):
        feedback.make_key("ex", "a", 1.0, [(1.0, "no.")])
    with pytest.raises(TypeError, match="easy to guess"):
        feedback.make_key("ex", "a", True)


# ------------------------------------------------------------------ faults of the maker
def small(folder: Path, text: str, code: str = "x = 2", title: str = "a") -> Path:
    cells = [
        nbformat.v4.new_markdown_cell(text, id="exercise"),
        nbformat.v4.new_code_cell(code, id="solution"),
        nbformat.v4.new_markdown_cell("Done.\n\n````{solution-end}\n````", id="solution-end"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / f"{title}.ipynb")
    return folder / f"{title}.ipynb"


ASK = "```{exercise} Two\n:label: ex-two\n\nWhat is two?\n```\n\n"
OPEN = "````{solution-start} ex-two\n:class: dropdown\n````"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({}, "ex-two: has a solution, and no entry"),
        ({"ex-two": {"x": {"answer": "2", "mistakes": []}}}, "ex-two.x: the chapter uses"),
        ({"ex-two": {"y": {"answer": "z", "mistakes": []}}}, "name 'z' is not defined"),
        ({"ex-two": {"y": {"answer": "x", "mistakes": [["1 + 1", "no."]]}}}, "the right answer"),
    ],
)
def test_a_question_that_cannot_be_made_is_one_sentence(tmp_path, monkeypatch, entry, message):
    path = small(tmp_path, ASK + OPEN)
    monkeypatch.setattr(student, "questions", lambda: entry)
    with pytest.raises(student.StudentError, match=message):
        student.keys(path)


def test_what_an_event_names_is_handed_out_with_it(tmp_path, monkeypatch):
    """Nothing but the event and the files around it: the book's data would take their time."""
    root, out = tmp_path / "book", tmp_path / "student"
    text = (ROOT / "events/placebo-day.toml").read_text("utf-8")
    text = text.replace("[primary]", 'prices = "%s"\n[primary]')
    for name, made in {"mine/xyz.csv": "Date,Close\n", "mine/who.csv": "ticker,group\n",
                       "fetched.csv": "", "LICENSE": "",
                       ".binder/runtime.txt": "", "shockbook/__main__.py": "",
                       "shockbook/teach/__init__.py": "",
                       "shockbook/teach/feedback.py": "",
                       "event.toml": text % "xyz.csv"}.items():  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(made)
    for file in ("event.toml", "mine/own.toml"):
        named = (text % "xyz.csv").replace('groups = "groups"', 'groups = "mine/who.csv"')
        named = named.replace("mine/who", "who") if "/" in file else (
            named.replace('"xyz.csv"', '["mine/xyz.csv", "fetched.csv"]'))  # fmt: skip
        (root / file).write_text(named)
    monkeypatch.setattr(student, "ROOT", root)
    monkeypatch.setattr(student, "PUBLIC", ())
    monkeypatch.setattr(student.check, "event_files", lambda: [root / "event.toml"])
    out.mkdir()
    student.surround(out, [], None, "")
    wanted = {"mine/xyz.csv", "mine/who.csv", "fetched.csv"}
    assert wanted <= {p.relative_to(out).as_posix() for p in out.rglob("*.csv")}
    assert len(list(student.own_files(root / "mine" / "own.toml"))) == 2  # beside it
    for file in ("gone.csv", str(tmp_path / "away.csv"), "."):
        (tmp_path / "away.csv").write_text("")
        (root / "event.toml").write_text(text % file)
        with pytest.raises(student.StudentError, match="event.toml names .*: put it there"):
            list(student.own_files(root / "event.toml"))


def test_a_solution_left_open_stops_the_edition_and_leaves_the_old_one(tmp_path, capsys):
    target = tmp_path / "student"
    target.mkdir()
    (target / "old").write_text("old")
    notebook = nbformat.read(small(tmp_path, ASK + OPEN), as_version=4)
    notebook.cells.pop()
    with pytest.raises(student.StudentError, match="ex-two: its solution is opened and never"):
        student.split(notebook)
    assert main(["student", "no-such", "--to", str(target)]) == 1
    assert "no chapter with exercises is called no-such" in capsys.readouterr().err
    assert (target / "old").read_text() == "old"
