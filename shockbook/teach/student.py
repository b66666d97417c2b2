"""The student edition: the chapters without solutions, with an autograder that says what is wrong.

The autograder is Otter-Grader: it answers inside the notebook, from files beside it, offline.
"""

import contextlib
import copy
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlencode

import nbformat

from shockbook import check, event
from shockbook.data.files import whole_folder
from shockbook.notebooks import ENVIRONMENT, ROOT
from shockbook.site import launch
from shockbook.site.launch import Repository
from shockbook.teach import colab, feedback

QUESTIONS = Path(__file__).with_name("questions.toml")
EXERCISE = re.compile(
    r"(?P<f>`{3,}|:{3,})\{exercise\}[ ]?(?P<title>[^\n]*)\n"
    r":label: (?P<label>\S+)\n(?P<body>.*?)\n(?P=f)",
    re.S,
)
#: The marks before and behind a solution; the first has the label of its exercise.
MARK = re.compile(
    r"(?:`{3,}|:{3,})\{solution-(?:start\} (\S+)\n(?:[^`]*?\n)?|end\}\n)(?:`{3,}|:{3,})\n?"
)
PROSE = re.compile(r"\n*(`{3,}|:{3,})\{solution\} \S+\n.*?\n\1", re.S)  # of an open exercise

TEST = """OK_FORMAT = False

from otter.test_files import test_case

from shockbook.teach.feedback import check

name = "{label}"
points = {points}
KEY = {key}
"""
CASE = """

@test_case(name="{label} {answer}", points=1)
def test_{answer}(env):
    check(name, "{answer}", env, KEY["{answer}"])
"""
FIRST = """# Run this first: it finds the library beside this notebook.
import os
import subprocess
import sys

if not os.path.isdir("../shockbook"):
{fetch}
sys.path.insert(0, os.path.abspath(".."))
import otter

grader = otter.Notebook()"""
LOST = """    raise FileNotFoundError(
        "this notebook lies alone: unpack the whole zip and open it in its folder")"""
FETCH = """    if not os.path.isdir("{name}"):  # on Colab: fetch all (a minute)
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", "--branch", "{branch}",
                        "{url}", "{name}"], check=True)
    os.chdir("{name}/chapters")
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet",
                    "-r", "../requirements.txt"], check=True)"""
README = """# Student edition

Each notebook in `chapters` is a chapter of *The DeepSeek Shock* with its exercises open. Run its
first cells, read, and work through the exercises at the end. Store each answer under the name
that is given (`...` stands for what you fill in), then run the cell below it:

    grader.check("ex-...")

It says *passed*, or in a sentence what is wrong. Numbers are compared at three significant
digits, and for the settings that the notebook came with: set a changed one back. Open exercises
are read by a person. Hand in the notebook; its file may have any name.

On a laptop: `pip install -r requirements.txt` (Python 3.11 or newer), then `jupyter lab chapters`.
After that no network is needed. `python -m shockbook new-event` is run in this folder.
"""
PUBLIC = ("data", "events")
LIBRARY = shutil.ignore_patterns("__pycache__", "teach", "site", "__main__.py")
DEVCONTAINER = {
    "image": "mcr.microsoft.com/devcontainers/python:3.11",
    "postCreateCommand": "pip install -r requirements.txt",
    "customizations": {"vscode": {"extensions": ["ms-toolsai.jupyter", "ms-python.python"]}},
}


class StudentError(Exception):
    """The student edition cannot be made.  One sentence that names the exercise."""


@dataclass(frozen=True)
class Exercise:
    """An exercise of a chapter: what it asks, and the code of its solution, if it has one."""

    label: str
    title: str
    body: str
    solution: tuple[str, ...]


def questions() -> dict[str, dict[str, dict]]:
    """What is asked at each exercise: label, name of the answer, entry of ``questions.toml``."""
    return tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))


