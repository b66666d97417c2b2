"""Built books, shared by the tests of the site and of the browser; each is built at most once."""

import contextlib
import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "site"))


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory):
    """The folder of a small book with one of everything, built; each worker has a copy of one."""
    import sample

    own = tmp_path_factory.mktemp("sample") / "book"
    workers = "PYTEST_XDIST_WORKER" in os.environ
    folder = tmp_path_factory.getbasetemp().parent / "sample" / "book" if workers else own
    with alone(folder.parent / "lock"):
        if not (folder / "_build").exists():
            sample.write(folder)
            sample.built(folder, folder / "data")
    return shutil.copytree(folder, own) if workers else folder


@pytest.fixture(scope="session")
def sample_site(sample_folder):
    """The pages of the small book."""
    return sample_folder / "_build" / "html"


@pytest.fixture(scope="session")
def bench_pages():
    """The module that measures pages: what it calls a limit, the tests hold."""
    path = Path(__file__).parents[1] / "benchmarks" / "bench_pages.py"
    spec = importlib.util.spec_from_file_location("bench_pages", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def alone(path):
    """Let one worker at a time in, where the system can lock files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        with contextlib.suppress(ImportError):
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def book_site():
    """The pages of this book, built once in a run of the tests: other workers read them.

    From its stored outputs, which nbval holds to a run; in the long campaigns its chapters run.
    """
    import sample

    config = (sample.REPO / "_config.yml").read_text("utf-8")
    stored = config.replace("execute_notebooks: force", "execute_notebooks: 'off'")
    assert stored != config
    kept = sample.REPO / "_build" / "stored.yml"
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
    note = sample.REPO / "_build" / "built-in-run"
    with alone(note.with_name("lock")):
        if not run or not note.exists() or note.read_text("utf-8") != run:
            kept.write_text(config if os.environ.get("SOAK") else stored, "utf-8")
            sample.built(sample.REPO, None, "--config", str(kept))
            note.write_text(run, "utf-8")
    return sample.REPO / "_build" / "html"
