"""Mark a folder of handed-in notebooks: a row and a total for each student, a sentence a mistake.

A notebook runs from top to bottom in a copy of the edition.  The values of its answers, and
nothing else, come back to this process and are judged here: a changed check, test file or output
does not count.  A cell that loops or ends Python is left out and the rest runs again without it.
It does run what students wrote, with your rights on this machine: mark in a container if that
matters.
"""

import difflib
import os
import re
import runpy
import shutil
import sys
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pandas as pd
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from shockbook.notebooks import ENVIRONMENT, ROOT
from shockbook.teach import feedback

SECONDS = 60  # for one cell
CHECK = re.compile(r"""grader\.check\(\s*["'](ex-[\w-]+)["']""")
CHECKING = re.compile(r"""grader\.check(_all)?\([^)]*\)""")
#: What copying puts behind a name.  A number alone may tell two students apart, as in "chen-2".
COPIED = re.compile(r"[\s_]*[-_ ](copy\d*|copie)(\s*\(\d+\))?$", re.I)
CANVAS = re.compile(r"(?P<who>[^\W_]+)_(?:LATE_)?(?P<id>\d+)_\d+_(?P<rest>.+)")
MOODLE = re.compile(r"(?P<who>.+)_(?P<id>\d+)_assignsubmission_file_?")
#: Runs in the student's kernel before the first cell.
BEFORE = "import sys\nexit = quit = sys.exit"
#: Reads answers there, by the notebook's own rule, and not among names that a student may use.
READ = Path(feedback.__file__).read_text("utf-8")
READ += """
from IPython import get_ipython
from IPython.display import display
def told(v, of):
    if v is ...:
        return ["untouched", None]
    try:
        return [of, repr(simple(v, of)) if of in ("number", "count") else simple(v, of)]
    except Exception:
        nan = isinstance(v, float) and v != v
        return ["number", "nan"] if nan else ["other", type(v).__name__]
space = get_ipython().user_ns
found = {n: told(space[n], of) if n in space else ["missing", None] for n, of in wanted.items()}
mine = [n for n in space if not n.startswith("_")]
display({"application/json": {"found": found, "mine": mine}}, raw=True)
"""


class Unknown:
    """Stands for a value of a kind that no answer has; its class bears the name of that kind."""


def value(kind: str, told):
    """An answer as the student's kernel told it, in this process's own plain types."""
    if kind == "untouched":
        return ...
    if kind == "other":
        return None if told == "NoneType" else type(str(told), (Unknown,), {})()
    return float(told) if kind in ("number", "count") else told


def keys(edition: Path) -> dict[str, dict[str, dict[str, dict]]]:
    """The keys of an edition: notebook, exercise, name of the answer."""
    found = {}
    for page in sorted((edition / "chapters").glob("*.ipynb")):
        labels = dict.fromkeys(CHECK.findall(page.read_text("utf-8").replace('\\"', '"')))
        tests = edition / "chapters" / "tests"
        found[page.stem] = {x: runpy.run_path(str(tests / f"{x}.py"))["KEY"] for x in labels}
    return found


def recognise(notebook, known: dict) -> str | None:
    """The chapter that a notebook is a copy of, by what is in it; its file may have any name."""
    text = "\n".join(c.source for c in notebook.cells)
    score = {}
    for page, asked in known.items():
        names = [n for answers in asked.values() for n in answers]
        score[page] = sum(label in text for label in asked) + sum(
            bool(re.search(rf"^{n}\s*=", text, re.M)) for n in names
        )
    best = max(score, key=score.get, default=None)
    return best if best and score[best] else None


def student(path: Path, page: str) -> tuple[str, str, str]:
    """Who handed in a file, from its place and name: student, Canvas id, Moodle id."""
    name = COPIED.sub("", path.stem)
    if match := CANVAS.fullmatch(name):
        return match["who"], match["id"], ""
    if len(path.parts) > 1:
        match = MOODLE.fullmatch(path.parts[0])
        return (match["who"], "", match["id"]) if match else (path.parts[0], "", "")
    if page:  # behind it "(1)" is a second download
        name = re.sub(rf"[\s_-]*(?:\d+-)?{re.escape(page)}(?:\s*\(\d+\))?[\s_-]*", " ", name)
    who = name.strip(" _-")
    return who or path.name, "", ""