def split(notebook) -> tuple[list, list[Exercise]]:
    """A notebook's cells without solutions, and its exercises with theirs."""
    cells, found, inside = [], {}, None
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            texts = MARK.split(PROSE.sub("", cell.source) + "\n")
            kept = []
            for text, label in zip(texts[::2], [inside, *texts[1::2]], strict=True):
                inside = label  # of the solution that the text stands in, if it does
                if inside:
                    found.setdefault(inside, ())
                elif text.strip():
                    kept.append(text.strip("\n"))
            if kept:
                cells.append(copy.deepcopy(cell))
                cells[-1].source = "\n\n".join(kept)
        elif inside:
            found[inside] += (cell.source,)
        else:
            cells.append(copy.deepcopy(cell))
    if inside:
        raise StudentError(f"{inside}: its solution is opened and never closed.")
    exercises = []
    for cell in cells:
        if cell.cell_type == "markdown":
            for match in EXERCISE.finditer(cell.source):
                label = match["label"]
                exercises.append(
                    Exercise(label, match["title"], match["body"].strip(), found.pop(label, ()))
                )
            if "{exercise}" in EXERCISE.sub("", cell.source):
                raise StudentError(f"the cell {cell.id!r} has an exercise without a label.")
    if found:
        raise StudentError(f"{', '.join(found)}: a solution without an exercise.")
    return cells, exercises


def keys(path: Path) -> dict[str, dict[str, dict]]:
    """Run a chapter with its solutions and make the keys of its questions; charts are not drawn.

    Returns by label, then by name of the answer, its key.  As a check on itself it grades each
    right answer and each mistake.
    """
    from shockbook import charts

    notebook = nbformat.read(path, as_version=4)
    _, exercises = split(notebook)
    asked = questions()
    names: dict = {"__name__": "__main__"}
    before, made, solving = set(), {}, {}
    draw, charts.figure = charts.figure, lambda *_, **__: None
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    exec(compile(cell.source, f"{path.stem}:{cell.id}", "exec"), names)
                    before |= set(names)
                    for exercise in exercises:
                        if exercise.solution and cell.source == exercise.solution[-1]:
                            solving[exercise.label] = dict(names)
    finally:
        charts.figure = draw
    for exercise in exercises:
        if not exercise.solution:
            continue
        if exercise.label not in asked:
            raise StudentError(f"{exercise.label}: has a solution, and no entry in questions.toml.")
        made[exercise.label] = {}
        space = dict(solving[exercise.label])
        for name, entry in asked[exercise.label].items():
            if name in before:
                raise StudentError(f"{exercise.label}.{name}: the chapter uses that name already.")
            try:
                exec(entry.get("setup", ""), space)
                right = eval(entry["answer"], space)
                wrong = [(eval(code, space), says) for code, says in entry["mistakes"]]
                if entry.get("may_coincide"):
                    same = feedback.around(right, feedback.kind(right))
                    of = feedback.kind(right)
                    wrong = [pair for pair in wrong if feedback.plain(pair[0], of) not in same]
                key = feedback.make_key(
                    exercise.label, name, right, wrong, entry.get("sentence", ())
                )
            except Exception as error:
                raise StudentError(f"{exercise.label}.{name}: {error}") from error
            made[exercise.label][name] = key
            _grade_itself(exercise.label, name, key, right, wrong)
    return made


def _grade_itself(label: str, name: str, key: dict, right, wrong) -> None:
    """A right answer passes, and no wrong one does."""
    try:
        feedback.check(label, name, {name: right}, key)
    except feedback.NotYet as error:
        raise StudentError(f"{label}: the right answer does not pass: {error}") from None
    for value, _ in [*wrong, (..., ""), (None, ""), ("no such answer", "")]:
        with contextlib.suppress(feedback.NotYet):
            feedback.check(label, name, {name: value}, key)
            raise StudentError(f"{label}.{name}: the wrong answer {value!r} passes.")


def edition(path: Path, made: dict[str, dict[str, dict]], repository=None):
    """The notebook that students get, and its tests by file name; on Colab it fetches the rest."""
    notebook = nbformat.read(path, as_version=4)
    cells, _ = split(notebook)
    asked = questions()
    fetch = FETCH.format(**asdict(repository), url=repository.url) if repository else LOST
    start = nbformat.v4.new_code_cell(FIRST.format(fetch=fetch), id="grader")
    out = [start]
    for cell in cells:
        if cell.cell_type != "markdown" or not EXERCISE.search(cell.source):
            out.append(cell)
            continue
        at = 0
        for match in EXERCISE.finditer(cell.source):
            label, title = match["label"], match["title"]
            lead = cell.source[at : match.start()].strip()
            title = f"### Exercise: {title}" if title else "### Exercise"
            text = "\n\n".join(filter(None, [lead, title, match["body"].strip()]))
            if label not in made:
                text += "\n\n*An open exercise: a person reads your answer.*"
            out.append(nbformat.v4.new_markdown_cell(text, id=f"{label}-text"[:64]))
            out += _answer_cells(label, asked, made)
            at = match.end()
        rest = cell.source[at:].strip()
        if rest:
            out.append(nbformat.v4.new_markdown_cell(rest, id=f"{label}-after"[:64]))
    tests = {}
    for label, answers in made.items():
        text = TEST.format(label=label, points=len(answers), key=json.dumps(answers, indent=4))
        text += "".join(CASE.format(label=label, answer=name) for name in answers)
        tests[f"{label}.py"] = text
    notebook.cells = out
    nbformat.validate(notebook)
    return notebook, tests


