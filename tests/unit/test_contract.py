"""Three flats, one stair: who may import whom, and what the mathematics can do without."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]

#: Flat: the parts of the library that live there.  What is in no flat is this book's own.
FLATS = {
    "words": ("words",),
    "mathematics of events": ("study",),
    "mathematics of cost": ("cost",),
    "data": ("data", "catalog"),
    "live": ("live",),
    "pages": ("charts", "site", "grounds", "stored"),
}
#: Flat: the flats whose parts it may import.
STAIR = {
    "words": set(),
    "mathematics of events": set(),
    "mathematics of cost": set(),
    "data": set(),
    "live": {"data", "words"},
    "pages": {"data", "words"},
    "the book": {*FLATS},
}
#: What still goes upwards, to be mended; nothing may be added.
UPWARDS = {
    ("catalog", "live"),
    ("site.aims", "teach.page"),
    ("site.cite", "references"),
}
#: Other packages that the mathematics may use.
ARITHMETIC = {"numpy", "pandas", "scipy"}


def flat(module: str) -> str:
    parts = {part: name for name, held in FLATS.items() for part in held}
    return parts.get(module.split(".")[0], "the book")


def read() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """For each module what it imports of ours and of others, wherever in its text."""
    files = {}
    for path in sorted((REPO / "shockbook").rglob("*.py")):
        parts = path.relative_to(REPO / "shockbook").with_suffix("").parts
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    ours, others = {}, {}
    for module, path in files.items():
        found = set()
        package = f"shockbook.{module}".rstrip(".").split(".")
        package = package if path.name == "__init__.py" else package[:-1]
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                above = package[: len(package) + 1 - node.level] if node.level else []
                stem = ".".join([*above, *([node.module] if node.module else [])])
                found |= {f"{stem}.{alias.name}" for alias in node.names}
        mine = {name.removeprefix("shockbook.") for name in found if name.startswith("shockbook.")}
        # `from shockbook.x import y` names a module y of x, or a thing in x
        known = {name if name in files else name.rpartition(".")[0] for name in mine}
        ours[module] = (known & set(files)) - {module, ""}
        others[module] = {name.split(".")[0] for name in found} - {"shockbook"}
        others[module] -= sys.stdlib_module_names
    return ours, others


OURS, OTHERS = read()


def circles(graph: dict[str, set[str]]) -> set[str]:
    """The modules that import themselves by way of others."""

    def reached(module):
        seen, todo = set(), [module]
        while todo:
            new = graph[todo.pop()] - seen
            seen |= new
            todo += new
        return seen

    return {module for module in graph if module in reached(module)}


def upwards(graph: dict[str, set[str]]) -> set[tuple[str, str]]:
    """Imports that the stair does not allow."""
    return {
        (module, other)
        for module, others in graph.items()
        for other in others
        if flat(other) != flat(module) and flat(other) not in STAIR[flat(module)]
    }


def test_imports_go_down_the_stair():
    assert upwards(OURS) == UPWARDS  # what is mended is struck off


def test_no_module_imports_itself_by_way_of_others():
    assert circles(OURS) == set()


def test_the_mathematics_know_numpy_pandas_and_scipy_alone():
    for module, names in OTHERS.items():
        if flat(module).startswith("mathematics"):
            assert names <= ARITHMETIC, module


def test_the_contract_sees_what_it_forbids():
    assert OURS["study.many"] >= {"study.abnormal", "study.errors", "study.spec"}
    assert "event" in OURS["event_data"] and "sphinx" in OTHERS["site.book"]
    bad = {"study.a": {"catalog"}, "data.b": {"live.c"}, "live.c": {"claims"}, "claims": {"data.b"}}
    assert upwards(bad) == {("study.a", "catalog"), ("data.b", "live.c"), ("live.c", "claims")}
    assert circles({**bad, "catalog": set()}) == {"data.b", "live.c", "claims"}


ALONE = """
import importlib.abc, sys
allowed = set(sys.stdlib_module_names) | {"numpy", "pandas", "scipy", "dateutil", "six", "pytz"}
class Door(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.split(".")[0]
        if top not in allowed and top != "shockbook" and not top.startswith("_sysconfig"):
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Door())
import numpy as np, pandas as pd
from shockbook import cost, study
rng = np.random.default_rng(0)
days = pd.bdate_range("2024-01-01", periods=320)
moves = rng.normal(0, 0.01, (320, 3)) + rng.normal(0, 0.01, (320, 1))
prices = pd.DataFrame(100 * np.exp(moves.cumsum(axis=0)), days, ["A", "B", "SPY"])
table = study.returns(prices)
print(study.group_tests(study.event_study(table, days[300])).loc["BMP", "p"])
study.synthetic_control(table, days[300], "A", ["B"])
print(cost.account([2.788e6], [2.0])["dollars"].sum())
ours = [name for name in sys.modules if name.startswith("shockbook.")]
assert all(name.split(".")[1] in ("study", "cost") for name in ours), ours
"""


def test_study_and_cost_work_where_nothing_else_is_installed():
    done = subprocess.run(
        [sys.executable, "-c", ALONE], capture_output=True, text=True, cwd=REPO, check=False
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[1]) == pytest.approx(5.576e6)


def test_the_commands_say_what_they_lack():
    blocked = ALONE.split("import numpy as np")[0] + "import runpy; runpy.run_module('shockbook')"
    done = subprocess.run(
        [sys.executable, "-c", blocked], capture_output=True, text=True, cwd=REPO, check=False
    )
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert "is not installed" in sentence and "make book" in sentence


def project() -> dict:
    return tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["project"]


def names(requirements) -> set[str]:
    cut = [line.split("#")[0].strip() for line in requirements]
    bare = [line for line in cut if line and not line.startswith("-")]
    for sign in ("[", "=", ">", "<"):
        bare = [line.split(sign)[0] for line in bare]
    return {line.strip().lower() for line in bare}


def test_what_is_imported_is_declared():
    """Every package that the library imports is asked for, or comes with one that is."""
    declared = project()["optional-dependencies"]["book"] + project()["dependencies"]
    pinned = names((REPO / "requirements.txt").read_text("utf-8").splitlines())
    assert names(project()["dependencies"]) == ARITHMETIC
    assert names(declared) <= pinned
    come_with = {  # with Jupyter Book and ipykernel
        *("docutils", "sphinx", "sphinxcontrib", "myst_nb", "markdown_it", "yaml", "IPython"),
        *("jsonschema", "myst_parser", "jinja2", "pybtex", "bs4", "pygments", "sphinx_design"),
        "mdit_py_plugins",  # which myst_parser asks for, as for markdown_it
    }
    called = {"pil": "pillow", "vl_convert": "vl-convert-python", "curl_cffi": "curl-cffi"}
    called["exchange_calendars"] = "exchange-calendars"
    found = set().union(*OTHERS.values()) - come_with
    assert {called.get(name.lower(), name.lower()) for name in found} <= names(declared)


def test_the_package_says_that_it_is_typed():
    assert (REPO / "shockbook" / "py.typed").exists()
    tables = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))
    assert "py.typed" in tables["tool"]["setuptools"]["package-data"]["shockbook"]
