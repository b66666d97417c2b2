"""The built site, with Python in its pages, in Chromium, Firefox and WebKit.

All three are driven by WebDriver's commands: Firefox over its own socket, the others through their
drivers (Debian: ``chromium-driver``, ``firefox-esr``, ``webkit2gtk-driver``, ``xvfb``).  A script
before those of each page keeps what the browser complains of, and takes away what it is to lack.

Run: xvfb-run -a python benchmarks/other_browsers.py [--write], after the book's build with LAB=1.
``--write`` renews chapters/browsers.inc, which the page *About this site* shows.
"""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import http.server
import itertools
import json
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat

from shockbook import stored

ROOT = Path(__file__).parents[1]
PAGES = ("index.html", "chapters/nvidia.html", "chapters/lab.html", "chapters/verdicts.html")
RUN = ("enterprise", "idea", "lab")
MINIBROWSER = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver's name for a reference
PROBE = """
window.complaints = [];
addEventListener('error', (e) => complaints.push(e.message ?? `${e.target.src}?`), true);
addEventListener('unhandledrejection', (e) => complaints.push(String(e.reason)));
addEventListener('securitypolicyviolation', (e) => complaints.push(`policy: ${e.blockedURI}`));
for (const kind of ['error', 'warn']) console[kind] = (...what) => complaints.push(what.join(' '));
"""
#: What takes away what a page needs to run Python.
LACKS = (
    "delete window.DecompressionStream;",
    "delete window.WebAssembly;",
    "WebAssembly.validate = () => false;",  # as where exceptions are not handled
    "delete window.Worker;",
)
LIVE = "document.querySelectorAll('.chart[data-state=live] .chart-live svg').length"
DOTS = """const at = document.querySelector('.step-stage svg').getBoundingClientRect();
  return [...document.querySelectorAll('.step-stage circle')].map((circle) => {
    const { x, y } = circle.getBoundingClientRect();
    return [Math.round(x - at.x), Math.round(y - at.y)]; });"""
READY = "document.documentElement.dataset.lab === 'ready'"
IDLE = "return !document.querySelector('.lab-bar .lab-tools button').disabled"
WORDS = "return document.querySelector('.lab-words').innerText.replaceAll('-', '\\u2212')"
#: Doubles the numbers that a cell records, of which the text tells one, and runs it.
EDIT = """const cell = shockbookLab.cells.find(({ id, source, printed }) => (
    source.includes('chapter.record(') && document.querySelector(`#cell-${id} textarea`)
    && printed.some(({ data }) => data?.['application/vnd.shockbook.numbers+json']?.numbers.some(
      ({ key, value }) => typeof value === 'number' && document.getElementById(`at-ev-${key}`)))));
  const at = cell.source.lastIndexOf('chapter.record(');
  cell.set(`_record = chapter.record
def twice(**values):
    kinds = 'int', 'int64', 'float', 'float64'
    _record(**{k: v * 2 if type(v).__name__ in kinds else v for k, v in values.items()})
${cell.source.slice(0, at)}twice(${cell.source.slice(at + 15)}`);
  document.querySelector(`#cell-${cell.id} .lab-tools button`).click();"""
CHOOSE = """const field = document.querySelector('[name=ticker]'); field.value = 'AVGO';
  field.dispatchEvent(new Event('change', { bubbles: true }));"""
RESET = """[...document.querySelectorAll('.lab-bar button')]
  .find(({ textContent }) => textContent === 'Reset all').click();"""


