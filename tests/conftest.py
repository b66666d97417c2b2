"""Built books, shared by the tests of the site and of the browser; each is built at most once."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "site"))


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory):
    """The folder of a small book with one of everything, built."""
    import sample

    folder = sample.write(tmp_path_factory.mktemp("sample") / "book")
    sample.built(folder, folder / "data")
    return folder


@pytest.fixture(scope="session")
def sample_site(sample_folder):
    """The pages of the small book."""
    return sample_folder / "_build" / "html"


@pytest.fixture(scope="session")
def book_site():
    """The pages of this book; Sphinx builds only what is not up to date."""
    import sample

    return sample.built(sample.REPO)
