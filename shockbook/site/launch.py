"""Links from a page to its source: edit on GitHub, open in Colab, open in Binder.

They point at the repository that the book is built from, found from the git remote, so that a
fork's pages lead to the fork.  Without a remote on GitHub there are none.
"""

import re
import subprocess
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

REMOTE = re.compile(
    r"(?:https?://(?:[^@/]+@)?|ssh://git@|git@)github\.com[:/]+"
    r"(?P<owner>[A-Za-z0-9-]+)/(?P<name>[A-Za-z0-9._-]+?)(?:\.git)?/?"
)


class Repository(NamedTuple):
    """A repository on GitHub, and the branch that readers should see."""

    owner: str
    name: str
    branch: str = "main"

    @property
    def url(self) -> str:
        """Address of the repository."""
        return f"https://github.com/{self.owner}/{self.name}"


def parse(remote: str) -> Repository | None:
    """The repository of a git remote, https or ssh; None if it is not on GitHub."""
    match = REMOTE.fullmatch(remote.strip())
    return Repository(**match.groupdict()) if match else None


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def find(folder: Path) -> Repository | None:
    """The repository that a book's folder belongs to; None without a remote on GitHub.

    The folder must be the top of its work tree: a book without git that lies inside another
    repository has no links.  The branch is the remote's own, else ``main``.
    """
    top = _git(folder, "rev-parse", "--show-toplevel")
    if not top or Path(top).resolve() != Path(folder).resolve():
        return None
    found = parse(_git(folder, "config", "--get", "remote.origin.url"))
    if found is None:
        return None
    head = _git(folder, "symbolic-ref", "--short", "refs/remotes/origin/HEAD")
    return found._replace(branch=head.removeprefix("origin/") or "main")


def copied(path: str) -> str:
    """The name that a notebook's copy for Colab has: they lie in one folder."""
    return path.removeprefix("chapters/").replace("/", "-")


def links(repository: Repository | None, path: str) -> list[tuple[str, str]]:
    """The links of a page as title and address; ``path`` of its source, from the repository's top.

    The copies for Colab have a first cell that installs the book (:mod:`shockbook.teach.colab`).
    """
    if repository is None:
        return []
    at, branch = quote(path), quote(repository.branch)
    place = f"{repository.owner}/{repository.name}"
    if not path.endswith(".ipynb"):
        return [("Edit this page", f"{repository.url}/edit/{branch}/{at}")]
    colab = f"https://colab.research.google.com/github/{place}/blob/colab/{quote(copied(path))}"
    lab = quote(f"lab/tree/{path}", safe="")
    return [
        ("Open in Colab", colab),
        ("Open in Binder", f"https://mybinder.org/v2/gh/{place}/{branch}?urlpath={lab}"),
        ("See on GitHub", f"{repository.url}/blob/{branch}/{at}"),
    ]


def start(app) -> None:
    """Look for the repository once."""
    app.shockbook_repository = find(Path(app.srcdir, app.config.shockbook_top))


def frame(app, pagename, templatename, context, doctree) -> None:
    """Give the template the page's links.

    The pages of a small site are made from files elsewhere in the repository: its configuration
    says how far up that begins (``shockbook_top``) and which file a page comes from
    (``shockbook_pages``).
    """
    source = ""
    if doctree is not None and pagename in app.env.found_docs:
        here = Path(app.env.doc2path(pagename)).relative_to(app.srcdir).as_posix()
        made = app.config.shockbook_top
        source = app.config.shockbook_pages.get(pagename, "") if made else here
    context["shockbook_launch"] = links(app.shockbook_repository, source) if source else []


def setup(app) -> None:
    app.add_config_value("shockbook_top", "", "html")
    app.add_config_value("shockbook_pages", {}, "html")
    app.connect("builder-inited", start)
    app.connect("html-page-context", frame)