def exercises(notebook, asked: dict) -> list[str | None]:
    """For each cell the exercise that it belongs to: up to its check, or where its name is set."""
    owner, start = [None] * len(notebook.cells), 0
    for at, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and "### Exercise" in cell.source:
            start = at
        for label, answers in asked.items():
            if any(re.search(rf"^{n}\s*=", cell.source, re.M) for n in answers):
                owner[at] = label
        if (match := CHECK.search(cell.source)) and match[1] in asked:
            owner[start : at + 1] = [owner[i] or match[1] for i in range(start, at + 1)]
            start = at + 1
    return owner


def stopped(cell) -> str:
    """What went wrong in a cell, in a sentence; empty if nothing did."""
    error = next((o for o in cell.outputs if o.output_type == "error"), None)
    if error is None:
        return ""
    name, text = error.ename, " ".join(error.evalue.split()).rstrip(".")
    text = f"{name}: {text}" if text else name
    if name == "StdinNotImplementedError":
        return "asks for input(), and nobody answers when it is marked: write the value down."
    if name in ("SyntaxError", "IndentationError", "TabError"):
        text = re.sub(r" ?\([^()]*, line (\d+)\)$", r", line \1 of the cell", text)
        return f"is not Python, so nothing in it ran ({text})."
    return f"stopped with {text}."


class Stuck(Exception):
    """A cell that never ended or ended Python; holds its index and what to say."""


def once(notebook, asked: dict, edition: Path, seconds: int, skip: dict) -> tuple[dict, dict]:
    """One run of a student's notebook without the cells of ``skip``: see :func:`run`.

    Raises ``Stuck`` at the first cell that does not come back.
    """
    told, wrong, at = {}, dict(skip), None
    page = nbformat.v4.new_notebook(metadata=notebook.metadata)
    folder = Path(tempfile.mkdtemp(prefix="marking-"))
    client = NotebookClient(
        page, timeout=seconds, kernel_name="python3", allow_errors=True,
        shutdown_kernel="immediate", resources={"metadata": {"path": str(folder / "chapters")}},
    )  # fmt: skip
    client.reset_execution_trackers()

    def execute(source):
        page.cells.append(nbformat.v4.new_code_cell(source))
        return client.execute_cell(page.cells[-1], len(page.cells) - 1)

    def read(answers):
        wanted = {name: key["kind"] for name, key in answers.items()}
        outputs = execute(f"__import__('builtins').exec({READ!r}, {{'wanted': {wanted}}})").outputs
        seen = [o.data["application/json"] for o in outputs if "data" in o]
        return seen[-1] if seen else {"found": {}, "mine": []}

    try:
        shutil.copytree(edition, folder, dirs_exist_ok=True)
        path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
        with client.setup_kernel(env={**os.environ, **ENVIRONMENT, "PYTHONPATH": path}):
            execute(BEFORE)
            for at, cell in enumerate(notebook.cells):
                if cell.cell_type != "code" or at in skip:
                    continue
                source = CHECKING.sub("None", cell.source)  # the checks are ours
                if source.strip() and (said := stopped(execute(source))):
                    wrong[at] = said
                for label in CHECK.findall(cell.source):
                    told |= read(asked.get(label, {}))["found"]
            last = read({n: key for answers in asked.values() for n, key in answers.items()})
            late = {n: v for n, v in last["found"].items()
                    if told.get(n, ["missing"])[0] in ("missing", "untouched")}  # fmt: skip
            return told | late | {"": last["mine"]}, wrong
    except CellTimeoutError:
        said = f"ran for {seconds} seconds and was left out: does a loop never end?"
        raise Stuck(at, said) from None
    except DeadKernelError:
        said = "ended Python itself and was left out: os._exit, or too much memory?"
        raise Stuck(at, said) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(notebook, asked: dict, edition: Path, seconds: int) -> tuple[dict, dict]:
    """Run a student's notebook and read its answers at each check and at the end.

    Returns by name the value told at its check, or at the end if it had none then; and by the
    index of a cell what went wrong in it.
    """
    skip: dict[int, str] = {}
    while True:
        try:
            return once(notebook, asked, edition, seconds, skip)
        except Stuck as stuck:
            at, said = stuck.args
            if at is None or at in skip or notebook.cells[at].cell_type != "code":
                raise
            skip[at] = said


