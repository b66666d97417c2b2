"""A chapter's cells run inside its own page, where there is no Jupyter and nothing to draw with.

The page asks with a JSON text and gets one back (:func:`answer`): run a cell, say which cells
follow from one, fit words to numbers, lay a chart out.  Drawing is the page's.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import csv
import io
import json
import linecache
import symtable
import sys
import traceback
import types
from pathlib import Path

from shockbook import words

#: What cells have shown since the last one began; :func:`display` adds to it.
shown: list[dict] = []
#: The names that the cells of this page share.
space: dict[str, object] = {"__name__": "__main__"}
#: Where a page's Python finds what the exercises of each chapter ask, and the keys.
EXERCISES = Path(__file__).parents[1] / "exercises"
#: Further names that solutions share among themselves, and a reader's answers among themselves.
aside: dict[str, dict] = {}


# ------------------------------------------------------------------ what stands in for IPython
def bundle(value) -> dict:
    """The forms in which a value can be shown, by their types."""
    if hasattr(value, "_repr_mimebundle_"):
        found = value._repr_mimebundle_(None, None)
        return dict(found[0] if isinstance(found, tuple) else found)
    found = {"text/plain": repr(value)}
    if hasattr(value, "_repr_html_"):
        found["text/html"] = value._repr_html_()
    return found


def display(*values, raw: bool = False, **_) -> None:
    """As ``IPython.display.display``: show values below the cell."""
    for value in values:
        if hasattr(value, "_ipython_display_"):
            value._ipython_display_()
        else:
            shown.append({"data": dict(value) if raw else bundle(value)})


def stand_in() -> None:
    """Let ``from IPython.display import display`` find the one above."""
    package, module = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    module.display = package.display = display
    package.get_ipython = lambda: None
    sys.modules |= {"IPython": package, "IPython.display": module}


# ------------------------------------------------------------------ a cell
def run(cell: str, source: str, beside: str = "") -> dict:
    """Run one cell: ``outputs`` as in a notebook; ``error``, Python's last line and where, or None.

    ``beside``: "solutions" or "answers" for a cell that starts from what the chapter's cells have
    set and leaves it as it was: no answer can lean on a solution, or spoil what a cell below needs.
    """
    shown.clear()
    names = {**aside.get(beside, {}), **_copies()} if beside else space
    printed, error, name = io.StringIO(), None, f"<{cell}>"
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            tree = ast.parse(source, name)
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, name, "exec"), names)
            if last is not None and not source.rstrip().endswith(";"):
                value = eval(compile(ast.Expression(last.value), name, "eval"), names)
                if value is not None:
                    display(value)
        except BaseException as problem:  # what a reader's cell raises is the reader's to see
            lines = [f.lineno for f in traceback.extract_tb(problem.__traceback__)
                     if f.filename == name]  # fmt: skip
            at = getattr(problem, "lineno", None) if not lines else lines[-1]
            said = "".join(traceback.format_exception_only(problem)).strip().splitlines()[-1]
            # Python 3.15 says this of every module that it does not find
            error = {"said": said.partition(" Site initialization is disabled")[0], "line": at}
    if beside:
        aside[beside] = {key: value for key, value in names.items() if key not in space}
    text = printed.getvalue()
    outputs = [{"text": text}] if text else []
    return {"outputs": outputs + [dict(one) for one in shown], "error": error}


def _copies() -> dict[str, object]:
    """What the chapter's cells have set; tables and lists as copies."""
    import pandas as pd

    return {
        name: value.copy(deep=False) if isinstance(value, pd.DataFrame | pd.Series)
        else copy.copy(value) if isinstance(value, dict | list | set) else value
        for name, value in space.items()
    }  # fmt: skip


# ------------------------------------------------------------------ an exercise
def exercises(chapter: str) -> dict[str, str]:
    """The cell of each exercise that can be checked, as students get it; by label."""
    return {label: one["cell"] for label, one in _asked(chapter).items()}


def attempt(chapter: str, label: str, source: str, check: bool) -> dict:
    """Run a reader's answer to an exercise; if asked to, check it as the student edition does.

    As :func:`run`, and ``checked``: each name that is asked for, with None if its value is right,
    else a sentence.
    """
    from shockbook.teach import feedback

    key, checked = _asked(chapter)[label]["key"], {}
    for name in key:  # an answer counts if the cell makes it as it stands
        aside.get("answers", {}).pop(name, None)
    done = run(label, source, "answers")
    for name in key if check and not done["error"] else ():
        checked[name] = None
        try:
            feedback.check(label, name, aside["answers"], key[name])
        except feedback.NotYet as problem:
            checked[name] = str(problem)
    return done | {"checked": checked}


def _asked(chapter: str) -> dict[str, dict]:
    path = EXERCISES / f"{chapter}.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