def _answer_cells(label: str, asked: dict, made: dict) -> list:
    if label not in made:
        return [nbformat.v4.new_markdown_cell("*Your answer:*", id=f"{label}-answer"[:64])]
    source = blank(asked[label], made[label])
    return [
        nbformat.v4.new_code_cell(source, id=f"{label}-answer"[:64]),
        nbformat.v4.new_code_cell(f'grader.check("{label}")', id=f"{label}-check"[:64]),
    ]


def blank(entries: dict[str, dict], names: Iterable[str]) -> str:
    """The code of an exercise's cell: what each name shall hold, and three dots for it."""
    return "\n".join(f"# {entries[name]['ask']}\n{name} = ..." for name in names)


def keys_apart(path: Path) -> dict[str, dict[str, dict]]:
    """:func:`keys` in a process of its own, as a chapter sets options for the whole process."""
    code = (
        "import json, pathlib, sys; from shockbook.teach import student;"
        "made = student.keys(pathlib.Path(sys.argv[1])); print(json.dumps(made))"
    )
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT), "SHOCKBOOK_LIVE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True, text=True, env=environment, cwd=path.parent,
    )  # fmt: skip
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it stopped without a word"]
        raise StudentError(f"{path.stem}: {lines[-1].split('StudentError: ')[-1]}")
    return json.loads(done.stdout.splitlines()[-1])


def asked(folder: Path, names: tuple[str, ...] = ()) -> dict[str, str]:
    """What the exercises of some chapters, or all, ask: each one's cell and its key, by path.

    A key holds hashes and sentences on mistakes, and neither an answer nor a solution.
    """
    graded = sorted((folder / "chapters").glob("*.ipynb"))
    graded = [p for p in graded if "{solution-start}" in p.read_text("utf-8")]
    graded = [p for p in graded if not names or p.stem in names]
    entries = questions()
    with ThreadPoolExecutor(2) as pool:
        made = zip(graded, pool.map(keys_apart, graded), strict=True)
    return {
        f"exercises/{path.stem}.json": json.dumps({
            label: {"cell": blank(entries[label], key), "key": key}
            for label, key in keys.items()})
        for path, keys in made
    }  # fmt: skip


def places(page: str, repository: Repository, hub: str = "") -> dict[str, str]:
    """Where a notebook of the edition opens, once the folder is a repository on GitHub."""
    place, name = f"{repository.owner}/{repository.name}", f"chapters/{page}.ipynb"
    found = {
        "Colab": f"https://colab.research.google.com/github/{place}/blob/{repository.branch}/{name}",
        "Binder": f"https://mybinder.org/v2/gh/{place}/{repository.branch}?"
        + urlencode({"urlpath": f"lab/tree/{name}"}),
        "Codespaces": f"https://codespaces.new/{place}",
    }
    if hub:
        asked = {"repo": repository.url, "branch": repository.branch,
                 "urlpath": f"lab/tree/{repository.name}/{name}"}  # fmt: skip
        found["your hub"] = f"{hub.rstrip('/')}/hub/user-redirect/git-pull?{urlencode(asked)}"
    return found


def own_files(path: Path) -> Iterator[Path]:
    """The files of prices and groups that an event names; StudentError if one is not here."""
    one = event.read(path)
    prices = [file for _, file in one.prices]
    for file in prices + [one.groups] * bool(one.groups):
        places = (Path(os.path.abspath(folder / file)) for folder in (one.folder, ROOT))
        found = next((p for p in places if p.is_file()), None)
        if found is None and file not in prices:  # groups may be a dataset
            continue
        if found is None or ROOT not in found.parents:
            raise StudentError(f"{path.name} names {file}, which is not in the book's folder and "
                               "cannot be handed out with it: put it there.")  # fmt: skip
        yield found