def changed(notebook, given: Path) -> list[str]:
    """What a student is told of the first cell of a page that is no longer as it was given."""
    kept = {cell.source.strip() for cell in notebook.cells}
    for cell in nbformat.read(given, as_version=4).cells:
        own = cell.cell_type != "code" or re.search("grader$|-(answer|check)$", cell.id)
        if not own and cell.source.strip() not in kept:
            line = cell.source.strip().partition("\n")[0]
            return [f"It is asked of the page as it was given: the cell {line!r} is not in it."]
    return []


def mark(path: Path, asked: dict, edition: Path, seconds=SECONDS, page="") -> list[tuple]:
    """Mark one notebook, a copy of ``page``: a list of exercise, points, out of, sentences."""
    notebook = nbformat.read(path, as_version=4)
    owner = exercises(notebook, asked)
    told, wrong = run(notebook, asked, edition, seconds)
    number = {at: k for k, at in enumerate(
        (i for i, c in enumerate(notebook.cells) if c.cell_type == "code"), 1)}  # fmt: skip
    marks = []
    for label, answers in asked.items():
        points, sentences = 0, []
        own = [at for at, one in enumerate(owner) if one == label]
        before = [f"Code cell {number[at]}, before it, {said}" for at, said in sorted(wrong.items())
                  if not owner[at] and at < min(own, default=len(owner))]  # fmt: skip
        mine = {at: said for at, said in wrong.items() if owner[at] == label}
        for name, key in answers.items():
            kind, raw = told.get(name, ["missing", None])
            if kind == "missing":
                near = difflib.get_close_matches(name, told[""], 1, 0.8)
                hint = f"; is {near[0]} meant?" if near else ": its cell is gone or did not run."
                if near or not mine:  # else what went wrong in its cell is said
                    sentences.append(f"there is no {name}{hint}")
                continue
            try:
                feedback.check(label, name, {name: value(kind, raw)}, key)
                points += 1
            except feedback.NotYet as error:
                sentences.append(str(error))
        if points < len(answers) and (mine or any("there is no" in s for s in sentences)):
            sentences = before[:1] + [f"The cell {said}" for said in mine.values()] + sentences
        if page and any("three dots" not in said for said in sentences):
            sentences += changed(notebook, edition / "chapters" / f"{page}.ipynb")
        marks.append((label, points, len(answers), sentences))
    return marks


def paper(path: Path, folder: Path, known: dict, edition: Path, seconds: int) -> dict:
    """One handed-in file: who, which chapter, its marks; a remark if it could not be marked."""
    place = path.relative_to(folder)
    row = {"file": place.as_posix(), "page": "", "marks": [], "remark": ""}
    try:
        page = recognise(nbformat.read(path, as_version=4), known)
    except Exception as error:  # whatever a file may hold
        page, why = None, f"it is no notebook that can be read ({type(error).__name__})"
    else:
        why = "it holds no exercise of this edition"
    row["who"], row["canvas"], row["moodle"] = student(
        place, page or next((p for p in known if p in path.stem), "")
    )
    if page is None:
        return row | {"remark": f"{place.as_posix()} was not marked: {why}."}
    try:
        return row | {"page": page, "marks": mark(path, known[page], edition, seconds, page)}
    except Exception as error:  # the other papers are marked all the same
        said = f"{place.as_posix()} was not marked: {type(error).__name__}: {error}"
        marks = [(x, 0, len(answers), [said]) for x, answers in known[page].items()]
        return row | {"page": page, "marks": marks, "remark": said}


def identity(one: dict) -> tuple[str, str]:
    """Whose paper it is: two students may share a name, and then their numbers differ."""
    return one["who"], one["canvas"] or one["moodle"]