class Site(http.server.SimpleHTTPRequestHandler):
    """The pages, each with the probe before its scripts; keeps what was asked for."""

    asked: list[str] = []
    lacks = ""

    def log_message(self, *arguments):
        """Print nothing."""

    def do_GET(self):
        """Answer a request."""
        Site.asked.append(self.path)
        path = Path(self.translate_path(self.path))
        if self.path == "/probe.js":
            self._send(Site.lacks + PROBE, "text/javascript")
        elif path.suffix == ".html":
            probe = '<script src="/probe.js"></script><title>'
            self._send(path.read_text("utf-8").replace("<title>", probe, 1), "text/html")
        else:
            super().do_GET()

    def _send(self, text: str, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(text.encode())


class Driven:
    """A browser, and what a reader does with it."""

    def ask(self, script: str):
        """Return what a script in the page returns."""
        return self.command("ExecuteScript", "execute/sync", script=script, args=[])

    def wait(self, script: str, seconds: float = 30) -> bool:
        """Whether a script comes to return what is true."""
        end = time.monotonic() + seconds
        while not (found := self.ask(script)) and time.monotonic() < end:
            time.sleep(0.1)
        return bool(found)

    def go(self, url: str) -> None:
        """Open a page, and wait until all of it is there."""
        self.command("Navigate", "url", url=url)
        self.wait(f"return location.href === '{url}' && document.readyState === 'complete'")

    def press(self, selector: str) -> None:
        """Click on the first element that a selector finds, as a mouse does."""
        found = self.command("FindElement", "element", using="css selector", value=selector)
        one = found.get("value", found)[ELEMENT]
        self.command("ElementClick", f"element/{one}/click", id=one)


class Firefox(Driven):
    """Firefox, over the socket that it opens itself."""

    def __init__(self):
        self.home = tempfile.TemporaryDirectory()
        command = ["firefox-esr", "--headless", "--marionette", "--profile", self.home.name]
        self.process = subprocess.Popen(
            [*command, "--width=1440", "--height=900"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        self.numbers, self.socket = itertools.count(), None
        while self.socket is None:
            try:
                self.socket = socket.create_connection(("127.0.0.1", 2828))
            except OSError:
                time.sleep(0.2)
        self._hear()
        about = self.command("NewSession", "")["capabilities"]
        self.name = f"Firefox {about['browserVersion']}"

    def _hear(self):
        """One message: its length in digits, a colon, JSON."""
        length = b"".join(iter(lambda: self.socket.recv(1), b":"))
        text = b""
        while len(text) < int(length):
            text += self.socket.recv(int(length) - len(text))
        return json.loads(text)

    def command(self, name: str, path: str, **what):
        """Give a command by its name."""
        text = json.dumps([0, next(self.numbers), f"WebDriver:{name}", what]).encode()
        self.socket.sendall(b"%d:%s" % (len(text), text))
        _, _, fault, answer = self._hear()
        if fault:
            raise RuntimeError(f"{name}: {fault['message']}")
        return answer["value"] if set(answer or {}) == {"value"} else answer

    def end(self) -> None:
        """Close it."""
        self.process.terminate()
        self.process.wait()


class Served(Driven):
    """A browser behind a driver that speaks HTTP."""

    def __init__(self, name: str, program: str, port: int, options: dict):
        self.process = subprocess.Popen([program, f"--port={port}"], stdout=subprocess.DEVNULL)
        self.base = f"http://127.0.0.1:{port}/session"
        time.sleep(3)
        about = self.command("", "", capabilities={"alwaysMatch": options})
        self.base += f"/{about['sessionId']}"
        self.name = f"{name} {about['capabilities']['browserVersion']}"
        self.command("", "window/rect", width=1440, height=900)

    def command(self, name: str, path: str, method: str = "POST", **what):
        """Give a command by its path."""
        address = f"{self.base}/{path}".rstrip("/")
        request = urllib.request.Request(address, json.dumps(what).encode(), method=method)
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as problem:
            raise RuntimeError(f"{path}: {json.load(problem)['value']['message']}") from None

    def end(self) -> None:
        """Close it and its driver."""
        self.command("", "", method="DELETE")
        self.process.terminate()
        self.process.wait()


def chromium() -> Served:
    """Chromium without a window."""
    arguments = ["--headless", "--no-sandbox", "--window-size=1440,900"]
    return Served("Chromium", "chromedriver", 4501, {"goog:chromeOptions": {"args": arguments}})


def webkit() -> Served:
    """WebKit in the small browser that comes with its driver."""
    options = {"binary": MINIBROWSER, "args": ["--automation"]}
    return Served("WebKitGTK", "WebKitWebDriver", 4502, {"webkitgtk:browserOptions": options})


def opened(one: Driven, at: str, page: str) -> dict:
    """Charts of a page that are drawn and that come alive, and whether a number's card opens."""
    one.go(f"{at}/{page}")
    drawn = one.ask("""return [...document.querySelectorAll('figure.chart')].map((figure) => {
      figure.scrollIntoView();
      const drawings = [...figure.querySelectorAll('svg')];
      return drawings.some((svg) => svg.getBoundingClientRect().width > 20); })""")
    offered = one.ask("""const all = [...document.querySelectorAll('.chart-explore')];
      for (const one of all) if (!one.closest('.chart').dataset.state) one.click();
      return all.length""")
    one.wait(f"return {LIVE} === {offered}")
    cards = one.ask("return document.querySelector('#main p a.num[href^=\"#ev-\"]') ? 1 : 0")
    if cards:
        one.press("#main p a.num[href^='#ev-']")
    card = cards and one.wait("return document.querySelector('.card .evidence-facts') !== null", 5)
    return {"drawn": sum(drawn), "figures": len(drawn), "alive": one.ask(f"return {LIVE}"),
            "offered": offered, "cards": cards, "open": int(card),
            "complaints": one.ask("return complaints")}  # fmt: skip


def stepped(one: Driven, at: str) -> tuple[int, int]:
    """How many dots of the start page move by its last step, and how many there are."""
    one.go(f"{at}/index.html")
    one.wait("return document.querySelector('.step-stage circle') !== null")
    before = one.ask(DOTS)
    for _ in range(3):
        one.press(".step-tools button:last-of-type")
        time.sleep(3)
    after = one.ask(DOTS)
    return sum(a != b for a, b in zip(before, after, strict=True)), len(before)


def ran(one: Driven, at: str, name: str) -> dict:
    """A page run: seconds until its first result, what is as recorded, an edit and the way back."""
    one.go(f"{at}/chapters/{name}.html")
    before = len(Site.asked)
    one.press(".lab-start")
    if not one.wait(f"return {READY}", 400):
        raise RuntimeError(one.ask("return document.querySelector('.lab-status')?.textContent"))
    out = one.ask("""const { same, differ } = shockbookLab.compare();
      return { same, differ: differ.length, first: shockbookLab.times.first / 1000 }""")
    out["parts"] = sum(".gz?" in path for path in Site.asked[before:])
    if name == "lab":
        notebook = nbformat.read(ROOT / "chapters/nvidia.ipynb", 4)
        known = {record["key"]: record for _, record in stored.numbers(notebook)}
        said = one.ask(WORDS)
        out["same"] = {"number": sum(known[k]["text"] in said for k in ("abnormal", "expected"))}
        out["differ"] = 2 - out["same"]["number"]
    one.ask(CHOOSE if name == "lab" else EDIT)
    one.wait(IDLE, 200)
    link = "return document.querySelector('a.num.lab-moved')?.textContent ?? ''"
    out["moved"] = one.ask(WORDS) != said if name == "lab" else "changed" in one.ask(link)
    out["change"] = one.ask("return shockbookLab.times.last / 1000")
    one.ask(RESET)
    one.wait(IDLE, 200)
    back = "return shockbookLab.moved.length + shockbookLab.compare().differ.length"
    out["back"] = one.ask(WORDS) == said if name == "lab" else one.ask(back) == 0
    out["complaints"] = one.ask("return complaints")
    return out


def lacking(one: Driven, at: str) -> list[bool]:
    """Whether a sentence comes, and of the parts only its script, where something is missing."""
    found = []
    for lacks, page in itertools.product(LACKS, ("enterprise", "lab")):
        Site.lacks = lacks
        one.go(f"{at}/chapters/{page}.html")
        before = len(Site.asked)
        one.press(".lab-start")
        one.wait("return document.querySelector('.lab-offer strong') !== null", 10)
        said = one.ask("return document.querySelector('.lab-offer strong')?.textContent ?? ''")
        asked = [path for path in Site.asked[before:] if "/lab/" in path or "_sources" in path]
        told = "which Python in a page needs" in said
        found.append(told and set(asked) <= {"/_static/lab/lab.js"})
    Site.lacks = ""
    return found


def tried(one: Driven, at: str) -> dict[str, str]:
    """What a browser made of the site: a text for each row of the table."""
    pages = [opened(one, at, page) for page in PAGES]

    def of(part: str, whole: str) -> str:
        return f"{sum(p[part] for p in pages)} of {sum(p[whole] for p in pages)}"

    moved, dots = stepped(one, at)
    one.go(f"{at}/search.html?q=placebo")
    one.wait("return document.querySelector('.found li') !== null")
    found = one.ask("return document.querySelectorAll('.found li').length")
    told = lacking(one, at)
    runs = {name: ran(one, at, name) for name in RUN}
    print(one.name, json.dumps([pages, runs], ensure_ascii=False))
    same = {name: sum(run["same"].values()) for name, run in runs.items()}
    complaints = [c for p in [*pages, *runs.values()] for c in p["complaints"]]
    return {
        "Charts that are drawn": of("drawn", "figures"),
        "Charts that come alive": of("alive", "offered"),
        "A number's card opens": of("open", "cards"),
        "Dots of the start page that move": f"{moved} of {dots}",
        "Places that the search finds for *placebo*": str(found),
        **{f"Outputs of *{name}*, as recorded": f"{n} of {n + runs[name]['differ']}"
           for name, n in same.items()},
        "Seconds until then, in this order":
            ", ".join(f"{run['first']:.0f}" for run in runs.values()),
        "An edit moves the text, and *Reset* puts it back":
            f"{sum(run['moved'] and run['back'] for run in runs.values())} of {len(runs)}",
        "Seconds for the edit, in this order":
            ", ".join(f"{run['change']:.1f}" for run in runs.values()),
        "Of Python's three parts, each page fetched":
            ", ".join(str(run["parts"]) for run in runs.values()),
        "Something missing: told before any download": f"{sum(told)} of {len(told)}",
        "Complaints in the console": str(len(complaints)),
    }  # fmt: skip


def main() -> None:
    """Try every browser and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--site", type=Path, default=ROOT / "_build/html")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    handler = functools.partial(Site, directory=options.site)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    columns = {}
    for begin in (chromium, Firefox, webkit):
        one = begin()
        try:
            columns[one.name] = tried(one, f"http://127.0.0.1:{server.server_port}")
        finally:
            one.end()
    lines = [f"| Tried on {dt.date.today():%-d %B %Y} | {' | '.join(columns)} |",
             f"| --- |{' ---: |' * len(columns)}"]  # fmt: skip
    for row in next(iter(columns.values())):
        lines.append(f"| {row} | {' | '.join(column[row] for column in columns.values())} |")
    table = "\n".join(lines) + "\n"
    print(table)
    if options.write:
        (ROOT / "chapters/browsers.inc").write_text(table, "utf-8")


if __name__ == "__main__":
    main()
