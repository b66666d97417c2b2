"""Links to the book do not die, and links from it lead to the repository that it is built from."""

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from lxml import html
from sphinx.errors import ExtensionError

from shockbook.site import guard, launch

REPO = Path(__file__).resolve().parents[2]
ADDRESSES = Path(__file__).with_name("addresses.txt")
HTTPS = "https://github.com/some-class/the-book.git"


def toc_pages(toc: dict) -> set[str]:
    """Every page of a table of contents."""
    found = set()
    for value in toc.values():
        for item in value if isinstance(value, list) else []:
            found |= toc_pages(item)
    return found | {toc[key] for key in ("root", "file") if key in toc}


def faults(pages: set[str], promised: set[str], went: dict[str, str]) -> list[str]:
    """What is wrong with the promise that an address stays."""
    found = [
        f"{p} was public: keep it, or name where it went under redirects (_config.yml)"
        for p in sorted(promised - pages - set(went))
    ]
    found += [f"{p} is new: add it to tests/site/addresses.txt" for p in sorted(pages - promised)]
    found += [f"{p} has moved, but to no page" for p in sorted(went) if went[p] not in pages]
    return found


def test_every_address_that_was_public_stays():
    pages = toc_pages(yaml.safe_load((REPO / "_toc.yml").read_text("utf-8")))
    config = yaml.safe_load((REPO / "_config.yml").read_text("utf-8"))
    went = config["sphinx"]["config"].get("redirects", {})
    went = {old: f"chapters/{to.removesuffix('.html')}" for old, to in went.items()}
    assert faults(pages, set(ADDRESSES.read_text("utf-8").split()), went) == []


def test_the_promise_is_noticed_when_broken():
    assert faults({"a"}, {"a", "b"}, {}) == [
        "b was public: keep it, or name where it went under redirects (_config.yml)"
    ]
    assert faults({"a"}, {"a", "b"}, {"b": "a"}) == []
    assert faults({"a"}, {"a", "b"}, {"b": "c"}) == ["b has moved, but to no page"]
    assert faults({"a", "n"}, {"a"}, {}) == ["n is new: add it to tests/site/addresses.txt"]


# ------------------------------------------------------------------ the repository
@pytest.mark.parametrize(
    "remote",
    [
        HTTPS,
        "https://github.com/some-class/the-book",
        "https://github.com/some-class/the-book/",
        "https://x-access-token:secret@github.com/some-class/the-book.git",
        "git@github.com:some-class/the-book.git",
        "ssh://git@github.com/some-class/the-book.git",
    ],
)
def test_remotes_on_github(remote):
    assert launch.parse(remote) == launch.Repository("some-class", "the-book")


@pytest.mark.parametrize(
    "remote",
    [
        "",
        "/srv/git/the-book.git",
        "https://gitlab.com/some-class/the-book.git",
        "git@bitbucket.org:some-class/the-book.git",
        "https://notgithub.com/some-class/the-book",
        "https://github.com.example.org/some-class/the-book",
        "https://github.com/only-owner",
        "https://example.org/github.com/some-class/the-book",
    ],
)
def test_other_remotes_have_no_links(remote):
    assert launch.parse(remote) is None


def git(folder, *words):
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


def test_the_repository_is_found_from_git(tmp_path):
    assert launch.find(tmp_path) is None
    git(tmp_path, "init", "--quiet")
    assert launch.find(tmp_path) is None
    git(tmp_path, "remote", "add", "origin", HTTPS)
    assert launch.find(tmp_path) == launch.Repository("some-class", "the-book", "main")
    git(tmp_path, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/class-2027")
    assert launch.find(tmp_path).branch == "class-2027"
    inner = tmp_path / "inner"
    inner.mkdir()
    assert launch.find(inner) is None
    git(tmp_path, "remote", "set-url", "origin", "https://gitlab.com/a/b.git")
    assert launch.find(tmp_path) is None


# ------------------------------------------------------------------ on the pages
def test_pages_lead_to_the_fork_and_old_addresses_to_the_new(tmp_path):
    (tmp_path / "chapters").mkdir()
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "remote", "add", "origin", HTTPS)
    (tmp_path / "conf.py").write_text(
        "project = 'A book'\nextensions = ['myst_nb', 'shockbook.site', 'sphinx_reredirects']\n"
        "html_theme = 'shockbook'\nnb_execution_mode = 'off'\n"
        "redirects = {'chapters/old': 'page.html'}\n"
    )
    (tmp_path / "index.md").write_text("# Start\n\n```{toctree}\nchapters/page\n```\n")
    (tmp_path / "chapters" / "page.md").write_text("# A page\n\nWords.\n")
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(tmp_path), str(out)],
        capture_output=True, text=True, cwd=REPO,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = html.document_fromstring((out / "chapters" / "page.html").read_text("utf-8"))
    (edit,) = page.xpath('//div[@class="page-tools"]/a')
    assert edit.text == "Edit this page"
    assert edit.get("href").endswith("/some-class/the-book/edit/main/chapters/page.md")
    old = (out / "chapters" / "old.html").read_text("utf-8")
    assert 'content="0; url=page.html"' in old
    assert '<a href="page.html">' in old


def test_without_a_github_remote_there_are_no_links(sample_site):
    for path in sample_site.rglob("*.html"):
        assert not re.search(r"/edit/main/|colab\.res|mybinder", path.read_text("utf-8")), path


@pytest.mark.parametrize(
    ("moved_to", "message"),
    [
        ({"chapters/old": "nowhere.html"}, "chapters/nowhere one"),
        ({"chapters/page": "other.html"}, "chapters/page must be no page"),
    ],
)
def test_a_redirect_that_cannot_be_stops_the_build(moved_to, message):
    app = SimpleNamespace(config=SimpleNamespace(redirects=moved_to))
    env = SimpleNamespace(found_docs={"chapters/page", "chapters/other"})
    with pytest.raises(ExtensionError, match=message):
        guard.check_redirects(app, env)


def test_a_notebook_opens_in_colab_and_binder():
    fork = launch.Repository("a", "b", "main")
    found = dict(launch.links(fork, "chapters/nvidia.ipynb"))
    assert found["Open in Colab"].endswith("/github/a/b/blob/colab/nvidia.ipynb")
    assert found["Open in Binder"].endswith(
        "/a/b/main?urlpath=lab%2Ftree%2Fchapters%2Fnvidia.ipynb"
    )
    assert launch.links(None, "chapters/nvidia.ipynb") == []
