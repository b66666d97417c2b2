"""Fixtures shared by the unit tests."""

import csv
import gzip
import io
import shutil

import pytest

from shockbook import catalog


class DataCopy:
    """A copy of the data folder that a test may spoil."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, name):
        return self.folder / catalog.describe(name)["path"]

    def rows(self, name):
        """The rows of a dataset as lists of text, the header first."""
        content = self.path(name).read_bytes()
        if self.path(name).suffix == ".gz":
            content = gzip.decompress(content)
        return list(csv.reader(io.StringIO(content.decode())))

    def write(self, name, rows):
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\n").writerows(rows)
        content = stream.getvalue().encode()
        if self.path(name).suffix == ".gz":
            content = gzip.compress(content, mtime=0)
        self.path(name).write_bytes(content)


@pytest.fixture
def data(tmp_path, monkeypatch):
    """The data folder, copied; the library reads the copy."""
    copy = tmp_path / "data"
    shutil.copytree(catalog.current(False).folder, copy)
    monkeypatch.setenv("SHOCKBOOK_DATA", str(copy))
    return DataCopy(copy)


@pytest.fixture
def few_prices(data):
    """The same with the prices of two tickers in January 2025 only, for speed."""
    rows = data.rows("prices")
    kept = [r for r in rows[1:] if r[1] in ("NVDA", "SPY") and r[0].startswith("2025-01")]
    data.write("prices", [rows[0], *kept])
    return data