def surround(folder: Path, pages: list[str], repository: Repository | None, hub: str) -> None:
    """Put beside the notebooks what they need: data, library, requirements, where to open them."""
    for name in PUBLIC:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(".*"))
    shutil.copytree(ROOT / "shockbook", folder / "shockbook", ignore=LIBRARY)
    (folder / "shockbook" / "teach").mkdir()
    for name in ("__init__.py", "feedback.py"):  # the checks, and nothing that makes them
        shutil.copy(ROOT / "shockbook" / "teach" / name, folder / "shockbook" / "teach")
    main = Path(__file__).parent / "static" / "main.py"
    shutil.copy(main, folder / "shockbook" / "__main__.py")
    for path in (ROOT / "LICENSE", ROOT / "event.toml", ROOT / ".binder" / "runtime.txt"):
        shutil.copy(path, folder)
    for path in {found for one in check.event_files() for found in own_files(one)}:
        to = folder / path.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to)
    (folder / "requirements.txt").write_text("\n".join(colab.packages(colab.CLASS)) + "\n", "utf-8")
    (folder / ".devcontainer").mkdir()
    made = json.dumps(DEVCONTAINER, indent=2) + "\n"
    (folder / ".devcontainer" / "devcontainer.json").write_text(made, "utf-8")
    lines = [README]
    for page in pages if repository else ():
        links = places(page, repository, hub).items()
        lines.append(f"- {page}: " + ", ".join(f"[{name}]({url})" for name, url in links))
    (folder / "README.md").write_text("\n".join(lines).rstrip() + "\n", "utf-8")


def build(
    chapters: Path, target: Path, names: list[str] = (), repository: Repository | None = None,
    hub: str = "",
) -> list[str]:  # fmt: skip
    """Make the edition, a folder and its zip, of all chapters; say a line for each graded one.

    ``names`` are the chapters whose exercises are graded, all if none; the others lose their
    solutions too.  ``target`` is replaced whole, or stays as it was if the edition cannot be made.
    The links in it lead to ``repository`` and ``hub``.
    """
    every = sorted(chapters.glob("*.ipynb"))
    graded = [p for p in every if "{exercise}" in p.read_text("utf-8")]
    graded = [p for p in graded if not names or p.stem in names]
    if unknown := set(names) - {p.stem for p in graded}:
        raise StudentError(f"no chapter with exercises is called {', '.join(sorted(unknown))}.")
    said = []
    with whole_folder(target) as fresh:
        tests = fresh / "chapters" / "tests"
        tests.mkdir(parents=True)
        with ThreadPoolExecutor(2) as pool:
            made = dict(zip(graded, pool.map(keys_apart, graded), strict=True))
        for path in every:
            notebook, files = edition(path, made.get(path, {}), repository)
            nbformat.write(notebook, fresh / "chapters" / path.name)
            for name, text in files.items():
                (tests / name).write_text(text, encoding="utf-8")
            if path in made:
                count = sum(map(len, made[path].values()))
                said.append(f"{path.stem}: {len(made[path])} graded exercises, {count} answers")
        for path in chapters.glob("*.toml"):
            shutil.copy(path, fresh / "chapters")
        shutil.copytree(chapters / "drawings", fresh / "chapters" / "drawings")
        surround(fresh, [p.stem for p in graded], repository, hub)
    shutil.make_archive(str(target), "zip", target.parent, target.name)
    return said


def add_parser(commands) -> None:
    """Add ``student`` to the commands of ``python -m shockbook``."""
    parser = commands.add_parser("student", help="make the student edition with its autograder")
    parser.add_argument("names", nargs="*", help="for instance nvidia; all chapters if none")
    parser.add_argument("--to", type=Path, default=ROOT / "_build" / "student")
    parser.add_argument("--repo", help="address on GitHub where you publish the folder")
    parser.add_argument("--hub", default="", help="address of a JupyterHub with nbgitpuller")
    parser.set_defaults(run=main)


def main(options) -> int:
    """Make the edition and print where it opens."""
    repository = launch.parse(options.repo) if options.repo else None
    if options.repo and not repository:
        raise StudentError(f"--repo {options.repo}: give https://github.com/owner/name.")
    if options.hub and not repository:
        raise StudentError("--hub needs --repo, the repository that the hub shall fetch.")
    said = build(ROOT / "chapters", options.to, options.names, repository, options.hub)
    print("\n".join(said))
    print(f"The student edition is in {options.to}, and packed in {options.to}.zip")
    if repository:
        first = said[0].partition(":")[0]
        print(f"Publish the folder as {repository.url}. Then students open, for instance, {first}:")
        for name, url in places(first, repository, options.hub).items():
            print(f"  {name}: {url}")
        print("The README in the folder has these links for every notebook.")
    return 0
