"""What keeps the book alive: workflows, link check, newest versions, release, Colab, Binder."""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jsonschema
import nbformat
import pytest
import yaml

from shockbook import notebooks
from shockbook.__main__ import COMMANDS
from shockbook.notebooks import ROOT
from shockbook.site import launch
from shockbook.teach import colab

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / ".github" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ------------------------------------------------------------------ workflows
def steps(workflow):
    return [s for job in workflow["jobs"].values() for s in job["steps"]]


def shell_faults(code):
    """What bash says of a script; the expressions of Actions are replaced by a word."""
    plain = re.sub(r"\$\{\{.*?\}\}", "x", code)
    return subprocess.run(["bash", "-n"], input=plain, capture_output=True, text=True).stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_a_workflow_parses_and_its_steps_are_sound(path):
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["name"] == path.stem and True in workflow  # YAML reads the key "on" as true
    assert rights_and_installs(workflow) == []
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 40
    for step in steps(workflow):
        assert ("run" in step) != ("uses" in step)
        if "run" in step:
            assert shell_faults(step["run"]) == ""
            for word in ("make ", "-m shockbook "):
                for rest in step["run"].split(word)[1:]:
                    assert known(word, rest.split()[0].strip("\"';)`\\")), rest
        else:
            assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", step["uses"])


def rights_and_installs(workflow):
    """A job that runs the book or its packages may only read, and installs by hash."""
    bad = [] if workflow["permissions"] == {"contents": "read"} else ["rights for every job"]
    for name, job in workflow["jobs"].items():
        code = "\n".join(step.get("run", "") for step in job["steps"])
        runs = re.search(r"make |python |pip |jupyter-book |\.ci/run", code.replace("`python", ""))
        bad += [f"{name} runs the book and may write"] if runs and "permissions" in job else []
        for line in code.splitlines():
            by_hash = "--require-hashes" in line or line.endswith("--no-build-isolation -e .")
            if "pip install" in line and not by_hash and workflow["name"] != "newest":
                bad.append(f"{name} installs without hashes: {line}")
    return bad