# ------------------------------------------------------------------ what follows from a cell
def uses(source: str) -> tuple[set[str], set[str]]:
    """The names that a cell needs from before it, and those that it sets or changes."""
    needs, sets = set(), set()
    try:
        statements = ast.parse(source).body
    except SyntaxError:  # which running it will tell
        return needs, sets
    for statement in statements:
        table = symtable.symtable(ast.unparse(statement), "cell", "exec")
        todo, read = [table], set()
        while todo:
            scope = todo.pop()
            todo += scope.get_children()
            read |= {s.get_name() for s in scope.get_symbols() if s.is_referenced() and (
                scope is table or s.is_global())}  # fmt: skip
        needs |= read - sets
        sets |= {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
        sets |= {n for n in map(_base, ast.walk(statement)) if n}
    return needs, sets


def _base(node: ast.AST) -> str:
    """The name whose thing a node changes: ``each["low"] = ...``, ``rows.append(...)``."""
    called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    node = node.value.func if called else node
    part = isinstance(node, ast.Attribute | ast.Subscript)
    if not part or not (called or isinstance(node.ctx, ast.Store)):
        return ""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    name = getattr(node, "id", "")
    if called and isinstance(space.get(name), types.ModuleType | _chapter()):
        return ""  # a module, or the chapter itself, which keeps its own books
    return name


def following(changed: list[str], cells: list[tuple[str, str]]) -> list[str]:
    """Of all cells of a chapter, with their code, those to run in order when some have changed.

    A cell that reads what such a cell sets runs again.  So does, before it, each cell that sets
    what it reads, if the name is set anew by one of these cells, or was by one below.
    """
    known = {cell: uses(source) for cell, source in cells}
    order = list(known)
    wanted, before = set(changed), None
    while wanted != before:
        before = set(wanted)
        fresh: set[str] = set()
        for i, cell in enumerate(order):
            needs, sets = known[cell]
            if needs & fresh:
                wanted.add(cell)
            if cell not in wanted:
                continue
            fresh |= sets
            later = {n for c in {*order[i:], *wanted} for n in known[c][1]}
            for name in needs & later:
                wanted |= {c for c in order[:i] if name in known[c][1]}
    return [cell for cell in order if cell in wanted]


def needed(source: str, cells: list[tuple[str, str]]) -> list[str]:
    """The cells, in order, that set what some code reads, and what they read in turn."""
    found, wanted = [], uses(source)[0]
    for cell, text in reversed(cells):
        needs, sets = uses(text)
        if sets & wanted:
            found.insert(0, cell)
            wanted |= needs
    return found


# ------------------------------------------------------------------ what a page shows of it
def say(links: list[dict]) -> list[dict]:
    """The words of links to recorded numbers, fitted to the numbers as they are now.

    A link has ``key``, ``text``, and ``before`` and ``after``, the rest of its sentence; it gets a
    ``text``, and ``fits``: False where the words need a person, who is told the number ``now``.
    """
    chapters = (thing for thing in space.values() if isinstance(thing, _chapter()))
    now = {k: r for c in chapters for k, (r, _) in c.numbers.items()}
    out = []
    for link in links:
        text, record = link["text"].replace("\N{NO-BREAK SPACE}", " "), now.get(link["key"])
        if record is None:
            out.append({"text": text, "fits": False, "now": "not computed"})
            continue
        value, form = record["value"], record["form"]
        total = now.get(record.get("of"), {}).get("value")
        about = form, total, link["before"], link["after"], record["what"]
        new = words.rewrite(text, value, form) if words.fault(text, value, *about) else text
        fits = bool(new) and not words.fault(new, value, *about)
        out.append({"text": new or text, "fits": fits, "now": record["text"]})
    return out


def _chapter() -> type:
    from shockbook.book import Chapter  # which asks for IPython

    return Chapter


def verdict(record: dict) -> dict:
    """What a verdict's block says: the texts of its parts, its shape, its rule."""
    from shockbook.site import told

    rows = [[told.claimed(p), told.found(p), told.outcome(p)] for p in record["parts"]]
    rows = [row if any(r[0] for r in rows) else row[1:] for row in rows]
    return {"rows": rows, "shape": told.SHAPES.get(record["verdict"], "")}


def views(spec: dict) -> dict:
    """A chart as the page's Vega draws it: each width a Vega-Lite specification, data as rows.

    Rows, because Vega's reader of CSV makes code from text, which the pages forbid.
    """
    from shockbook.charts import render
    from shockbook.charts.steps import split

    about = render.meta(spec)
    if "steps" in about:
        page, phone = split(spec)
        pairs = zip(page, phone, strict=True)
        return {"steps": [
            {size: _rows(render.live_view(one, size))
             for size, one in (("wide", wide), ("narrow", narrow))}
            for wide, narrow in pairs]}  # fmt: skip
    drawn = {w: _rows(render.live_view(spec, w)) for w in render.widths(about)}
    return {"mode": "vega-lite", "fluid": bool(about.get("fluid")), "data": {}, **drawn}


def _rows(node):
    """A specification whose CSV texts are rows."""
    if isinstance(node, list):
        return [_rows(one) for one in node]
    if not isinstance(node, dict):
        return node
    out = {key: _rows(value) for key, value in node.items()}
    if out.get("type") == "csv" and "parse" in out:
        out["type"] = "json"
    tables = out.get("datasets", {})
    for holder, name in [(out, "values"), *((tables, name) for name in tables)]:
        if isinstance(holder.get(name), str):
            holder[name] = list(csv.DictReader(io.StringIO(holder[name])))
    return out


def forget() -> None:
    """Clear what the cells have set."""
    space.clear()
    aside.clear()
    space["__name__"] = "__main__"


def answer(asked: str) -> str:
    """Answer one question of the page; both are JSON."""
    question = json.loads(asked)
    name = question.pop("do")
    does = {"run": run, "following": following, "needed": needed, "exercises": exercises,
            "attempt": attempt, "say": say, "verdict": verdict, "views": views,
            "forget": forget}  # fmt: skip
    return json.dumps(does[name](**question), default=str)
