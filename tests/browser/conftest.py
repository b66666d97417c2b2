"""A headless Chromium for the built books.

The tests are skipped only where no Chromium is found and the variable CI is not set.
"""

import os
import shutil

import pytest
from served import serving

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium():
    """The browser, one process for all tests."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None and not os.environ.get("CI"):
        pytest.skip("no Chromium on this machine: install the package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sample_address(sample_site):
    """Address of the small book."""
    with serving(sample_site) as address:
        yield address


@pytest.fixture(scope="session")
def book_address(book_site):
    """Address of this book."""
    with serving(book_site) as address:
        yield address


class Visit:
    """One page in a fresh context, with what it asked for and what it complained about."""

    def __init__(self, browser, **options):
        options.setdefault("viewport", {"width": 1280, "height": 900})
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.complaints, self.asked, self.answers = [], [], []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("response", lambda response: self.answers.append(response))

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def outside(self, address):
        """What was asked of any other host."""
        return [url for url in self.asked if not url.startswith((address, "data:", "about:"))]


@pytest.fixture
def visit(chromium):
    """Make visits that end with the test."""
    made = []

    def start(**options):
        made.append(Visit(chromium, **options))
        return made[-1]

    yield start
    for one in made:
        one.context.close()


@pytest.fixture(scope="session")
def book_pages(book_site):
    """All pages under SOAK; else the start page, the largest, the largest with charts."""
    found = (p for p in book_site.rglob("*.html") if not {"_static", "_sources"} & set(p.parts))
    moved = 'http-equiv="refresh"'  # an old address leads on at once
    pages = sorted((p for p in found if moved not in p.read_text("utf-8")),
                   key=lambda p: -p.stat().st_size)  # fmt: skip
    names = [p.relative_to(book_site).as_posix() for p in pages]
    if not os.environ.get("SOAK"):
        drawn = [n for n in names if '<figure class="chart"' in (book_site / n).read_text("utf-8")]
        others = [names[0], *[n for n in drawn if n != "index.html"][:1]]
        names = list(dict.fromkeys(["index.html", *others]))
    return names