def table(papers: list[dict], known: dict) -> list[dict]:
    """A row for each student: points by exercise, total, what it is out of, remarks.

    Of two copies of a chapter the better one counts, and a remark says so.  The total is out of
    the chapters that anybody handed in, so that a missing one counts as none.
    """
    pages = [p for p in known if any(one["page"] == p for one in papers)]
    labels = [x for p in pages for x in known[p]]
    of = sum(len(known[p][x]) for p in pages for x in known[p])
    by_student = defaultdict(list)
    for one in papers:
        by_student[identity(one)].append(one)
    rows = []
    for (who, number), mine in sorted(by_student.items()):
        points, remarks = dict.fromkeys(labels, 0), [m["remark"] for m in mine if m["remark"]]
        for page in pages:
            copies = [m for m in mine if m["page"] == page]
            if not copies:
                remarks.append(f"{page} was not handed in.")
                continue
            best = max(copies, key=lambda m: sum(x[1] for x in m["marks"]))
            points |= {label: got for label, got, *_ in best["marks"]}
            if len(copies) > 1:
                remarks.append(f"{len(copies)} copies of {page}: {best['file']} counts.")
        rows.append({"student": who, "id": number, **points, "total": sum(points.values()),
                     "of": of, "remarks": " ".join(remarks)})  # fmt: skip
    return rows


def write(path: Path, rows: list[dict]) -> None:
    """Write rows with a heading, in the encoding that spreadsheets recognise."""
    table = pd.DataFrame(rows, columns=None if rows else ["student"])
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def add_parser(commands) -> None:
    """Add ``grade`` to the commands of ``python -m shockbook``."""
    parser = commands.add_parser("grade", help="mark a folder of handed-in notebooks")
    parser.add_argument("folder", type=Path, help="notebooks, however named, or a folder a student")
    parser.add_argument("--edition", type=Path, default=ROOT / "_build" / "student")
    parser.add_argument("--to", type=Path, help="folder of the tables; the same one if not given")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="longest time for one cell")
    parser.add_argument("--jobs", type=int, default=min(8, os.cpu_count() or 1))
    parser.add_argument("--title", default="Exercises", help="name of the assignment in Canvas")
    parser.set_defaults(run=main)


def main(options) -> int:
    """Mark every notebook; 1 and a sentence if there is nothing to mark, or one was not marked."""
    if not (options.edition / "chapters" / "tests").is_dir():
        print(f"there is no edition in {options.edition}: run `make student`.", file=sys.stderr)
        return 1
    files = [p for p in sorted(options.folder.rglob("*"))
             if p.suffix == ".ipynb" and ".ipynb_checkpoints" not in p.parts]  # fmt: skip
    if not files:
        print(f"there is no notebook in {options.folder}.", file=sys.stderr)
        return 1
    files += [p for p in sorted(options.folder.iterdir())  # what holds no notebook is named too
              if p.suffix not in (".csv", ".ipynb") and p.name[0] not in "._"
              and not any(f.is_relative_to(p) for f in files)]  # fmt: skip
    known, papers = keys(options.edition), []
    with ThreadPoolExecutor(options.jobs) as pool:
        for one in pool.map(
            lambda p: paper(p, options.folder, known, options.edition, options.seconds), files
        ):
            papers.append(one)
            got, of = (sum(m[k] for m in one["marks"]) for k in (1, 2))
            print(one["remark"] or f"{one['file']}: {one['page']}, {got} of {of}", flush=True)
    to = options.to or options.folder
    to.mkdir(parents=True, exist_ok=True)
    rows = table(papers, known)
    write(to / "marks.csv", rows)
    write(to / "feedback.csv", [
        {"student": p["who"], "id": identity(p)[1], "file": p["file"], "exercise": label,
         "points": got, "of": of, "feedback": " ".join(said)}
        for p in papers for label, got, of, said in p["marks"]])  # fmt: skip
    total = {(row["student"], row["id"]): row["total"] for row in rows}
    for form, make in {
        "canvas": lambda p: {"Student": p["who"], "ID": p["canvas"], "SIS User ID": "",
                             "SIS Login ID": "", "Section": "", options.title: total[identity(p)]},
        "moodle": lambda p: {"Identifier": f"Participant {p['moodle']}", "Full name": p["who"],
                             "Grade": total[identity(p)]},
    }.items():  # fmt: skip
        if found := {identity(p): make(p) for p in papers if p[form]}:
            write(to / f"{form}.csv", list(found.values()))
    print(f"The marks are in {to / 'marks.csv'}, the sentences in {to / 'feedback.csv'}")
    return 1 if any(p["remark"] for p in papers) else 0