def test_rights_and_installs_are_looked_at():
    job = {"permissions": {"id-token": "write"}, "steps": [{"run": "make book"}]}
    other = {"steps": [{"run": "pip install --no-deps x"}]}
    found = rights_and_installs({"name": "n", "permissions": {}, "jobs": {"a": job, "b": other}})
    assert found == [
        "rights for every job", "a runs the book and may write",
        "b installs without hashes: pip install --no-deps x",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("issues", "title", "asked"),
    [
        ("false", "It broke", []), ("false", "", []),
        ("true", "It broke", ["label", "issue list", "issue create"]),
        ("true", "", ["label", "issue list"]),
    ],
)  # fmt: skip
def test_a_weekly_job_ends_well_where_issues_are_off(tmp_path, issues, title, asked):
    (tmp_path / "gh").write_text(
        f'#!/bin/sh\necho "$1 $2" >> {tmp_path}/asked\n[ "$1" != repo ] || echo {issues}\n'
    )
    (tmp_path / "gh").chmod(0o755)
    (tmp_path / "body.md").write_text("what was found")
    done = subprocess.run(
        ["bash", ROOT / ".github" / "keep-issue", "label", title, tmp_path / "body.md"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "RUN_URL": "u",
             "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert ("::notice title=Issues are off::" in done.stdout) == (issues == "false")
    assert (tmp_path / "summary").exists() == (issues == "false" and bool(title))
    said = (tmp_path / "asked").read_text().splitlines()[1:]
    assert [one.startswith(a) for one, a in zip(said, asked, strict=True)] == [True] * len(asked)


def known(word, name):
    if word == "make ":
        return f"\n{name}:" in (ROOT / "Makefile").read_text("utf-8")
    import argparse

    commands = argparse.ArgumentParser().add_subparsers()
    for module in COMMANDS:
        module.add_parser(commands)
    return name in commands.choices


def test_all_workflows_are_there_and_a_broken_step_is_noticed():
    names = {p.stem for p in WORKFLOWS}
    assert {"test", "publish", "live-canary", "newest", "links", "release"} <= names
    assert "syntax error" in shell_faults("if [ x ]; then echo")
    assert not known("make ", "nothing") and not known("-m shockbook ", "nothing")


def test_unpinned_requirements_are_what_pip_understands():
    workflow = yaml.safe_load((ROOT / ".github/workflows/newest.yml").read_text("utf-8"))
    (line,) = [
        row for s in steps(workflow) for row in s.get("run", "").splitlines() if "sed -E" in row
    ]
    done = subprocess.run(
        ["bash", "-c", line.split(">")[0].strip()], capture_output=True, text=True, cwd=ROOT
    )
    names = done.stdout.split()
    assert "jupyter-book<2" in names and "pandas" in names
    assert not any("==" in n or n == "-e" for n in names)


# ------------------------------------------------------------------ links
@pytest.fixture
def server():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            code = int(self.path.strip("/") or 200)
            self.send_response(code)
            self.end_headers()

        def log_message(self, *_):
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()


def test_dead_links_are_told_from_refusals(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    links = script("links")
    codes = (200, 404, 403, 410, 429)
    found = {f"{server}/{code}": f"row {code}" for code in codes}
    found["http://127.0.0.1:9/"] = "nobody listens"
    bad = links.check(found)
    kinds = {url.rsplit("/", 1)[1]: said.split(":")[0] for url, said in bad.items()}
    assert kinds == {"404": "gone", "403": "refused", "410": "gone", "429": "refused", "": "gone"}
    text = links.report(found, bad)
    assert "6 addresses were asked." in text and "## 3 gone" in text and "row 404" in text


def test_the_addresses_are_those_of_the_sources():
    found = script("links").addresses(ROOT)
    assert len(found) > 100
    assert all(u.startswith("http") and not u.endswith((".", ",")) for u in found)


# ------------------------------------------------------------------ newest versions
def test_what_differs_is_listed_cell_by_cell(tmp_path):
    differ = script("differences")
    path = shutil.copy(ROOT / "tests" / "fixtures" / "chapter.ipynb", tmp_path / "chapter.ipynb")
    assert differ.differences(path, lambda p: nbformat.read(p, as_version=4)) == []

    def changed(p):
        nb = nbformat.read(p, as_version=4)
        next(c for c in nb.cells if c.id == "load-prices").outputs = []
        return nb

    assert differ.differences(path, changed) == ["- `load-prices`"]

    def fails(p):
        raise notebooks.NotebookError("chapter.ipynb: the cell 'line' stopped with E: no")

    assert differ.differences(path, fails)[0].startswith("- **does not run**: chapter.ipynb")


# ------------------------------------------------------------------ release
def test_a_release_is_whole_and_the_same_twice(tmp_path):
    root = tmp_path / "book"
    for name in ("chapters", "data", "_build/html/chapters"):
        (root / name).mkdir(parents=True)

    def pack(target):
        command = ["bash", ROOT / ".github" / "pack", "v1.0", target]
        return subprocess.run(command, cwd=root, capture_output=True, text=True)

    done = pack(tmp_path / "out")
    assert done.returncode == 1 and "make book" in done.stderr and not (tmp_path / "out").exists()
    (root / "_build/html/index.html").write_text("<p>site")
    assert "VOLUMES" in pack(tmp_path / "out").stderr and not (tmp_path / "out").exists()
    for name in ("the-deepseek-shock.pdf", "the-deepseek-shock.epub", "codemeta.json"):
        (root / "_build/html" / name).write_text(name)
    (root / "chapters/a.ipynb").write_text("{}")
    (root / "chapters/a.md").write_text("not a notebook")
    (root / "data/datapackage.json").write_text("{}")
    assert pack(tmp_path / "one").returncode == 0
    os.utime(root / "chapters/a.ipynb", (1, 1))
    assert pack(tmp_path / "two").returncode == 0
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / n).iterdir()} for n in ("one", "two"))
    assert one == two and len(one) == 7
    for line in one["SHA256SUMS"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(one[name]).hexdigest() == digest
    held = []
    for name in ("site", "notebooks", "data"):
        with tarfile.open(tmp_path / "one" / f"deepseek-shock-v1.0-{name}.tar.gz") as archive:
            held += [m.name.partition("/")[2] for m in archive if m.isfile()]
    site = ["codemeta.json", "index.html", "the-deepseek-shock.epub", "the-deepseek-shock.pdf"]
    assert held == [*site, "a.ipynb", "datapackage.json"]
    assert one["deepseek-shock-v1.0.pdf"] == b"the-deepseek-shock.pdf"


# ------------------------------------------------------------------ Colab, Binder, citation
def test_colab_copies_install_the_pinned_packages_and_change_nothing_else():
    path = ROOT / "chapters" / "verdicts.ipynb"
    copy = colab.copy(path, launch.Repository("some-class", "the-book", "main"))
    first = copy.cells[0].source
    compile(first, "first", "exec")
    assert "/some-class/the-book" in first
    pins = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    assert set(colab.packages()) <= {pin.split("#")[0].strip() for pin in pins}
    assert copy.cells[1:] == nbformat.read(path, as_version=4).cells


def test_binder_reads_the_same_requirements_and_a_python_that_the_book_accepts():
    folder = ROOT / ".binder"
    assert (folder / "requirements.txt").read_text("utf-8").strip() == "-r ../requirements.txt"
    version = (folder / "runtime.txt").read_text("utf-8").strip().removeprefix("python-")
    assert tuple(map(int, version.split("."))) >= (3, 11)


def test_the_citation_file_has_what_the_format_asks_for():
    """The part of the Citation File Format 1.2.0 that this file uses."""
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    entity = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    schema = {
        "type": "object",
        "required": ["cff-version", "message", "title", "authors"],
        "properties": {
            "cff-version": {"const": "1.2.0"},
            "message": {"type": "string", "minLength": 1},
            "title": {"type": "string", "minLength": 1},
            "type": {"enum": ["software", "dataset"]},
            "authors": {"type": "array", "minItems": 1, "items": entity},
            "date-released": {"pattern": r"^\d{4}-\d{2}-\d{2}$"},
            "version": {"type": "string"},
            "license": {"type": "array", "items": {"enum": ["MIT", "CC-BY-4.0"]}},
            "references": {  # the editions before this one
                "type": "array",
                "items": {"required": ["type", "title", "authors", "version", "date-released"]},
            },
        },
        "additionalProperties": False,
    }
    jsonschema.validate(json.loads(json.dumps(cff, default=str)), schema)
    assert f'version = "{cff["version"]}"' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_the_form_for_a_correction_asks_for_a_source():
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/correction.yml").read_text("utf-8"))
    wanted = {f["id"]: f["validations"]["required"] for f in form["body"]}
    assert wanted == {"page": True, "says": True, "should": True, "source": True}
